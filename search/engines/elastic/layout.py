"""The physical index: its name, its settings, its strict mapping, and how a document is stored.

Everything follows from the declaration by ``search/documents/physical.py``. Tokens are ready made,
so the analyser only splits at blanks. A deleted document stays as a tombstone: its version and
nothing else, so that a late write can't revive it however long ago it was deleted (the server
itself forgets deletions after ``index.gc_deletes``). Tombstones have no ``platform`` and so are
never found, and go with the generation.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from search.contracts import DocumentType, Operation, Tombstone
from search.documents.physical import (
    CHECKSUM,
    ID,
    PINYIN,
    PLATFORM,
    STORED,
    SURFACE,
    VERSION,
    VISIBLE,
    Column,
    PhysicalField,
    Rendered,
    physical_fields,
    render,
)
from search.engines.elastic.bulk import Item

# Beside the declared columns: words as values (completion counts them), what hits are grouped by
# (whoever has no value stands alone), and an attribute's texts as "code<separator>text".
WORDS = {SURFACE: "k_surface", PINYIN: "k_pinyin"}
GROUP = "g_"
SEPARATOR = "\x1f"
NUMBERS = "_n"  # the nested numbers of an attribute field; .c is the code and .n the number
LONGEST_KEYWORD = 8000  # characters; Lucene takes 32766 bytes


@dataclass(frozen=True)
class Names:
    """Index and alias names of a deployment: several may share a cluster."""

    prefix: str

    def alias(self, doc_type: DocumentType) -> str:
        """Reads and ordinary writes go here; it points to the current generation."""
        return f"{self.prefix}-{doc_type.name}"

    def writing(self, generation: str) -> str:
        """Writes to one generation go here: an index would be made by writing to it."""
        return f"writing-{self.prefix}-{generation}"

    def index(self, generation: str) -> str:
        return f"{self.prefix}-{generation}"

    def generation(self, index: str) -> str:
        return index.removeprefix(f"{self.prefix}-")

    def pattern(self, doc_type: DocumentType) -> str:
        """Every generation of that type."""
        return f"{self.prefix}-{doc_type.name}-*"


@dataclass(frozen=True)
class Sizing:
    """``shards``: one serves millions of documents, and then scores equal the embedded engine's.
    ``refresh``: how soon a write is seen."""

    shards: int = 1
    refresh: str = "500ms"


def filling(sizing: Sizing) -> dict[str, Any]:
    """Settings while a generation is filled: no refreshing, no copies."""
    return {
        "number_of_shards": sizing.shards,
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        "max_result_window": 10_000,
    }


def serving(sizing: Sizing) -> dict[str, Any]:
    """Settings of a generation that is read: one copy as soon as there is a second node."""
    return {"refresh_interval": sizing.refresh, "auto_expand_replicas": "0-1"}


def mapping(doc_type: DocumentType) -> dict[str, Any]:
    """The strict mapping: a field that isn't declared is refused, never guessed."""
    properties: dict[str, Any] = {}
    for column in physical_fields(doc_type):
        properties.update(_properties(column))
    for name in WORDS.values():
        properties[name] = {"type": "keyword", "ignore_above": 200}
    for name in doc_type.group_fields:
        properties[GROUP + name] = {"type": "keyword"}
    return {"dynamic": "strict", "_source": {"includes": [STORED]}, "properties": properties}


def _properties(column: PhysicalField) -> dict[str, Any]:
    match column.column:
        case Column.TOKENS:
            return {column.name: {"type": "text", "analyzer": "whitespace"}}
        case Column.BARE:
            options = {"norms": False, "index_options": "docs"}
            return {column.name: {"type": "text", "analyzer": "whitespace", **options}}
        case Column.KEYWORD:
            if column.name in {ID, CHECKSUM}:
                return {column.name: {"type": "keyword", "index": column.name == ID}}
            counted = column.spec is not None and column.spec.facet
            options = {"ignore_above": LONGEST_KEYWORD, "eager_global_ordinals": counted}
            return {column.name: {"type": "keyword", **options}}
        case Column.LONG:
            indexed = column.name != VERSION
            return {column.name: {"type": "long", "index": indexed}}
        case Column.DOUBLE:
            return {column.name: {"type": "double"}}
        case Column.ATTRIBUTES:
            pair = {"c": {"type": "keyword"}, "n": {"type": "double"}}
            return {
                column.name: {"type": "keyword"},
                column.name + NUMBERS: {"type": "nested", "dynamic": "strict", "properties": pair},
            }
        case Column.STORED:
            return {column.name: {"type": "object", "enabled": False}}


def item(doc_type: DocumentType, operation: Operation) -> Item:
    """What is sent for a document or a tombstone. Raises Unindexable."""
    if isinstance(operation, Tombstone):
        body = orjson.dumps({VERSION: operation.version})
        return Item(operation.id, operation.version, body, deletion=True)
    rendered = render(doc_type, operation)
    return Item(rendered.id, rendered.version, _body(doc_type, rendered))


def _body(doc_type: DocumentType, document: Rendered) -> bytes:
    body: dict[str, Any] = {
        ID: document.id,
        PLATFORM: document.platform,
        VISIBLE: list(document.visible),
        VERSION: document.version,
        CHECKSUM: document.checksum,
        STORED: orjson.Fragment(document.stored),
        **document.tokens,
        **document.keywords,
        **document.longs,
        **document.doubles,
    }
    for name, values in WORDS.items():
        if name in document.tokens:
            body[values] = document.tokens[name].split(" ")
    for name in doc_type.group_fields:
        (group, *_) = document.keywords.get(f"f_{name}", [SEPARATOR + document.id])
        body[GROUP + name] = group
    for name, texts in document.attribute_texts.items():
        body[name] = [code + SEPARATOR + text for code, some in texts.items() for text in some]
    for name, numbers in document.attribute_numbers.items():
        pairs = {(code, number) for code, some in numbers.items() for number in some}
        body[name + NUMBERS] = [{"c": code, "n": number} for code, number in sorted(pairs)]
    return orjson.dumps(body)
