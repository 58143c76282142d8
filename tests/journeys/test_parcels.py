"""Orders sent in parcels: what is in each, how order, money and cancellations follow."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys import facade as journeys
from journeys.services.delivered import on_delivered
from kernel import mail, outbox
from kernel.errors import DomainError
from logistics.models import Shipment
from marketplace import facade as marketplace
from payments import facade as payments
from tests.factories.cancelling import bought, cancel, order_of, wanted
from tests.factories.order_contract import ask_for_contracts, buy_as, make_buyer
from tests.factories.parcels import hand_over, send, waybills
from tests.factories.returns import on_its_way
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect, make_world
from tests.journeys.test_returns import at_once, balanced, held, later, left


def arrive(order: marketplace.OrderInfo, parcel: marketplace.ParcelInfo) -> str:
    """The parcel is handed over; the order's state after it."""
    assert parcel.shipment_id
    on_delivered(order_id=order.id, shipment_id=parcel.shipment_id)
    return order_of(order.id).state


def _of(letter: mail.Letter) -> str:
    return letter.subject.split()[-1]


def told(order: marketplace.OrderInfo) -> list[str]:
    outbox.drain()
    kinds = [line.kind for line in journeys.timeline(order_id=order.id)]
    return [kind.split(".")[2] for kind in kinds if kind.startswith("marketplace.order.")]


@pytest.mark.django_db(transaction=True)
def test_in_two_parcels_by_the_carrier(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 3)
    stock, key = left(world), uuid4()
    with serving() as url:
        connect(url, make_account())
        first = send(order, 1, key=key)
        assert (first.number, first.state) == (f"{order.number}-P1", "sent")
        assert send(order, 1, key=key).id == first.id, "asked again under its key: the same"
        now = order_of(order.id)
        assert (now.state, now.shipped_at, now.waybill) == ("partly_shipped", None, first.waybill)
        assert (int(now.lines[0].sent), int(now.lines[0].unsent)) == (1, 2)
        done = journeys.ship_order(order_id=order.id)
        assert done.state == "done"
        assert journeys.ship_order(order_id=order.id).id == done.id, "a second click joins it"
    second = marketplace.parcels_of(order_id=order.id)[1]
    assert [(int(line.quantity), line.sku) for line in second.lines] == [(2, order.lines[0].sku)]
    rows = list(Shipment.objects.order_by("id"))
    assert [row.lines[0]["quantity"] for row in rows] == ["1.000", "2.000"]
    assert [row.weight_grams for row in rows] == [order.lines[0].weight_grams * n for n in (1, 2)]
    assert len(set(waybills(order))) == 2
    now = order_of(order.id)
    assert (now.state, now.waybill) == ("shipped", second.waybill)
    assert arrive(order, second) == "shipped"
    assert held(order).delivered_at is None, "one is still on its way"
    assert arrive(order, second) == "shipped", "reported twice"
    assert arrive(order, first) == "delivered"
    assert order_of(order.id).lines[0].delivered == 3
    assert held(order).delivered_at is not None
    assert left(world) == stock, "goods left the stock when they were paid"
    assert told(order) == ["placed", "paid", "partly_shipped", "shipped", "delivered"]
    letters = sorted(
        (one for one in mail.letters().items if one.template == "journeys/parcel"), key=_of
    )
    assert [_of(one) for one in letters] == [first.number, second.number], "one a parcel"
    assert first.waybill in letters[0].body
    assert "#parcels" in letters[0].body
    balanced()


