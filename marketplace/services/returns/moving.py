"""How a return moves on: refused with this context's own error, told as an event."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from kernel import outbox
from kernel.ids import public_id
from marketplace.contracts_returns import OPEN, ReturnKind, ReturnState
from marketplace.domain.returns import Amounts
from marketplace.errors import WrongReturnState
from marketplace.events import ReturnEvent
from marketplace.models import Return, ReturnLine
from payments import facade as payments

WORDS = 1000
# How long after an exchange's time the money still waits: until then time has decided what follows.
SLACK = timedelta(days=1)


def move(row: Return, to: ReturnState, reason: str = "") -> None:
    """``Return.move``; the caller saves. Raises WrongReturnState."""
    if not row.TRANSITIONS.allows(row.state, to):
        raise WrongReturnState(
            gettext("The return %(number)s is in the state: %(state)s.")
            % {"number": row.number, "state": ReturnState(row.state).label},
            state=str(row.state),
            allowed=sorted(row.TRANSITIONS.moves[ReturnState(row.state)]),
        )
    row.move(to, action=f"marketplace.return.{to}", reason=reason[:200])


def tell(row: Return, kind: type[ReturnEvent], **more: Any) -> None:
    """Append the event, in the caller's transaction, after the row was saved; the order's money
    follows what an exchange does."""
    event = kind(
        kind=str(row.kind),
        return_id=row.id,
        order_id=row.order_id,
        number=row.number,
        merchant_id=row.merchant_id,
        **more,
    )
    outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
    if row.kind == ReturnKind.EXCHANGE or row.turned:
        keep_money(row.order_id)


def keep_money(order_id: UUID) -> None:
    """While exchanges of the order are open its money isn't released, however many days pass. Each
    waits for somebody until a time, after which time decides: so it never waits for ever."""
    rows = Return.objects.filter(order_id=order_id, kind=ReturnKind.EXCHANGE, state__in=list(OPEN))
    ends = [getattr(row, OPEN[ReturnState(row.state)]) for row in rows]
    until = max((end for end in ends if end is not None), default=None)
    payments.hold_back(
        reference=public_id("ord", order_id), until=None if until is None else until + SLACK
    )


def set_amounts(
    row: Return, lines: Mapping[UUID, ReturnLine], found: Amounts, *, most: tuple[int, int]
) -> None:
    """Write down what goes back for the pieces; ``most`` is what is left of the payment and of the
    platform's part."""
    for piece, line in lines.items():
        line.refund = found.lines[piece]
    row.shipping_refund = found.shipping
    row.refund_total = max(0, min(found.total, most[0]))
    row.platform_back = max(0, min(found.platform, most[1]))
