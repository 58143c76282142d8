"""``expand``: put the object itself where its id stands, up to four levels deep.

Objects of one level and kind are read with one query, also over a whole list.
"""

from collections.abc import Callable
from typing import Any

from .call import Call
from .errors import GatewayError

MAX_DEPTH = 4
Loader = Callable[[Call, list[str]], dict[str, dict[str, Any]]]
Inclusion = Callable[[Call, dict[str, Any]], Any]
_loaders: dict[str, Loader] = {}
_fields: dict[str, dict[str, str]] = {}
_inclusions: dict[tuple[str, str], Inclusion] = {}


def expandable(kind: str, fields: dict[str, str]) -> None:
    """Say which fields of object ``kind`` hold ids, and of which kinds (``*``: by prefix)."""
    _fields[kind] = fields


def includable(kind: str, name: str, make: Inclusion) -> None:
    """A part of object ``kind`` that is only shown when asked for."""
    _inclusions[kind, name] = make


def loader(prefix: str, load: Loader) -> None:
    """How to read objects whose ids begin with ``prefix``."""
    _loaders[prefix] = load


def expand(call: Call, body: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """``body`` with every path of ``paths`` expanded. Raises GatewayError on a wrong path."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > MAX_DEPTH:
            raise GatewayError(
                f"You cannot expand more than {MAX_DEPTH} levels of a property ({path[:80]}).",
                param="expand",
            )
        if body.get("object") == "list" and parts[0] != "data":
            raise _not_expandable(path)
        _walk(call, [body], parts, path)
    return body


def _not_expandable(path: str) -> GatewayError:
    return GatewayError(
        f"This property cannot be expanded ({path[:80]}).", param="expand", remember=False
    )


def _walk(call: Call, nodes: list[dict[str, Any]], parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    if not nodes:
        return
    following: list[dict[str, Any]] = []
    wanted: list[tuple[dict[str, Any], str]] = []
    for node in nodes:
        kind = str(node.get("object", ""))
        value = node.get(name)
        if (kind, name) in _inclusions and not isinstance(value, dict):
            value = node[name] = _inclusions[kind, name](call, node)
        elif not isinstance(value, (dict, list)):
            if name not in _fields.get(kind, {}):
                raise _not_expandable(path)
            if isinstance(value, str):
                wanted.append((node, value))
                continue
        if isinstance(value, list):
            following.extend(item for item in value if isinstance(item, dict))
        elif isinstance(value, dict):
            following.append(value)
    following.extend(_fill(call, wanted, name))
    if rest:
        _walk(call, following, rest, path)


def _fill(call: Call, wanted: list[tuple[dict[str, Any], str]], name: str) -> list[dict[str, Any]]:
    groups: dict[str, list[str]] = {}
    for node, ident in wanted:
        # the caller may choose a product's id, so the field's own prefix helps out
        prefix = ident.partition("_")[0]
        if prefix not in _loaders:
            prefix = _fields[str(node.get("object", ""))][name]
        groups.setdefault(prefix, []).append(ident)
    found: dict[str, dict[str, Any]] = {}
    for prefix, idents in groups.items():
        if prefix in _loaders:
            found |= _loaders[prefix](call, sorted(set(idents)))
    filled = []
    for node, ident in wanted:
        if ident in found:
            # each place gets its own copy, so that a deeper expansion of one leaves others alone
            node[name] = dict(found[ident])
            filled.append(node[name])
    return filled
