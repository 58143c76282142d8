"""Parts of orders cancelled before they are sent: what is counted, where money and goods go."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys import facade as journeys
from journeys.engine import resume
from journeys.models import Journey
from journeys.services.delivered import on_delivered
from kernel import jobs, outbox
from kernel.errors import DomainError
from kernel.ids import public_id
from kernel.money import Money
from logistics import facade as logistics
from logistics.models import Shipment
from marketplace import facade as marketplace
from marketplace.facade import Tier
from marketplace.models import Promotion
from payments import facade as payments
from payments.contracts import FAILED, Outcome
from payments.services.reconcile import refresh_refund
from platforms import facade as platforms
from sandbox.delivery import worker
from tests.factories.cancelling import bought, cancel, order_of, wanted
from tests.factories.order_contract import ask_for_contracts, buy_as, make_buyer
from tests.factories.promotions import make_promotion
from tests.factories.returns import ask, deliver, on_its_way
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect, make_world
from tests.journeys.test_returns import at_once, balanced, held, left


def state(found: marketplace.CancellationInfo) -> str:
    return marketplace.cancellation(cancellation_id=found.id).state


def commission(order: marketplace.OrderInfo) -> int:
    return held(order).commission.amount


def test_the_buyer_cancels_a_part(platform: Any) -> None:
    world = make_world(1, price="9.99")
    [order] = bought(world, 3)
    key = uuid4()
    found = cancel(order, 1, key=key)
    assert (found.number, found.state) == (f"{order.number}-C1", "refunded")
    assert found.refund.amount == 999
    assert cancel(order, 1, key=key).id == found.id, "asked again under its key: the same"
    now = order_of(order.id)
    assert (now.state, now.cancelled_total.amount) == ("paid", 999)
    assert [int(line.cancelled) for line in now.lines] == [1]
    assert [int(line.remaining) for line in now.lines] == [2]
    assert left(world) == [98]
    assert commission(order) == round(150 - 150 * 999 / order.total.amount), "in proportion"
    outbox.drain()
    told = [line.kind for line in journeys.timeline(order_id=order.id)]
    assert told.count("marketplace.cancellation.accepted.v1") == 1
    assert told.count("marketplace.cancellation.refunded.v1") == 1
    with pytest.raises(marketplace.InvalidCancellation) as refused:
        cancel(order, 3)
    assert refused.value.params["left"] == "2"
    balanced()


def test_the_last_part_cancels_the_order(platform: Any) -> None:
    """With it the delivery goes back, the promotion may be used again, all of the money is back."""
    world = make_world(1, price="10.01")
    promotion = make_promotion(kind="threshold", tiers=(Tier(2_000, 700),), max_uses=3)
    [order] = bought(world, 3)
    foreseen = marketplace.preview_cancellation(order_id=order.id, lines=wanted(order, 1))
    assert (foreseen.total.amount, foreseen.whole, foreseen.at_once) == (768, False, True)
    first = cancel(order, 1, side="merchant", text="The last one was broken.")
    assert (first.refund.amount, first.platform_back.amount) == (768, 233)
    assert (first.restocked, left(world)) == (False, [97]), "what isn't there isn't sold again"
    assert held(order).subsidy.amount == 700 - 233
    last = cancel(order, 2)
    assert last.whole
    assert last.shipping_refund == order.shipping_total
    now = order_of(order.id)
    assert (now.state, now.cancelled_total) == ("cancelled", order.total)
    assert (held(order).state, held(order).refunded) == ("returned", order.total)
    assert (held(order).subsidy.amount, commission(order)) == (0, 0)
    outbox.drain()
    assert Promotion.objects.get(id=promotion.id).uses == 0
    with pytest.raises(marketplace.NotCancellableNow):
        cancel(order, 1)
    with pytest.raises(marketplace.OrderState):
        journeys.cancel_order(order_id=order.id)
    balanced()


def test_the_rest_is_cancelled_as_a_whole(platform: Any) -> None:
    """What went back before, by a cancellation or by hand, isn't given back twice."""
    world = make_world(1)
    [order] = bought(world, 4)
    cancel(order, 1)
    intent = payments.intent_for(reference=public_id("ogr", order.group_id))
    share = payments.RefundShare(order.merchant_id, public_id("ord", order.id), Money(300, "CNY"))
    payments.refund_intent(key=uuid4(), intent_id=intent.id, shares=[share])
    assert journeys.cancel_order(order_id=order.id).state == "done"
    assert order_of(order.id).state == "cancelled"
    assert held(order).refunded == order.total
    assert left(world) == [100]
    balanced()


