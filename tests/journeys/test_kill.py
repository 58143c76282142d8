"""SIGKILL before and after every commit and every outside call of every journey.

The list comes from the step registry, so a new step is tested, or fails here, by being defined.
Afterwards the sweeper carries on; then the trade must be complete or cleanly undone, the ledger
must balance, and the gateway must have been charged for exactly what was bought.
"""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests

from certification.models import Contract
from inventory import facade as inventory
from journeys import facade as journeys
from journeys.engine import DEFINITIONS
from journeys.engine.sweep import sweep
from journeys.models import Journey
from journeys.services.cancelling import accept_overdue
from kernel import clock
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from marketplace.models import Cancellation, Promotion
from payments import facade as payments
from tests.factories.cancelling import ask_to_cancel, order_of
from tests.factories.exchanges import Sizes, back, make_sizes, swap
from tests.factories.order_contract import ask_for_contracts, buy_as, make_buyer
from tests.factories.promotions import make_promotion
from tests.factories.returns import delivered, on_its_way
from tests.factories.sandbox import make_account, serving
from tests.factories.world import World, connect, make_world
from tests.zygote import Zygote

pytestmark = [
    pytest.mark.kill,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
KINDS = ("cancel", "cancel_part", "checkout", "contract", "fulfil", "replace", "return")
POINTS = [point for kind in KINDS for point in DEFINITIONS[kind].failpoints()]
CALLS = {
    "checkout": "journeys.facade:start_checkout",
    "fulfil": "tests.factories.parcels:send_one",
    "cancel": "journeys.facade:cancel_order",
    "cancel_part": "journeys.facade:accept_cancellation",
    "contract": "journeys.engine.run:advance",
    "replace": "journeys.facade:send_replacement",
    "return": "journeys.facade:receive_return",
}
# What refuses, so that a journey turns round after its outside call.
BREAKS = {
    "checkout": "marketplace.facade:mark_group_paid",
    "fulfil": "marketplace.facade:mark_shipped",
    "contract": "certification.facade:contract_state",
    "replace": "marketplace.facade:mark_resent",
}


@dataclass
class Outside:
    url: str
    key: str

    def charges(self) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.url}/v1/charges?limit=100",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=5,
        )
        found: list[dict[str, Any]] = answer.json()["data"]
        return found


@pytest.fixture
def outside(platform: Any) -> Iterator[Outside]:
    with serving() as url:
        key = make_account()
        connect(url, key)
        yield Outside(url, key)


def settle() -> None:
    """Let the dead one's lease run out and carry on until nothing is left to do."""
    for _ in range(12):
        Journey.objects.filter(state__in=["running", "undoing"]).update(
            lease_until=clock.system(), next_run_at=clock.system()
        )
        if not sweep():
            return
    raise AssertionError("the journeys don't come to an end")


def test_every_journey_has_its_list() -> None:
    assert set(DEFINITIONS) >= set(KINDS)
    elsewhere = {"toy", "onboarding"}  # onboarding: test_onboarding_kill, it needs no gateway
    assert set(DEFINITIONS) - elsewhere == set(KINDS), "a new journey needs its scenario here"
    for kind in KINDS:
        assert any(point.endswith("before_call") for point in DEFINITIONS[kind].failpoints())


def prepared(kind: str, world: World) -> tuple[dict[str, Any], Any, Sizes | None]:
    """What the journey is called with, the order that it is about, and the goods exchanged."""
    order_id, sizes = None, None
    if kind == "checkout":
        arguments: dict[str, Any] = {
            "key": uuid4(),
            "cart_id": world.cart(2, 3),
            "payment_method": "pm_card_visa",
        }
    elif kind == "contract":
        ask_for_contracts()
        order_id = buy_as(world, make_buyer(), 2, method="pm_card_visa").order_ids[0]
        arguments = {"journey_id": Journey.objects.get(kind="contract").id}
    elif kind == "cancel_part":
        order_id = world.buy(2, 3, method="pm_card_visa").order_ids[0]
        marketplace.start_packing(order_id=order_id)
        arguments = {"cancellation_id": ask_to_cancel(order_id).id}
    elif kind == "return":
        order = delivered(world, 2, method="pm_card_visa")[0]
        arguments = {"return_id": on_its_way(order, 1).id, "restock": True}
    elif kind == "replace":
        sizes = make_sizes()
        arguments = {"return_id": back(swap(sizes.bought(1, method="pm_card_visa"))).id}
    else:
        order_id = world.buy(2, 3, method="pm_card_visa").order_ids[0]
        arguments = {"order_id": order_id}
    return arguments, order_id, sizes


