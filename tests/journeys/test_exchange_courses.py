"""Returns and exchanges at once, and in any order: pieces, stock and money are right."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys import facade as journeys
from marketplace import facade as marketplace
from tests.factories.exchanges import (
    Sizes,
    approve,
    back,
    confirmed,
    make_sizes,
    received,
    resend,
    sent,
    swap,
)
from tests.factories.returns import ask
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect
from tests.journeys.test_exchanges import now_of
from tests.journeys.test_returns import at_once, balanced, held


@pytest.mark.django_db(transaction=True)
def test_the_last_one_in_stock(platform: Any) -> None:
    """Two exchanges approved at once of the last piece: one gets it."""
    shop = make_sizes()
    order = shop.bought(2)
    asked = [swap(order, wish=shop.variants[1]), swap(order, wish=shop.variants[1])]
    shop.stock(1, 1)
    done = at_once(platform, *[lambda one=one: approve(one) for one in asked])
    kinds = sorted(type(one).__name__ for one in done)
    assert kinds == ["ReplacementMissing", "ReturnInfo"], done
    assert shop.figures()[1] == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_an_exchange_and_a_sale_of_the_last_one(platform: Any) -> None:
    shop = make_sizes()
    order = shop.bought(1)
    found = swap(order)
    shop.stock(0, 1)
    done = at_once(platform, lambda: approve(found), lambda: shop.world.buy(1))
    won = [one for one in done if not isinstance(one, Exception) and one.state != "undone"]
    assert len(won) == 1, done


@pytest.mark.django_db(transaction=True)
def test_returned_and_exchanged_at_once(platform: Any) -> None:
    shop = make_sizes()
    order = shop.bought(1)
    done = at_once(platform, *[lambda: swap(order), lambda: ask(order, 1)] * 2)
    assert len([one for one in done if isinstance(one, marketplace.ReturnInfo)]) == 1, done


@pytest.mark.django_db(transaction=True)
def test_sent_and_refunded_at_once(platform: Any) -> None:
    """The merchant's two clicks: the replacement or the money, never both."""
    shop = make_sizes()
    with serving() as url:
        connect(url, make_account())
        order = shop.bought(1)
        found = swap(order)
        back(found)
        done = at_once(
            platform,
            lambda: journeys.send_replacement(return_id=found.id),
            lambda: marketplace.turn_exchange(return_id=found.id),
            lambda: journeys.send_replacement(return_id=found.id),
        )
    ended = now_of(found)
    if ended.kind == "exchange":
        assert (ended.state, shop.figures()[0]) == ("resent", (8, 0)), done
    else:
        assert (ended.state, shop.figures()[0]) == ("received", (9, 0)), done
        assert ended.resent_waybill == ""


ACTS = (
    "return", "exchange", "approve", "reject", "send", "receive", "resend", "confirm", "instead",
    "withdraw",
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_course_of_returns_and_exchanges(platform: Any, data: st.DataObject) -> None:
    """In any order: every piece is in one place, nothing is refunded twice, the stock adds up; and
    all that is left at the end brings all of the money back."""
    shop = make_sizes(data.draw(st.sampled_from(["0.03", "9.99", "33.33"])), "9.99", stock=50)
    many = data.draw(st.integers(1, 4))
    order = shop.bought(many)
    on_hand = sum(figure for figure, _reserved in shop.figures())
    ways: list[marketplace.ReturnInfo] = []
    for act in data.draw(st.lists(st.sampled_from(ACTS), max_size=25)):
        try:
            _do(act, order, ways, data)
        except (marketplace.InvalidReturn, marketplace.WrongReturnState, marketplace.NotReturnable):
            pass  # not now
        except (journeys.ReturnNotReceivable, marketplace.ReplacementMissing):
            pass
        _sound(shop, order, many, on_hand)
    for one in ways:
        _finish(one)
    for piece in marketplace.returnable(order_id=order.id).pieces:
        if piece.left:
            last = marketplace.request_return(
                key=uuid4(), order_id=order.id, lines={piece.id: piece.left}, cause="no_reason"
            )
            approve(last)
            sent(last)
            assert journeys.receive_return(return_id=last.id).state == "done"
    _sound(shop, order, many, on_hand)
    assert held(order).refunded == order.total
    balanced()


def _do(
    act: str, order: marketplace.OrderInfo, ways: list[marketplace.ReturnInfo], data: st.DataObject
) -> None:
    if act in ("return", "exchange"):
        pieces = [p for p in marketplace.returnable(order_id=order.id).pieces if p.left]
        if pieces:
            piece = data.draw(st.sampled_from(pieces))
            asked = marketplace.request_return(
                key=uuid4(),
                order_id=order.id,
                lines={piece.id: Decimal(data.draw(st.integers(1, int(piece.left))))},
                cause=data.draw(st.sampled_from(["no_reason", "damaged"])),
                kind="refund" if act == "return" else "exchange",
            )
            ways.append(asked)
    elif ways:
        one = now_of(data.draw(st.sampled_from(ways)))
        _go_on(act, one, restock=data.draw(st.booleans()))


def _go_on(act: str, one: marketplace.ReturnInfo, *, restock: bool) -> None:
    if act == "receive" and not one.exchange:
        journeys.receive_return(return_id=one.id, restock=restock)
        return
    steps_: dict[str, Callable[[], object]] = {
        "approve": lambda: approve(one),
        "reject": lambda: marketplace.reject_return(return_id=one.id, answer="No."),
        "send": lambda: sent(one),
        "receive": lambda: received(one, restock=restock),
        "resend": lambda: resend(one),
        "confirm": lambda: confirmed(one),
        "instead": lambda: journeys.refund_instead(return_id=one.id),
        "withdraw": lambda: marketplace.withdraw_return(return_id=one.id),
    }
    steps_[act]()


def _finish(one: marketplace.ReturnInfo) -> None:
    """Whatever is open, ended."""
    now = now_of(one)
    if now.state == "requested":
        approve(now)
        sent(now)
    elif now.state == "approved":
        sent(now)
    now = now_of(one)
    if now.exchange and now.state == "sent":
        received(now)
    if now.exchange and now_of(one).state == "received":
        resend(now)
    if now_of(one).state == "resent":
        confirmed(now)
    elif now_of(one).state in ("sent", "received"):
        assert journeys.receive_return(return_id=one.id).state == "done"


def _sound(shop: Sizes, order: marketplace.OrderInfo, many: int, on_hand: int) -> None:
    pieces = marketplace.returnable(order_id=order.id).pieces
    assert all(piece.left >= 0 for piece in pieces)
    found = marketplace.returns_of(order_id=order.id)

    def units(*, open_: bool = False, states: tuple[str, ...] = (), kind: str = "") -> int:
        return sum(
            int(line.quantity)
            for one in found
            if (one.open if open_ else one.state in states) and kind in ("", one.kind)
            for line in one.lines
        )

    at_hand = sum(int(piece.left) for piece in pieces)
    assert at_hand + units(open_=True) + units(states=("refunded",)) == many
    assert held(order).refunded <= order.total
    held_for = sum(
        int(line.quantity)
        for one in found
        if one.exchange and one.state in ("approved", "sent", "received")
        for line in one.lines
    )
    assert sum(reserved for _on_hand, reserved in shop.figures()) == held_for
    gone = sum(int(line.quantity) for one in found if one.resent_waybill for line in one.lines)
    back = sum(int(line.quantity) for one in found if one.restocked for line in one.lines)
    assert sum(figure for figure, _reserved in shop.figures()) == on_hand - gone + back
