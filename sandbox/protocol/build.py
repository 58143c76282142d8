"""Writing the table: the part of the published specification that the gateway offers.

The specification is a development-only dependency; the table it gives is kept in the project (its
licence beside it), so that the running gateway needs neither.
"""

import re
from typing import Any

Node = dict[str, Any]
_NAME = re.compile(r"\{[^}]*\}")
_QUOTED = re.compile(r"`([a-z_]+)`")
# Fields whose values stand only in their descriptions, and the word that ends the enumeration.
WORDED = (
    ("balance_transaction", "status"),
    ("dispute", "reason"),
    ("payout", "status"),
    ("refund", "status"),
)
# Parameters that filter by one of those fields.
FILTERS = {("GET", "/v1/payouts", "status"): "payout.status"}


def pattern(path: str) -> str:
    """``/v1/charges/{charge}`` → ``/v1/charges/{}``: names in the path differ, places don't."""
    return _NAME.sub("{}", path)


def table(spec: dict[str, Any], wanted: set[tuple[str, str]]) -> dict[str, Any]:
    """The table of the operations ``wanted`` (method, pattern of the path)."""
    values = {f"{kind}.{name}": _worded(spec, kind, name) for kind, name in WORDED}
    operations: dict[str, Node] = {}
    for path, methods in spec["paths"].items():
        for method, found in methods.items():
            key = (method.upper(), pattern(path))
            if key in wanted:
                fields = _fields(found)
                for name, node in fields.items():
                    listed = FILTERS.get((*key, name))
                    if listed:
                        node["enum"] = values[listed]
                operations[" ".join(key)] = fields
    return {
        "version": spec["info"]["version"],
        "values": values,
        "operations": dict(sorted(operations.items())),
    }


def _worded(spec: dict[str, Any], kind: str, name: str) -> list[str]:
    """The values named between backticks in the sentence that enumerates them."""
    text = spec["components"]["schemas"][kind]["properties"][name]["description"]
    sentence = next(part for part in text.split(". ") if _QUOTED.search(part))
    return sorted(set(_QUOTED.findall(sentence)))


def _fields(found: dict[str, Any]) -> dict[str, Node]:
    fields: dict[str, Node] = {}
    for one in found.get("parameters", []):
        if one["in"] == "query":
            fields[one["name"]] = _node(one["schema"], required=one.get("required", False))
    content = found.get("requestBody", {}).get("content", {})
    for body in content.values():
        fields |= _properties(body["schema"])
    fields.pop("expand", None)
    return dict(sorted(fields.items()))


def _properties(schema: dict[str, Any]) -> dict[str, Node]:
    required = schema.get("required", [])
    return {
        name: _node(one, required=name in required)
        for name, one in sorted(schema.get("properties", {}).items())
    }


def _node(schema: dict[str, Any], *, required: bool = False) -> Node:
    node = _any_of(schema["anyOf"]) if "anyOf" in schema else _plain(schema)
    return node | ({"required": 1} if required else {})


def _any_of(choices: list[dict[str, Any]]) -> Node:
    """Alternatives; an enumeration of only the empty string means that it may be emptied."""
    nodes = [_node(one) for one in choices if one.get("enum") != [""]]
    clear = {"clear": 1} if len(nodes) < len(choices) else {}
    if len(nodes) == 1:
        return nodes[0] | clear
    return {"type": "any", "of": nodes} | clear


def _plain(schema: dict[str, Any]) -> Node:
    kind, form = schema.get("type", "string"), schema.get("format")
    if kind == "array":
        return {"type": "list", "of": _node(schema["items"])}
    if kind == "object":
        if "properties" in schema:
            return {"type": "hash", "fields": _properties(schema)}
        return {"type": "map"}
    node: Node = {"type": form if form in ("binary", "currency", "decimal") else kind}
    values = [value for value in schema.get("enum", []) if value != ""]
    if values:
        node["enum"] = values
        if "" in schema["enum"]:
            node["clear"] = 1
    elif kind == "string" and "maxLength" in schema:
        node["most"] = schema["maxLength"]
    return node
