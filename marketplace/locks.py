"""Locks of this context, in this order: the buyer's cart, a guest's cart, what a buyer keeps,
gates of shops (by id), offers (by id), orders (by id), returns, cancellations, redemptions,
promotions (by id), coupons (by id). Apart from these: a merchant's price lists together, a group of
buyers, its members, a price list."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from kernel import gathered, tenancy
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG
from kernel.transactions import cursor, together
from marketplace.contracts import CartOwner
from marketplace.errors import (
    BuyerGroupNotFound,
    CancellationNotFound,
    CartNotFound,
    OfferNotFound,
    OrderNotFound,
    PriceListNotFound,
    PromotionNotFound,
    ReturnNotFound,
)
from marketplace.models import (
    CARTS,
    COUPONS,
    OFFERS,
    ORDERS,
    PROMOTIONS,
    REDEMPTIONS,
    BuyerGroup,
    Cancellation,
    Cart,
    Coupon,
    Offer,
    Order,
    PriceList,
    Promotion,
    Redemption,
    Return,
)

_LIMITED = "(max_uses IS NOT NULL OR max_uses_each IS NOT NULL OR budget IS NOT NULL)"


def cart(cart_id: UUID, owner: CartOwner | None = None) -> Cart:
    """The cart, locked; with ``owner`` only if it is theirs. Raises CartNotFound."""
    return whose(ask(cart_question(cart_id))[0], owner)


def whose(found: Sequence[Cart], owner: CartOwner | None) -> Cart:
    """The cart that was found, with ``owner`` only if it is theirs. Raises CartNotFound."""
    for one in found:
        if owner is None or owner.owns(buyer_id=one.buyer_id, token_hash=one.token_hash):
            return one
    raise CartNotFound


def cart_or_none(cart_id: UUID) -> Cart | None:
    """The cart, locked, if it is still there."""
    return next(iter(ask(cart_question(cart_id))[0]), None)


def cart_question(cart_id: UUID) -> Question[list[Cart]]:
    """``cart_or_none`` as a list, to be asked with others."""
    return CARTS.question("id = %s FOR UPDATE", [cart_id])


@contextmanager
def shelf(buyer_id: UUID) -> Iterator[None]:
    """A transaction in which nobody else changes what this buyer keeps; there may be no row yet."""
    with together():
        with cursor() as sql:
            sql.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"marketplace.shelf {tenancy.current_id()} {buyer_id}"],
            )
        yield


_GATE = "marketplace.gate "


def gate(merchant_id: UUID) -> None:
    """Nobody orders of this merchant until the transaction ends; who is about to is waited for."""
    with cursor() as sql:
        sql.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_gate_of(merchant_id)]
        )


def gates_shared(merchant_ids: Iterable[UUID]) -> Question[Any]:
    """The question after which it stays as it is until the transaction ends whether these
    merchants sell."""
    names = [_gate_of(one) for one in sorted(set(merchant_ids))]
    if not names:
        return NOTHING
    return Question(
        "SELECT pg_advisory_xact_lock_shared(hashtextextended(name, 0)) "
        "FROM unnest(%s::text[]) WITH ORDINALITY AS gates (name, place) ORDER BY place",
        [names],
        len,
    )


def _gate_of(merchant_id: UUID) -> str:
    return f"{_GATE}{tenancy.current_id()} {merchant_id}"


def price_lists_of(merchant_id: UUID) -> None:
    """Nobody else makes or renames this merchant's groups and price lists meanwhile."""
    with cursor() as sql:
        sql.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"marketplace.price_lists {tenancy.current_id()} {merchant_id}"],
        )


def buyer_group(group_id: UUID, merchant_id: UUID) -> BuyerGroup:
    """The merchant's group, locked. Raises BuyerGroupNotFound."""
    rows = BuyerGroup.objects.select_for_update().filter(id=group_id, merchant_id=merchant_id)
    found = rows.first()
    if found is None:
        raise BuyerGroupNotFound
    return found


def price_list(list_id: UUID, merchant_id: UUID) -> PriceList:
    """The merchant's price list, locked. Raises PriceListNotFound."""
    rows = PriceList.objects.select_for_update().filter(id=list_id, merchant_id=merchant_id)
    found = rows.first()
    if found is None:
        raise PriceListNotFound
    return found