@pytest.mark.django_db(transaction=True)
def test_only_the_rest_is_sent_and_can_be_returned(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 5)
    cancel(order, 2)
    with serving() as url:
        connect(url, make_account())
        assert journeys.ship_order(order_id=order.id).state == "done"
    [parcel] = logistics.shipments_for(reference=public_id("ord", order.id))
    row = Shipment.objects.get(id=parcel.id)
    assert [line["quantity"] for line in row.lines] == ["3.000"]
    assert row.weight_grams == order.lines[0].weight_grams * 3
    with pytest.raises(marketplace.NotCancellableNow):
        cancel(order, 1)
    on_delivered(order_id=order.id)
    may = marketplace.returnable(order_id=order.id)
    assert list(may.left.values()) == [3]
    with pytest.raises(marketplace.InvalidReturn):
        ask(order, 4)
    back = on_its_way(order_of(order.id), 3)
    assert back.refund == order.total - order_of(order.id).cancelled_total, "all that is left"
    journeys.receive_return(return_id=back.id)
    assert held(order).refunded == order.total
    balanced()


def test_a_packed_order_is_asked_for(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 4)
    marketplace.start_packing(order_id=order.id)
    packed = marketplace.start_packing(order_id=order.id).packing_at
    assert packed is not None
    with pytest.raises(marketplace.MerchantMustAgree):
        journeys.cancel_order(order_id=order.id, by_buyer=True)
    assert not marketplace.cancellable(order_id=order.id).at_once
    first, second, third = cancel(order, 1), cancel(order, 1), cancel(order, 1)
    assert {one.state for one in (first, second, third)} == {"requested"}
    with pytest.raises(marketplace.InvalidCancellation):
        cancel(order, 2)
    marketplace.withdraw_cancellation(cancellation_id=second.id)
    with pytest.raises(marketplace.InvalidCancellation):
        marketplace.reject_cancellation(cancellation_id=first.id, answer=" ")
    with pytest.raises(marketplace.WrongCancellationState):
        journeys.accept_cancellation(cancellation_id=second.id)
    assert left(world) == [96], "nothing has happened yet"
    done = journeys.accept_cancellation(cancellation_id=first.id, answer="Gladly.")
    assert (done.state, done.answer, done.refund.amount) == ("refunded", "Gladly.", 1000)
    assert journeys.accept_cancellation(cancellation_id=first.id).version == done.version
    assert cancel(order, 1, side="merchant", restock=True).restocked, "the merchant needs no answer"
    assert left(world) == [98]
    deliver(order.id)
    assert (state(third), state(second)) == ("lapsed", "withdrawn")
    with pytest.raises(marketplace.WrongCancellationState):
        journeys.accept_cancellation(cancellation_id=third.id)
    outbox.drain()
    balanced()


