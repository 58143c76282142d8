"""Cancellations that no merchant answers: time does, unless the goods have gone or are going."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys import facade as journeys
from journeys.services import cancelling
from journeys.services.cancelling import accept_overdue
from kernel import outbox
from kernel.errors import DomainError
from marketplace import facade as marketplace
from platforms import facade as platforms
from tests.factories.cancelling import ask_to_cancel, bought, cancel, order_of, wanted
from tests.factories.order_contract import ask_for_contracts, buy_as, make_buyer
from tests.factories.world import World, make_world
from tests.journeys.test_cancelling import state
from tests.journeys.test_returns import at_once, balanced, held, later, left

DUE = {"days": 2, "minutes": 1}


def packed(world: World, quantity: int) -> marketplace.OrderInfo:
    [order] = bought(world, quantity)
    marketplace.start_packing(order_id=order.id)
    return order_of(order.id)


def test_time_answers_what_nobody_did(platform: Any) -> None:
    platforms.change_settings(settings={"marketplace": {"cancel_answer_days": 3}})
    world = make_world(1)
    order = packed(world, 3)
    found = ask_to_cancel(order.id)
    assert found.answer_by
    assert round((found.answer_by - found.requested_at) / timedelta(days=1), 3) == 3
    with later(days=2, hours=23):
        assert accept_overdue() == 0
    assert state(found) == "requested"
    with later(days=3, minutes=1):
        assert accept_overdue() == 1
        assert accept_overdue() == 0
        late = marketplace.cancellation(cancellation_id=found.id)
        assert late.begun_at
        assert late.answer_by
        assert late.begun_at > late.answer_by
    assert (late.state, late.by_itself, late.restocked) == ("refunded", True, True)
    assert left(world) == [98]
    assert held(order).refunded == late.refund
    assert order_of(order.id).state == "paid", "the rest is sent"
    outbox.drain()
    with translation.override("en"):
        [told] = [
            one
            for one in journeys.timeline(order_id=order.id)
            if one.kind == "marketplace.cancellation.accepted.v1"
        ]
    assert "for want of an answer" in told.title
    assert told.actor == "system"
    balanced()


def test_a_merchants_answer_isnt_times(platform: Any) -> None:
    """Also a late one, before time has looked; and what was asked at once has no time at all."""
    order = packed(make_world(1), 4)
    agreed, refused, back = (ask_to_cancel(order.id) for _ in range(3))
    with later(**DUE):
        journeys.accept_cancellation(cancellation_id=agreed.id)
        marketplace.reject_cancellation(cancellation_id=refused.id, answer="In the box.")
        marketplace.withdraw_cancellation(cancellation_id=back.id)
        assert accept_overdue() == 0
    assert [state(one) for one in (agreed, refused, back)] == ["refunded", "rejected", "withdrawn"]
    assert not marketplace.cancellation(cancellation_id=agreed.id).by_itself
    assert cancel(order, 1, side="merchant").answer_by is None


def test_what_is_being_handed_over_decides_first(platform: Any) -> None:
    """Taken by the carrier it lapses; not taken, time answers."""
    world = make_world(1)
    for taken in (True, False):
        order = packed(world, 2)
        found = cancel(order, 2)
        marketplace.begin_ship(order_id=order.id)
        with later(**DUE):
            assert accept_overdue() == 0
            assert state(found) == "requested"
            if taken:
                marketplace.mark_shipped(order_id=order.id)
            else:
                marketplace.end_ship(order_id=order.id)
            assert accept_overdue() == (0 if taken else 1)
        assert state(found) == ("lapsed" if taken else "refunded")
        assert order_of(order.id).state == ("shipped" if taken else "cancelled")
    balanced()


def test_what_waits_holds_nothing_up(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much of it there is."""
    monkeypatch.setattr(cancelling, "BATCH", 1)
    world = make_world(1)
    stuck = [packed(world, 2) for _n in range(2)]
    for one in stuck:
        ask_to_cancel(one.id)
        marketplace.begin_ship(order_id=one.id)
    fresh = ask_to_cancel(packed(world, 2).id)
    with later(**DUE):
        assert accept_overdue() == 1
    assert state(fresh) == "refunded"


