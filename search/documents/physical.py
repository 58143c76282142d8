"""From a declaration to physical fields, from a document to their values: once for every engine.

Token fields (``t_…``) hold ready tokens joined by blanks: engines split at blanks and do nothing
else. ``t_<bucket>_zh`` and ``t_<bucket>_en`` of a bucket by language, else ``t_<bucket>``;
``t_surface`` unstemmed Latin words (correction, completion), ``t_pinyin``, ``t_codes`` (whole
codes), ``t_parts`` (their trigrams). Declared fields are ``f_<name>``; money ``f_<name>_<slot>``.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

import orjson

from kernel.units import UNITS
from search.analysis.codes import code_parts, code_token
from search.analysis.normal import has_han
from search.analysis.pinyin import pinyin_tokens
from search.analysis.tokens import analysed
from search.contracts import (
    PRICE_SLOTS,
    Attribute,
    CategoryPath,
    Document,
    DocumentType,
    FieldSpec,
    Kind,
)

ID, PLATFORM, VISIBLE, VERSION, CHECKSUM, STORED = (
    "id",
    "platform",
    "visible",
    "version",
    "checksum",
    "stored",
)
SURFACE, PINYIN, CODES, PARTS = "t_surface", "t_pinyin", "t_codes", "t_parts"
CJK = ("zh", "ja", "ko")
MAX_TEXT = 20_000
MAX_KEYWORD = 512


class Column(StrEnum):
    """The physical kinds. TOKENS: with positions and norms; BARE: tokens without either."""

    TOKENS = "tokens"
    BARE = "bare"
    KEYWORD = "keyword"
    LONG = "long"
    DOUBLE = "double"
    ATTRIBUTES = "attributes"
    STORED = "stored"


@dataclass(frozen=True)
class PhysicalField:
    """One field of the physical index. ``spec`` is the declared field it came from, if one."""

    name: str
    column: Column
    many: bool = False
    spec: FieldSpec | None = None


@dataclass
class Rendered:
    """A document in physical values. ``attribute_texts`` and ``attribute_numbers``:
    physical field -> code -> values; a number stands in both, as canonical decimal text too."""

    id: str
    platform: str
    version: int
    visible: tuple[str, ...]
    checksum: str
    stored: bytes
    tokens: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, list[str]] = field(default_factory=dict)
    longs: dict[str, int] = field(default_factory=dict)
    doubles: dict[str, float] = field(default_factory=dict)
    attribute_texts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    attribute_numbers: dict[str, dict[str, list[float]]] = field(default_factory=dict)


class Unindexable(ValueError):
    """A document that can't be indexed; the message says which field and why."""


def bucket_field(doc_type: DocumentType, bucket: str, language: str) -> str:
    """The token field of a bucket for texts in ``language``."""
    if not _by_language(doc_type).get(bucket, False):
        return f"t_{bucket}"
    return f"t_{bucket}_{'zh' if language[:2].lower() in CJK else 'en'}"


@lru_cache(maxsize=64)
def _by_language(doc_type: DocumentType) -> dict[str, bool]:
    return {bucket.name: bucket.by_language for bucket in doc_type.buckets}


@lru_cache(maxsize=64)
def physical_fields(doc_type: DocumentType) -> tuple[PhysicalField, ...]:
    """Every field of the physical index, system fields first."""
    found = [
        PhysicalField(ID, Column.KEYWORD),
        PhysicalField(PLATFORM, Column.KEYWORD),
        PhysicalField(VISIBLE, Column.KEYWORD, many=True),
        PhysicalField(VERSION, Column.LONG),
        PhysicalField(CHECKSUM, Column.KEYWORD),
        PhysicalField(STORED, Column.STORED),
    ]
    for bucket in doc_type.buckets:
        names = ("_zh", "_en") if bucket.by_language else ("",)
        found += [PhysicalField(f"t_{bucket.name}{name}", Column.TOKENS) for name in names]
    found += [PhysicalField(name, Column.BARE) for name in (SURFACE, PINYIN, CODES, PARTS)]
    for spec in doc_type.fields:
        name = f"f_{spec.name}"
        match spec.kind:
            case Kind.TEXT:
                continue
            case Kind.MONEY:
                found += [
                    PhysicalField(f"{name}_{slot}", Column.LONG, spec=spec)
                    for slot in range(PRICE_SLOTS)
                ]
            case Kind.NUMBER:
                found.append(PhysicalField(name, Column.DOUBLE, spec.many, spec))
            case Kind.DATE:
                found.append(PhysicalField(name, Column.LONG, spec.many, spec))
            case Kind.ATTRIBUTES:
                found.append(PhysicalField(name, Column.ATTRIBUTES, True, spec))
            case Kind.KEYWORD | Kind.CODE | Kind.FLAG | Kind.CATEGORY:
                many = spec.many or spec.kind is Kind.CATEGORY
                found.append(PhysicalField(name, Column.KEYWORD, many, spec))
    return tuple(found)


