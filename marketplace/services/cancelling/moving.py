"""How a cancellation moves on: refused with this context's own error, told as an event."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from kernel import clock, outbox
from marketplace.contracts_cancelling import CancellationState
from marketplace.domain.returns import Amounts
from marketplace.errors import WrongCancellationState
from marketplace.events import CancellationEvent, CancellationLapsed
from marketplace.models import Cancellation, CancellationLine

WORDS = 1000


def move(row: Cancellation, to: CancellationState, reason: str = "") -> None:
    """``Cancellation.move``; the caller saves. Raises WrongCancellationState."""
    if not row.TRANSITIONS.allows(row.state, to):
        raise WrongCancellationState(
            gettext("The cancellation %(number)s is in the state: %(state)s.")
            % {"number": row.number, "state": CancellationState(row.state).label},
            state=str(row.state),
            allowed=sorted(row.TRANSITIONS.moves[CancellationState(row.state)]),
        )
    row.move(to, action=f"marketplace.cancellation.{to}", reason=reason[:200])


def tell(row: Cancellation, kind: type[CancellationEvent], **more: Any) -> None:
    """Append the event, in the caller's transaction."""
    event = kind(
        cancellation_id=row.id,
        order_id=row.order_id,
        number=row.number,
        merchant_id=row.merchant_id,
        **more,
    )
    outbox.append(event, aggregate=row, merchant_id=row.merchant_id)


def set_amounts(
    row: Cancellation,
    lines: Mapping[UUID, CancellationLine],
    found: Amounts,
    *,
    most: tuple[int, int],
) -> None:
    """Write down what goes back; ``most`` is what is left of the payment and of the
    platform's part."""
    for line_id, line in lines.items():
        line.refund = found.lines[line_id]
    row.shipping_refund = found.shipping
    row.refund_total = max(0, min(found.total, most[0]))
    row.platform_back = max(0, min(found.platform, most[1]))


def lapse_requests(order_id: UUID, left: Mapping[UUID, Decimal] | None = None) -> None:
    """The order, which the caller has locked, goes its way: what nobody answered is answered. With
    ``left``, how much of each line is left to be sent, only what that isn't enough for, the latest
    first."""
    free = dict(left or {})
    rows = Cancellation.objects.select_for_update().filter(
        order_id=order_id, state=CancellationState.REQUESTED
    )
    for row in rows.order_by("id"):
        if left is not None and _fits(row, free):
            continue
        move(row, CancellationState.LAPSED)
        row.closed_at = clock.business()
        row.save()
        tell(row, CancellationLapsed)


def _fits(row: Cancellation, free: dict[UUID, Decimal]) -> bool:
    """Whether what is free is enough for the wish; if so, it is taken."""
    lines = dict(CancellationLine.objects.filter(parent=row).values_list("line_id", "quantity"))
    if any(quantity > free.get(line_id, Decimal(0)) for line_id, quantity in lines.items()):
        return False
    for line_id, quantity in lines.items():
        free[line_id] -= quantity
    return True