@pytest.mark.django_db(transaction=True)
def test_a_part_of_what_a_contract_is_over_isnt_even_asked_for(platform: Any) -> None:
    """It could never be carried out; all of it can, while the contract isn't in force."""
    world = make_world(1)
    ask_for_contracts()
    [order_id] = buy_as(world, make_buyer(), 2).order_ids
    marketplace.start_packing(order_id=order_id)
    order = order_of(order_id)
    with pytest.raises(journeys.ContractCoversAll):
        cancel(order, 1)
    assert marketplace.cancellations_of(order_id=order_id) == []
    assert cancel(order, 2).state == "requested"
    with later(**DUE):
        assert accept_overdue() == 1
    assert order_of(order_id).state == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_time_and_everybody_at_once(platform: Any) -> None:
    """Whoever is first under the order's lock decides; the others find that, and the money, the
    stock and the parcel say the same."""
    world = make_world(1)
    here = platform
    stock = 100
    for n in range(12):
        order = packed(world, 2)
        found = ask_to_cancel(order.id)
        ahead = replace(here, clock_offset=here.clock_offset + timedelta(**DUE))
        answer = (
            partial(marketplace.withdraw_cancellation, cancellation_id=found.id),
            partial(marketplace.reject_cancellation, cancellation_id=found.id, answer="No."),
            partial(journeys.accept_cancellation, cancellation_id=found.id),
            accept_overdue,
        )[n % 4]
        at_once(
            ahead,
            accept_overdue,
            partial(marketplace.mark_shipped, order_id=order.id),
            answer,
        )
        now, ended = order_of(order.id), marketplace.cancellation(cancellation_id=found.id)
        assert now.state == "shipped"
        gone = int(now.lines[0].cancelled)
        assert ended.state in (("refunded",) if gone else ("lapsed", "withdrawn", "rejected"))
        assert int(now.lines[0].sent) == 2 - gone
        assert held(order).refunded.amount == 1000 * gone == now.cancelled_total.amount
        stock -= 2 - gone
        assert left(world) == [stock]
    balanced()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_course(platform: Any, data: st.DataObject) -> None:
    """Asked, answered, sent and waited in any order: no line falls below nothing, what went back
    is what was cancelled, and once enough time has passed nothing waits for an answer but what is
    being handed over."""
    world = make_world(1, price="9.99")
    order = packed(world, 6)
    days = 0
    keys: list[Any] = []
    for _n in range(data.draw(st.integers(3, 10))):
        what = data.draw(st.sampled_from(["ask", "agree", "refuse", "back", "book", "end", "wait"]))
        with later(days=days), suppress(DomainError):
            _do(what, order, keys, data)
        days += 3 if what == "wait" else 0
        [line] = order_of(order.id).lines
        assert 0 <= line.cancelled + line.sent <= line.quantity
        assert held(order).refunded == order_of(order.id).cancelled_total
    with later(days=days + 3):
        accept_overdue()
        waiting = marketplace.cancellations_page(order_id=order.id, state="requested").items
        assert not waiting or order_of(order.id).state == "shipping"
        marketplace.end_ship(order_id=order.id)
        accept_overdue()
        assert not marketplace.cancellations_page(order_id=order.id, state="requested").items
    if order_of(order.id).state == "cancelled":
        assert held(order).refunded == order.total
    balanced()


def _do(what: str, order: marketplace.OrderInfo, keys: list[Any], data: st.DataObject) -> None:
    waiting = marketplace.cancellations_page(order_id=order.id, state="requested").items
    if what == "ask":
        cancel(order_of(order.id), data.draw(st.integers(1, 3)))
    elif what == "wait":
        with later(days=3):
            accept_overdue()
    elif what == "book":
        keys.append(uuid4())
        some = wanted(order, data.draw(st.integers(1, 3)))
        marketplace.begin_ship(order_id=order.id, key=keys[-1], lines=some)
    elif what == "end" and keys:
        ending = data.draw(st.sampled_from([marketplace.mark_shipped, marketplace.end_ship]))
        ending(order_id=order.id, key=keys.pop())
    elif waiting:
        one = data.draw(st.sampled_from(waiting)).id
        if what == "agree":
            journeys.accept_cancellation(cancellation_id=one)
        elif what == "refuse":
            marketplace.reject_cancellation(cancellation_id=one, answer="No.")
        elif what == "back":
            marketplace.withdraw_cancellation(cancellation_id=one)
