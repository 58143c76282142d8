"""Routes whose handlers do as the request says: in a transaction, calling outside, or either."""

import threading
from typing import Any

from django.urls import include, path

from kernel import jobs
from kernel.api import OPERATIONS, ApiRequest, Routes, Schema, set_etag
from kernel.api.parser import JsonParser
from kernel.api.problems import install
from kernel.api.spec import QuanchengAPI
from kernel.errors import Conflict, DomainError, TooMany, Unavailable
from kernel.ids import uuid7
from kernel.transactions import atomic

routes = Routes("tries", tag="Tries")


class Refused(DomainError):
    code = "tries.refused"
    status = 402
    title = "Refused"
    remedy = "Try another way."


class TryIn(Schema):
    what: str = "done"
    mail: str = ""


class TryOut(Schema):
    id: str
    secret: str
    mail: str


class Gate:
    """Where a handler told to wait does so."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()


GATE: list[Gate] = []
TOKENS: list[Any] = []
ERRORS = {"refuse": Refused, "conflict": Conflict, "later": TooMany, "away": Unavailable}


def _handle(request: ApiRequest, body: TryIn) -> dict[str, str]:
    TOKENS.append(request.idempotency_token)
    with atomic():
        number = jobs.enqueue("tests.tried", {})
    if body.what == "wait":
        GATE[0].entered.set()
        assert GATE[0].open.wait(30)
    if body.what == "break":
        raise RuntimeError("a defect")
    if body.what in ERRORS:
        raise ERRORS[body.what]("as asked")
    set_etag(request, 7)
    return {"id": str(number), "secret": f"qs_{uuid7().hex}", "mail": body.mail}


@routes.post("/inside", summary="In one transaction", status=201, response=TryOut)
def inside(request: ApiRequest, body: TryIn) -> dict[str, str]:
    return _handle(request, body)


@routes.post("/outside", summary="Calls outside", status=201, response=TryOut, outside=True)
def outside(request: ApiRequest, body: TryIn) -> dict[str, str]:
    return _handle(request, body)


@routes.post(
    "/either",
    summary="Calls outside if it has a mail to send",
    status=201,
    response=TryOut,
    outside=True,
    inside=lambda body: not body.mail,
)
def either(request: ApiRequest, body: TryIn) -> dict[str, str]:
    return _handle(request, body)


# These aren't the product's.
OPERATIONS[:] = [operation for operation in OPERATIONS if operation.context != "tries"]
api = QuanchengAPI(urls_namespace="tries", parser=JsonParser())
install(api)
api.add_router("", routes.router)
urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("storefront.urls")),
]
