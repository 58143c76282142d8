"""What the tuning looks like on the wire."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from kernel.api import DecimalStr, Schema, Timestamp
from kernel.ids import public_id
from search.api.routes import TAIL, ProductId, RedirectId, RuleId, SynonymId, VersionId
from search.contracts.tuning import DraftInfo, RedirectInfo, RuleInfo, SynonymInfo, VersionInfo

Queries = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]
Terms = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=40)]
Products = Annotated[list[ProductId], Field(max_length=50)]
MatchWord = Literal["exact", "contains", "any"]
WHEN = "2026-05-01T08:00:00Z"
RULE_REQUEST = {
    "name": "当季新粮", "kind": "pin", "queries": ["玉米"], "product_ids": [f"prd_{TAIL}"],
}  # fmt: skip
RULE_EXAMPLE = {
    "id": f"srl_{TAIL}", "name": "当季新粮", "kind": "pin", "enabled": True, "match": "exact",
    "queries": ["玉米"], "category_path": "", "product_ids": [f"prd_{TAIL}"], "condition": {},
    "points": "0", "starts_at": None, "ends_at": None, "created_at": WHEN, "updated_at": WHEN,
}  # fmt: skip
SYNONYM_REQUEST = {"language": "zh", "terms": ["玉米", "苞米", "棒子"]}
SYNONYM_EXAMPLE = {
    "id": f"syn_{TAIL}", "language": "zh", "source": "", "terms": ["玉米", "苞米", "棒子"],
    "enabled": True, "created_at": WHEN, "updated_at": WHEN,
}  # fmt: skip
REDIRECT_REQUEST = {"queries": ["运费"], "target": "/products/"}
REDIRECT_EXAMPLE = {
    "id": f"srd_{TAIL}", "match": "exact", "queries": ["运费"], "target": "/products/",
    "enabled": True, "starts_at": None, "ends_at": None, "created_at": WHEN, "updated_at": WHEN,
}  # fmt: skip
VERSION_EXAMPLE = {
    "id": f"stv_{TAIL}", "number": 3, "note": "春播", "restored_from": None, "current": True,
    "created_at": WHEN,
}  # fmt: skip
DRAFT_EXAMPLE = {
    "weights": {"buckets": {"title": "1.2"}, "signals": {"in_stock": "2"}, "synonym": "0.7"},
    "published": 3,
    "differences": [{"kind": "rule", "change": "added", "name": "当季新粮"}],
}


class SearchRuleIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    kind: Literal["pin", "bury", "boost"]
    enabled: bool = True
    match: MatchWord = "exact"
    queries: Queries = []
    category_path: Annotated[str, Field(max_length=500)] = ""
    product_ids: Products = []
    condition: dict[str, Any] = Field(
        {}, description='Which products are meant: {"attributes.grade": ["2"]}'
    )
    points: DecimalStr = Field(Decimal(0), description="Up to 1000; having all words is worth 100")
    starts_at: Timestamp | None = None
    ends_at: Timestamp | None = None


class RuleChange(Schema):
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    kind: Literal["pin", "bury", "boost"] | None = None
    enabled: bool | None = None
    match: MatchWord | None = None
    queries: Queries | None = None
    category_path: Annotated[str, Field(max_length=500)] | None = None
    product_ids: Products | None = None
    condition: dict[str, Any] | None = None
    points: DecimalStr | None = None
    starts_at: Timestamp | None = None
    ends_at: Timestamp | None = None


class SearchRuleOut(Schema):
    id: RuleId
    name: str
    kind: str
    enabled: bool
    match: str
    queries: list[str]
    category_path: str
    product_ids: list[ProductId]
    condition: dict[str, Any]
    points: DecimalStr
    starts_at: Timestamp | None
    ends_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class SynonymIn(Schema):
    language: Literal["zh", "en", "*"]
    terms: Terms
    source: Annotated[str, Field(max_length=60)] = Field(
        "", description="Whoever says this also means the terms, but not the other way round"
    )
    enabled: bool = True


class SynonymChange(Schema):
    language: Literal["zh", "en", "*"] | None = None
    terms: Terms | None = None
    source: Annotated[str, Field(max_length=60)] | None = None
    enabled: bool | None = None


class SynonymOut(Schema):
    id: SynonymId
    language: str
    source: str
    terms: list[str]
    enabled: bool
    created_at: Timestamp
    updated_at: Timestamp


class RedirectIn(Schema):
    queries: Queries
    target: Annotated[str, Field(max_length=500)]
    match: Literal["exact", "contains"] = "exact"
    enabled: bool = True
    starts_at: Timestamp | None = None
    ends_at: Timestamp | None = None


class RedirectChange(Schema):
    queries: Queries | None = None
    target: Annotated[str, Field(max_length=500)] | None = None
    match: Literal["exact", "contains"] | None = None
    enabled: bool | None = None
    starts_at: Timestamp | None = None
    ends_at: Timestamp | None = None


class RedirectOut(Schema):
    id: RedirectId
    match: str
    queries: list[str]
    target: str
    enabled: bool
    starts_at: Timestamp | None
    ends_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class WeightsIn(Schema):
    """What differs from the declared weights; what is left out goes back to it."""

    buckets: dict[str, DecimalStr] = {}
    signals: dict[str, DecimalStr] = {}
    phrase: DecimalStr | None = None
    all_words: DecimalStr | None = None
    code: DecimalStr | None = None
    code_part: DecimalStr | None = None
    pinyin: DecimalStr | None = None
    synonym: DecimalStr | None = None


class DifferenceOut(Schema):
    kind: str
    change: str
    name: str


class DraftOut(Schema):
    weights: WeightsIn
    published: int
    differences: list[DifferenceOut]


class PublishIn(Schema):
    note: Annotated[str, Field(max_length=200)] = ""


class VersionOut(Schema):
    id: VersionId
    number: int
    note: str
    restored_from: int | None
    current: bool
    created_at: Timestamp


def rule_out(info: RuleInfo) -> dict[str, Any]:
    return {
        "id": public_id("srl", info.id), "name": info.name, "kind": info.kind,
        "enabled": info.enabled, "match": info.match, "queries": info.queries,
        "category_path": info.category_path, "product_ids": info.product_ids,
        "condition": info.condition, "points": info.points, "starts_at": info.starts_at,
        "ends_at": info.ends_at, "created_at": info.created_at, "updated_at": info.updated_at,
    }  # fmt: skip


def synonym_out(info: SynonymInfo) -> dict[str, Any]:
    return {
        "id": public_id("syn", info.id), "language": info.language, "source": info.source,
        "terms": info.terms, "enabled": info.enabled, "created_at": info.created_at,
        "updated_at": info.updated_at,
    }  # fmt: skip


def redirect_out(info: RedirectInfo) -> dict[str, Any]:
    return {
        "id": public_id("srd", info.id), "match": info.match, "queries": info.queries,
        "target": info.target, "enabled": info.enabled, "starts_at": info.starts_at,
        "ends_at": info.ends_at, "created_at": info.created_at, "updated_at": info.updated_at,
    }  # fmt: skip


def version_out(info: VersionInfo) -> dict[str, Any]:
    return {
        "id": public_id("stv", info.id), "number": info.number, "note": info.note,
        "restored_from": info.restored_from, "current": info.current,
        "created_at": info.created_at,
    }  # fmt: skip


def draft_out(info: DraftInfo) -> dict[str, Any]:
    return {
        "weights": info.weights,
        "published": info.published,
        "differences": [
            {"kind": one.kind, "change": one.change, "name": one.name} for one in info.differences
        ],
    }