def render(doc_type: DocumentType, document: Document) -> Rendered:
    """The physical values of a document. Raises Unindexable, naming the field."""
    if document.version < 1 or not document.id or not document.platform:
        raise Unindexable("id, platform and a version from 1 are needed")
    stored = {s.name: document.fields.get(s.name) for s in doc_type.fields if s.stored}
    out = Rendered(
        id=document.id,
        platform=document.platform,
        version=document.version,
        visible=tuple(document.visible_to),
        checksum=checksum(document),
        stored=orjson.dumps({k: v for k, v in stored.items() if v is not None}, default=plain),
    )
    words = _Words(doc_type)
    for spec in doc_type.fields:
        value = document.fields.get(spec.name)
        if value is None:
            continue
        try:
            _RENDER[spec.kind](out, words, spec, value)
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise Unindexable(f"{spec.name}: {error}") from error
    words.into(out)
    return out


def checksum(document: Document) -> str:
    """Sixteen hex digits over all that a document says, whatever its version."""
    said = [sorted(document.visible_to), sorted(document.fields.items())]
    raw = orjson.dumps(said, default=plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(raw).hexdigest()[:16]


def plain(value: Any) -> Any:
    """Values of documents as JSON knows them."""
    if isinstance(value, Decimal):
        return number_text(float(value))
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} can't be stored")


