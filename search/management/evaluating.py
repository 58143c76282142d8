"""``manage.py search evaluate``: how well an engine ranks, on anybody's judgements.

The folder has ``docs.tsv`` (id, title), ``queries.tsv`` (id, text) and ``judgements.tsv`` (query
id, document id, gain), UTF-8, each with a header line. Columns are separated by tabs and not
quoted: a quotation mark is a quotation mark. The index is made of just these and thrown away.
"""

import json
import os
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from kernel.errors import DomainError
from search.contracts import Document, DocumentType, Query
from search.documents.types import TITLE
from search.domain.evaluation import Measures, measure
from search.engines.base import Engine
from search.query.validate import MAX_TEXT

Say = Callable[[str], None]
EVALUATED = replace(TITLE, name="evaluate")
PLATFORM = "evaluate"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
BATCH = 5_000
HITS = 100


@dataclass(frozen=True)
class Judged:
    """A set read: titles, query texts and gains by id; ``ignored``: lines that said nothing."""

    titles: dict[str, str]
    queries: dict[str, str]
    judgements: dict[str, dict[str, float]]
    ignored: int


def add_arguments(commands: Any) -> None:
    """Add the subcommand to an argparse subparsers object."""
    one: ArgumentParser = commands.add_parser("evaluate", help="measure relevance on judgements")
    one.add_argument("directory", metavar="DIR", help="has docs, queries and judgements .tsv")
    one.add_argument("--lang", choices=sorted(LANGUAGES), required=True)
    one.add_argument("--engine", choices=("embedded", "elasticsearch"), default="embedded")
    one.add_argument("--no-correct", action="store_true", help="leave unknown words alone")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=evaluate)


def evaluate(say: Say, **options: Any) -> None:
    """Read, index, ask, measure, print."""
    judged = read(Path(options["directory"]))
    language = LANGUAGES[options["lang"]]
    with _engine(options["engine"]) as engine:
        began = time.perf_counter()
        generation = _filled(engine, judged, language)
        indexed = time.perf_counter() - began
        try:
            began = time.perf_counter()
            rankings = _rankings(engine, judged, language, correct=not options["no_correct"])
            asked = time.perf_counter() - began
        finally:
            _emptied(engine, generation)
    found = measure(rankings, judged.judgements)
    facts = {
        "language": options["lang"],
        "engine": options["engine"],
        "documents": len(judged.titles),
        "ignored_lines": judged.ignored,
        "index_seconds": round(indexed, 2),
        "query_seconds": round(asked, 2),
    }
    if options["json"]:
        say(json.dumps({**facts, **asdict(found)}))
    else:
        say(_report(facts, found))


def _report(facts: dict[str, Any], found: Measures) -> str:
    return "\n".join(
        (
            f"{facts['language']}, {facts['engine']}: {facts['documents']} documents indexed in "
            f"{facts['index_seconds']} s, {found.queries} queries in {facts['query_seconds']} s, "
            f"{facts['ignored_lines']} lines ignored",
            f"NDCG@10     {found.ndcg_at_10:.4f}  ({found.judged_queries} queries judged)",
            f"MRR@10      {found.mrr_at_10:.4f}",
            f"recall@100  {found.recall_at_100:.4f}",
            f"empty       {found.empty:.2%}",
        )
    )


def read(folder: Path) -> Judged:
    """The three files. Judgements of unknown queries or documents, and lines with too few columns
    or a gain that isn't a number, are ignored and counted. Raises CommandError."""
    ignored = 0
    titles: dict[str, str] = {}
    for row in _rows(folder / "docs.tsv", 2):
        ignored += row is None
        if row is not None:
            titles[row[0]] = row[1]
    queries: dict[str, str] = {}
    for row in _rows(folder / "queries.tsv", 2):
        ignored += row is None
        if row is not None:
            queries[row[0]] = row[1]
    judgements: dict[str, dict[str, float]] = {}
    for row in _rows(folder / "judgements.tsv", 3):
        gain = _gain(row[2]) if row is not None else None
        if row is None or gain is None or row[0] not in queries or row[1] not in titles:
            ignored += 1
            continue
        judgements.setdefault(row[0], {})[row[1]] = gain
    if not titles or not queries:
        raise CommandError("docs.tsv and queries.tsv need at least one line after the header.")
    return Judged(titles, queries, judgements, ignored)


def _gain(text: str) -> float | None:
    try:
        gain = float(text)
    except ValueError:
        return None
    return gain if abs(gain) < 1e9 else None  # NaN isn't either


def _rows(path: Path, columns: int) -> Iterator[list[str] | None]:
    """The lines after the header; None for one that says nothing."""
    try:
        file = path.open(encoding="utf-8-sig", errors="replace", newline="\n")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    with file:
        next(file, None)
        for line in file:
            line = line.rstrip("\r\n")
            if line:
                row = [cell.strip() for cell in line.split("\t", columns - 1)]
                yield row if len(row) == columns and row[0] else None


@contextmanager
def _engine(name: str) -> Iterator[Engine]:
    if name == "elasticsearch":
        made: Engine = import_module("search.engines.elastic.engine").ElasticEngine()
        try:
            yield made
        finally:
            made.close()
        return
    with tempfile.TemporaryDirectory(prefix="search-evaluate-") as folder:
        made = import_module("search.engines.embedded.engine").EmbeddedEngine(folder)
        try:
            yield made
        finally:
            made.close()


def _filled(engine: Engine, judged: Judged, language: str) -> str:
    """A generation of just these titles. Documents go by their number: any id will do."""
    generation = f"{EVALUATED.name}-{os.getpid()}-{int(time.monotonic_ns())}"
    engine.create(doc_type=EVALUATED, generation=generation)
    documents = (
        Document(f"{number:09d}", PLATFORM, 1, {"title": {language: title}})
        for number, title in enumerate(judged.titles.values())
    )
    while batch := list(islice(documents, BATCH)):
        report = engine.write(doc_type=EVALUATED, operations=batch, generation=generation)
        if report.failed:
            raise CommandError(f"{report.failed[0].id}: {report.failed[0].reason}")
    engine.refresh(doc_type=EVALUATED, generation=generation)
    engine.swap(doc_type=EVALUATED, generation=generation)
    return generation


def _rankings(
    engine: Engine, judged: Judged, language: str, *, correct: bool
) -> dict[str, list[str]]:
    ids = list(judged.titles)
    out: dict[str, list[str]] = {}
    for query_id, text in judged.queries.items():
        query = Query(text=text[:MAX_TEXT], language=language, size=HITS, correct=correct)
        if not text.strip():  # nothing asked: not the whole index
            out[query_id] = []
            continue
        try:
            found = _ask(engine, EVALUATED, query)
        except DomainError as error:
            raise CommandError(f"query {query_id}: {error}") from error
        out[query_id] = [ids[int(one)] for one in found]
    return out


def _ask(engine: Engine, doc_type: DocumentType, query: Query) -> list[str]:
    found = engine.search(platform=PLATFORM, doc_type=doc_type, query=query)
    return [hit.id for hit in found.hits]


def _emptied(engine: Engine, generation: str) -> None:
    """Throw the index away; what is current can't be dropped, so an empty one takes its place."""
    empty = f"{EVALUATED.name}-empty"
    engine.create(doc_type=EVALUATED, generation=empty)
    engine.swap(doc_type=EVALUATED, generation=empty)
    engine.drop(doc_type=EVALUATED, generation=generation)
