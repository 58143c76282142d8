"""Odd bodies: every field of a route's body, and what nobody would send in it."""

import inspect
from collections.abc import Iterator
from typing import Any, get_args

from kernel.api import Operation, Schema

Path = tuple[Any, ...]


class _Missing:
    def __repr__(self) -> str:
        return "missing"

    def __deepcopy__(self, memo: Any) -> "_Missing":
        return self


MISSING = _Missing()


def fields(operation: Operation, body: Any) -> list[Path]:
    """Where a value stands in the body, or could: of lists the first place alone."""
    found = list(_stated(body))
    for parameter in inspect.signature(operation.handler, eval_str=True).parameters.values():
        if parameter.name == "q":
            continue
        for schema in _schemas(parameter.annotation):
            found += _declared(schema)
    return list(dict.fromkeys(found))


def _stated(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _stated(one, (*path, name))
    elif isinstance(value, list) and value:
        yield from _stated(value[0], (*path, 0))


def _schemas(annotation: Any) -> Iterator[type[Schema]]:
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        yield annotation
    for one in get_args(annotation):
        yield from _schemas(one)


def _in_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is list or any(
        _in_list(one) for one in get_args(annotation)
    )


def _declared(schema: type[Schema], path: Path = ()) -> Iterator[Path]:
    for name, info in schema.model_fields.items():
        here = (*path, info.alias or name)
        yield here
        if len(here) < 7:
            for inner in _schemas(info.annotation):
                yield from _declared(inner, (*here, 0) if _in_list(info.annotation) else here)


def put(body: Any, path: Path, value: Any) -> bool:
    """Put a value there, MISSING takes it away; false if there is no such place in this body."""
    for key in path[:-1]:
        try:
            body = body[key]
        except (KeyError, IndexError, TypeError):
            return False
    last = path[-1]
    if isinstance(last, int):
        if not isinstance(body, list) or not body:
            return False
    elif not isinstance(body, dict):
        return False
    if value is MISSING:
        if isinstance(last, str):
            body.pop(last, None)
        else:
            del body[last]
    else:
        body[last] = value
    return True
