"""Ninja's routers, with what a route takes looked at when it is first asked.

Ninja makes models of each route's parameters as it is declared: of some 580 routes at each start,
of which a process serves a few. Everything else about a route is known at once, as ever.
"""

import inspect
from collections.abc import Callable
from threading import RLock
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Router
from ninja.operation import Operation, PathView
from ninja.signature import ViewSignature

_making = RLock()  # two threads may ask at once
_NO_ANSWER = HttpResponse()


class LateRouter(Router):
    """A router whose operations are late."""

    def add_api_operation(self, path: str, *args: Any, **options: Any) -> None:
        self.path_operations.setdefault(path, _LateView())
        super().add_api_operation(path, *args, **options)


class LateOperation(Operation):
    """An operation that looks at its handler's parameters when it is first called, or settled.
    The handler makes the answer itself (``kernel.api.routes``)."""

    settled = False

    def __init__(
        self, path: str, methods: list[str], view_func: Callable[..., Any], **options: Any
    ) -> None:
        super().__init__("", methods, _takes_nothing, **options)
        self.path, self.view_func = path, view_func
        self.description = inspect.cleandoc(view_func.__doc__ or "")

    def settle(self) -> None:
        """Make the models of its parameters, once."""
        with _making:
            if not self.settled:
                handler = inspect.unwrap(self.view_func)
                # Names in its annotations are its module's, not those of who wrapped it.
                signature = inspect.signature(handler, eval_str=True)
                self.view_func.__signature__ = signature  # type: ignore[attr-defined]
                self.signature = ViewSignature(self.path, self.view_func)
                self.models = self.signature.models
                self.settled = True

    def run(self, request: HttpRequest, **path_params: Any) -> HttpResponseBase:
        """See ninja's, which holds an answer ready for handlers that don't make their own."""
        refused = self._run_checks(request)
        if refused:
            return refused
        try:
            values = self._get_values(request, path_params, _NO_ANSWER)
            answer: HttpResponseBase = self.view_func(request, **values)
            return answer
        except Exception as error:
            return self.api.on_exception(request, error)

    def _get_values(
        self, request: HttpRequest, path_params: Any, temporal_response: HttpResponse
    ) -> dict[str, Any]:
        if not self.settled:
            self.settle()
        return super()._get_values(request, path_params, temporal_response)


class _LateView(PathView):
    def add_operation(
        self, path: str, methods: list[str], view_func: Callable[..., Any], **options: Any
    ) -> Operation:
        operation = LateOperation(path, methods, view_func, **options)
        self.operations.append(operation)
        return operation


def _takes_nothing(request: HttpRequest) -> None: ...
