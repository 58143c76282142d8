"""How a return moves on: refused with this context's own error, told as an event."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from kernel import clock, outbox
from marketplace.contracts_returns import ReturnState
from marketplace.domain.returns import Amounts
from marketplace.errors import WrongReturnState
from marketplace.events import ReturnEvent
from marketplace.models import Return, ReturnLine
from platforms import facade as platforms

WORDS = 1000


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
    """Append the event, in the caller's transaction."""
    event = kind(
        return_id=row.id,
        order_id=row.order_id,
        number=row.number,
        merchant_id=row.merchant_id,
        **more,
    )
    outbox.append(event, aggregate=row, merchant_id=row.merchant_id)


def days_from_now(setting: str) -> datetime:
    """So many days of the platform's setting from now, business time."""
    return clock.business() + timedelta(days=int(platforms.setting("marketplace", setting)))


def set_amounts(
    row: Return, lines: Mapping[UUID, ReturnLine], found: Amounts, *, most: tuple[int, int]
) -> None:
    """Write down what goes back; ``most`` is what is left of the payment and of the
    platform's part."""
    for line_id, line in lines.items():
        line.refund = found.lines[line_id]
    row.shipping_refund = found.shipping
    row.refund_total = max(0, min(found.total, most[0]))
    row.platform_back = max(0, min(found.platform, most[1]))
