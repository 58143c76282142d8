"""Reads of cancellations: what may be cancelled of an order, what would go back, what was."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from inventory import facade as inventory
from kernel import clock
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from marketplace.contracts_cancelling import (
    Cancellable,
    CancellationInfo,
    CancellationLineInfo,
    CancellationPreview,
    CancellationState,
)
from marketplace.contracts_returns import COUNTED
from marketplace.domain.returns import FAULT_OR_WHOLE, Amounts, Bought, amounts
from marketplace.errors import (
    CancellationNotFound,
    NotCancellableNow,
    NothingLeftToCancel,
    OrderNotFound,
)
from marketplace.models import LINES, ORDERS, Cancellation, CancellationLine, Order, OrderLine
from marketplace.selectors.parcels import unsent
from marketplace.selectors.pieces import returned_of
from marketplace.selectors.returns import paid_of, refundable, shipping_left
from platforms import facade as platforms

BUYER = "buyer"
AT_REST = (Order.State.PAID, Order.State.PARTLY_SHIPPED)
CANCELLABLE = (*AT_REST, Order.State.SHIPPING)


def at_once(
    order: Order, side: str, lines: Iterable[OrderLine], wanted: Mapping[UUID, Decimal]
) -> bool:
    """Whether ``side`` cancels so much of these lines without being answered: merchant and
    operator always, the buyer until the merchant packs the order, and what wasn't there on the
    promised day even then; nobody while a parcel is being handed to the carrier."""
    if order.state not in AT_REST:
        return False
    if side != BUYER or order.packing_at is None:
        return True
    broken = broken_of(order, lines)
    return any(wanted.values()) and all(
        quantity <= broken.get(line_id, Decimal(0)) for line_id, quantity in wanted.items()
    )


def broken_of(order: Order, lines: Iterable[OrderLine]) -> dict[UUID, Decimal]:
    """How much of each line wasn't sent on the day that the buyer agreed to, and still can't be:
    it isn't there, or its day was put off."""
    promised = inventory.promises_of([order.group_id]).get(order.group_id, {})
    today = clock.today()
    rows = [line for line in lines if line.variant_id in promised]
    left = unsent(rows)
    return {
        line.id: promised[line.variant_id].kept(left[line.id], today)
        for line in rows
        if promised[line.variant_id].broken(today)
    }


def requested_of(order_id: UUID) -> dict[UUID, Decimal]:
    """How much of each line is asked to be cancelled and not answered yet."""
    rows = CancellationLine.objects.filter(
        parent__order_id=order_id, parent__state=CancellationState.REQUESTED
    )
    found: dict[UUID, Decimal] = {}
    for line_id, quantity in rows.values_list("line_id", "quantity"):
        found[line_id] = found.get(line_id, Decimal(0)) + quantity
    return found


def lines_of(order_id: UUID) -> list[OrderLine]:
    return LINES.all("order_id = %s ORDER BY position", [order_id])


def left_of(lines: Iterable[OrderLine], side: str) -> dict[UUID, Decimal]:
    """How much of each line of an order ``side`` may cancel: all that is to be sent, but for what
    a buyer has asked for already."""
    rows = list(lines)
    asked = requested_of(rows[0].order_id) if rows and side == BUYER else {}
    return {
        line_id: max(Decimal(0), left - asked.get(line_id, Decimal(0)))
        for line_id, left in unsent(rows).items()
    }


def problem_of(order: Order, left: Mapping[UUID, Decimal], side: str) -> NotCancellableNow | None:
    """Why nothing of the order can be cancelled now; None when something can."""
    if order.state not in CANCELLABLE or (side != BUYER and order.state not in AT_REST):
        return NotCancellableNow(state=str(order.state))
    if not any(left.values()):
        return NothingLeftToCancel()
    return None


def cancellable(*, order_id: UUID, side: str = BUYER) -> Cancellable:
    """What may be cancelled of an order. Raises OrderNotFound."""
    order = ORDERS.one("id = %s", [order_id])
    if order is None:
        raise OrderNotFound
    rows = lines_of(order_id)
    left = left_of(rows, side)
    problem = problem_of(order, left, side)
    return Cancellable(left, at_once(order, side, rows, left), problem.code if problem else "")


