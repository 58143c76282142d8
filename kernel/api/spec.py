"""Parts of the OpenAPI document that no single route owns, and the error catalogue."""

from typing import Any

import orjson
from django.urls import URLPattern, URLResolver
from django.utils.encoding import force_str
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation as NinjaOperation

from kernel.api.late import LateOperation
from kernel.api.problems import TYPE_BASE
from kernel.api.routes import Operation, documentation
from kernel.errors import DomainError

EXTRA: dict[str, Any] = {
    "info": {"x-enums": "Enumerations are open: expect values that you don't know yet."},
}
_TEXT = {"type": "string"}
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
        """The document of all routes, at the addresses of the platform that is asked; a copy, for
        whoever wants to change it."""
        if not self._made:
            document = self._document()
            self._made = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
        if path_prefix is None:
            path_prefix = self.get_root_path(path_params or {})
        document, root = orjson.loads(self._made), f"/{path_prefix.strip('/')}"
        document["paths"] = {root + path: routes for path, routes in document["paths"].items()}
        return document

    def _document(self) -> OpenAPISchema:
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                for operation in view.operations:
                    _tell(operation)
        document = super().get_openapi_schema(path_prefix="")
        document["components"].setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        for operations in document["paths"].values():
            for operation in operations.values():
                for parameter in operation.get("parameters", ()):
                    _one_example(parameter)
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
        operation.openapi_extra = documentation(declared)


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
