"""What happens to orders after they were placed. Each may be repeated without harm."""

from uuid import UUID

from kernel import audit, clock, outbox
from kernel.money import Money
from kernel.transactions import atomic, together
from marketplace import events, locks
from marketplace.contracts import OrderInfo
from marketplace.contracts_returns import OPEN, ReturnKind
from marketplace.domain.quantities import HIGHEST
from marketplace.errors import ExchangeOpen, MerchantMustAgree
from marketplace.models import CARTS, LINES, ORDERS, Cart, Order, OrderGroup, OrderLine, Return
from marketplace.selectors.cancellations import BUYER, at_once, lines_of
from marketplace.selectors.carts import stored_lines
from marketplace.selectors.goods import StoredLine
from marketplace.selectors.orders import info_of
from marketplace.selectors.parcels import unsent
from marketplace.services.cancelling.moving import lapse_requests
from marketplace.services.carts import CODES_MAX, keep
from marketplace.services.order_moving import move, move_all, named, wrong
from marketplace.services.redeem import give_back
from marketplace.services.shipping import mark_delivered

State = Order.State
PACKABLE = frozenset({State.PAID, State.PARTLY_SHIPPED})
BATCH = 200
# An order isn't over while goods of it are exchanged.
EXCHANGING = {"kind": ReturnKind.EXCHANGE, "state__in": list(OPEN)}


def mark_group_paid(*, group_id: UUID) -> None:
    """The payment arrived: every order of the group is paid. Raises OrderState."""
    with together():
        paid = [
            order
            for order in locks.orders_of(group_id)
            if order.paid_at is None or order.state == State.CANCELLED
        ]
        move_all(paid, State.PAID, "marketplace.order.paid")
        for order in paid:
            order.paid_at = clock.business()
        ORDERS.update_all(paid, "state", "paid_at")
        outbox.append_many(
            (
                events.OrderPaid(
                    **named(order),
                    total=Money(order.total, order.currency),
                    commission=Money(order.commission, order.currency),
                ),
                order,
                order.merchant_id,
            )
            for order in paid
        )


def cancel_group(*, group_id: UUID, reason: str, restore_cart: bool = False) -> None:
    """Nothing comes of the group: its orders are cancelled.

    ``restore_cart`` puts the goods back into the cart they came from, beside what is there now.
    Raises OrderState when one has left already, OrderNotFound.
    """
    with atomic():
        # The cart's lock comes before the orders', as everywhere.
        cart_id = OrderGroup.objects.filter(id=group_id).values_list("cart_id", flat=True).first()
        cart = locks.cart_or_none(cart_id) if restore_cart and cart_id else None
        open_ = [o for o in locks.orders_of(group_id) if o.state != State.CANCELLED]
        for order in open_:
            if order.state == State.PAID:
                move(order, State.CANCELLING, "marketplace.order.cancelling")
            _cancelled(order, reason)
        if cart is not None and open_:
            _restore(cart, open_)


def _restore(cart: Cart, orders: list[Order]) -> None:
    """Lines and codes as they were, beside what is there now."""
    order_ids = [order.id for order in orders]
    codes = [row["code"] for order in orders for row in order.discounts if row["code"]]
    cart.codes = list(dict.fromkeys([*cart.codes, *codes]))[:CODES_MAX]
    lines = {line.variant_id: line for line in stored_lines(cart)}
    rows = OrderLine.objects.filter(order_id__in=order_ids).order_by("position")
    for variant_id, quantity, price in rows.values_list("variant_id", "quantity", "unit_price"):
        present = lines.get(variant_id)
        summed = min(HIGHEST, quantity + (present.quantity if present else 0))
        lines[variant_id] = StoredLine(variant_id, summed, price)
    keep(cart, lines)
    CARTS.update(cart, "lines", "codes")


