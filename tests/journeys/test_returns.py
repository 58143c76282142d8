"""Returns through every context: what is counted, where the money and the goods go."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import facade as inventory
from journeys import facade as journeys
from journeys.models import Journey
from journeys.services import returns as steps
from kernel import jobs, outbox, tenancy
from kernel.errors import DomainError
from kernel.ids import public_id
from marketplace import facade as marketplace
from marketplace.facade import Tier
from payments import facade as payments
from payments.services.reconcile import refresh_refund
from platforms import facade as platforms
from sandbox.delivery import worker
from tests.factories.promotions import make_promotion
from tests.factories.returns import ask, delivered, on_its_way
from tests.factories.sandbox import make_account, serving
from tests.factories.world import World, connect, make_world


def later(**gap: Any) -> Any:
    """The platform in scope, so much later on its business clock."""
    here = tenancy.current()
    return tenancy.scope(replace(here, clock_offset=here.clock_offset + timedelta(**gap)))


def left(world: World) -> list[int]:
    found = inventory.availability([shop.variant_id for shop in world.shops])
    return [int(found[shop.variant_id]) for shop in world.shops]


def balanced() -> None:
    report = payments.trial_balance()
    assert report.balanced, report.problems


def held(order: marketplace.OrderInfo) -> payments.EscrowInfo:
    found = payments.escrow_for(reference=public_id("ord", order.id))
    assert found is not None
    return found


def state(found: marketplace.ReturnInfo) -> str:
    return marketplace.order_return(return_id=found.id).state


def test_a_part_then_the_rest(platform: Any) -> None:
    world = make_world(1, price="9.99")
    [order] = delivered(world, 3)
    first = on_its_way(order, 1)
    assert (first.number, first.refund.amount) == (f"{order.number}-R1", 999)
    with pytest.raises(marketplace.InvalidReturn):
        ask(order, 3)
    done = journeys.receive_return(return_id=first.id, restock=True)
    assert (done.kind, done.state) == ("return", "done")
    assert journeys.receive_return(return_id=first.id, restock=True).id == done.id
    found = marketplace.order_return(return_id=first.id)
    assert (found.state, found.restocked, found.refund_id is None) == ("refunded", True, False)
    assert left(world) == [98]
    escrow = held(order)
    assert (escrow.state, escrow.refunded.amount) == ("held", 999)
    share = 150 * 999 / order.total.amount  # the platform's rule: in proportion
    assert escrow.commission.amount == round(150 - share)
    rest = on_its_way(order, 2)
    assert rest.refund.amount == 1998 + order.shipping_total.amount, "all is back: shipping too"
    journeys.receive_return(return_id=rest.id)
    assert left(world) == [98], "not put back on sale"
    assert held(order).state == "returned"
    assert held(order).refunded == order.total
    with pytest.raises(marketplace.NothingLeftToReturn):
        ask(order, 1)
    outbox.drain()
    titles = [line.kind for line in journeys.timeline(order_id=order.id)]
    assert titles.count("marketplace.return.refunded.v1") == 2
    balanced()


@pytest.mark.django_db(transaction=True)
def test_paid_by_card_and_paid_out_before(platform: Any) -> None:
    world = make_world(1)
    with serving() as url:
        connect(url, make_account())
        [order] = delivered(world, 2, method="pm_card_visa")
        journeys.accept_order(order_id=order.id)
        available = payments.balance(merchant_id=order.merchant_id).available
        payments.create_payout(merchant_id=order.merchant_id, amount=available, key=uuid4())
        found = on_its_way(order, 1, cause="damaged")
        assert found.refund.amount == 1000 + order.shipping_total.amount, "the merchant's fault"
        assert journeys.receive_return(return_id=found.id).state == "done"
    assert state(found) == "refunded"
    commission_back = order.commission - held(order).commission
    owed = payments.balance(merchant_id=order.merchant_id).owed
    assert owed == found.refund - commission_back, "the merchant owes what it was paid already"
    balanced()


def test_the_rest_is_released(platform: Any) -> None:
    world = make_world(1)
    [order] = delivered(world, 4)
    found = on_its_way(order, 1)
    journeys.receive_return(return_id=found.id)
    journeys.accept_order(order_id=order.id)
    escrow = held(order)
    assert escrow.state == "released"
    kept = order.total - found.refund - escrow.commission
    assert payments.balance(merchant_id=order.merchant_id).available == kept
    balanced()


def test_time_decides_when_nobody_does(platform: Any) -> None:
    platforms.change_settings(settings={"marketplace": {"return_send_days": 3}})
    world = make_world(1)
    [order] = delivered(world, 4)
    never_sent, answered_by_time, silent = ask(order, 1), ask(order, 1), on_its_way(order, 1)
    marketplace.approve_return(return_id=never_sent.id)
    with later(days=2, minutes=1):
        assert marketplace.pass_overdue_returns() == (1, 0)
        assert state(answered_by_time) == "approved"
        sent = {"carrier": "EMS", "waybill": "E1"}
        marketplace.send_return(return_id=answered_by_time.id, **sent)
    with later(days=4):
        assert marketplace.pass_overdue_returns() == (0, 1)
        assert state(never_sent) == "lapsed"
        with pytest.raises(marketplace.WrongReturnState):
            marketplace.send_return(return_id=never_sent.id, **sent)
        assert ask(order, 2).state == "requested", "what lapsed may be asked for again"
    with later(days=9):
        with pytest.raises(marketplace.ReturnTooLate) as refused:
            ask(order, 1)
        assert (
            refused.value.params["return_until"] == marketplace.returnable(order_id=order.id).until
        )
    with later(days=11):
        assert steps.receive_overdue_returns() == 1
        assert (state(silent), state(answered_by_time)) == ("refunded", "sent")
    assert marketplace.order_return(return_id=silent.id).restocked is False
    balanced()


def test_refused_then_decided_for_the_buyer(platform: Any) -> None:
    world = make_world(1)
    [order] = delivered(world, 2)
    found = on_its_way(order, 2, cause="wrong_item")
    with pytest.raises(marketplace.InvalidReturn):
        marketplace.reject_return(return_id=found.id, answer=" ")
    marketplace.reject_return(return_id=found.id, answer="The box was empty.")
    with pytest.raises(journeys.ReturnNotReceivable):
        journeys.receive_return(return_id=found.id)
    dispute = journeys.dispute_return(key=uuid4(), return_id=found.id, text="It wasn't.")
    assert journeys.dispute_return(key=uuid4(), return_id=found.id).id == dispute.id
    assert (dispute.amount, dispute.reason) == (order.total, "not_as_described")
    with pytest.raises(marketplace.ReturnDisputed):
        ask(order, 1)
    payments.decide(dispute_id=dispute.id, refund=order.total, reason="Photographed.")
    outbox.drain()
    ended = marketplace.order_return(return_id=found.id)
    assert (ended.state, ended.refund) == ("refunded", order.total)
    balanced()


def test_a_discount_that_the_platform_paid(platform: Any) -> None:
    """Buyer and platform each get back, line by line, what they gave for it."""
    world = make_world(1, price="10.01")
    make_promotion(kind="threshold", tiers=(Tier(2_000, 700),), budget=10_000)
    [order] = delivered(world, 3)
    line = order.lines[0]
    assert (line.total.amount, line.platform_discount.amount) == (3003, 700)
    first, rest = on_its_way(order, 1), on_its_way(order, 2)
    journeys.receive_return(return_id=first.id)
    found = marketplace.order_return(return_id=first.id)
    assert (found.refund.amount, found.platform_back.amount) == (768, 233)
    assert held(order).subsidy.amount == 700 - 233
    journeys.receive_return(return_id=rest.id)
    assert held(order).subsidy.amount == 0
    assert held(order).refunded == order.total
    assert held(order).state == "returned"
    balanced()


def test_what_the_platform_paid_alone(platform: Any) -> None:
    """Three for a fen: the first of them brings the buyer nothing back, the platform its part."""
    world = make_world(1, price="10.01")
    make_promotion(amount=3_003, budget=10_000)
    [order] = delivered(world, 3)
    line = order.lines[0]
    assert (line.total.amount, line.platform_discount.amount) == (3_003, 3_002)
    found = on_its_way(order, 1)
    assert journeys.receive_return(return_id=found.id).state == "done"
    ended = marketplace.order_return(return_id=found.id)
    assert (ended.state, ended.refund.amount, ended.platform_back.amount) == ("refunded", 0, 1_001)
    assert (held(order).subsidy.amount, held(order).refunded.amount) == (2_001, 0)
    balanced()


def test_never_more_than_was_paid(platform: Any) -> None:
    """What the merchant gave back by hand isn't given back again."""
    world = make_world(1)
    [order] = delivered(world, 1)
    intent = payments.intent_for(reference=public_id("ogr", order.group_id))
    found = on_its_way(order, 1)
    share = payments.RefundShare(
        order.merchant_id, public_id("ord", order.id), order.total - order.shipping_total
    )
    payments.refund_intent(key=uuid4(), intent_id=intent.id, shares=[share])
    journeys.receive_return(return_id=found.id)
    ended = marketplace.order_return(return_id=found.id)
    assert (ended.state, ended.refund) == ("refunded", order.shipping_total)
    assert held(order).refunded == order.total
    [other] = delivered(world, 1)
    whole = payments.RefundShare(other.merchant_id, public_id("ord", other.id), other.total)
    there = payments.intent_for(reference=public_id("ogr", other.group_id))
    nothing = on_its_way(other, 1)
    payments.refund_intent(key=uuid4(), intent_id=there.id, shares=[whole])
    assert journeys.receive_return(return_id=nothing.id).state == "done"
    last = marketplace.order_return(return_id=nothing.id)
    assert (last.refund.amount, last.refund_id) == (0, None)
    balanced()


