"""How many statements a guest's checkout takes: seven requests, two merchants, paid offline."""

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from kernel.ids import public_id
from tests.factories.platforms import ApiClient
from tests.factories.storefront import make_goods

# Now and then; and savepoints stand here where transactions begin and end outside of tests.
ELSEWHERE = ("set_config", "SAVEPOINT", "kernel_ratecounter", "platforms_directoryentry")
MOST = {
    "POST /carts": 10,
    "POST /lines": 11,
    "PUT /address": 13,
    "PUT /shipping": 12,
    "GET /carts": 8,
    "POST /checkouts": 42,
    "GET /orders": 5,
}
GUEST = {
    "contact": {"name": "王芳", "phone": "13844445678", "email": "wang@example.com"},
    "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
}


class Counting:
    """A guest whose requests are counted."""

    def __init__(self, platform: Any) -> None:
        self.client = ApiClient(code=platform.code)
        self.headers: dict[str, str] = {}
        self.taken: dict[str, int] = {}

    def ask(self, name: str, path: str, body: Any = None) -> Any:
        method = name.partition(" ")[0]
        with CaptureQueriesContext(connections["default"]) as captured:
            answer = self.client.request(method, path, body, headers=self.headers)
        assert answer.status_code in (200, 201), answer.content
        asked = [query["sql"] for query in captured]
        self.taken[name] = sum(not any(word in one for word in ELSEWHERE) for one in asked)
        return answer.json()


@pytest.mark.usefixtures("platform")
def test_a_guests_checkout_takes_few(platform: Any) -> None:
    variants = [public_id("var", make_goods().product.variants[0].id) for _ in range(2)]
    for _turn in (1, 2):  # what a process remembers is read at first
        guest = Counting(platform)
        first = {"lines": [{"variant_id": variants[0], "quantity": "1"}]}
        cart = guest.ask("POST /carts", "/carts", first)
        guest.headers, here = {"Cart-Token": cart["token"]}, f"/carts/{cart['id']}"
        line = {"variant_id": variants[1], "quantity": "2"}
        guest.ask("POST /lines", f"{here}/lines", line)
        shown = guest.ask("PUT /address", f"{here}/address", GUEST)
        choices = [
            {"merchant_id": part["merchant_id"], "rate_code": part["shipping"][0]["rate_code"]}
            for part in shown["merchants"]
        ]
        guest.ask("PUT /shipping", f"{here}/shipping", {"choices": choices})
        guest.ask("GET /carts", here)
        body = {"cart_id": cart["id"], "payment_method": "offline_test"}
        done = guest.ask("POST /checkouts", "/checkouts", body)
        assert done["state"] == "done"
        guest.ask("GET /orders", f"/orders/{done['orders'][0]}")
    assert {name: taken for name, taken in guest.taken.items() if taken > MOST[name]} == {}, (
        guest.taken
    )
