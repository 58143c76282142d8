"""How an exchange ends when a complaint, a letter or another hand is in between."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from journeys import facade as journeys
from journeys.models import Journey
from journeys.services import exchanges as steps
from kernel import mail, outbox
from kernel.money import Money
from marketplace import facade as marketplace
from payments import facade as payments
from storefront.returns import shown
from tests.factories.exchanges import approve, back, confirmed, make_sizes, resend, swap
from tests.factories.returns import ask
from tests.journeys.test_exchanges import now_of
from tests.journeys.test_returns import balanced, held, later, state


def half(order: marketplace.OrderInfo) -> Money:
    return Money(order.total.amount // 2, order.total.currency)


def test_a_replacement_that_never_came_decided_for_the_buyer(platform: Any) -> None:
    shop = make_sizes()
    order = shop.bought(2)
    found = swap(order)
    back(found)
    resend(found)
    dispute = journeys.dispute_return(key=uuid4(), return_id=found.id, text="Nothing came.")
    payments.decide(dispute_id=dispute.id, refund=half(order), reason="It was lost.")
    outbox.drain()
    ended = now_of(found)
    assert (ended.kind, ended.turned, ended.state) == ("refund", "decided", "refunded")
    assert ended.refund == half(order)
    [piece] = marketplace.returnable(order_id=order.id).pieces
    assert piece.left == 1, "what was refunded is not at hand any more"
    assert shop.figures()[0] == (7, 0)
    balanced()


def test_what_is_decided_for_the_buyer_is_not_exchanged_meanwhile(platform: Any) -> None:
    """Between the decision and its event neither time nor a click ends it as exchanged."""
    shop = make_sizes()
    order = shop.bought(2)
    found = swap(order)
    back(found)
    resend(found)
    dispute = journeys.dispute_return(key=uuid4(), return_id=found.id)
    with later(days=30):
        payments.decide(dispute_id=dispute.id, refund=half(order), reason="It was lost.")
        assert marketplace.pass_overdue_exchanges() == (0, 0)
        with pytest.raises(marketplace.ReturnDisputed):
            confirmed(found)
        with pytest.raises(marketplace.ReturnDisputed):
            marketplace.turn_exchange(return_id=found.id)
        outbox.drain()
    assert state(found) == "refunded"


def test_a_complaint_locks_the_order_before_its_money(platform: Any) -> None:
    """As whatever moves an exchange does: a complaint and a confirmation never wait for each
    other."""
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    back(found)
    resend(found)
    with CaptureQueriesContext(connection) as seen:
        journeys.dispute_return(key=uuid4(), return_id=found.id)
    locked = [one["sql"] for one in seen if "FOR UPDATE" in one["sql"]]
    first = {
        table: next(place for place, sql in enumerate(locked) if table in sql)
        for table in ("marketplace_order", "payments_paymentintent")
    }
    assert first["marketplace_order"] < first["payments_paymentintent"]


def test_a_letter_promises_no_replacement_that_isnt_kept(platform: Any) -> None:
    """Approved for the money, or by time when the replacement was gone."""
    shop = make_sizes()
    order = shop.bought(3)
    kept, money, gone = swap(order), swap(order), swap(order, wish=shop.variants[1])
    approve(kept)
    approve(money, refund=True)
    shop.stock(1, 0)
    with later(days=2, minutes=1):
        assert marketplace.pass_overdue_returns() == (1, 0)
    outbox.drain()

    def told(found: marketplace.ReturnInfo) -> str:
        letters = [one for one in mail.letters(limit=50).items if found.public_id in one.body]
        return "\n".join(one.body for one in letters)

    assert "为您保留" in told(kept)
    for one in (money, gone):
        assert told(one)
        assert "为您保留" not in told(one)


def test_an_inspection_releases_nothing_meanwhile(platform: Any) -> None:
    """Nor anything else; once the exchange has ended the same report does."""
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    report: dict[str, Any] = {"report": "INSP-1", "released_share": Decimal(1)}
    with pytest.raises(payments.EscrowHeldBack):
        payments.inspected(escrow_id=held(order).id, **report)
    assert held(order).state == "held"
    marketplace.withdraw_return(return_id=found.id)
    assert payments.inspected(escrow_id=held(order).id, **report).state == "released"
    balanced()


def test_refunds_of_turned_exchanges_dont_wait_for_stuck_ones(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many of them an operator has put aside."""
    monkeypatch.setattr(steps, "BATCH", 1)
    shop = make_sizes()
    order = shop.bought(2)
    stuck, fresh = (back(swap(order)) for _ in range(2))
    for one in (stuck, fresh):
        marketplace.turn_exchange(return_id=one.id)
    Journey(
        kind="return", key=uuid4(), data={}, subject=str(stuck.id), state=Journey.State.UNDONE
    ).save(force_insert=True)
    assert steps.refund_turned() == 1
    assert (state(stuck), state(fresh)) == ("received", "refunded")


@pytest.mark.parametrize("again", [swap, ask])
def test_what_is_decided_for_the_buyer_is_not_asked_for_meanwhile(
    platform: Any, again: Callable[..., Any]
) -> None:
    """A refusal that the platform has just overruled: its goods are paid back."""
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    marketplace.reject_return(return_id=found.id, answer="No.")
    dispute = journeys.dispute_return(key=uuid4(), return_id=found.id)
    payments.decide(dispute_id=dispute.id, refund=order.total, reason="Photographed.")
    with pytest.raises(marketplace.ReturnDisputed):
        again(order, 1)
    outbox.drain()
    with pytest.raises(marketplace.NothingLeftToReturn):
        again(order, 1)


def test_a_parcel_that_was_called_off_starts_no_time(platform: Any) -> None:
    shop = make_sizes()
    found = swap(shop.bought(1))
    back(found)
    shipment = resend(found).shipment_id
    steps.replacement_delivered(return_id=found.id, shipment_id=uuid4())
    assert now_of(found).arrived_at is None
    steps.replacement_delivered(return_id=found.id, shipment_id=shipment)
    assert now_of(found).arrived_at is not None


def test_after_a_complaint_the_page_says_how_it_goes_on(platform: Any) -> None:
    """Decided for the merchant, it waits for the buyer again, until its time."""
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    back(found)
    resend(found)
    dispute = journeys.dispute_return(key=uuid4(), return_id=found.id)
    decides = shown(now_of(found))["next"]
    assert decides.until is None
    payments.decide(dispute_id=dispute.id, refund=None, reason="It was handed over.")
    goes_on = shown(now_of(found))["next"]
    assert goes_on.text != decides.text
    assert goes_on.until == now_of(found).confirm_by