def number_text(value: float) -> str:
    """A number as its facet value: ``14``, ``14.5``; the same on every engine."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def in_base_unit(value: Any, unit: str, to: str = "") -> float:
    """``value`` of ``unit`` in its dimension's base unit, or in ``to``. A code that isn't a unit of
    the kernel (P1, per cent) stays as it is."""
    number = Fraction(str(value)) if not isinstance(value, Fraction) else value
    source, target = UNITS.get(unit), UNITS.get(to)
    if source is None:
        return float(number)
    number *= source.factor
    if target is not None:
        if target.dimension != source.dimension:
            raise ValueError(f"{unit} isn't a unit like {to}")
        number /= target.factor
    return float(number)


def milliseconds(value: datetime) -> int:
    """A moment as the index keeps it: milliseconds since 1970 in UTC."""
    if value.tzinfo is None:
        raise ValueError("a time without zone")
    return int(value.timestamp() * 1000)


class _Words:
    """Collects the words of buckets until the token fields are made."""

    def __init__(self, doc_type: DocumentType) -> None:
        self.doc_type = doc_type
        self.tokens: dict[str, list[str]] = {}
        self.surface: dict[str, None] = {}
        self.pinyin: dict[str, None] = {}
        self.codes: dict[str, None] = {}
        self.parts: dict[str, None] = {}

    def add(self, spec: FieldSpec, language: str, text: str) -> None:
        """The words of one text of ``spec``, if its words are searched."""
        if not spec.bucket or not text:
            return
        text = text[:MAX_TEXT]
        language = language or ("zh" if has_han(text) else "en")
        name = bucket_field(self.doc_type, spec.bucket, language)
        tokens, surface = analysed(text)
        self.tokens.setdefault(name, []).extend(tokens)
        if spec.bucket != "text":
            self.surface.update(dict.fromkeys(surface))
        if spec.bucket == "title":
            self.pinyin.update(dict.fromkeys(pinyin_tokens(text)))

    def into(self, out: Rendered) -> None:
        """Make the token fields of ``out``."""
        for name, tokens in self.tokens.items():
            if tokens:
                out.tokens[name] = " ".join(tokens)
        for name, some in (
            (SURFACE, self.surface),
            (PINYIN, self.pinyin),
            (CODES, self.codes),
            (PARTS, self.parts),
        ):
            if some:
                out.tokens[name] = " ".join(some)


def _many(value: Any) -> Iterable[Any]:
    return [value] if isinstance(value, str | bool) or not isinstance(value, Iterable) else value


def _text(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    texts = value.items() if isinstance(value, Mapping) else [("", str(value))]
    for language, text in texts:
        words.add(spec, language, text)


def _keyword(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    values = [str(one) for one in _many(value) if one not in (None, "")]
    if not spec.many and len(values) > 1:
        raise ValueError("one value, not several")
    if any(len(one) > MAX_KEYWORD for one in values):
        raise ValueError(f"longer than {MAX_KEYWORD} characters")
    if values:
        out.keywords[f"f_{spec.name}"] = values
    for one in values:
        words.add(spec, "", one)


def _code(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    _keyword(out, words, spec, value)
    for one in _many(value):
        token = code_token(str(one))
        if token:
            words.codes[token] = None
            words.parts.update(dict.fromkeys(code_parts(token)))


def _number(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("not a finite number")
    out.doubles[f"f_{spec.name}"] = number


def _money(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    slots = [value] if isinstance(value, int) else list(value)
    if len(slots) > PRICE_SLOTS:
        raise ValueError(f"more than {PRICE_SLOTS} price slots")
    for slot, minor in enumerate(slots):
        if minor is not None:
            if not isinstance(minor, int) or isinstance(minor, bool) or abs(minor) >= 2**63:
                raise ValueError("minor units as a whole number of 64 bits")
            out.longs[f"f_{spec.name}_{slot}"] = minor


def _date(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    out.longs[f"f_{spec.name}"] = milliseconds(value)


def _flag(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    out.keywords[f"f_{spec.name}"] = ["true" if value else "false"]


def _category(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    paths: dict[str, None] = {}
    for place in [value] if isinstance(value, CategoryPath) else value:
        if any(not part or "/" in part for part in place.path):
            raise ValueError("parts of a path are not empty and have no slash")
        for depth in range(1, len(place.path) + 1):
            paths["/".join(place.path[:depth])] = None
        for names in place.names:
            for language, name in names.items():
                words.add(spec, language, name)
    if paths:
        out.keywords[f"f_{spec.name}"] = list(paths)


def _attributes(out: Rendered, words: _Words, spec: FieldSpec, value: Any) -> None:
    texts: dict[str, list[str]] = {}
    numbers: dict[str, list[float]] = {}
    for one in value:
        if not isinstance(one, Attribute) or not attribute_code(one.code):
            raise ValueError("attributes have codes of letters, digits, _ and -")
        if isinstance(one.value, bool):
            shown = "true" if one.value else "false"
        elif isinstance(one.value, str):
            shown = one.value[:MAX_KEYWORD]
        else:
            number = in_base_unit(one.value, one.unit)
            numbers.setdefault(one.code, []).append(number)
            shown = number_text(number)
        if shown and shown not in texts.setdefault(one.code, []):
            texts[one.code].append(shown)
        labels = one.labels or ({"": one.value} if isinstance(one.value, str) else {})
        for language, label in labels.items():
            words.add(spec, language, label)
    out.attribute_texts[f"f_{spec.name}"] = texts
    out.attribute_numbers[f"f_{spec.name}"] = numbers


def attribute_code(code: str) -> bool:
    """Whether an attribute may be called so."""
    return 0 < len(code) <= 80 and all(c.isalnum() or c in "_-" for c in code)


_RENDER: dict[Kind, Callable[[Rendered, _Words, FieldSpec, Any], None]] = {
    Kind.TEXT: _text,
    Kind.KEYWORD: _keyword,
    Kind.CODE: _code,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.FLAG: _flag,
    Kind.CATEGORY: _category,
    Kind.ATTRIBUTES: _attributes,
}
