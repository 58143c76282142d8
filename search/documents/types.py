"""Which kinds of document there are. A further kind needs a declaration here and nothing else in
the engines: the physical index follows from it, and its fingerprint names the generation."""

import hashlib
from dataclasses import asdict

import orjson

from search.contracts import DocumentType, FieldSpec, Kind, Signal, TextBucket

# Grows when the analysis of text changes what is stored, so that old indexes are rebuilt.
ANALYSIS_VERSION = 2

_BUCKETS = (
    TextBucket("title", 1.0, by_language=True),
    TextBucket("words", 0.4),
    TextBucket("text", 0.15),
)

PRODUCT = DocumentType(
    name="product",
    fields=(
        FieldSpec("title", Kind.TEXT, bucket="title", stored=True, suggest=True),
        FieldSpec("description", Kind.TEXT, bucket="text"),
        FieldSpec("sku", Kind.CODE, stored=True, many=True),
        FieldSpec("barcode", Kind.CODE, many=True),
        FieldSpec("brand", Kind.KEYWORD, bucket="words", facet=True, stored=True),
        FieldSpec("merchant", Kind.KEYWORD, facet=True, stored=True),
        FieldSpec("merchant_name", Kind.TEXT, bucket="words", stored=True),
        FieldSpec("category", Kind.CATEGORY, bucket="words", facet=True, many=True),
        FieldSpec("attributes", Kind.ATTRIBUTES, bucket="words", facet=True, many=True),
        FieldSpec("prices", Kind.MONEY, sortable=True, facet=True),
        FieldSpec("stock", Kind.KEYWORD, facet=True),
        FieldSpec("origin", Kind.KEYWORD, bucket="words", facet=True),
        FieldSpec("region", Kind.KEYWORD, facet=True),
        FieldSpec("credit_grade", Kind.KEYWORD, facet=True),
        FieldSpec("rating", Kind.NUMBER, sortable=True, facet=True, stored=True),
        FieldSpec("rating_count", Kind.NUMBER, sortable=True),
        FieldSpec("sales", Kind.NUMBER, sortable=True),
        FieldSpec("published_at", Kind.DATE, sortable=True),
        FieldSpec("product", Kind.KEYWORD),
    ),
    buckets=_BUCKETS,
    signals=(
        Signal("in_stock", "stock", equals="in_stock", weight=0.5),
        Signal("sales", "sales", ((1, 0.25), (10, 0.25), (100, 0.25), (1000, 0.25)), weight=0.5),
        Signal("rating", "rating", ((3.5, 0.3), (4.0, 0.3), (4.5, 0.4)), weight=0.3),
    ),
    group_fields=("product", "merchant"),
)

MERCHANT = DocumentType(
    name="merchant",
    fields=(
        FieldSpec("title", Kind.TEXT, bucket="title", stored=True, suggest=True),
        FieldSpec("description", Kind.TEXT, bucket="text"),
        FieldSpec("region", Kind.KEYWORD, facet=True),
        FieldSpec("credit_grade", Kind.KEYWORD, facet=True),
        FieldSpec("rating", Kind.NUMBER, sortable=True, facet=True),
        FieldSpec("products", Kind.NUMBER, sortable=True),
        FieldSpec("published_at", Kind.DATE, sortable=True),
    ),
    buckets=_BUCKETS,
)

# What `evaluate` indexes: titles and nothing else.
TITLE = DocumentType(
    name="title",
    fields=(FieldSpec("title", Kind.TEXT, bucket="title", stored=True),),
    buckets=_BUCKETS[:1],
)

TYPES = {doc_type.name: doc_type for doc_type in (PRODUCT, MERCHANT)}


def fingerprint(doc_type: DocumentType, layout: int = 0) -> str:
    """Eight hex digits that change whenever the physical index would. ``layout``: the engine's."""
    declared = [asdict(spec) for spec in doc_type.fields]
    # Their weights act in queries and change nothing physical.
    buckets = [(bucket.name, bucket.by_language) for bucket in doc_type.buckets]
    said = [doc_type.name, doc_type.version, ANALYSIS_VERSION, declared, buckets]
    raw = orjson.dumps([*said, layout] if layout else said)
    return hashlib.sha256(raw).hexdigest()[:8]