def test_released_and_returned_after_the_last_one(platform: Any) -> None:
    """Escrow, completion and the days for returns count from the last parcel."""
    world = make_world(1)
    [order] = bought(world, 2)
    first, second = hand_over(order, 1), hand_over(order, 1)
    arrive(order, first)
    assert not payments.release_due()
    with pytest.raises(marketplace.InvalidReturn):
        marketplace.preview_return(order_id=order.id, lines=wanted(order, 2))
    with later(days=20):
        assert marketplace.complete_delivered_orders() == 0
        assert not payments.release_due()
        assert arrive(order, second) == "delivered"
        until = marketplace.returnable(order_id=order.id).until
        delivered_at = order_of(order.id).delivered_at
        assert until is not None
        assert delivered_at is not None
        assert until > delivered_at + timedelta(days=7)
        with timezone.override("America/Los_Angeles"):
            assert marketplace.returnable(order_id=order.id).until == until, "whoever looks"
        back = on_its_way(order_of(order.id), 2)
        journeys.receive_return(return_id=back.id)
        assert held(order).refunded == order.total
    balanced()


def test_accepted_only_when_all_was_sent(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 2)
    first = hand_over(order, 1)
    arrive(order, first)
    with pytest.raises(marketplace.OrderState):
        journeys.accept_order(order_id=order.id)
    assert held(order).state == "held"
    hand_over(order)
    assert journeys.accept_order(order_id=order.id).state == "completed"
    assert held(order).state == "released"
    found = marketplace.parcels_of(order_id=order.id)
    assert {one.state for one in found} == {"delivered"}, "the buyer has them, so it says"
    assert order_of(order.id).lines[0].delivered == 2


@pytest.mark.parametrize("arrived", [False, True])
def test_what_is_left_is_cancelled(platform: Any, arrived: bool) -> None:
    """What is sent can't be; with the rest gone, the order goes its way: shipped, or delivered."""
    world = make_world(1)
    [order] = bought(world, 5)
    first = hand_over(order, 2)
    assert journeys_refuse(order)
    with pytest.raises(marketplace.InvalidCancellation) as refused:
        cancel(order, 4)
    assert refused.value.params["left"] == "3"
    assert cancel(order, 1).state == "refunded"
    assert order_of(order.id).state == "partly_shipped"
    if arrived:
        arrive(order, first)
    last = cancel(order, 2, side="merchant", cause="cannot_deliver")
    assert (last.state, last.whole, last.shipping_refund.amount) == ("refunded", False, 0)
    now = order_of(order.id)
    assert now.state == ("delivered" if arrived else "shipped")
    assert (now.cancelled_total.amount, held(order).refunded.amount) == (3000, 3000)
    assert left(world) == [98]
    assert (held(order).delivered_at is not None) is arrived
    with pytest.raises(marketplace.NotCancellableNow):
        cancel(order, 1)
    if not arrived:
        assert arrive(order, first) == "delivered"
    ends = ["partly_shipped", "shipped", "delivered"]
    assert told(order)[2:] == ends, "each once"
    back = on_its_way(order_of(order.id), 2)
    journeys.receive_return(return_id=back.id)
    assert held(order).refunded == order.total
    balanced()


def journeys_refuse(order: marketplace.OrderInfo) -> bool:
    """Partly sent, it can't be cancelled as a whole."""
    with pytest.raises(marketplace.OrderState):
        journeys.cancel_order(order_id=order.id)
    return True


def test_what_was_asked_for_lapses_only_if_it_is_sent(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 4)
    marketplace.start_packing(order_id=order.id)
    asked = [cancel(order, n) for n in (1, 2)]
    assert {one.state for one in asked} == {"requested"}
    hand_over(order, 2)
    states = [marketplace.cancellation(cancellation_id=one.id).state for one in asked]
    assert states == ["requested", "lapsed"], "for the first one there is still enough"
    assert journeys.accept_cancellation(cancellation_id=asked[0].id).state == "refunded"
    third = cancel(order, 1)
    hand_over(order)
    assert marketplace.cancellation(cancellation_id=third.id).state == "lapsed"
    assert order_of(order.id).state == "shipped"


