"""Reading the table: parameter types of an operation as the specification has them."""

from functools import cache
from pathlib import Path
from typing import Any

import orjson

from sandbox.transport.params import (
    Boolean,
    Choice,
    Currency,
    Decimal,
    Either,
    File,
    Free,
    Hash,
    Integer,
    Kind,
    List,
    Metadata,
    Text,
)

from .build import Node, pattern

TABLE = Path(__file__).with_name("table.json")


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(TABLE.read_bytes())
    return found


def published(method: str, path: str) -> bool:
    """Whether the specification has this operation."""
    return f"{method} {pattern(path)}" in _table()["operations"]


def values(name: str) -> tuple[str, ...]:
    """The values of a field that the specification only enumerates in words."""
    return tuple(_table()["values"][name])


def kinds(method: str, path: str) -> dict[str, Kind]:
    """The parameters of an operation; none when the specification doesn't have it."""
    fields = _table()["operations"].get(f"{method} {pattern(path)}", {})
    return {name: _kind(name, node) for name, node in fields.items()}


def _kind(name: str, node: Node) -> Kind:
    kind, required = node["type"], bool(node.get("required"))
    clear = bool(node.get("clear"))
    both: dict[str, Any] = {"required": required, "clear": clear}
    if "enum" in node and kind == "string":
        return Choice(values=tuple(node["enum"]), **both)
    if kind == "string":
        return Text(limit=node.get("most", 5000), required=required, clear=clear or not required)
    if kind == "list":
        return List(of=_kind("", node["of"]), **both)
    if kind == "hash":
        fields = {inner: _kind(inner, one) for inner, one in node["fields"].items()}
        return Hash(fields=fields, **both)
    if kind == "any":
        return Either(kinds=tuple(_kind(name, one) for one in _widest_last(node["of"])), **both)
    if kind == "map":
        return Metadata(required=required) if name == "metadata" else Free(required=required)
    return _PLAIN[kind](**both)


_PLAIN: dict[str, type[Kind]] = {
    "binary": File,
    "boolean": Boolean,
    "currency": Currency,
    "decimal": Decimal,
    "integer": Integer,
    "number": Decimal,
}


def _widest_last(nodes: list[Node]) -> list[Node]:
    """A hash words the better complaint; plain text fits whatever is left."""
    return sorted(nodes, key=lambda node: (node["type"] == "hash", node["type"] == "string"))
