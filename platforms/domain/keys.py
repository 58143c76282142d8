"""The format of API keys: ``qk_test_<platform>_<12 key id><32 secret><6 checksum>``.

The prefix and the checksum keep people and secret scanners from taking a key of ours for one of
the payment gateway's; the checksum also turns a mistyped key away without a query.
"""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass, field

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LENGTH, SECRET_LENGTH, CHECK_LENGTH = 12, 32, 6
_BODY = ID_LENGTH + SECRET_LENGTH
_SHAPE = re.compile(
    r"qk_(test|live)_([a-z][a-z0-9-]{0,30}[a-z0-9])_"
    rf"([0-9A-Za-z]{{{ID_LENGTH}}})([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{CHECK_LENGTH}}})"
)


@dataclass(frozen=True)
class ParsedKey:
    """The public part of a well-formed key, and the hash to compare."""

    live: bool
    platform_code: str
    key_id: str
    secret_hash: str = field(repr=False)


def base62(number: int, length: int) -> str:
    """``number`` in base 62, left-padded with zeros to ``length`` digits."""
    digits = []
    for _place in range(length):
        number, rest = divmod(number, 62)
        digits.append(ALPHABET[rest])
    if number:
        raise ValueError(f"The number doesn't fit into {length} base62 digits.")
    return "".join(reversed(digits))


def checksum(text: str) -> str:
    """CRC-32 of ``text`` as six base62 digits."""
    return base62(zlib.crc32(text.encode()), CHECK_LENGTH)


def hash_key(raw: str) -> str:
    """SHA-256 of the whole key, in hexadecimal."""
    return hashlib.sha256(raw.encode()).hexdigest()


def random_text(length: int) -> str:
    """``length`` random base62 characters."""
    return "".join(secrets.choice(ALPHABET) for _place in range(length))


def new_key(*, platform_code: str, live: bool) -> tuple[str, ParsedKey]:
    """A fresh raw key and its parts."""
    mode = "live" if live else "test"
    start = f"qk_{mode}_{platform_code}_{random_text(_BODY)}"
    raw = start + checksum(start)
    return raw, ParsedKey(
        live, platform_code, raw[-_BODY - CHECK_LENGTH :][:ID_LENGTH], hash_key(raw)
    )


def parse_key(raw: str) -> ParsedKey | None:
    """The parts of a well-formed key with a right checksum, else None."""
    match = _SHAPE.fullmatch(raw)
    if match is None or checksum(raw[:-CHECK_LENGTH]) != match[5]:
        return None
    return ParsedKey(match[1] == "live", match[2], match[3], hash_key(raw))
