"""The head of a WebM file: EBML (RFC 8794) as Matroska uses it (RFC 9559)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

HEADER = bytes.fromhex("1A45DFA3")
DOC_TYPE, SEGMENT, CLUSTER = 0x4282, 0x18538067, 0x1F43B675
INFO, TICK, LASTS = 0x1549A966, 0x2AD7B1, 0x4489
TRACKS, TRACK, CODING, PICTURE, WIDE, HIGH = 0x1654AE6B, 0xAE, 0x86, 0xE0, 0xB0, 0xBA
CODINGS = frozenset(("V_VP8", "V_VP9", "V_AV1", "A_VORBIS", "A_OPUS"))
TEXT = 64  # bytes of a name that are read


@dataclass
class Head:
    """What the file says; ``clusters``: whether pictures follow."""

    kind: str = ""
    milliseconds: int | None = None
    width: int | None = None
    height: int | None = None
    codings: list[str] = field(default_factory=list)
    clusters: bool = False


@dataclass(frozen=True)
class Element:
    key: int
    body: int
    end: int


def read(file: BinaryIO, size: int, most: int, inner: int) -> Head | None:
    """What the file says of itself before its first cluster; None for one that isn't whole.
    At most ``most`` elements of the segment, and ``inner`` of another, are looked at."""
    head = Head()
    try:
        for one in _elements(file, 0, size, inner):
            if one.key == int.from_bytes(HEADER, "big"):
                for part in _elements(file, one.body, one.end, inner):
                    if part.key == DOC_TYPE:
                        head.kind = _text(file, part)
            elif one.key == SEGMENT:
                _segment(file, one, head, most, inner)
                return head
    except (ValueError, struct.error):
        return None
    return head


def _segment(file: BinaryIO, segment: Element, head: Head, most: int, inner: int) -> None:
    for one in _elements(file, segment.body, segment.end, most):
        if one.key == CLUSTER:
            head.clusters = True
            return
        if one.key == INFO:
            parts = {p.key: p for p in _elements(file, one.body, one.end, inner)}
            tick = _number(file, parts[TICK]) if TICK in parts else 1_000_000
            if LASTS in parts:
                told = _float(file, parts[LASTS]) * tick / 1_000_000
                head.milliseconds = int(told) if 0 < told < 2**31 else None
        elif one.key == TRACKS:
            for track in _elements(file, one.body, one.end, inner):
                if track.key == TRACK:
                    _track(file, track, head, inner)


def _track(file: BinaryIO, track: Element, head: Head, inner: int) -> None:
    for one in _elements(file, track.body, track.end, inner):
        if one.key == CODING:
            head.codings.append(_text(file, one))
        elif one.key == PICTURE and head.width is None:
            parts = {p.key: p for p in _elements(file, one.body, one.end, inner)}
            if WIDE in parts and HIGH in parts:
                head.width = _number(file, parts[WIDE])
                head.height = _number(file, parts[HIGH])


def _elements(file: BinaryIO, start: int, end: int, most: int) -> Iterator[Element]:
    for _turn in range(most):
        if start >= end:
            return
        key, at, _known = _vint(file, start, marked=True)
        length, body, known = _vint(file, at, marked=False)
        if not known:  # a recording whose length wasn't known when it began
            length = end - body
        if body + length > end:
            raise ValueError("an element ends behind what holds it")
        yield Element(key, body, body + length)
        start = body + length
    raise ValueError("more elements than are looked at")


def _vint(file: BinaryIO, at: int, *, marked: bool) -> tuple[int, int, bool]:
    """The number at a place (``marked``: with the bit that tells its length), the place behind it,
    and whether it is one at all: all bits set say "not known"."""
    file.seek(at)
    first = file.read(1)
    if not first or not first[0]:
        raise ValueError("no number of up to eight bytes")
    length = 9 - first[0].bit_length()
    raw = first + file.read(length - 1)
    if len(raw) < length or (marked and length > 4):
        raise ValueError("a number is cut off")
    value, whole = int.from_bytes(raw, "big"), (1 << (7 * length)) - 1
    return (value if marked else value & whole), at + length, value & whole != whole


def _raw(file: BinaryIO, one: Element, most: int) -> bytes:
    file.seek(one.body)
    return file.read(min(one.end - one.body, most))


def _text(file: BinaryIO, one: Element) -> str:
    return _raw(file, one, TEXT).rstrip(b"\0").decode("latin-1")


def _number(file: BinaryIO, one: Element) -> int:
    return int.from_bytes(_raw(file, one, 8), "big")


def _float(file: BinaryIO, one: Element) -> float:
    raw = _raw(file, one, 8)
    found: float = struct.unpack(">f" if len(raw) == 4 else ">d", raw)[0]
    return found