@pytest.mark.parametrize("point", POINTS)
def test_killed_there(point: str, zygote: Zygote, outside: Outside, platform: Any) -> None:
    kind = point.split(".")[0]
    world = make_world(2)
    if kind in ("cancel", "checkout"):
        make_promotion(amount=301, max_uses=9, budget=9_000)
    turned = ".undo." in point or ".turn." in point
    arguments, order_id, sizes = prepared(kind, world)
    ended = zygote.run(
        CALLS[kind],
        scope=platform.code,
        failpoint=point,
        broken=BREAKS[kind] if turned else "",
        **arguments,
    )
    assert ended.signal == signal.SIGKILL, f"{point} was never reached: {ended}"
    settle()
    report = payments.trial_balance()
    assert report.balanced, report.problems
    if kind in ("cancel", "checkout"):
        check_promotion(report)
    if kind == "checkout":
        check_checkout(world, outside)
    elif kind == "fulfil":
        check_fulfil(order_id)
    elif kind == "contract":
        check_contract(world, outside, order_id, turned=turned)
    elif sizes is not None:
        check_replace(sizes, arguments["return_id"])
    elif kind == "return":
        check_return(world, outside, arguments["return_id"])
    elif kind == "cancel_part":
        check_part(world, outside, order_id)
        again = journeys.accept_cancellation(**arguments)
        assert again.state == "refunded", "agreed once more: carried out once"
        check_part(world, outside, order_id)
    else:
        check_cancel(world, outside, order_id)


@pytest.mark.parametrize("point", list(DEFINITIONS["cancel_part"].failpoints()))
def test_killed_while_time_answers(
    point: str, zygote: Zygote, outside: Outside, platform: Any
) -> None:
    """The next look carries out, once, what the merchant didn't answer."""
    world = make_world(2)
    arguments, order_id, _sizes = prepared("cancel_part", world)
    Cancellation.objects.update(answer_by=clock.business())
    ended = zygote.run(
        "journeys.services.cancelling:accept_overdue", scope=platform.code, failpoint=point
    )
    assert ended.signal == signal.SIGKILL, f"{point} was never reached: {ended}"
    settle()
    check_part(world, outside, order_id)
    assert accept_overdue() <= 1
    assert accept_overdue() == 0
    check_part(world, outside, order_id)
    found = marketplace.cancellation(**arguments)
    assert (found.state, found.by_itself) == ("refunded", True)


def left(world: World) -> list[int]:
    found = inventory.availability([shop.variant_id for shop in world.shops])
    return [int(found[shop.variant_id]) for shop in world.shops]


def check_promotion(report: payments.TrialBalance) -> None:
    """It is counted, and paid by the platform, for the orders that stand and no others."""
    orders = [one for one in marketplace.orders().items if one.state != "cancelled"]
    off = sum(one.platform_discount.amount for one in orders)
    row = Promotion.objects.get()
    assert (row.uses, row.spent) == (len({one.group_id for one in orders}), off)
    booked = [r.debits_posted - r.credits_posted for r in report.rows if r.code == "subsidy"]
    assert sum(booked) == sum(one.platform_discount.amount for one in orders if one.paid_at)


def check_checkout(world: World, outside: Outside) -> None:
    """All or nothing: bought once and charged once, or nothing held and nothing kept."""
    states = [order.state for order in marketplace.orders().items]
    journeys = list(Journey.objects.values_list("state", flat=True))
    net = sum(c["amount_captured"] - c["amount_refunded"] for c in outside.charges())
    if states and set(states) == {"paid"}:
        assert journeys == ["done"]
        assert left(world) == [98, 97]
        [group] = {order.group_id for order in marketplace.orders().items}
        assert net == marketplace.group(group_id=group).total.amount
        assert len(outside.charges()) == 1
    else:
        assert set(states) <= {"cancelled"}
        assert journeys in ([], ["undone"])
        assert left(world) == [100, 100]
        assert net == 0


