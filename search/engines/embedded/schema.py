"""The physical index in tantivy's terms, and a document in them."""

import hashlib
import re

import tantivy

from search.contracts import DocumentType, Tombstone
from search.documents.physical import (
    CHECKSUM,
    ID,
    PLATFORM,
    STORED,
    VERSION,
    VISIBLE,
    Column,
    Rendered,
    physical_fields,
)

# Ids begin with the time they were made; 24 bytes tell any two apart that tie in practice.
TIES = ("tie_0", "tie_1", "tie_2")
# One number that sorts like the ids made by this product, for finding the lowest ones at once; 0 of
# any other id, whose order only the parts above tell.
RANK = "place"
LAYOUT = 1  # with that number
_OURS = re.compile(r"[a-z]+_([0-7][0-9a-hjkmnp-tv-z]{12})[0-9a-hjkmnp-tv-z]{13}")
_DIGITS = {c: n for n, c in enumerate("0123456789abcdefghjkmnpqrstvwxyz")}
# A deleted document stays as a mark with its version under a platform that nobody can be on.
DEAD = "\x00"
MARK = "dead"
MICRO = 1_000_000
MICRO_MOST = 2**53 - 1
NO_POSITIONS = "basic"


def build_schema(doc_type: DocumentType) -> tantivy.Schema:
    """The schema that follows from the declaration."""
    builder = tantivy.SchemaBuilder()
    groups = {f"f_{name}" for name in doc_type.group_fields}
    for one in physical_fields(doc_type):
        match one.column:
            case Column.TOKENS:
                builder.add_text_field(one.name, tokenizer_name="blanks", index_option="position")
            case Column.BARE:
                builder.add_text_field(one.name, tokenizer_name="blanks", index_option=NO_POSITIONS)
            case Column.KEYWORD:
                builder.add_text_field(
                    one.name,
                    stored=one.name in (ID, PLATFORM, CHECKSUM) or one.name in groups,
                    fast=one.name != CHECKSUM,
                    tokenizer_name="raw",
                    index_option=NO_POSITIONS,
                )
            case Column.LONG:
                builder.add_integer_field(one.name, fast=True)
            case Column.DOUBLE:
                builder.add_float_field(one.name, fast=True)
            case Column.ATTRIBUTES:
                builder.add_json_field(
                    one.name, fast=True, tokenizer_name="raw", index_option=NO_POSITIONS
                )
            case Column.STORED:
                builder.add_bytes_field(one.name, stored=True)
    for name in (*TIES, *sorted(f"h{group}" for group in groups)):
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field(RANK, fast=True)
    builder.add_unsigned_field(MARK, fast=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    """Tokens are ready: split at blanks, nothing else."""
    blanks = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("blanks", blanks)


def as_document(doc_type: DocumentType, one: Rendered) -> tantivy.Document:
    """A rendered document as tantivy's."""
    document = tantivy.Document()
    _identity(document, one.id, one.platform, one.version)
    for key in one.visible:
        document.add_text(VISIBLE, key)
    document.add_text(CHECKSUM, one.checksum)
    document.add_bytes(STORED, one.stored)
    for name, tokens in one.tokens.items():
        document.add_text(name, tokens)
    for name, values in one.keywords.items():
        for value in values:
            document.add_text(name, value)
    for name, long in one.longs.items():
        document.add_integer(name, long)
    for name, double in one.doubles.items():
        document.add_float(name, double)
    for name, texts in one.attribute_texts.items():
        numbers = one.attribute_numbers.get(name, {})
        scaled = {code: [micro(value) for value in some] for code, some in numbers.items()}
        document.add_json(name, {"t": texts, "n": scaled})
    for group in doc_type.group_fields:
        first = next(iter(one.keywords.get(f"f_{group}", ())), "")
        if first:
            document.add_unsigned(f"hf_{group}", hash64(first))
    return document


def as_mark(one: Tombstone) -> tantivy.Document:
    """A deletion, remembered."""
    document = tantivy.Document()
    _identity(document, one.id, DEAD + one.platform, one.version)
    document.add_unsigned(MARK, 1)
    return document


def _identity(document: tantivy.Document, id_: str, platform: str, version: int) -> None:
    document.add_text(ID, id_)
    document.add_text(PLATFORM, platform)
    document.add_integer(VERSION, version)
    for name, part in zip(TIES, tie_parts(id_), strict=True):
        document.add_unsigned(name, part)


def micro(value: float) -> int:
    """An attribute's number in millionths: inside JSON, tantivy compares whole numbers reliably
    and others not at all where all of a field's happen to be whole."""
    return max(-MICRO_MOST, min(MICRO_MOST, round(value * MICRO)))


def tie_parts(id_: str) -> tuple[int, ...]:
    """The first bytes of an id as numbers that sort like it."""
    raw = id_.encode("utf-8", "replace")[:24].ljust(24, b"\0")
    return tuple(int.from_bytes(raw[i : i + 8], "big") for i in (0, 8, 16))


def rank(id_: str) -> int:
    """The first 63 bits of an id of ours, above 0; 0 of others."""
    found = _OURS.fullmatch(id_)
    number = 0
    for c in found[1] if found else "":
        number = number * 32 + _DIGITS[c]
    return number + 1 if found else 0


def hash64(value: str) -> int:
    """A number to tell groups apart by."""
    return int.from_bytes(hashlib.blake2b(value.encode(), digest_size=8).digest(), "big")