@pytest.mark.parametrize("rule", ["full", "proportional"])
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_course_of_returns(platform: Any, rule: str, data: st.DataObject) -> None:
    """Returns of two lines in any pieces, received in any order, beside other refunds: together at
    most what was paid; all returned is all given back; the books balance."""
    platforms.change_settings(settings={"payments": {"commission_back": rule}})
    world = make_world(1, price=data.draw(st.sampled_from(["0.03", "9.99", "33.33"])))
    many = data.draw(st.integers(2, 7))
    [order] = delivered(world, many)
    pieces, rest = [], many
    while rest:
        pieces.append(data.draw(st.integers(1, rest)))
        rest -= pieces[-1]
    causes = st.sampled_from(["no_reason", "damaged"])
    asked = [on_its_way(order, piece, cause=data.draw(causes)) for piece in pieces]
    for found in data.draw(st.permutations(asked)):
        assert journeys.receive_return(return_id=found.id).state == "done"
        assert held(order).refunded <= order.total
    ended = [marketplace.order_return(return_id=found.id) for found in asked]
    assert sum(line.refund.amount for one in ended for line in one.lines) == (
        order.goods_total.amount
    )
    assert held(order).refunded == order.total
    assert held(order).commission.amount == 0
    balanced()


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_takes_its_time_is_waited_for(platform: Any) -> None:
    """Return and cancellation go on by themselves when the gateway's word comes."""
    world = make_world(1)
    with serving() as url:
        connect(url, make_account())
        [order] = delivered(world, 2, method="pm_card_pendingRefund")
        cancelled = world.buy(1, method="pm_card_pendingRefund").order_ids[0]
        found = on_its_way(order, 1)
        assert journeys.receive_return(return_id=found.id).state == "waiting"
        assert journeys.cancel_order(order_id=cancelled).state == "waiting"
        assert state(found) == "received"
        worker.drain(later_too=60)  # the outside world goes on
        for refund in payments.refunds_page(merchant_id=order.merchant_id).items:
            refresh_refund(refund.id)
        outbox.drain()
        jobs.drain()
    assert state(found) == "refunded"
    gone = marketplace.order(order_id=cancelled)
    assert gone is not None
    assert gone.state == "cancelled"
    balanced()


@pytest.mark.django_db(transaction=True)
def test_asked_for_and_received_at_once(platform: Any) -> None:
    """Two return the same thing, two receive the same return: one of each, and one refund."""
    world = make_world(1)
    [order] = delivered(world, 1)
    found = at_once(platform, *[lambda: ask(order, 1)] * 4)
    made = [one for one in found if isinstance(one, marketplace.ReturnInfo)]
    assert len(made) == 1, found
    marketplace.approve_return(return_id=made[0].id)
    marketplace.send_return(return_id=made[0].id, carrier="", waybill="E1")
    done = at_once(
        platform, *[lambda: journeys.receive_return(return_id=made[0].id, restock=True)] * 4
    )
    assert not [one for one in done if isinstance(one, BaseException)], done
    assert Journey.objects.filter(kind="return").count() == 1
    assert held(order).refunded == order.total
    assert left(world) == [100]
    balanced()


def at_once(tenant: Any, *calls: Any) -> list[Any]:
    barrier = threading.Barrier(len(calls))
    found: list[Any] = [None] * len(calls)

    def run(place: int, call: Any) -> None:
        try:
            with tenancy.scope(tenant):
                barrier.wait(120)
                found[place] = call()
        except DomainError as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found
