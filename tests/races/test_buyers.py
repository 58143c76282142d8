"""Many buyers at one counter, over HTTP: nothing oversold, nothing bought or charged twice."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests

from inventory import facade as inventory
from inventory.models import Reservation, Stock
from journeys.models import Journey
from kernel.ids import parse_public_id, public_id
from kernel.records.idempotency import IdempotencyRecord
from marketplace.models import Order, OrderGroup
from payments.models import PaymentIntent
from tests.factories.catalog import make_product
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect, make_world
from tests.races.crowd import Buyer, balanced, come, crowd, ok

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


class Gateway:
    """The sandbox that the platform in scope is connected to."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.key = make_account()
        connect(url, self.key)

    def charges(self) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.url}/v1/charges?limit=100",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=10,
        )
        found: list[dict[str, Any]] = answer.json()["data"]
        return found


@pytest.fixture
def gateway(platform: Any) -> Iterator[Gateway]:
    with serving() as url:
        yield Gateway(url)


def refusals(answers: list[Any]) -> Counter[str]:
    """The codes of the problems among the answers."""
    return Counter(answer.json()["code"] for answer in answers if answer.status_code >= 400)


@pytest.mark.slow
def test_two_hundred_buyers_and_a_stock_of_a_hundred(platform: Any) -> None:
    world = make_world(1, stock=100)
    [shop] = world.shops
    arrive = partial(come, platform.code, (shop.variant_id, 1))
    buyers: list[Buyer] = ok(crowd([arrive] * 200, threads=20))
    answers = ok(crowd([buyer.check_out for buyer in buyers], threads=20))
    assert Counter(answer.status_code for answer in answers) == {201: 100, 409: 100}
    assert refusals(answers) == {"inventory.out_of_stock": 100}
    bought = [answer.json() for answer in answers if answer.status_code == 201]
    assert {found["state"] for found in bought} == {"done"}
    assert len({order for found in bought for order in found["orders"]}) == 100
    assert Counter(Order.objects.values_list("state", flat=True)) == {"paid": 100}
    stock = Stock.objects.get()
    assert not stock.on_hand
    assert not stock.reserved
    assert inventory.availability([shop.variant_id]) == {shop.variant_id: 0}
    assert Counter(Reservation.objects.values_list("state", flat=True)) == {"committed": 100}
    assert Counter(PaymentIntent.objects.values_list("state", flat=True)) == {"succeeded": 100}
    assert Counter(Journey.objects.values_list("state", flat=True)) == {"done": 100}
    balanced()


def test_sixty_buyers_ten_there_and_twenty_promised(platform: Any) -> None:
    """Sold ahead: exactly what is there and what may be promised; what comes is theirs."""
    world = make_world(1, stock=10)
    [shop] = world.shops
    own: dict[str, Any] = {"merchant_id": shop.merchant_id, "variant_id": shop.variant_id}
    terms: dict[str, Any] = {"mode": "backorder", "limit": Decimal(20), "lead_days": 7}
    inventory.set_ahead(**own, **terms)
    arrive = partial(come, platform.code, (shop.variant_id, 1))
    buyers: list[Buyer] = ok(crowd([arrive] * 60, threads=20))
    answers = ok(crowd([buyer.check_out for buyer in buyers], threads=20))
    assert Counter(answer.status_code for answer in answers) == {201: 30, 409: 30}
    assert refusals(answers) == {"inventory.out_of_stock": 30}
    assert inventory.aheads([shop.variant_id])[shop.variant_id].promised == 20
    place = Stock.objects.get()
    assert not place.on_hand
    assert not place.reserved
    inventory.adjust_stock(
        **own, warehouse_id=place.warehouse_id, delta=Decimal(25), reason="received"
    )
    assert inventory.aheads([shop.variant_id])[shop.variant_id].promised == 0
    assert inventory.availability([shop.variant_id]) == {shop.variant_id: 5}
    balanced()


def again(buyer: Buyer, key: str, answer: Any) -> Any:
    """Send the request again as long as it is in flight, as a client is told to."""
    for _ in range(50):
        if answer.status_code != 409 or answer.json()["code"] != "idempotency_in_flight":
            break
        assert int(answer.headers["Retry-After"]) >= 1
        answer = buyer.check_out(key=key, method="pm_card_visa")
    return answer


