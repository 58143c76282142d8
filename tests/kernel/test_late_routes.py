"""A route's parameters are looked at when it is first asked, by whoever comes first."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory

from kernel.api import ApiRequest, Routes, Schema
from kernel.api import routes as routes_module
from kernel.api.late import LateOperation
from kernel.api.parser import JsonParser
from kernel.api.spec import QuanchengAPI

THREADS = 8


class Asked(Schema):
    number: int


class Answered(Schema):
    number: int


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> QuanchengAPI:
    monkeypatch.setattr(routes_module, "OPERATIONS", [])
    routes = Routes("late", tag="Late")

    @routes.post(
        "/late/{place}",
        summary="Late",
        response=Answered,
        takes="application/json",
        request_example={"number": 4},
    )
    def late(request: ApiRequest, place: int, body: Asked, more: int = 1) -> dict[str, int]:
        """What it does."""
        return {"number": place + body.number + more}

    found = QuanchengAPI(urls_namespace="late", parser=JsonParser())
    found.add_router("", routes.router)
    return found


def _operation(api: QuanchengAPI) -> LateOperation:
    assert [one for one in api.urls[0] if "late" in str(one.pattern)]
    (view,) = [
        view for router in api._get_bound_routers() for view in router.path_operations.values()
    ]
    (operation,) = view.operations
    assert isinstance(operation, LateOperation)
    return operation


def test_nothing_is_looked_at_before(api: QuanchengAPI) -> None:
    operation = _operation(api)
    assert not operation.settled
    assert not operation.models
    assert operation.path == "/late/{place}"


def _values(operation: LateOperation, number: int) -> dict[str, Any]:
    request = RequestFactory().post(
        f"/late/{number}?more=5", json.dumps({"number": number}), content_type="application/json"
    )
    answer = operation.api.create_temporal_response(request)
    return operation._get_values(request, {"place": str(number)}, answer)


def test_first_requests_at_once_are_all_read(
    api: QuanchengAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, made, together = _operation(api), [], threading.Barrier(THREADS)
    looked: Callable[..., Any] = LateOperation.settle.__globals__["ViewSignature"]

    def look(*given: Any) -> Any:
        made.append(1)
        return looked(*given)

    monkeypatch.setitem(LateOperation.settle.__globals__, "ViewSignature", look)
    found: dict[int, Any] = {}

    def ask(number: int) -> None:
        together.wait()
        found[number] = _values(operation, number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    for number in range(THREADS):
        assert found[number]["place"] == found[number]["body"].number == number
        assert found[number]["more"] == 5
        assert found[number]["body"].model_dump() == {"number": number}


def test_one_that_could_not_be_looked_at_is_looked_at_again(
    api: QuanchengAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = _operation(api)

    def fail(*given: Any) -> Any:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setitem(LateOperation.settle.__globals__, "ViewSignature", fail)
        with pytest.raises(MemoryError):
            _values(operation, 4)
    assert _values(operation, 4)["body"].number == 4


def test_the_document_tells_of_what_nobody_has_asked(api: QuanchengAPI) -> None:
    document = api.get_openapi_schema(path_prefix="v1")
    assert document["servers"] == [{"url": "/v1"}]
    told = document["paths"]["/late/{place}"]["post"]
    assert {one["name"] for one in told["parameters"]} == {"place", "more"}
    assert told["description"] == "What it does."
    assert told["requestBody"]["content"]["application/json"]["example"] == {"number": 4}
    assert "429" in told["responses"]
    assert set(document["components"]["schemas"]) >= {"Asked", "Answered", "Problem"}
