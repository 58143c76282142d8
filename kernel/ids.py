"""Time-ordered ids (UUIDv7, RFC 9562) and their public form ``<prefix>_<26 characters>``."""

import os
import re
import threading
from datetime import UTC, datetime
from uuid import UUID, SafeUUID

from django.utils.translation import gettext as _

from kernel import clock
from kernel.errors import NotFound

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [one + two for one in _ALPHABET for two in _ALPHABET]
_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # as int() reads base 32
_LAST = 253_402_300_799_000  # milliseconds: the last second of the year 9999
_UNKNOWN = SafeUUID.unknown
_lock = threading.Lock()
_BACK = 50  # milliseconds; a clock further back was set so
_last = [0, 0]
_SHAPE = re.compile(r"[0-9a-hjkmnp-tv-z]{26}")


def uuid7() -> UUID:
    """A UUIDv7: 48 bits of Unix milliseconds from the system clock, then randomness.

    Within one millisecond of one process the random part only grows (RFC 9562, method 2), so
    that rows made one after another sort in that order, also when the clock steps back a little
    or another thread was faster.
    """
    with _lock:
        milliseconds = clock.milliseconds()
        if 0 <= _last[0] - milliseconds < _BACK:
            milliseconds = _last[0]
            random = _last[1] + 1 + int.from_bytes(os.urandom(6), "big")
            if random >> 74:  # practically never: the millisecond's numbers are used up
                milliseconds, random = milliseconds + 1, 0
        else:
            random = int.from_bytes(os.urandom(10), "big") >> 7  # 73 bits: room to grow
        _last[:] = [milliseconds, random]
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= (random >> 62) << 64
    value |= 0b10 << 62
    value |= random & 0x3FFF_FFFF_FFFF_FFFF
    return _made(value)


def _made(value: int) -> UUID:
    """``UUID(int=value)`` for a number that needs no check."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", value)
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made


def floor(moment: datetime) -> UUID:
    """The lowest id of a moment's millisecond: what was made from then on isn't below it."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def moment_of(value: UUID) -> datetime:
    """When a UUIDv7 was made, to the millisecond, UTC; the end of time for an id of no clock's."""
    return datetime.fromtimestamp(min(value.int >> 80, _LAST) / 1000, UTC)


def uuid7s(count: int) -> list[UUID]:
    """So many of them, rising, for as many rows of one statement."""
    if count < 1:
        return []
    start = uuid7()
    room = (start.int & 0x3FFF_FFFF_FFFF_FFFF) + count
    if count > 1 and room >> 62:  # the low part would run over: one by one, which never happens
        return [start, *(uuid7() for _ in range(count - 1))]
    with _lock:
        _last[1] += count
    first = start.int
    return [_made(first + place) for place in range(count)]


def public_id(prefix: str, value: UUID) -> str:
    """``ord_01jc…``: Crockford base32 of the 128 bits, lower case; sorts as the UUID does."""
    high, low = divmod(value.int, 1 << 60)  # written out: every answer has dozens of ids
    return (
        f"{prefix}_{_PAIRS[high >> 60]}{_PAIRS[high >> 50 & 1023]}{_PAIRS[high >> 40 & 1023]}"
        f"{_PAIRS[high >> 30 & 1023]}{_PAIRS[high >> 20 & 1023]}{_PAIRS[high >> 10 & 1023]}"
        f"{_PAIRS[high & 1023]}{_PAIRS[low >> 50]}{_PAIRS[low >> 40 & 1023]}"
        f"{_PAIRS[low >> 30 & 1023]}{_PAIRS[low >> 20 & 1023]}{_PAIRS[low >> 10 & 1023]}"
        f"{_PAIRS[low & 1023]}"
    )


def parse_public_id(prefix: str, text: str) -> UUID:
    """The UUID behind a public id; anything malformed is treated as absent (NotFound)."""
    start = f"{prefix}_"
    body = text[len(start) :]
    if not text.startswith(start) or not _SHAPE.fullmatch(body) or body[0] > "7":
        told = _("There is no %(kind)s… with the id %(id)s.")
        raise NotFound(told % {"kind": start, "id": repr(text[:60])})
    return UUID(int=int(body.translate(_DIGITS), 32))
