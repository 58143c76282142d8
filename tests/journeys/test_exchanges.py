"""Exchanges through every context: the replacement, the money that waits, what time decides."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from inventory import facade as inventory
from journeys import facade as journeys
from journeys.services import exchanges as steps
from journeys.services import returns as return_steps
from kernel import outbox
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from tests.factories.exchanges import (
    approve,
    back,
    confirmed,
    exchanged,
    make_sizes,
    received,
    resend,
    sent,
    swap,
)
from tests.factories.returns import ask
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect
from tests.journeys.test_returns import balanced, held, later, state


def now_of(found: marketplace.ReturnInfo) -> marketplace.ReturnInfo:
    return marketplace.order_return(return_id=found.id)


def a_day_after(end: datetime | None) -> datetime:
    assert end is not None
    return end + timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_by_the_carrier(platform: Any) -> None:
    shop = make_sizes()
    with serving() as url:
        connect(url, make_account())
        order = shop.bought(2)
        found = swap(order, wish=shop.variants[1], text="太小")
        assert (found.kind, found.number, found.words) == (
            "exchange",
            f"{order.number}-R1",
            "exchange",
        )
        assert shop.figures()[1] == (10, 0), "asked for is not held"
        approve(found)
        assert shop.figures()[1] == (10, 1), "approved is held"
        sent(found)
        got = received(found, restock=True)
        assert (got.state, got.refund_id, shop.figures()[0]) == ("received", None, (9, 0))
        done = journeys.send_replacement(return_id=found.id)
        assert (done.kind, done.state) == ("replace", "done")
        assert journeys.send_replacement(return_id=found.id).id == done.id, (
            "a second click joins it"
        )
        resent = now_of(found)
        assert (resent.state, shop.figures()[1]) == ("resent", (9, 0))
        [parcel] = logistics.shipments_for(reference=found.public_id)
        assert (parcel.waybill, parcel.id) == (resent.resent_waybill, resent.shipment_id)
        assert resent.resent_waybill
    assert logistics.shipments_for(reference=public_id("ord", order.id)) == [], (
        "none of the order's"
    )
    ended = confirmed(found)
    assert (ended.state, ended.refund_id) == ("exchanged", None)
    assert confirmed(found).version == ended.version, "told again: as it is"
    assert held(order).refunded.amount == 0
    [first, second] = marketplace.returnable(order_id=order.id).pieces
    assert (int(first.left), first.variant_id, first.replaced) == (1, shop.variants[0], False)
    assert (int(second.left), second.variant_id, second.replaced) == (1, shop.variants[1], True)
    outbox.drain()
    kinds = [line.kind for line in journeys.timeline(order_id=order.id)]
    for kind in ("requested", "approved", "sent", "received", "resent", "exchanged"):
        assert kinds.count(f"marketplace.return.{kind}.v1") == 1, kind
    assert kinds.count("logistics.shipment.booked.v1") == 1, "the replacement's parcel is told too"
    balanced()


def test_the_carrier_hands_it_over(platform: Any) -> None:
    """From then on the buyer has the platform's days to look at it."""
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    back(found)
    resend(found)
    before = now_of(found).confirm_by
    with later(days=2):
        steps.replacement_delivered(return_id=found.id)
        steps.replacement_delivered(return_id=found.id)
        arrived = now_of(found)
        assert arrived.arrived_at is not None
        assert arrived.confirm_by is not None
        assert before is not None
        assert arrived.confirm_by - arrived.arrived_at == timedelta(days=7)
        assert arrived.confirm_by < before
    with later(days=9, minutes=1):
        assert marketplace.pass_overdue_exchanges() == (1, 0)
    assert state(found) == "exchanged"


def test_what_may_be_wished(platform: Any) -> None:
    """The same product at the same price, of what is there; a merchant may give what costs more."""
    shop = make_sizes("10.00", "10.00", "12.00", "8.00")
    order = shop.bought(3)
    foreign = make_sizes().variants[0]
    for wish, code in (
        (shop.variants[2], "marketplace.exchange_price_differs"),
        (shop.variants[3], "marketplace.exchange_price_differs"),
        (foreign, "marketplace.invalid_return"),
    ):
        with pytest.raises(marketplace.InvalidReturn) as refused:
            swap(order, wish=wish)
        assert refused.value.code == code
        assert refused.value.problems[0].field == "lines.0.replacement"
    shop.stock(1, 1)
    with pytest.raises(marketplace.InvalidReturn):
        swap(order, 2, wish=shop.variants[1])
    found = swap(order, wish=shop.variants[1])
    with pytest.raises(marketplace.InvalidReturn):
        approve(found, variants={found.lines[0].id: shop.variants[3]})
    given_ = approve(found, variants={found.lines[0].id: shop.variants[2]}).lines[0].replacement
    assert given_ is not None
    assert (given_.variant_id, given_.changed) == (shop.variants[2], True)
    assert [reserved for _on_hand, reserved in shop.figures()] == [0, 0, 1, 0]


