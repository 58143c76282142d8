"""Does the index say what the database says? A page at a time, so that it can be broken off."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from uuid import UUID

from kernel import tenancy
from kernel.ids import parse_public_id, public_id
from search.building import BUILDERS
from search.contracts import Document, Entry
from search.documents.physical import checksum
from search.engines.base import Engine

PAGE = 500


@dataclass
class Compared:
    """One page: how many documents there should be, and what differs: id -> ``missing``,
    ``extra`` or ``different``. ``after``: where the next page begins, None after the last."""

    documents: int = 0
    problems: dict[UUID, str] = field(default_factory=dict)
    after: UUID | None = None
    last: bool = False


def compare_page(
    engine: Engine, *, kind: str, generation: str | None, after: UUID | None, contents: bool
) -> Compared:
    """Compare the next page of one type's documents on the platform in scope; with ``contents``
    every document is built anew and its checksum compared, else only what is there and isn't."""
    builder = BUILDERS[kind]
    ids = builder.page(after, PAGE)
    last = len(ids) < PAGE
    there = _entries(engine, kind, generation, after, None if last else ids[-1])
    absent = [one for one in ids if one not in there]
    expected = _expected(kind, ids if contents else absent)
    found = Compared(after=None if last else ids[-1], last=last)
    for one in ids:
        entry = there.pop(one, None)
        should = one in expected if contents or entry is None else True
        found.documents += should
        if entry is None:
            if should:
                found.problems[one] = "missing"
        elif not should:
            found.problems[one] = "extra"
        elif contents and entry.checksum != expected[one]:
            found.problems[one] = "different"
    found.problems |= dict.fromkeys(there, "extra")  # no longer listed: withdrawn, gone
    return found


def _entries(
    engine: Engine, kind: str, generation: str | None, after: UUID | None, until: UUID | None
) -> dict[UUID, Entry]:
    """What the index has above ``after``, up to ``until``."""
    builder = BUILDERS[kind]
    entries: Iterator[Entry] = engine.scroll(
        platform=str(tenancy.current_id()),
        doc_type=builder.doc_type,
        generation=generation,
        after=public_id(builder.prefix, after) if after else "",
        limit=10**9 if until is None else PAGE * 4,
    )
    if until is not None:
        end = public_id(builder.prefix, until)
        entries = takewhile(lambda entry: entry.id <= end, entries)
    return {parse_public_id(builder.prefix, entry.id): entry for entry in entries}


def _expected(kind: str, ids: list[UUID]) -> dict[UUID, str]:
    """The checksums of those that should be in the index."""
    if not ids:
        return {}
    builder = BUILDERS[kind]
    built = builder.build(ids, platform=tenancy.current_id(), version=1)
    return {
        parse_public_id(builder.prefix, one.id): checksum(one)
        for one in built.operations
        if isinstance(one, Document)
    }
