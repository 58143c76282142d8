"""Faults drawn by a seed and put into the three files, byte by byte line.

A fault never touches a movement that another fault of the same draw touches, so that each has one
name; all else is free.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bench.recon.world import BANK, GATEWAY, LEDGER, Month

COLUMNS = {"gateway": GATEWAY, "ledger": LEDGER, "bank": BANK}
PARTY = {"gateway": "merchant", "ledger": "party", "bank": "counterparty"}
KINDS = ("missing", "doubled", "amount", "currency", "merchant", "sign", "day", "merged_payout",
         "split_payout", "fee")  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """What was done: the report must name the kind and one of the ids of that movement."""

    kind: str
    file: str
    ids: frozenset[str]


class Files:
    """The three files as lines of cells."""

    def __init__(self, month: Month) -> None:
        self.lines = {
            name: [line.split(b",") for line in getattr(month, name).split(b"\n")]
            for name in COLUMNS
        }
        self.used: set[str] = set()

    def month(self) -> Month:
        """The files again."""
        return Month(**{
            name: b"\n".join(b",".join(cells) for cells in lines)
            for name, lines in self.lines.items()
        })  # fmt: skip

    def get(self, name: str, cells: list[bytes], column: str) -> str:
        return cells[COLUMNS[name].index(column)].decode()

    def put(self, name: str, cells: list[bytes], column: str, value: object) -> None:
        cells[COLUMNS[name].index(column)] = str(value).encode()

    def names(self, name: str, cells: list[bytes]) -> frozenset[str]:
        """The row's own id and what it is about."""
        if name == "bank":
            about = re.findall(r"[a-z]{2,5}_\w+", self.get(name, cells, "reference"))
        else:
            about = [self.get(name, cells, column) for column in ("document", "source")]
        return frozenset([self.get(name, cells, "id"), *(one for one in about if one)])


def plant(
    month: Month, seed: int, count: int | None = None, kinds: Sequence[str] = KINDS
) -> tuple[Month, list[Planted]]:
    """The month with faults, and what they are."""
    draw = random.Random(seed * 7919 + 1)
    files = Files(month)
    wanted = count or draw.randrange(1, 16)
    done: list[Planted] = []
    for _try in range(wanted * 20):
        if len(done) == wanted:
            break
        name, kind = draw.choice(list(COLUMNS)), draw.choice(kinds)
        planted = _one(files, name, kind, draw)
        if planted is not None:
            done.append(planted)
    return files.month(), done


def _one(files: Files, name: str, kind: str, draw: random.Random) -> Planted | None:
    lines = files.lines[name]
    rows = [cells for cells in lines[2:] if len(cells) > 1]
    if kind in ("merged_payout", "split_payout"):
        rows = [cells for cells in rows if _is_payout(files, name, cells)]
    cells = draw.choice(rows)
    names = files.names(name, cells)
    if names & files.used or (kind == "fee" and not _has_fee(files, name, cells)):
        return None
    ids = set(names)
    if kind == "merged_payout":
        alike = [o for o in rows if o is not cells and _alike(files, name, cells, o)
                 and not files.names(name, o) & files.used]  # fmt: skip
        if not alike:
            return None
        other = draw.choice(alike)
        ids |= files.names(name, other)
        _sum(files, name, cells, int(files.get(name, other, "amount")))
        lines.remove(other)
    elif kind == "split_payout":
        amount = int(files.get(name, cells, "amount"))
        part = int(amount * draw.uniform(0.2, 0.8))
        piece = list(cells)
        files.put(name, piece, "id", files.get(name, cells, "id") + "b")
        _sum(files, name, piece, part - amount)
        _sum(files, name, cells, -part)
        lines.insert(lines.index(cells) + 1, piece)
    else:
        _change(files, name, kind, cells, draw)
    files.used |= ids
    return Planted(kind, name, frozenset(ids))


def _change(files: Files, name: str, kind: str, cells: list[bytes], draw: random.Random) -> None:
    lines = files.lines[name]
    if kind == "missing":
        lines.remove(cells)
    elif kind == "doubled":
        again = list(cells)
        if draw.random() < 0.5:
            files.put(name, again, "id", files.get(name, cells, "id") + "d")
        lines.insert(draw.randrange(2, len(lines)), again)
    elif kind == "amount":
        _sum(files, name, cells, draw.choice([-1, 1]), net=draw.random() < 0.5)
    elif kind == "currency":
        files.put(name, cells, "currency", draw.choice(["USD", "JPY", "EUR"]))
    elif kind == "merchant":
        files.put(name, cells, PARTY[name], "mer_9999")
    elif kind == "sign":
        amount = int(files.get(name, cells, "amount"))
        _sum(files, name, cells, -2 * amount, net=draw.random() < 0.5)
    elif kind == "fee":
        fee = int(files.get(name, cells, "fee"))
        files.put(name, cells, "fee", fee + draw.choice([-1, 1, 7]))
    else:
        _shift(files, name, cells, draw.choice([-2, -1, 1, 2]))


def _shift(files: Files, name: str, cells: list[bytes], days: int) -> None:
    if name == "bank":
        day = date.fromisoformat(files.get(name, cells, "date")) + timedelta(days=days)
        files.put(name, cells, "date", day)
        return
    moment = datetime.fromisoformat(files.get(name, cells, "created")) + timedelta(days=days)
    files.put(name, cells, "created", moment.isoformat())


def _sum(files: Files, name: str, cells: list[bytes], delta: int, *, net: bool = True) -> None:
    files.put(name, cells, "amount", int(files.get(name, cells, "amount")) + delta)
    if name == "gateway" and net:
        files.put(name, cells, "net", int(files.get(name, cells, "net")) + delta)


def _is_payout(files: Files, name: str, cells: list[bytes]) -> bool:
    kinds = {"payout", "settlement", "settlement_received"}
    return files.get(name, cells, "kind") in kinds


def _alike(files: Files, name: str, one: list[bytes], other: list[bytes]) -> bool:
    columns = ["kind", "currency"] + (["account"] if name == "ledger" else [])
    return all(files.get(name, one, c) == files.get(name, other, c) for c in columns)


def _has_fee(files: Files, name: str, cells: list[bytes]) -> bool:
    return name != "bank" and int(files.get(name, cells, "fee")) > 0


def misses(planted: list[Planted], report: list[dict[str, object]]) -> list[str]:
    """What the report doesn't name by kind and id, and what it names though nobody did it."""
    problems, claimed = [], set()
    for one in planted:
        hits = [place for place, found in enumerate(report)
                if found["kind"] == one.kind and one.ids & _ids(found)]  # fmt: skip
        if not hits:
            problems.append(f"not named: {one}")
        claimed.update(hits)
    problems += [f"false alarm: {found['kind']} {found['key']} in {found['where']}"
                 for place, found in enumerate(report) if place not in claimed]  # fmt: skip
    return problems


def _ids(found: dict[str, object]) -> set[str]:
    sides = found["ids"]
    assert isinstance(sides, dict)
    sources = found["sources"]
    assert isinstance(sources, list)
    return {id for ids in sides.values() for id in ids} | {str(found["document"]), *sources}
