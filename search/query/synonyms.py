"""Synonyms (同义词) at query time: stretches of the query that also mean something else."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.analysis.tokens import Form, Piece, pieces, prepare
from search.contracts import Synonym
from search.query.reading import Unit


@dataclass(frozen=True)
class Span:
    """A stretch of the query: units, each with those of its tokens that the stretch takes in, and
    what else it means."""

    parts: tuple[tuple[Unit, tuple[str, ...]], ...]
    shown: str
    synonyms: tuple[str, ...] = ()


def spans(units: Sequence[Unit], rules: Sequence[Synonym]) -> list[Span]:
    """The query cut into stretches: longest synonyms first, the rest unit by unit."""
    if not rules:
        return [_whole(unit) for unit in units]
    table = _table(rules)
    longest = max((len(key) for key in table), default=0)
    atoms = [(index, atom) for index, unit in enumerate(units) for atom in _atoms(unit.piece)]
    if any(unit.shown != unit.piece.text for unit in units):
        atoms = [
            (index, atom)
            for index, unit in enumerate(units)
            for piece in _shown_pieces(unit)
            for atom in _atoms(piece)
        ]
    found: list[tuple[int, int, tuple[str, ...]]] = []  # first atom, end, what else it means
    at = 0
    while at < len(atoms):
        for length in range(min(longest, len(atoms) - at), 0, -1):
            also = table.get(tuple(atom for _, atom in atoms[at : at + length]))
            if also:
                found.append((at, at + length, also))
                at += length
                break
        else:
            at += 1
    return _cut(units, atoms, found) if found else [_whole(unit) for unit in units]


def _whole(unit: Unit) -> Span:
    return Span(((unit, tuple(unit.tokens)),), unit.shown or unit.piece.text)


def _shown_pieces(unit: Unit) -> list[Piece]:
    if unit.shown and unit.shown != unit.piece.text and unit.piece.form is not Form.QUANTITY:
        return list(pieces(unit.shown))
    return [unit.piece]


def _atoms(piece: Piece) -> list[str]:
    """What rules are compared by: stems, and single Chinese characters."""
    if piece.form is Form.CHINESE:
        return list(piece.text)
    return [piece.tokens[-1] if piece.form is Form.QUANTITY else piece.tokens[0]]


def _table(rules: Sequence[Synonym]) -> dict[tuple[str, ...], tuple[str, ...]]:
    out: dict[tuple[str, ...], tuple[str, ...]] = {}
    for rule in rules:
        for word in rule.words:
            key = tuple(atom for piece in pieces(prepare(word)) for atom in _atoms(piece))
            also = rule.to or tuple(other for other in rule.words if other != word)
            if key and also:
                out[key] = tuple(dict.fromkeys((*out.get(key, ()), *also)))
    return out


def _cut(
    units: Sequence[Unit],
    atoms: list[tuple[int, str]],
    found: list[tuple[int, int, tuple[str, ...]]],
) -> list[Span]:
    """Stretches with synonyms, and what is left of each unit."""
    out: list[Span] = []
    taken: dict[int, set[str]] = {}
    for start, end, also in found:
        here: dict[int, list[str]] = {}
        for index, atom in atoms[start:end]:
            here.setdefault(index, []).append(atom)
        parts = []
        for index, some in here.items():
            unit = units[index]
            if unit.piece.form is Form.CHINESE:
                inside = "".join(some)
                tokens = tuple(token for token in unit.piece.tokens if token in inside)
            else:
                tokens = tuple(unit.tokens)
            taken.setdefault(index, set()).update(tokens)
            parts.append((unit, tokens))
        shown = "".join(_written(parts)).strip()
        out.append(Span(tuple(parts), shown, also))
    for index, unit in enumerate(units):
        left = tuple(t for t in unit.tokens if t not in taken.get(index, set()))
        if left and (index not in taken or unit.piece.form is Form.CHINESE):
            out.append(Span(((unit, left),), unit.shown or unit.piece.text))
    return out


def _written(parts: list[tuple[Unit, tuple[str, ...]]]) -> list[str]:
    return [
        "".join(t for t in tokens if len(t) == 1)
        if unit.piece.form is Form.CHINESE
        else (unit.shown or unit.piece.text) + " "
        for unit, tokens in parts
    ]
