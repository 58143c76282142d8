"""What a kind of document declares of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

PUBLIC = "*"
PRICE_SLOTS = 16

Scalar = str | int | float | Decimal | bool | datetime
Texts = Mapping[str, str]  # language tag -> text


class Kind(StrEnum):
    """What a field holds, and so what can be done with it."""

    TEXT = "text"  # Texts or str; searched
    KEYWORD = "keyword"  # str or a sequence of str; filter, terms facet, group, sort
    CODE = "code"  # str or a sequence: SKU, barcode; found whole or in part
    NUMBER = "number"  # int, float or Decimal in the field's unit; filter, range, histogram, sort
    MONEY = "money"  # sequence of minor units by slot (None: no price); filter, range, sort
    DATE = "date"  # aware datetime; filter, range, sort
    FLAG = "flag"  # bool; filter, facet
    CATEGORY = "category"  # sequence of paths (tuples from the root); filter, tree facet
    ATTRIBUTES = "attributes"  # sequence of Attribute; filter, terms facet, range, histogram


@dataclass(frozen=True)
class TextBucket:
    """Where words are searched together, and what a word found there is worth. ``by_language``:
    Chinese and other languages have a physical field each, with length norms of their own."""

    name: str
    weight: float
    by_language: bool = False


@dataclass(frozen=True)
class FieldSpec:
    """One declared field.

    ``bucket``: the words of a TEXT, a KEYWORD, the names of a CATEGORY, the labels of ATTRIBUTES
    are searched in that bucket of the type; "": not searched. ``unit``: UN/ECE code that a NUMBER
    is kept in. ``stored``: comes back in ``Hit.fields``. ``many``: may hold several values.
    ``suggest``: offered while typing.
    """

    name: str
    kind: Kind
    bucket: str = ""
    unit: str = ""
    stored: bool = False
    many: bool = False
    sortable: bool = False
    facet: bool = False
    suggest: bool = False


@dataclass(frozen=True)
class Signal:
    """What stands for itself in the order, besides the words: each step reached adds its share of
    ``Weights.signals[name]`` points. For a FLAG or KEYWORD, ``equals`` is the value that counts."""

    name: str
    ref: str
    steps: tuple[tuple[float, float], ...] = ()
    equals: str | bool | None = None
    weight: float = 0.0


@dataclass(frozen=True)
class Ref:
    """A reference, read: the field, and the slot or the attribute's code within it."""

    text: str
    spec: FieldSpec
    slot: int = 0
    code: str = ""


@dataclass(frozen=True)
class DocumentType:
    """A kind of document (商品, 商户, later 挂牌, 拍卖, 招标, 公告): a name and its fields."""

    name: str
    fields: tuple[FieldSpec, ...]
    buckets: tuple[TextBucket, ...]
    signals: tuple[Signal, ...] = ()
    group_fields: tuple[str, ...] = ()
    version: int = 1

    def __hash__(self) -> int:  # there are few, and every search asks for it many times
        return hash((self.name, self.version))

    def field(self, name: str) -> FieldSpec | None:
        """The field of that name, or None."""
        return next((spec for spec in self.fields if spec.name == name), None)

    def resolve(self, ref: str) -> Ref | None:
        """What ``ref`` names, or None: the caller turns that into its problem."""
        name, _, rest = ref.partition(".")
        spec = self.field(name)
        if spec is None:
            return None
        if spec.kind is Kind.MONEY:
            if rest and not (rest.isascii() and rest.isdigit() and int(rest) < PRICE_SLOTS):
                return None
            return Ref(ref, spec, slot=int(rest or 0))
        if spec.kind is Kind.ATTRIBUTES:
            ok = 0 < len(rest) <= 80 and all(c.isalnum() or c in "_-" for c in rest)
            return Ref(ref, spec, code=rest) if ok else None
        return None if rest else Ref(ref, spec)
