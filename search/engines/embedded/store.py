"""Indexes on disk: a folder a generation, and a ``current`` pointer that a rename swaps.

``<root>/<type>/<generation>/`` holds tantivy's files, ``<root>/<type>/current`` the current one's
name. One process writes (it holds a lock in PostgreSQL; tantivy's own lock file stands underneath);
any number read, following the pointer and tantivy's ``meta.json``. Both are replaced by a rename,
so a kill at any moment leaves the last commit.
"""

import os
import re
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tantivy

from search.contracts import DocumentType
from search.documents.physical import physical_fields
from search.engines.embedded.schema import RANK, build_schema, register
from search.engines.embedded.translate import Translator
from search.errors import GenerationUnknown, NoIndex
from search.query.clauses import Clause

HEAP = 64_000_000
COUNTED_MOST = 10_000
# Documents counted where they match: a column's values would be read to be counted.
ALL = {"all": {"filter": "*"}}
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")


@dataclass
class Opened:
    """A generation that this process has open. ``stamp`` tells which commit its searcher sees."""

    name: str
    doc_type: DocumentType
    index: tantivy.Index
    translator: Translator
    path: Path
    meta: str  # the file that a commit replaces
    ranked: bool = True  # whether its schema has the number that sorts like ids
    stamp: tuple[int, int] = (0, 0)
    searcher: tantivy.Searcher | None = None
    writer: tantivy.IndexWriter | None = None
    remembered: object = None  # the vocabulary's
    # Of one commit: how many documents match a clause, between what a column's numbers lie.
    counted: tuple[tantivy.Searcher | None, dict[Clause | str, Any]] = (None, {})
    # A guess, whatever the commit: up to which number about so many documents' ids lie.
    lowest: dict[int, int] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def seen(self) -> tantivy.Searcher:
        """The newest commit."""
        found = _stamp(self.meta)
        if self.searcher is None or found != self.stamp:
            with self.lock:
                if self.searcher is None or found != self.stamp:
                    self.index.reload()
                    self.searcher = self.index.searcher()
                    self.stamp = found
        return self.searcher

    def counted_in(self, searcher: tantivy.Searcher) -> dict[Clause | str, Any]:
        """What was counted in that commit."""
        found = self.counted
        if found[0] is not searcher or len(found[1]) > COUNTED_MOST:
            found = self.counted = (searcher, {})
        return found[1]

    def bounds(self, searcher: tantivy.Searcher, column: str) -> tuple[Any, Any]:
        """The lowest and the highest number of a column in that commit; None without any."""
        known = self.counted_in(searcher)
        found = known.get(column)
        if found is None:
            asked = {"all": {"stats": {"field": column}}}
            told: Any = searcher.aggregate(tantivy.Query.all_query(), asked)
            found = known[column] = told["all"]["min"], told["all"]["max"]
        return found[0], found[1]

    def writing(self) -> tantivy.IndexWriter:
        """The one writer; the caller holds ``lock``."""
        if self.writer is None:
            self.writer = self.index.writer(HEAP, 1)
        return self.writer


class Store:
    """The folder of one engine."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        self._place = str(self.root)  # paths are put together at each search
        self._open: dict[tuple[str, str], Opened] = {}
        self._pointers: dict[str, tuple[tuple[int, int], str]] = {}
        self._lock = threading.RLock()

    def create(self, doc_type: DocumentType, generation: str) -> None:
        """A new, empty generation; an existing one stays as it is."""
        if not _NAME.fullmatch(generation) or generation == "current":
            raise ValueError(f"{generation!r} can't name a generation")
        path = self.root / doc_type.name / generation
        if (path / "meta.json").exists():
            return
        fresh = path.with_name(f".{generation}.{os.getpid()}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        tantivy.Index(build_schema(doc_type), path=str(fresh))
        shutil.rmtree(path, ignore_errors=True)
        fresh.rename(path)

    def open(self, doc_type: DocumentType, generation: str | None = None) -> Opened:
        """A generation, the current one if None. Raises NoIndex, GenerationUnknown."""
        name = generation or self.current(doc_type)
        if name is None:
            raise NoIndex()
        found = self._open.get((doc_type.name, name))
        if found is not None:
            return found
        path = self.root / doc_type.name / name
        if not _NAME.fullmatch(name) or not (path / "meta.json").exists():
            raise GenerationUnknown(field="generation") if generation else NoIndex()
        with self._lock:
            if (doc_type.name, name) not in self._open:
                index = tantivy.Index.open(str(path))
                register(index)
                index.config_reader("manual")
                translator = Translator(index, physical_fields(doc_type))
                ranked = _has(index, RANK)
                meta = str(path / "meta.json")
                opened = Opened(name, doc_type, index, translator, path, meta, ranked)
                self._open[doc_type.name, name] = opened
            return self._open[doc_type.name, name]

    def current(self, doc_type: DocumentType) -> str | None:
        """The name in the pointer."""
        pointer = f"{self._place}/{doc_type.name}/current"
        try:
            stamp = _stamp(pointer)
        except FileNotFoundError:
            return None
        known = self._pointers.get(doc_type.name)
        if known is None or known[0] != stamp:
            known = self._pointers[doc_type.name] = (stamp, Path(pointer).read_text().strip())
        return known[1] or None

    def point(self, doc_type: DocumentType, generation: str) -> None:
        """Swap the pointer: written beside, synced, renamed."""
        folder = self.root / doc_type.name
        fresh = folder / f".current.{os.getpid()}"
        with fresh.open("w") as file:
            file.write(generation)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / "current")
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def names(self, doc_type: DocumentType) -> list[str]:
        """All generations, oldest first."""
        folder = self.root / doc_type.name
        if not folder.is_dir():
            return []
        found = [p for p in folder.iterdir() if p.name[0] != "." and (p / "meta.json").exists()]
        return [p.name for p in sorted(found, key=lambda p: (p.stat().st_ctime_ns, p.name))]

    def drop(self, doc_type: DocumentType, generation: str) -> None:
        """Remove a generation's files."""
        with self._lock:
            opened = self._open.pop((doc_type.name, generation), None)
        if opened is not None:
            with opened.lock:
                opened.writer = opened.searcher = None
        path = self.root / doc_type.name / generation
        if path.exists() and _NAME.fullmatch(generation):
            gone = path.with_name(f".{generation}.{os.getpid()}.gone")
            path.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def size(self, doc_type: DocumentType, generation: str) -> int:
        """Bytes on disk."""
        path = self.root / doc_type.name / generation
        total = 0
        for file in path.iterdir() if path.is_dir() else ():
            try:
                total += file.stat().st_size
            except FileNotFoundError:  # merged away meanwhile
                continue
        return total

    def close(self) -> None:
        """Let go of every file and of tantivy's locks."""
        with self._lock:
            for opened in self._open.values():
                with opened.lock:
                    opened.writer = opened.searcher = None
            self._open.clear()


def matches(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """How many documents match. An aggregation scores none of them; a search would score all."""
    return counted(searcher.aggregate(query, ALL))


def counted(found: Any) -> int:
    """What an aggregation with ``ALL`` counted."""
    return int(found["all"]["doc_count"])


def _has(index: tantivy.Index, name: str) -> bool:
    """Whether the index was made with this column."""
    try:
        index.searcher().fast_field_values(name, [])
    except ValueError:
        return False
    return True


def _stamp(path: str) -> tuple[int, int]:
    stat = os.stat(path)
    return (stat.st_mtime_ns, stat.st_ino)
