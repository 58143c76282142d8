"""Videos: what a file really is, read from its own parts, never from a name.

MP4 by ISO/IEC 14496-12 (boxes), WebM by RFC 8794 and RFC 9559 (EBML elements). Nothing is decoded:
only the parts that say what is inside are read, and those must be whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from catalog.contracts_video import VideoKind
from catalog.errors import VideoUnreadable
from catalog.gateways import ebml

BRANDS = frozenset(
    (*(f"iso{n}" for n in "m23456789"), "mp41", "mp42", "avc1", "M4V ", "MSNV", "dash")
)
HEADS, INNER = 4096, 256  # parts that are looked at: of the file itself, and of one of its parts
SEEN, HEARD = {"avc1", "avc3"}, {"mp4a"}
# What a telephone writes of the place and of itself stands in these.
TELLING = {"udta", "meta", "uuid"}
HOURS = 24 * 3_600_000
SIDE_MAX = 16_384


@dataclass(frozen=True)
class Footage:
    """What a video says of itself; ``blank``: (start, end) of what is to be made unreadable."""

    kind: VideoKind
    milliseconds: int | None = None
    width: int | None = None
    height: int | None = None
    blank: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Box:
    kind: str
    start: int
    body: int
    end: int


def inspect(file: BinaryIO, size: int) -> Footage:
    """What the file is. Raises VideoUnreadable for what is no whole MP4 with H.264 and AAC, and
    no WebM."""
    file.seek(0)
    head = file.read(12)
    if head[4:8] == b"ftyp":
        return _mp4(file, size)
    if head[:4] == ebml.HEADER:
        return _webm(file, size)
    raise unreadable(_("The bytes are those of neither an MP4 nor a WebM file."))


def unreadable(why: str) -> VideoUnreadable:
    return VideoUnreadable(why, field="file", formats=["MP4", "WebM"])


def forget(file: BinaryIO, footage: Footage) -> None:
    """Make what tells of the maker and the place free room (``free``) of zeros."""
    for start, end in footage.blank:
        file.seek(start + 4)
        file.write(b"free")
        long = _number(file, start, 4) == 1  # then the length itself stands behind the name
        at = start + (16 if long else 8)
        file.seek(at)
        while at < end:
            step = min(end - at, 65536)
            file.write(bytes(step))
            at += step


def _mp4(file: BinaryIO, size: int) -> Footage:
    top = list(_boxes(file, 0, size, HEADS))
    kinds = {box.kind for box in top}
    first = top[0]
    names = _read(file, first.body, min(first.end - first.body, 1024)).decode("latin-1")
    brands = {names[:4], *(names[at : at + 4] for at in range(8, len(names), 4))}
    if not brands & BRANDS:
        raise unreadable(_("It isn't an MP4 video; its kind is “%(kind)s”.") % {"kind": names[:4]})
    if "moov" not in kinds or "mdat" not in kinds:
        raise unreadable(_("The file isn't whole: a part of it is missing."))
    moov = next(box for box in top if box.kind == "moov")
    blank = [(box.start, box.end) for box in top if box.kind in TELLING]
    milliseconds: int | None = None
    pictured: list[tuple[int, int]] = []
    for box in _boxes(file, moov.body, moov.end):
        if box.kind in TELLING:
            blank.append((box.start, box.end))
        elif box.kind == "mvhd":
            milliseconds = _lasts(file, box)
        elif box.kind == "trak":
            blank += [(b.start, b.end) for b in _boxes(file, box.body, box.end)
                      if b.kind in TELLING]  # fmt: skip
            found = _track(file, box)
            pictured += [found] if found else []
    if not pictured:
        raise unreadable(_("There are no pictures in it that move."))
    width, height = pictured[0]
    return _footage(VideoKind.MP4, milliseconds, width, height, tuple(blank))


def _track(file: BinaryIO, track: Box) -> tuple[int, int] | None:
    """The width and height of a track of pictures; None for another one."""
    media = _inside(file, track, "mdia")
    kind = _read(file, _inside(file, media, "hdlr").body + 8, 4)
    if kind not in (b"vide", b"soun"):
        return None
    table = _inside(file, media, "minf", "stbl", "stsd")
    if not _number(file, table.body + 4, 4):
        raise unreadable(_("The file isn't whole: a part of it is missing."))
    coding = _read(file, table.body + 12, 4).decode("latin-1")
    if coding not in (SEEN if kind == b"vide" else HEARD):
        told = _("Pictures must be H.264 and sound AAC; here is “%(coding)s”.")
        raise unreadable(told % {"coding": coding})
    if kind == b"soun":
        return None
    head = _inside(file, track, "tkhd")
    if head.end - head.body < 84:
        raise unreadable(_("The file isn't whole: a part of it is missing."))
    width, height = (_number(file, head.end - back, 4) >> 16 for back in (8, 4))
    # The matrix: without its first value the picture lies on its side, as telephones hold it.
    lies = not _number(file, head.end - 44, 4) and _number(file, head.end - 40, 4)
    return (height, width) if lies else (width, height)


def _lasts(file: BinaryIO, box: Box) -> int | None:
    long = _read(file, box.body, 1) == b"\1"
    scale = _number(file, box.body + (20 if long else 12), 4)
    units = _number(file, box.body + (24 if long else 16), 8 if long else 4)
    return units * 1000 // scale if scale else None


def _inside(file: BinaryIO, box: Box, *way: str) -> Box:
    for kind in way:
        found = next((one for one in _boxes(file, box.body, box.end) if one.kind == kind), None)
        if found is None:
            raise unreadable(_("The file isn't whole: a part of it is missing."))
        box = found
    return box


def _boxes(file: BinaryIO, start: int, end: int, most: int = INNER) -> Iterator[Box]:
    for _turn in range(most):
        if start + 8 > end:
            break
        length, body = _number(file, start, 4), start + 8
        kind = _read(file, start + 4, 4).decode("latin-1")
        if length == 1:
            length, body = _number(file, start + 8, 8), start + 16
        elif length == 0:
            length = end - start
        if start + length > end or start + length < body:
            raise unreadable(_("The file isn't whole: a part of it is missing."))
        yield Box(kind, start, body, start + length)
        start += length
    else:
        raise unreadable(_("The file has more parts than a video has."))


def _webm(file: BinaryIO, size: int) -> Footage:
    found = ebml.read(file, size, HEADS, INNER)
    if found is None or not found.clusters:
        raise unreadable(_("The file isn't whole: a part of it is missing."))
    if found.kind != "webm":
        raise unreadable(_("It isn't a WebM video; its kind is “%(kind)s”.") % {"kind": found.kind})
    if not any(one.startswith("V_") for one in found.codings):
        raise unreadable(_("There are no pictures in it that move."))
    for coding in found.codings:
        if coding not in ebml.CODINGS:
            told = _("A WebM file holds VP8, VP9 or AV1 with Vorbis or Opus; here is “%(coding)s”.")
            raise unreadable(told % {"coding": coding[:40]})
    return _footage(VideoKind.WEBM, found.milliseconds, found.width, found.height)


def _footage(
    kind: VideoKind,
    milliseconds: int | None,
    width: int | None,
    height: int | None,
    blank: tuple[tuple[int, int], ...] = (),
) -> Footage:
    """What is beyond belief isn't known."""
    sides = (width, height)
    known = all(side and side <= SIDE_MAX for side in sides)
    return Footage(
        kind,
        milliseconds if milliseconds and milliseconds <= HOURS else None,
        *(sides if known else (None, None)),
        blank,
    )


def _read(file: BinaryIO, at: int, length: int) -> bytes:
    file.seek(at)
    found = file.read(length)
    if len(found) < length:
        raise unreadable(_("The file isn't whole: a part of it is missing."))
    return found


def _number(file: BinaryIO, at: int, length: int) -> int:
    return int.from_bytes(_read(file, at, length), "big")
