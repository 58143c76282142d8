"""Videos for tests, made of their parts: what says what is inside is right, the rest is noise."""

import random
import struct


def box(kind: str, *body: bytes) -> bytes:
    """A box of an MP4 file."""
    inside = b"".join(body)
    return struct.pack(">I", 8 + len(inside)) + kind.encode("latin-1") + inside


def mp4_bytes(
    *,
    seed: int = 0,
    brand: str = "isom",
    pictures: str = "avc1",
    sound: str = "mp4a",
    width: int = 640,
    height: int = 360,
    lies: bool = False,
    seconds: int = 2,
    more: bytes = b"",
    length: int = 3000,
) -> bytes:
    """An MP4 file; ``more`` boxes stand in its ``moov``, ``length`` bytes in its ``mdat``."""
    one, none = struct.pack(">i", 0x10000), bytes(4)
    turned = (none, one, none, struct.pack(">i", -0x10000), none, none)
    matrix = b"".join(turned if lies else (one, none, none, none, one, none)) + bytes(12)
    head = bytes(40) + matrix + struct.pack(">II", width << 16, height << 16)
    tracks = [
        box("trak", box("tkhd", head), _media("vide", pictures)),
        *([box("trak", box("tkhd", bytes(84)), _media("soun", sound))] if sound else []),
    ]
    lasts = bytes(12) + struct.pack(">II", 1000, seconds * 1000) + bytes(80)
    return (
        box("ftyp", brand.encode(), bytes(4), brand.encode())
        + box("moov", box("mvhd", lasts), *tracks, more)
        + box("mdat", random.Random(seed).randbytes(length))
    )


def _media(kind: str, coding: str) -> bytes:
    table = box("stsd", bytes(4), struct.pack(">I", 1), box(coding, bytes(70)))
    handler = box("hdlr", bytes(8), kind.encode(), bytes(13))
    return box("mdia", handler, box("minf", box("stbl", table)))


def element(key: int, *body: bytes, unknown: bool = False) -> bytes:
    """An element of a WebM file; ``unknown``: its length isn't told."""
    inside = b"".join(body)
    name = key.to_bytes((key.bit_length() + 7) // 8, "big")
    long = (1 << 56) - 1 if unknown else len(inside)
    return name + ((1 << 56) | long).to_bytes(8, "big") + inside


def webm_bytes(
    *,
    seed: int = 0,
    kind: str = "webm",
    coding: str = "V_VP9",
    width: int = 640,
    height: int = 360,
    seconds: float = 2.0,
    unknown: bool = False,
) -> bytes:
    """A WebM file."""
    picture = element(0xE0, element(0xB0, width.to_bytes(2, "big")),
                      element(0xBA, height.to_bytes(2, "big")))  # fmt: skip
    return element(0x1A45DFA3, element(0x4282, kind.encode())) + element(
        0x18538067,
        element(0x1549A966, element(0x4489, struct.pack(">d", seconds * 1000))),
        element(0x1654AE6B, element(0xAE, element(0x86, coding.encode()), picture)),
        element(0x1F43B675, random.Random(seed).randbytes(2000), unknown=unknown),
        unknown=unknown,
    )