def one_charge(gateway: Gateway, buyer: Buyer) -> None:
    """One group was placed, one payment made, and the gateway was charged once for all of it."""
    group = OrderGroup.objects.get()
    assert Counter(Order.objects.values_list("state", flat=True)) == {"paid": 2}
    [charge] = gateway.charges()
    assert (charge["amount_captured"], charge["amount_refunded"]) == (buyer.total, 0)
    [intent] = PaymentIntent.objects.all()
    assert (intent.reference, intent.amount) == (public_id("ogr", group.id), buyer.total)
    assert Counter(Stock.objects.values_list("on_hand", "reserved")) == {(98, 0): 2}
    balanced()


@pytest.mark.parametrize("clicks", [2, 6])
def test_double_clicked_checkout(gateway: Gateway, platform: Any, clicks: int) -> None:
    """The same key several times at once: one order group and one charge; nobody sees another."""
    world = make_world(2)
    buyer = come(platform.code, *[(shop.variant_id, 2) for shop in world.shops])
    key = uuid4().hex
    answers = ok(crowd([partial(buyer.check_out, key=key, method="pm_card_visa")] * clicks))
    assert set(refusals(answers)) <= {"idempotency_in_flight"}
    assert sum(answer.status_code == 201 for answer in answers) >= 1
    settled = [again(buyer, key, answer) for answer in answers]
    assert {answer.status_code for answer in settled} == {201}
    assert len({answer.content for answer in settled}) == 1
    replays = [answer for answer in settled if answer.headers.get("Idempotent-Replayed")]
    assert len(replays) == clicks - 1
    assert settled[0].json()["state"] == "done"
    one_charge(gateway, buyer)


def test_one_cart_with_two_keys_at_once(gateway: Gateway, platform: Any) -> None:
    """Whoever comes second finds the cart empty."""
    world = make_world(2)
    buyer = come(platform.code, *[(shop.variant_id, 2) for shop in world.shops])
    answers = ok(crowd([partial(buyer.check_out, method="pm_card_visa")] * 4))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    assert refusals(answers) == {"marketplace.cart_empty": 3}
    one_charge(gateway, buyer)


def test_one_key_in_parallel_on_a_plain_mutation(platform: Any) -> None:
    """One effect; the others replay its answer or are told that it is in flight."""
    merchant = make_merchant().id
    place = make_warehouse(merchant_id=merchant).id
    client = api_client(make_key(merchant_id=merchant))
    variant = make_product(merchant_id=merchant).variants[0].id
    body = {
        "variant": public_id("var", variant),
        "warehouse": public_id("whs", place),
        "delta": "5",
        "reason": "received",
    }
    call = partial(client.post, "/stock/adjust", body, idempotency_key="delivery-1")
    answers = ok(crowd([call] * 12))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert set(refusals(answers)) <= {"idempotency_in_flight"}
    good = [answer for answer in answers if answer.status_code == 200]
    replays = [answer for answer in good if answer.headers.get("Idempotent-Replayed")]
    assert len(good) - len(replays) == 1
    assert len({answer.content for answer in good}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.headers["Retry-After"] == "1"
    assert inventory.availability([variant]) == {variant: 5}
    assert call().headers["Idempotent-Replayed"] == "true"
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.parametrize("left", [40, 7])
def test_carts_in_opposite_order_do_not_deadlock(platform: Any, left: int) -> None:
    """Two stocks, half of the carts name them the other way round."""
    world = make_world(2, stock=left)
    first, second = (shop.variant_id for shop in world.shops)
    orders: list[tuple[UUID, UUID]] = [(first, second), (second, first)]
    calls = [
        partial(come, platform.code, *[(variant, 1) for variant in orders[n % 2]])
        for n in range(20)
    ]
    buyers: list[Buyer] = ok(crowd(calls))
    answers = ok(crowd([buyer.check_out for buyer in buyers]))
    sold = min(left, 20)
    assert refusals(answers) == ({"inventory.out_of_stock": 20 - sold} if sold < 20 else {})
    assert sum(answer.status_code == 201 for answer in answers) == sold
    assert Counter(Stock.objects.values_list("on_hand", "reserved")) == {(left - sold, 0): 2}
    for answer in answers:
        if answer.status_code == 201:
            group = parse_public_id("ogr", answer.json()["order_group"])
            assert Order.objects.filter(group_id=group, state="paid").count() == 2
    balanced()
