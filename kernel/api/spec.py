"""Parts of the OpenAPI document that no single route owns, and the error catalogue."""

import re
from collections.abc import Iterable
from typing import Any

import orjson
from django.urls import URLPattern, URLResolver
from django.utils.encoding import force_str
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation as NinjaOperation

from kernel.api.described import HEADERS, documentation, problem_example
from kernel.api.late import LateOperation
from kernel.api.problems import TYPE_BASE
from kernel.api.routes import Operation
from kernel.errors import DomainError

EXTRA: dict[str, Any] = {
    "info": {"x-enums": "Enumerations are open: expect values that you don't know yet."},
}
_TEXT = {"type": "string"}
SECURITY = {
    "Key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of a merchant, an operator or a buyer. People who are signed in on "
        "the platform's pages are known by their session.",
    }
}
_KEYS = orjson.OPT_NON_STR_KEYS
_REFERENCE = re.compile(r'"#/components/([^"]+)"')
PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id", "errors"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; see /api/v1/errors"},
        "detail": _TEXT,
        "remedy": _TEXT,
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": _TEXT, "problem": _TEXT, "remedy": _TEXT},
            },
        },
    },
}


class QuanchengAPI(NinjaAPI):
    """Adds the shared problem schema to the document.

    Routes encode their answers themselves, so the models that ninja makes of what they answer serve
    the document alone, as examples and errors do: they are made when it is asked for, not for some
    580 routes at each start. That takes seconds, and the document is for everybody, so it is made
    once.
    """

    _made: bytes = b""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        """A part that is a name is tried before one that takes anything: `/contracts/join` is no
        contract, wherever either was declared."""
        return sorted(super()._get_urls(), key=_open_parts)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> Any:
        """The document of all routes; a copy, for whoever wants to change it. Addresses are those
        of every platform, and ``servers`` says where the one is that is asked: a program made from
        it serves any platform."""
        if not self._made:
            document = self._document()
            self._made = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
        if path_prefix is None:
            path_prefix = self.get_root_path(path_params or {})
        document = orjson.loads(self._made)
        document["servers"] = [{"url": f"/{path_prefix.strip('/')}"}]
        return document

    def _document(self) -> OpenAPISchema:
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                for operation in view.operations:
                    _tell(operation)
        document = super().get_openapi_schema(path_prefix="")
        components = document["components"]
        components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        components["headers"] = HEADERS
        components["examples"] = {
            code: {"value": problem_example(kind)} for code, kind in DomainError.catalogue.items()
        }
        components["securitySchemes"] = SECURITY
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["security"] = [
                    {"Key": []} if one else {} for one in operation["security"]
                ]
                for parameter in operation.get("parameters", ()):
                    _one_example(parameter)
        _single(document)
        _drop_unused(document)
        return document


def _open_parts(pattern: URLResolver | URLPattern) -> list[bool]:
    return ["<" in part for part in str(pattern.pattern).split("/")]


def _tell(operation: NinjaOperation) -> None:
    """Give an operation what the document tells of it and serving it doesn't need."""
    if isinstance(operation, LateOperation):
        operation.settle()
        declared: Operation = operation.view_func.declared  # type: ignore[attr-defined]
        answers: Any = {declared.status: declared.response}
        operation.response_models = operation._create_response_model_multiple(answers)
        taken = {name for model in operation.models for name in _names(model)}
        operation.openapi_extra = documentation(declared, frozenset(taken))


def _names(model: Any) -> Iterable[str]:
    """The names of a model's parameters; those of a query stand one deeper."""
    for name, field in model.model_fields.items():
        yield name
        yield from getattr(field.annotation, "model_fields", ())


def _single(node: Any) -> None:
    """``allOf`` one schema is that schema: beside it a reference says the same."""
    if isinstance(node, dict):
        whole = node.get("allOf")
        if isinstance(whole, list) and len(whole) == 1 and isinstance(whole[0], dict):
            del node["allOf"]
            node.update({name: value for name, value in whole[0].items() if name not in node})
        for inner in node.values():
            _single(inner)
    elif isinstance(node, list):
        for inner in node:
            _single(inner)


def _drop_unused(document: Any) -> None:
    """Leave out the parts that nothing in the document refers to: ninja adds a schema for each
    class of parameters, which are told one by one."""
    parts = document["components"]
    found: set[str] = set()
    todo = [document["paths"]]
    while todo:
        text = orjson.dumps(todo.pop(), option=_KEYS).decode()
        for name in set(_REFERENCE.findall(text)) - found:
            found.add(name)
            kind, _, one = name.partition("/")
            todo.append(parts[kind][one])
    for kind in ("schemas", "examples", "headers"):
        parts[kind] = {one: told for one, told in parts[kind].items() if f"{kind}/{one}" in found}


def _one_example(parameter: dict[str, Any]) -> None:
    """A schema's list of examples isn't what a parameter's map of examples is."""
    examples = parameter.get("examples")
    if isinstance(examples, list):
        del parameter["examples"]
        parameter.setdefault("example", examples[0])


def error_catalogue() -> list[dict[str, Any]]:
    """Every error code that the API can answer with, in the reader's language."""
    return [
        {
            "code": kind.code,
            "status": kind.status,
            "title": force_str(kind.title),
            "remedy": force_str(kind.remedy),
            "type": f"{TYPE_BASE}{kind.code}",
        }
        for kind in sorted(DomainError.catalogue.values(), key=lambda kind: kind.code)
    ]