def test_what_is_wrong_is_named(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 2)
    for quantities, field in (((3,), "lines.0.quantity"), (("0.5",), "lines.0.quantity")):
        with pytest.raises(marketplace.InvalidParcel) as refused:
            send(order, *quantities)
        assert refused.value.problems[0].field == field
        assert refused.value.params["left"] == "2"
    with pytest.raises(marketplace.InvalidParcel):
        journeys.send_parcel(key=uuid4(), order_id=order.id, lines={})
    with pytest.raises(marketplace.InvalidParcel):
        journeys.send_parcel(key=uuid4(), order_id=order.id, lines={uuid4(): Decimal(1)})
    assert order_of(order.id).state == "paid"
    marketplace.begin_ship(order_id=order.id, key=uuid4())
    with pytest.raises(marketplace.NothingToShip):
        send(order, 1)
    marketplace.end_ship(order_id=order.id)
    hand_over(order)
    with pytest.raises(marketplace.OrderState):
        send(order, 1)


@pytest.mark.django_db(transaction=True)
def test_a_carrier_refuses_one_of_two(platform: Any) -> None:
    """Its goods are left, and what was sent stays sent."""
    world = make_world(1)
    [order] = bought(world, 3)
    one = hand_over(order, 1)
    with serving() as url:
        connect(url, make_account())
        marketplace.begin_ship(order_id=order.id, key=(other := uuid4()), lines=wanted(order, 1))
        assert order_of(order.id).state == "shipping"
        assert marketplace.left_to_send(order_id=order.id) == {order.lines[0].id: 1}
        third = send(order, 1)
        assert (third.state, order_of(order.id).state) == ("sent", "shipping")
    marketplace.end_ship(order_id=order.id, key=other)
    assert order_of(order.id).state == "partly_shipped"
    numbers = [found.number for found in marketplace.parcels_of(order_id=order.id)]
    assert numbers == [one.number, third.number], "the one that nobody took isn't shown"
    assert cancel(order, 1).state == "refunded"
    assert order_of(order.id).state == "shipped"


