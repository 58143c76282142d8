"""Buyers who come over the HTTP API, many at the same moment."""

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import connections

from kernel.ids import public_id
from payments import facade as payments
from tests.factories.platforms import ApiClient, api_client

DETAILS = {
    "contact": {"name": "王芳", "phone": "13844445678", "email": "wang@people.example"},
    "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
}


def crowd(calls: Sequence[Callable[[], Any]], *, threads: int = 0) -> list[Any]:
    """What each call answered (or raised), in order; ``threads`` at a time, else all at once."""
    threads = min(threads or len(calls), len(calls))
    start = threading.Barrier(threads)
    places = itertools.count()
    results: list[Any] = [None] * len(calls)

    def run() -> None:
        try:
            start.wait(30)
            while (place := next(places)) < len(calls):
                try:
                    results[place] = calls[place]()
                except BaseException as error:
                    results[place] = error
        finally:
            connections.close_all()

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert not any(worker.is_alive() for worker in workers), "somebody still waits"
    return results


def ok(results: list[Any]) -> list[Any]:
    """The same, when nobody's call raised."""
    raised = [result for result in results if isinstance(result, BaseException)]
    assert raised == []
    return results


@dataclass
class Buyer:
    """A guest with a filled and addressed cart."""

    client: ApiClient
    cart: str
    token: str
    total: int

    def check_out(self, *, key: str = "", method: str = "offline_test", **more: Any) -> Any:
        """The answer to buying the cart."""
        return self.client.post(
            "/checkouts",
            {"cart_id": self.cart, "payment_method": method, "expected_total": self.total, **more},
            headers={"Cart-Token": self.token},
            idempotency_key=key or uuid4().hex,
        )

    def get(self, path: str) -> Any:
        return self.client.get(path, headers={"Cart-Token": self.token})


def come(code: str, *wanted: tuple[UUID, int]) -> Buyer:
    """A guest comes to the platform and fills a cart with these variants and quantities."""
    client = api_client(code=code)
    lines = [{"variant_id": public_id("var", v), "quantity": str(n)} for v, n in wanted]
    made = client.post("/carts", {"lines": lines})
    assert made.status_code == 201, made.content
    cart, token = made.json()["id"], made.json()["token"]
    shown = client.put(f"/carts/{cart}/address", DETAILS, headers={"Cart-Token": token})
    assert shown.status_code == 200, shown.content
    return Buyer(client, cart, token, shown.json()["total"]["amount"])


def balanced() -> None:
    """The ledger of the platform in scope adds up."""
    report = payments.trial_balance()
    assert report.balanced, report.problems