def offers(variant_ids: Iterable[UUID]) -> dict[UUID, Offer]:
    """The offers of these variants that exist, locked, by variant."""
    rows = OFFERS.all(f"variant_id {AMONG} ORDER BY id FOR UPDATE", [list(variant_ids)])
    return {row.variant_id: row for row in rows}


def offer(variant_id: UUID) -> Offer:
    """One variant's offer, locked. Raises OfferNotFound."""
    found = offers([variant_id])
    if variant_id not in found:
        raise OfferNotFound
    return found[variant_id]


def order(order_id: UUID) -> Order:
    """The order, locked. Raises OrderNotFound."""
    found = ORDERS.one("id = %s", [order_id], lock=True)
    if found is None:
        raise OrderNotFound
    return found


def orders_of(group_id: UUID) -> list[Order]:
    """The group's orders, locked. Raises OrderNotFound when there are none."""
    made: list[Order] | None = gathered.remembered(Order, group_id)
    if made is not None:
        return made
    rows = ORDERS.all("group_id = %s ORDER BY id FOR UPDATE", [group_id])
    if not rows:
        raise OrderNotFound
    return rows


def return_with_order(return_id: UUID) -> tuple[Order, Return]:
    """The return and its order, locked, the order first: what is returned of an order is counted
    under its lock. Raises ReturnNotFound."""
    order_id = Return.objects.filter(id=return_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise ReturnNotFound
    found = order(order_id)
    return found, Return.objects.select_for_update().get(id=return_id)


def cancellation_with_order(cancellation_id: UUID) -> tuple[Order, Cancellation]:
    """The cancellation and its order, locked, the order first. Raises CancellationNotFound."""
    rows = Cancellation.objects.filter(id=cancellation_id)
    order_id = rows.values_list("order_id", flat=True).first()
    if order_id is None:
        raise CancellationNotFound
    found = order(order_id)
    return found, Cancellation.objects.select_for_update().get(id=cancellation_id)


def promotion(promotion_id: UUID, merchant_id: UUID | None) -> Promotion:
    """The owner's promotion (None: the platform's), locked. Raises PromotionNotFound."""
    found = PROMOTIONS.one("id = %s", [promotion_id], lock=True)
    if found is None or found.merchant_id != merchant_id:
        raise PromotionNotFound
    return found


def promotions_in_use(ids: Iterable[UUID]) -> dict[UUID, Promotion]:
    """Those of these promotions that are there, so that none changes before an order that uses
    them is written: those with limits locked to be counted, the others shared. One whose limits
    were changed at this very moment is missing."""
    wanted = [list(ids)]
    counted = PROMOTIONS.all(f"id = ANY(%s) AND {_LIMITED} ORDER BY id FOR NO KEY UPDATE", wanted)
    shared = PROMOTIONS.all(f"id = ANY(%s) AND NOT {_LIMITED} ORDER BY id FOR SHARE", wanted)
    return {row.id: row for row in (*counted, *shared)}


def promotions_to_count(ids: Iterable[UUID], *, wait: bool) -> dict[UUID, Promotion] | None:
    """Those of these promotions whose uses are counted, locked; None if one isn't free and
    ``wait`` is false."""
    wanted = [list(ids)]
    there = {row.id for row in PROMOTIONS.all(f"id = ANY(%s) AND {_LIMITED}", wanted)}
    rows = PROMOTIONS.all(
        f"id = ANY(%s) AND {_LIMITED} ORDER BY id FOR NO KEY UPDATE{_patience(wait)}", wanted
    )
    found = {row.id: row for row in rows}
    return None if there - set(found) else found


def coupons(ids: Iterable[UUID], *, wait: bool = True) -> dict[UUID, Coupon]:
    """These coupons, locked; without ``wait`` those that are free."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = COUPONS.all(f"id = ANY(%s) ORDER BY id FOR NO KEY UPDATE{_patience(wait)}", [wanted])
    return {row.id: row for row in rows}


def redemptions(order_id: UUID, *, wait: bool) -> list[Redemption]:
    """What an order used, locked; without ``wait`` what is free."""
    return REDEMPTIONS.all(
        f"order_id = %s ORDER BY id FOR NO KEY UPDATE{_patience(wait)}", [order_id]
    )


def _patience(wait: bool) -> str:
    return "" if wait else " SKIP LOCKED"
