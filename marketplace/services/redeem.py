"""Use promotions once and only as often as they may be used, and give the use back.

Placing locks what it uses, works the cart out anew on the locked rows, and counts. Promotions
without limits are locked for sharing only: their orders don't wait for each other, but a change of
the promotion waits for them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from kernel import clock
from kernel.transactions import atomic
from marketplace import locks
from marketplace.domain.totals import PricedLine
from marketplace.models import (
    COUPONS,
    REDEMPTIONS,
    Cart,
    Order,
    OrderGroup,
    Promotion,
    Redemption,
)
from marketplace.selectors.discounts import Candidate, Discounts, discounts_of, worked_out
from marketplace.selectors.goods import Goods


def discounts_to_take(cart: Cart, goods: Goods, lines: Sequence[PricedLine]) -> Discounts:
    """What comes off, with its promotions and coupons locked until the transaction ends."""
    found = discounts_of(
        lines,
        goods.variants,
        currency=goods.currency,
        live=goods.live,
        codes=cart.codes,
        buyer_id=cart.buyer_id,
    )
    if not found.outcome.applied:
        return found
    rows = locks.promotions_in_use([one.promotion.id for one in found.used])
    coupons = locks.coupons([one.coupon.id for one in found.used if one.coupon and one.coupon.once])
    fresh = [
        Candidate(
            rows[one.promotion.id],
            coupons.get(one.coupon.id, one.coupon) if one.coupon else None,
        )
        for one in found.used
        if one.promotion.id in rows
    ]
    again = worked_out(
        fresh, lines, goods.variants, currency=goods.currency, buyer_id=cart.buyer_id
    )
    refused = tuple(
        (one.offered.code, one.problem) for one in found.outcome.refused if one.offered.code
    )
    return replace(again, problems=(*again.problems, *found.problems, *refused))


def redeem(group: OrderGroup, orders: Mapping[UUID, Order], found: Discounts) -> None:
    """Count what was taken, in the transaction that locked it."""
    rows = []
    for one in found.outcome.applied:
        used = found.candidates[one.offered.id]
        for order in orders.values():
            parts = [row for row in order.discounts if row["promotion"] == str(one.offered.id)]
            if parts:
                rows.append(_redemption(group, order, used, parts[0]["amount"]))
        if used.promotion.limited:
            _count(used.promotion, uses=1, spent=one.amount)
        if used.coupon is not None and used.coupon.once:
            used.coupon.uses += 1
            COUPONS.update(used.coupon, "uses")
    REDEMPTIONS.insert(rows)


def _count(promotion: Promotion, *, uses: int, spent: int) -> None:
    """Without a new version: who edits the promotion isn't disturbed by its use."""
    promotion.uses += uses
    promotion.spent += spent
    Promotion.objects.filter(id=promotion.id).update(uses=promotion.uses, spent=promotion.spent)


def _redemption(group: OrderGroup, order: Order, used: Candidate, amount: int) -> Redemption:
    return Redemption(
        promotion_id=used.promotion.id,
        coupon_id=used.coupon.id if used.coupon else None,
        group=group,
        order=order,
        buyer_id=group.buyer_id,
        amount=amount,
        used_at=group.placed_at,
    )


def give_back(order_id: UUID, *, wait: bool = True) -> bool:
    """The order was cancelled before it was sent: what it used may be used again. Repeatable.

    Without ``wait`` nothing is waited for, and False says that it must be done later: who holds
    other rows (stock) here could wait for one that waits for those.
    """
    with atomic():
        mine = [row for row in locks.redemptions(order_id, wait=wait) if not row.returned_at]
        if not mine:
            return not REDEMPTIONS.all("order_id = %s AND returned_at IS NULL", [order_id])
        ids = {row.promotion_id for row in mine}
        rows = locks.promotions_to_count(ids, wait=wait)
        once = {row.coupon_id for row in mine if row.coupon_id}
        coupons = locks.coupons(once, wait=wait)
        if rows is None or len(coupons) < len(once):
            return False
        now = clock.business()
        for row in mine:
            row.returned_at = now
            REDEMPTIONS.update(row, "returned_at")
            last = not REDEMPTIONS.all(
                "promotion_id = %s AND group_id = %s AND returned_at IS NULL LIMIT 1",
                [row.promotion_id, row.group_id],
            )
            promotion = rows.get(row.promotion_id)
            if promotion is not None:
                _count(promotion, uses=-int(last), spent=-row.amount)
            coupon = coupons.get(row.coupon_id) if row.coupon_id else None
            if coupon is not None and coupon.once and last:
                coupon.uses -= 1
                COUPONS.update(coupon, "uses")
    return True