def test_refused_by_the_carrier(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The merchant is told why; nothing of it is sent, and all that is left can be sent anew."""
    world = make_world(1)
    [order] = bought(world, 3)
    hand_over(order, 1)
    no = {"status": "refused", "problem": "Nobody drives there."}
    monkeypatch.setattr("logistics.facade.perform_booking", lambda *, shipment_id: no)
    for call in (partial(send, order, 1), partial(journeys.ship_order, order_id=order.id)):
        with pytest.raises(journeys.NotShippable) as refused:
            call()
        assert refused.value.detail == "Nobody drives there."
        assert order_of(order.id).state == "partly_shipped"
        assert sum(marketplace.left_to_send(order_id=order.id).values()) == 2
    found = marketplace.parcels_of(order_id=order.id, dropped=True)
    assert [one.state for one in found] == ["sent", "dropped", "dropped"]
    hand_over(order)
    assert order_of(order.id).state == "shipped"


def test_a_shipment_of_something_else_delivers_nothing(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 1)
    hand_over(order)
    on_delivered(order_id=order.id, shipment_id=uuid4())
    assert order_of(order.id).state == "shipped"


@pytest.mark.django_db(transaction=True)
def test_an_unsigned_contract_holds_each_parcel(platform: Any) -> None:
    world = make_world(1)
    ask_for_contracts()
    [order_id] = buy_as(world, make_buyer(), 2).order_ids
    with pytest.raises(journeys.ContractMissing):
        send(order_of(order_id), 1)
    assert order_of(order_id).state == "paid"
    assert marketplace.parcels_of(order_id=order_id, dropped=True) == []


@pytest.mark.django_db(transaction=True)
def test_the_last_unit_goes_into_one_parcel(platform: Any) -> None:
    world = make_world(1)
    with serving() as url:
        connect(url, make_account())
        for _round in range(3):
            [order] = bought(world, 3)
            send(order, 2)
            found = at_once(platform, *[partial(send, order, 1)] * 3)
            made = [one for one in found if isinstance(one, marketplace.ParcelInfo)]
            assert len(made) == 1, found
            now = order_of(order.id)
            assert (now.state, int(now.lines[0].sent)) == ("shipped", 3)
            assert len(waybills(order)) == 2
            key = uuid4()
            [order] = bought(world, 2)
            same = at_once(platform, *[partial(send, order, 1, key=key)] * 3)
            assert {one.number for one in same} == {f"{order.number}-P1"}, same
            both = at_once(platform, *[partial(journeys.ship_order, order_id=order.id)] * 3)
            assert len({one.id for one in both}) == 1, both
            assert len(waybills(order)) == 2


@pytest.mark.django_db(transaction=True)
def test_a_parcel_against_a_cancellation(platform: Any) -> None:
    """Whoever is first under the order's lock has the last unit; never both, and never neither."""
    world = make_world(1)
    with serving() as url:
        connect(url, make_account())
        for _round in range(4):
            [order] = bought(world, 2)
            send(order, 1)
            found = at_once(platform, partial(send, order, 1), partial(cancel, order, 1))
            line = order_of(order.id).lines[0]
            assert (int(line.sent + line.cancelled), int(line.unsent)) == (2, 0), found
            assert order_of(order.id).state == "shipped"
            assert held(order).refunded.amount == 1000 * line.cancelled
            assert len(waybills(order)) == line.sent
            assert isinstance(found[0], DomainError) == bool(line.cancelled), found
            # While the carrier was asked, the cancellation could be wished for: it has lapsed.
            wishes = {one.state for one in marketplace.cancellations_of(order_id=order.id)}
            assert wishes <= ({"refunded"} if line.cancelled else {"lapsed"})
    balanced()


@pytest.mark.django_db(transaction=True)
def test_two_parcels_arrive_at_once(platform: Any) -> None:
    world = make_world(1)
    for _round in range(3):
        [order] = bought(world, 2)
        both = [hand_over(order, 1), hand_over(order, 1)]
        at_once(platform, *[partial(arrive, order, one) for one in both])
        now = order_of(order.id)
        assert (now.state, int(now.lines[0].delivered)) == ("delivered", 2)
        assert held(order).delivered_at is not None
        assert told(order).count("delivered") == 1


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_course(platform: Any, data: st.DataObject) -> None:
    """Parcels sent, refused and delivered, parts cancelled, in any order: every unit has one fate,
    the state follows from them, and the money of what wasn't sent is back."""
    world = make_world(1, price=data.draw(st.sampled_from(["0.03", "9.99"])))
    [order] = bought(world, data.draw(st.integers(1, 5)))
    parcels: list[marketplace.ParcelInfo] = []
    while (now := order_of(order.id)).state not in ("delivered", "cancelled"):
        line = now.lines[0]
        assert line.quantity == line.cancelled + line.sent + line.unsent
        assert 0 <= line.delivered <= line.sent
        after = "partly_shipped" if line.unsent else "shipped"
        assert now.state == (after if line.sent else "paid")
        on_way = [one for one in parcels if one.state == "sent"]
        steps = ["send", "cancel", "refuse"] if line.unsent else []
        step = data.draw(st.sampled_from(steps + ["arrive"] * bool(on_way)))
        many = data.draw(st.integers(1, int(line.unsent))) if steps else 0
        if step == "arrive":
            arrive(order, data.draw(st.sampled_from(on_way)))
        elif step == "cancel":
            assert cancel(order, many).state == "refunded"
        elif step == "refuse":
            marketplace.begin_ship(order_id=order.id, lines=wanted(order, many))
            marketplace.end_ship(order_id=order.id)
        else:
            hand_over(order, many)
        parcels = marketplace.parcels_of(order_id=order.id)
    line = now.lines[0]
    assert line.unsent == 0
    assert line.delivered == line.sent == sum(one.lines[0].quantity for one in parcels)
    assert held(order).refunded == now.cancelled_total
    assert (held(order).delivered_at is not None) == (now.state == "delivered")
    balanced()