def begin_cancel(*, order_id: UUID, reason: str = "", by_buyer: bool = False) -> OrderInfo:
    """Claim a paid order for cancelling, so that it can't be shipped meanwhile. ``by_buyer``: not
    once the merchant packs it, unless all that is left wasn't there on the promised day.

    Raises OrderState, OrderNotFound, MerchantMustAgree.
    """
    with atomic():
        order = locks.order(order_id)
        if by_buyer and order.state == State.PAID and not _may_step_back(order):
            raise MerchantMustAgree(state=str(order.state))
        if order.state != State.CANCELLING or not _remains(order_id):
            order.cancel_reason = reason[:200]
            move(order, State.CANCELLING, "marketplace.order.cancelling", reason)
            order.save()
        return info_of(order)


def _may_step_back(order: Order) -> bool:
    rows = lines_of(order.id)
    return at_once(order, BUYER, rows, unsent(rows))


def _remains(order_id: UUID) -> bool:
    """Whether something is left to be sent. If not, the cancellation of the last part, which goes
    on, cancels the order."""
    return bool(LINES.all("order_id = %s AND cancelled < quantity LIMIT 1", [order_id]))


def start_packing(*, order_id: UUID) -> OrderInfo:
    """The merchant packs the order (配货): from now on a buyer asks before cancelling. Told again:
    as it is. Raises OrderState, OrderNotFound."""
    with atomic():
        order = locks.order(order_id)
        if order.packing_at is None:
            if order.state not in PACKABLE:
                raise wrong(order)
            order.packing_at = clock.business()
            order.save()
            audit.record(
                action="marketplace.order.packing",
                target=order,
                after={"packing_at": order.packing_at},
            )
            event = events.OrderPacking(**named(order))
            outbox.append(event, aggregate=order, merchant_id=order.merchant_id)
        return info_of(order)


def abandon_cancel(*, order_id: UUID) -> OrderInfo:
    """It wasn't cancelled after all: the order is paid as before."""
    with atomic():
        order = locks.order(order_id)
        if order.state == State.CANCELLING:
            order.cancel_reason = ""
            move(order, State.PAID, "marketplace.order.cancel_abandoned")
            order.save()
        return info_of(order)


def mark_cancelled(*, order_id: UUID, reason: str | None = None) -> OrderInfo:
    """Money and goods are back: the order is cancelled. Raises OrderState."""
    with atomic():
        order = locks.order(order_id)
        if order.state != State.CANCELLED:
            _cancelled(order, order.cancel_reason if reason is None else reason)
        return info_of(order)


def _cancelled(order: Order, reason: str) -> None:
    order.cancel_reason = reason[:200]
    move(order, State.CANCELLED, "marketplace.order.cancelled", reason)
    order.cancelled_at = clock.business()
    order.save()
    lapse_requests(order.id)
    if order.discount_total:
        give_back(order.id, wait=False)  # else the event's subscriber does it
    event = events.OrderCancelled(
        **named(order), reason=order.cancel_reason, was_paid=order.paid_at is not None
    )
    outbox.append(event, aggregate=order, merchant_id=order.merchant_id)


def complete_delivered_orders() -> int:
    """Complete the orders whose time after delivery has passed; how many."""
    due = list(
        Order.objects.filter(state=State.DELIVERED, complete_at__lte=clock.business())
        .exclude(id__in=Return.objects.filter(**EXCHANGING).values("order_id"))
        .order_by("complete_at")
        .values_list("id", flat=True)[:BATCH]
    )
    return sum(_complete(order_id, late=True) for order_id in due)


def complete_order(*, order_id: UUID) -> OrderInfo:
    """The buyer has the goods and accepts them: the order is delivered and completed, without
    waiting for time to pass. Told again: as it is. Raises OrderState, OrderNotFound,
    ExchangeOpen."""
    mark_delivered(order_id=order_id)
    _complete(order_id)
    return info_of(locks.order(order_id))


def _complete(order_id: UUID, *, late: bool = False) -> int:
    with atomic():
        order = locks.order(order_id)
        exchanging = Return.objects.filter(order_id=order_id, **EXCHANGING).exists()
        if exchanging and not late:
            raise ExchangeOpen
        if exchanging or order.state != State.DELIVERED:
            return 0
        move(order, State.COMPLETED, "marketplace.order.completed")
        order.completed_at = clock.business()
        order.save()
        event = events.OrderCompleted(**named(order))
        outbox.append(event, aggregate=order, merchant_id=order.merchant_id)
        return 1