def test_a_price_that_changed_for_all(platform: Any) -> None:
    """What became dearer with the goods themselves still costs the same as they."""
    from tests.factories.marketplace import set_price

    shop = make_sizes("10.00", "11.00")
    order = shop.bought(1)
    with pytest.raises(marketplace.PriceDiffers):
        swap(order, wish=shop.variants[1])
    set_price(shop.variants[0], "11.00")
    assert swap(order, wish=shop.variants[1]).state == "requested"


def test_goods_that_were_sold_ahead_are_no_replacement(platform: Any) -> None:
    """A replacement is what is there, and nothing that was promised to somebody else."""
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order, wish=shop.variants[1])
    shop.stock(1, 0)
    inventory.set_ahead(
        merchant_id=shop.merchant_id, variant_id=shop.variants[1], mode="backorder", lead_days=3
    )
    with pytest.raises(marketplace.ReplacementMissing):
        approve(found)
    assert state(found) == "requested", "nothing has happened"


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "lapsed", "refused on arrival", "turned"])
def test_what_was_held_is_free_again(platform: Any, end: str) -> None:
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    if end == "rejected":
        marketplace.reject_return(return_id=found.id, answer="Nothing is wrong with it.")
    else:
        approve(found)
        assert shop.figures()[0] == (9, 1)
    if end == "withdrawn":
        marketplace.withdraw_return(return_id=found.id)
    elif end == "lapsed":
        with later(days=8):
            assert marketplace.pass_overdue_returns() == (0, 1)
    elif end == "refused on arrival":
        sent(found)
        marketplace.reject_return(return_id=found.id, answer="The box was empty.")
    elif end == "turned":
        assert journeys.refund_instead(return_id=found.id) is None
        assert (now_of(found).kind, now_of(found).state) == ("refund", "approved")
    assert shop.figures()[0] == (9, 0)
    if end != "turned":
        assert swap(order).number.endswith("-R2"), "may be asked for again"


def test_money_waits_and_never_for_ever(platform: Any) -> None:
    """An open exchange keeps the money and the order open beyond their days; whoever doesn't act,
    time ends it, and then the money is released."""
    shop = make_sizes()
    order = shop.bought(2)
    with later(days=6):
        found = swap(order)
        approve(found)
        sent(found)
    with later(days=8):
        assert payments.release_due() == 0, "its days are over, but it is held back"
        assert marketplace.complete_delivered_orders() == 0
        with pytest.raises(marketplace.ExchangeOpen):
            journeys.accept_order(order_id=order.id)
        with pytest.raises(payments.EscrowHeldBack):
            payments.accept_escrow(escrow_id=held(order).id)
        assert held(order).release_at == a_day_after(now_of(found).receive_by)
    with later(days=17):
        assert return_steps.receive_overdue_returns() == 1
        assert (state(found), now_of(found).restocked) == ("received", False)
        resend(found)
    with later(days=17 + 17, minutes=1):
        assert marketplace.pass_overdue_exchanges() == (1, 0)
        assert state(found) == "exchanged"
        assert marketplace.complete_delivered_orders() == 1
        assert payments.release_due() == 1
        assert held(order).state == "released"
    balanced()


def test_refused_exchanges_keep_nothing(platform: Any) -> None:
    """With the last open exchange its hold ends: the order's own days count again."""
    shop = make_sizes()
    order = shop.bought(3)
    own = held(order).release_at
    first, second = swap(order), swap(order)
    with later(days=5):
        approve(second)
        assert held(order).release_at == a_day_after(now_of(second).send_by)
        marketplace.withdraw_return(return_id=second.id)
        marketplace.reject_return(return_id=first.id, answer="No.")
    assert held(order).release_at == own
    with later(days=7, minutes=1):
        assert payments.release_due() == 1


def test_a_merchant_who_does_nothing(platform: Any) -> None:
    """Approved by time with the wish, or for the money where it is gone; not replaced: refunded."""
    shop = make_sizes()
    order = shop.bought(2)
    kept, gone = swap(order, cause="no_reason"), swap(order, wish=shop.variants[1])
    shop.stock(1, 0)
    with later(days=2, minutes=1):
        assert marketplace.pass_overdue_returns() == (2, 0)
        assert (now_of(kept).kind, state(kept), shop.figures()[0]) == (
            "exchange",
            "approved",
            (8, 1),
        )
        assert (now_of(gone).kind, now_of(gone).turned) == ("refund", "out_of_stock")
        sent(kept)
        sent(gone)
        received(kept, restock=True)
    with later(days=9, minutes=2):
        assert marketplace.pass_overdue_exchanges() == (0, 1)
        turned = now_of(kept)
        assert (turned.kind, turned.turned, turned.state) == ("refund", "not_sent", "received")
        assert shop.figures()[0] == (9, 0)
        assert steps.refund_turned() == 1
        assert steps.refund_turned() == 0
        assert (state(kept), now_of(kept).refund.amount) == ("refunded", 1000)
        journeys.receive_return(return_id=gone.id)
    assert held(order).refunded == order.total
    balanced()