def computed(
    order: Order, lines: Iterable[OrderLine], wanted: Mapping[UUID, Decimal]
) -> tuple[Amounts, bool]:
    """What goes back for so much of the order's lines, by the arithmetic of returns and after them;
    and whether nothing of the order is sent at all: then the delivery goes back too, as with a
    whole cancellation. Of an order of which something was sent, and all of that returned, it does
    by the platform's rule for returns."""
    rows = list(lines)
    nothing = Decimal(0)
    came = any(line.delivered for line in rows)
    back = returned_of(order.id, COUNTED) if came else {}
    found = amounts(
        {
            line.id: Bought(
                paid_of(line),
                line.quantity,
                line.cancelled + back.get(line.id, nothing),
                line.platform_discount,
            )
            for line in rows
        },
        wanted,
        shipping_left=shipping_left(order) if came else order.shipping_total,
        fault=False,
        rule=str(platforms.setting("marketplace", "return_shipping")) if came else FAULT_OR_WHOLE,
    )
    whole = all(line.quantity - line.cancelled == wanted.get(line.id, nothing) for line in rows)
    return found, whole


def preview_of(
    order: Order, lines: Iterable[OrderLine], wanted: Mapping[UUID, Decimal], side: str
) -> CancellationPreview:
    """``computed`` as contract, at most what is left of the payment."""
    rows = list(lines)
    found, whole = computed(order, rows, wanted)
    return CancellationPreview(
        {line: Money(found.lines[line], order.currency) for line in wanted},
        Money(found.shipping, order.currency),
        Money(min(found.total, refundable(order)[0]), order.currency),
        whole,
        at_once(order, side, rows, wanted),
    )


def cancellation(*, cancellation_id: UUID) -> CancellationInfo:
    """One cancellation. Raises CancellationNotFound."""
    row = Cancellation.objects.filter(id=cancellation_id).first()
    if row is None:
        raise CancellationNotFound
    return cancellation_info(row)


def cancellation_by_key(*, key: UUID) -> CancellationInfo | None:
    """The cancellation that was asked for under this key, if there is one."""
    row = Cancellation.objects.filter(key=key).first()
    return cancellation_info(row) if row else None


def cancellations_of(*, order_id: UUID) -> list[CancellationInfo]:
    """An order's cancellations, the latest first."""
    return _infos(Cancellation.objects.filter(order_id=order_id).order_by("-id"))


def overdue_cancellations(*, limit: int, after: UUID | None = None) -> list[UUID]:
    """What no merchant answered until its time, on the business clock, by id."""
    rows = Cancellation.objects.filter(
        state=CancellationState.REQUESTED, answer_by__lte=clock.business()
    )
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def cancellations_page(
    *,
    merchant_id: UUID | None = None,
    buyer_id: UUID | None = None,
    order_id: UUID | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[CancellationInfo]:
    """A merchant's, a buyer's, an order's, or all of the platform."""
    wanted = {
        "merchant_id": merchant_id,
        "buyer_id": buyer_id,
        "order_id": order_id,
        "state": state,
        "updated_at__gte": updated_since,
    }
    rows = Cancellation.objects.filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    return PageOf(_infos(page.items), page.has_more, page.next_cursor)


def cancellation_info(row: Cancellation) -> CancellationInfo:
    """The contract of a row."""
    return _infos([row])[0]


_PLAIN = (
    "id", "order_id", "number", "merchant_id", "buyer_id", "side", "cause", "text", "answer",
    "whole", "restocked", "refund_id", "requested_at", "answer_by", "by_itself", "begun_at",
    "closed_at", "version", "created_at", "updated_at",
)  # fmt: skip


def _infos(rows: Iterable[Cancellation]) -> list[CancellationInfo]:
    found = list(rows)
    if not found:
        return []
    groups = {
        order.id: order.group_id
        for order in ORDERS.all("id = ANY(%s)", [list({row.order_id for row in found})])
    }
    lines: dict[UUID, list[CancellationLine]] = {}
    of_these = CancellationLine.objects.filter(parent_id__in=[row.id for row in found])
    for line in of_these.select_related("line"):
        lines.setdefault(line.parent_id, []).append(line)
    return [_info(row, groups[row.order_id], lines.get(row.id, [])) for row in found]


def _info(row: Cancellation, group_id: UUID, lines: list[CancellationLine]) -> CancellationInfo:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    return CancellationInfo(
        **values,
        state=str(row.state),
        group_id=group_id,
        lines=tuple(
            CancellationLineInfo(
                line_id=one.line_id,
                variant_id=one.line.variant_id,
                sku=one.line.sku,
                titles=one.line.titles,
                unit=one.line.unit,
                quantity=one.quantity,
                refund=Money(one.refund, row.currency),
            )
            for one in sorted(lines, key=lambda one: one.line.position)
        ),
        shipping_refund=Money(row.shipping_refund, row.currency),
        refund=Money(row.refund_total, row.currency),
        platform_back=Money(row.platform_back, row.currency),
    )