def test_what_is_wrong_is_named(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 2)
    some = wanted(order, 1)
    for kept, field in (
        ({"lines": {}}, "lines"),
        ({"lines": {uuid4(): some[order.lines[0].id]}}, "lines.0.line"),
        ({"lines": wanted(order, "0.5")}, "lines.0.quantity"),
        ({"lines": wanted(order, "-1")}, "lines.0.quantity"),
        ({"cause": "out_of_stock"}, "cause"),
        ({"cause": "changed_mind", "side": "merchant"}, "cause"),
        ({"text": "x" * 1001}, "text"),
    ):
        asked: dict[str, Any] = {"lines": some, "cause": "changed_mind", **kept}
        with pytest.raises(marketplace.InvalidCancellation) as refused:
            journeys.cancel_lines(key=uuid4(), order_id=order.id, **asked)
        assert [one.field for one in refused.value.problems] == [field]
    with pytest.raises(marketplace.OrderNotFound):
        journeys.cancel_lines(key=uuid4(), order_id=uuid4(), lines=some, cause="other")
    assert marketplace.cancellations_of(order_id=order.id) == []
    assert Journey.objects.filter(kind="cancel_part").count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_contract_is_over_all_of_it(platform: Any) -> None:
    world = make_world(1)
    ask_for_contracts()
    buyer = make_buyer()
    [order_id] = buy_as(world, buyer, 2).order_ids
    jobs.drain()
    order = order_of(order_id)
    with pytest.raises(journeys.ContractCoversAll):
        cancel(order, 1)
    assert order_of(order_id).lines[0].cancelled == 0
    assert cancel(order, 2).whole
    assert order_of(order_id).state == "cancelled"
    found = journeys.order_contract(order_id=order_id)
    assert found is not None
    assert found.contract is not None
    assert found.contract.state == "withdrawn"


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_takes_its_time_holds_nothing_up(platform: Any) -> None:
    """The rest is shipped meanwhile, and the cancellation ends when the gateway's word comes."""
    world = make_world(1)
    with serving() as url:
        connect(url, make_account())
        [order] = bought(world, 3, method="pm_card_pendingRefund")
        found = cancel(order, 1)
        assert found.state == "refunding"
        assert journeys.ship_order(order_id=order.id).state == "done"
        worker.drain(later_too=60)  # the outside world goes on
        for refund in payments.refunds_page(merchant_id=order.merchant_id).items:
            refresh_refund(refund.id)
        outbox.drain()
        jobs.drain()
    assert state(found) == "refunded"
    assert order_of(order.id).state == "shipped"
    balanced()


@pytest.mark.django_db(transaction=True)
def test_a_refused_refund_waits_for_a_person(platform: Any) -> None:
    """Put aside, it is begun anew; the goods stay cancelled, and went back on sale once."""
    world = make_world(1)
    with serving() as url:
        connect(url, make_account())
        [order] = bought(world, 3, method="pm_card_pendingRefund")
        found = cancel(order, 1)
        run = Journey.objects.get(kind="cancel_part")
        assert (found.state, run.state) == ("refunding", "waiting")
        [refund] = payments.refunds_page(merchant_id=order.merchant_id).items
        payments.record_refund(refund_id=refund.id, result=Outcome(FAILED, code="closed").as_dict())
        resume(run.id)
        run.refresh_from_db()
        assert (run.state, state(found)) == ("needs_attention", "refunding")
        joined = journeys.accept_cancellation(cancellation_id=found.id)
        assert joined.state == "refunding", "it waits for a person first"
        assert held(order).refunded.amount == 0
        journeys.close_journey(journey_id=run.id, reason="The bank's account is open again.")
        journeys.accept_cancellation(cancellation_id=found.id)
        worker.drain(later_too=60)
        for one in payments.refunds_page(merchant_id=order.merchant_id).items:
            refresh_refund(one.id)
        outbox.drain()
        jobs.drain()
    assert state(found) == "refunded"
    assert held(order).refunded == found.refund
    assert order_of(order.id).cancelled_total == found.refund
    assert left(world) == [98]
    balanced()


@pytest.mark.django_db(transaction=True)
def test_two_at_once(platform: Any) -> None:
    """Under one key: one cancellation. Under two: what is left goes to the first alone."""
    world = make_world(1)
    [order] = bought(world, 3)
    key = uuid4()
    same = at_once(platform, *[lambda: cancel(order, 1, key=key)] * 4)
    assert {one.id for one in same} == {marketplace.cancellations_of(order_id=order.id)[0].id}
    found = at_once(platform, *[partial(cancel, order, 2)] * 3)
    done = [one for one in found if isinstance(one, marketplace.CancellationInfo)]
    assert len(done) == 1, found
    assert order_of(order.id).state == "cancelled"
    assert held(order).refunded == order.total
    assert left(world) == [100]
    balanced()