def test_the_money_instead(platform: Any) -> None:
    """With the goods back, or the replacement lost, at once."""
    shop = make_sizes()
    order = shop.bought(2)
    here, lost = swap(order), swap(order)
    for one in (here, lost):
        back(one)
    resend(lost)
    with pytest.raises(journeys.ReturnNotReceivable):
        journeys.receive_return(return_id=here.id)
    for one in (here, lost):
        done = journeys.refund_instead(return_id=one.id)
        assert done is not None
        assert done.state == "done"
        again = journeys.refund_instead(return_id=one.id)
        assert again is not None
        assert again.id == done.id
        assert (now_of(one).kind, now_of(one).turned, state(one)) == (
            "refund",
            "merchant",
            "refunded",
        )
    assert held(order).refunded == order.total
    assert shop.figures()[0] == (7, 0), "the lost one left the stock"
    balanced()


def test_a_carrier_that_refuses(platform: Any) -> None:
    """Nothing has left, the replacement is still held, and can be sent or refunded."""
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    back(found)
    key = uuid4()
    marketplace.begin_replacement(return_id=found.id, key=key)
    assert now_of(found).handing
    with pytest.raises(marketplace.WrongReturnState):
        marketplace.turn_exchange(return_id=found.id)
    with later(days=8):
        assert marketplace.pass_overdue_exchanges() == (0, 0), "in the carrier's hands"
    marketplace.end_replacement(return_id=found.id, key=key)
    assert shop.figures()[0] == (9, 1)
    assert resend(found).state == "resent"


def test_refused_then_decided(platform: Any) -> None:
    shop = make_sizes()
    order = shop.bought(2)
    found = swap(order, 2)
    marketplace.reject_return(return_id=found.id, answer="They are fine.")
    dispute = journeys.dispute_return(key=uuid4(), return_id=found.id, text="They aren't.")
    with pytest.raises(marketplace.ReturnDisputed):
        swap(order)
    payments.decide(dispute_id=dispute.id, refund=order.total, reason="Photographed.")
    outbox.drain()
    ended = now_of(found)
    assert (ended.kind, ended.turned, ended.state) == ("refund", "decided", "refunded")
    assert ended.refund == order.total
    assert not any(one.left for one in marketplace.returnable(order_id=order.id).pieces)
    balanced()


def test_a_replacement_that_never_came(platform: Any) -> None:
    """The complaint stops time; decided for the merchant, time goes on."""
    shop = make_sizes()
    order = shop.bought(2)
    found = swap(order)
    back(found)
    resend(found)
    dispute = journeys.dispute_return(key=uuid4(), return_id=found.id, text="Nothing came.")
    with pytest.raises(marketplace.ReturnDisputed):
        confirmed(found)
    with later(days=30):
        assert marketplace.pass_overdue_exchanges() == (0, 0)
    payments.decide(dispute_id=dispute.id, refund=order.total * 0, reason="It was handed over.")
    outbox.drain()
    assert state(found) == "resent"
    with later(days=30):
        assert marketplace.pass_overdue_exchanges() == (1, 0)
    assert state(found) == "exchanged"


def test_one_refusal_is_decided_once(platform: Any) -> None:
    """What was refused, then asked for again, can't be complained about as well."""
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    marketplace.reject_return(return_id=found.id, answer="No.")
    ask(order, 1)
    with pytest.raises(marketplace.NothingLeftToReturn):
        journeys.dispute_return(key=uuid4(), return_id=found.id)


def test_the_replacement_goes_back(platform: Any) -> None:
    """A second exchange of the same piece, then its money: paid for once, given back once; each
    article to the shelf from which it came; days count from the replacement's arrival."""
    shop = make_sizes()
    order = shop.bought(3)
    first = exchanged(order, 2, wish=shop.variants[1])
    assert shop.figures() == [(7, 0), (8, 0), (10, 0)]
    with pytest.raises(marketplace.InvalidReturn):
        swap(order, 2)  # of the goods as bought one is left
    with later(days=10):
        second = exchanged(order, 1, piece=first.lines[0].id, restock=True)
        assert shop.figures()[1] == (8, 0), "one back, one sent"
        with pytest.raises(marketplace.ReturnTooLate):
            ask(order, 1)
    with later(days=12):
        wanted = {second.lines[0].id: Decimal(1)}
        with pytest.raises(marketplace.ReturnTooLate):
            marketplace.preview_return(order_id=order.id, lines={first.lines[0].id: Decimal(1)})
        money = marketplace.request_return(
            key=uuid4(),
            order_id=order.id,
            lines=wanted,
            cause="no_reason",
        )
        assert (money.lines[0].variant_id, money.refund.amount) == (shop.variants[1], 1000)
        approve(money)
        sent(money)
        journeys.receive_return(return_id=money.id, restock=True)
        assert shop.figures()[1] == (9, 0)
    assert held(order).refunded.amount == 1000
    balanced()