def check_fulfil(order_id: Any) -> None:
    """One of two in a parcel, or none; the rest can be sent after it."""
    order = order_of(order_id)
    reference = public_id("ord", order_id)
    sent = [one for one in logistics.shipments_for(reference=reference) if one.state == "booked"]
    if order.state == "partly_shipped":
        assert [one.waybill for one in sent] == [order.waybill]
        assert (int(order.lines[0].sent), int(order.lines[0].unsent)) == (1, 1)
    else:
        assert (order.state, int(order.lines[0].sent), len(sent)) == ("paid", 0, 0)
        states = {one.state for one in logistics.shipments_for(reference=reference)}
        assert states <= {"cancelled"}
    assert sum(marketplace.left_to_send(order_id=order_id).values()) == order.lines[0].unsent
    assert journeys.ship_order(order_id=order_id).state == "done"
    order = order_of(order_id)
    assert (order.state, int(order.lines[0].sent)) == ("shipped", 2)


def check_contract(world: World, outside: Outside, order_id: Any, *, turned: bool) -> None:
    """One contract open for signing; or none left open, and the order cancelled and paid back."""
    order = marketplace.order(order_id=order_id)
    found = journeys.order_contract(order_id=order_id)
    assert order is not None
    assert found is not None
    assert found.contract is not None
    [charge] = outside.charges()
    assert Contract.objects.count() == 1
    journey = Journey.objects.get(kind="contract")
    if turned and journey.state == "undone":
        assert (order.state, found.contract.state) == ("cancelled", "withdrawn")
        assert charge["amount_refunded"] == order.total.amount
        assert left(world) == [100, 100]
    else:
        assert (order.state, found.contract.state) == ("paid", "signing")
        assert (journey.state, charge["amount_refunded"]) == ("waiting", 0)
        assert left(world) == [98, 100]


def check_replace(sizes: Sizes, return_id: Any) -> None:
    """In the carrier's hands and gone from the stock, once; or held, and sent when tried again."""
    for ended in (False, True):
        found = marketplace.order_return(return_id=return_id)
        parcels = logistics.shipments_for(reference=found.public_id)
        booked = [one for one in parcels if one.state == "booked"]
        if found.state == "resent":
            assert [one.waybill for one in booked] == [found.resent_waybill]
            assert sizes.figures()[0] == (8, 0)
        else:
            assert (found.state, found.handing, ended) == ("received", False, False)
            assert {one.state for one in parcels} <= {"cancelled"}
            assert sizes.figures()[0] == (9, 1)
        assert journeys.send_replacement(return_id=return_id).state == "done"


def check_return(world: World, outside: Outside, return_id: Any) -> None:
    """Begun: refunded once, and back on the shelf once. Not begun: as it was."""
    found = marketplace.order_return(return_id=return_id)
    [charge] = outside.charges()
    if found.state == "refunded":
        assert charge["amount_refunded"] == found.refund.amount == 1000
        assert left(world) == [99, 100]
    else:
        assert found.state == "sent"
        assert charge["amount_refunded"] == 0
        assert left(world) == [98, 100]


def check_part(world: World, outside: Outside, order_id: Any) -> None:
    """Begun: refunded once, back on the shelf once, the rest to be sent. Not begun: as it was."""
    order = order_of(order_id)
    [charge] = outside.charges()
    assert order.state == "paid"
    cancelled = int(order.lines[0].cancelled)
    assert charge["amount_refunded"] == order.cancelled_total.amount == 1000 * cancelled
    assert left(world) == [98 + cancelled, 97]
    found = marketplace.cancellations_of(order_id=order_id)
    assert [one.state for one in found] == ["refunded" if cancelled else "requested"]


def check_cancel(world: World, outside: Outside, order_id: Any) -> None:
    order = marketplace.order(order_id=order_id)
    assert order is not None
    [charge] = outside.charges()
    if order.state == "cancelled":
        assert charge["amount_refunded"] == order.total.amount
        assert left(world) == [100, 97]
    else:
        assert order.state == "paid"
        assert charge["amount_refunded"] == 0
        assert left(world) == [98, 97]