@pytest.mark.django_db(transaction=True)
def test_against_shipping_and_the_whole(platform: Any) -> None:
    """Whoever is first under the order's lock decides what is in the parcel."""
    world = make_world(1)
    with serving() as url:
        connect(url, make_account())
        for _round in range(4):
            [order] = bought(world, 3)
            found = at_once(
                platform, partial(cancel, order, 1), partial(journeys.ship_order, order_id=order.id)
            )
            now = order_of(order.id)
            assert now.state == "shipped", found
            [parcel] = logistics.shipments_for(reference=public_id("ord", order.id))
            [line] = Shipment.objects.get(id=parcel.id).lines
            assert line["quantity"] == f"{now.lines[0].remaining:.3f}"
            assert held(order).refunded == now.cancelled_total
        for _round in range(4):
            [order] = bought(world, 3)
            at_once(
                platform,
                partial(cancel, order, 1),
                partial(journeys.cancel_order, order_id=order.id),
            )
            assert order_of(order.id).state == "cancelled"
            assert held(order).refunded == order.total
    balanced()


@pytest.mark.django_db(transaction=True)
def test_against_another_refund(platform: Any) -> None:
    """Both at once: never more than was paid."""
    world = make_world(1)
    for _round in range(4):
        [order] = bought(world, 2)
        intent = payments.intent_for(reference=public_id("ogr", order.group_id))
        share = payments.RefundShare(
            order.merchant_id, public_id("ord", order.id), order.total - Money(100, "CNY")
        )
        found = at_once(
            platform,
            partial(cancel, order, 1),
            partial(payments.refund_intent, key=uuid4(), intent_id=intent.id, shares=[share]),
        )
        wrong = [
            one for one in found
            if isinstance(one, DomainError) and not isinstance(one, payments.RefundTooLarge)
        ]  # fmt: skip
        assert not wrong
        assert held(order).refunded <= order.total
        again = cancel(order, 1)
        assert again.state == "refunded"
        assert held(order).refunded <= order.total
    balanced()


@pytest.mark.parametrize("rule", ["full", "proportional"])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_course(platform: Any, rule: str, data: st.DataObject) -> None:
    """Parts cancelled, then the rest delivered, returned in pieces or complained about, in any
    order: the parts sum to the whole, nothing goes back twice, no line falls below nothing."""
    platforms.change_settings(settings={"payments": {"commission_back": rule}})
    world = make_world(1, price=data.draw(st.sampled_from(["0.03", "9.99", "33.33"])))
    if data.draw(st.booleans()):
        make_promotion(kind="percentage", percent=Decimal("7.7"))
    many = data.draw(st.integers(2, 6))
    [order] = bought(world, many)
    given_back = 0
    sides = st.sampled_from(["buyer", "merchant"])
    for _n in range(data.draw(st.integers(0, 3))):
        remaining = int(order_of(order.id).lines[0].remaining)
        if not remaining:
            break
        found = cancel(order, data.draw(st.integers(1, remaining)), side=data.draw(sides))
        given_back += found.refund.amount
        now = order_of(order.id)
        assert 0 <= now.lines[0].remaining <= now.lines[0].quantity
        assert (now.cancelled_total.amount, held(order).refunded.amount) == (given_back,) * 2
    now = order_of(order.id)
    if not now.lines[0].remaining:
        assert now.state == "cancelled"
        assert held(order).refunded == order.total
        return balanced()
    deliver(order.id)
    back = [on_its_way(now, 1) for _n in range(int(now.lines[0].remaining))]
    complained = data.draw(st.booleans())
    if complained:
        part = data.draw(st.integers(1, (order.total - held(order).refunded).amount))
        dispute = payments.open_complaint(
            key=uuid4(),
            escrow_id=held(order).id,
            reason="other",
            text="",
            amount=Money(part, "CNY"),
        )
        payments.decide(dispute_id=dispute.id, refund=Money(part, "CNY"), reason="So be it.")
    for one in data.draw(st.permutations(back)):
        journeys.receive_return(return_id=one.id)
        assert held(order).refunded <= order.total
    assert held(order).refunded == order.total
    assert (held(order).subsidy.amount, commission(order)) == (0, 0)
    if not complained:
        ended = [marketplace.order_return(return_id=one.id) for one in back]
        assert given_back + sum(one.refund.amount for one in ended) == order.total.amount
    return balanced()
