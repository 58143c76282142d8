"""The protocol's form encoding: ``a[b][c]=v``, ``a[0]=v`` and ``a[]=v``.

The result is nested dictionaries of strings; indexed and empty brackets both become dictionaries
with decimal keys, because only the parameter's type can tell a list from a hash.
"""

from typing import Any
from urllib.parse import parse_qsl

from .errors import GatewayError

MAX_PAIRS = 1000
MAX_DEPTH = 12
Form = dict[str, Any]  # of strings, forms, and uploaded files


def parse(text: str | bytes) -> Form:
    """Parse a query string or a form body. Raises GatewayError on malformed input."""
    try:
        plain = text.decode("utf-8") if isinstance(text, bytes) else text
        pairs = parse_qsl(plain, keep_blank_values=True, errors="strict", max_num_fields=MAX_PAIRS)
    except UnicodeDecodeError as error:
        raise GatewayError("Invalid request: the parameters are not valid UTF-8.") from error
    except ValueError as error:
        raise GatewayError(f"Invalid request: more than {MAX_PAIRS} parameters.") from error
    return nest(pairs)


def nest(pairs: list[tuple[str, str]]) -> Form:
    """Put flat ``key[sub]`` pairs into a tree."""
    tree: Form = {}
    for key, value in pairs:
        if "\0" in key or "\0" in value:
            raise GatewayError("Invalid request: parameters may not contain null bytes.")
        _put(tree, split(key), value, key)
    return tree


def split(key: str) -> list[str]:
    """``a[b][]`` → ``["a", "b", ""]``."""
    name, bracket, rest = key.partition("[")
    parts = [name]
    if not name or "]" in name:
        raise _malformed(key)
    if bracket:
        if not rest.endswith("]"):
            raise _malformed(key)
        parts += rest[:-1].split("][")
    if len(parts) > MAX_DEPTH or any("[" in part or "]" in part for part in parts):
        raise _malformed(key)
    return parts


def _malformed(key: str) -> GatewayError:
    return GatewayError(f"Invalid request: unable to parse the parameter name '{key[:80]}'.")


def _put(tree: Form, path: list[str], value: str, key: str) -> None:
    node = tree
    for place, part in enumerate(path[:-1]):
        following = path[place + 1 :]
        name = part or _element(node, following)
        child = node.setdefault(name, {})
        if isinstance(child, str):
            raise _conflict(key)
        node = child
    name = path[-1] or str(_next(node))
    if isinstance(node.get(name), dict):
        raise _conflict(key)
    node[name] = value


def _conflict(key: str) -> GatewayError:
    return GatewayError(f"Invalid request: '{key[:80]}' is both a value and a hash.")


def _next(node: Form) -> int:
    return max((int(name) for name in node if _index(name)), default=-1) + 1


def _index(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < 10


def _element(node: Form, following: list[str]) -> str:
    """Which element ``a[][b]=v`` continues: the last one, until it has a ``b`` already."""
    number = _next(node)
    last = node.get(str(number - 1))
    if isinstance(last, dict) and following[0] and not _holds(last, following):
        return str(number - 1)
    return str(number)


def _holds(node: Form, path: list[str]) -> bool:
    child = node.get(path[0])
    if isinstance(child, dict) and len(path) > 1:
        return path[1] != "" and _holds(child, path[1:])
    return child is not None
