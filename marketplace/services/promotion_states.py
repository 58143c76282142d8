"""A promotion's states: activated, paused, ended."""

from collections.abc import Callable
from uuid import UUID

from kernel import clock, outbox
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_promotions import PromotionInfo
from marketplace.errors import PromotionState
from marketplace.models import Promotion
from marketplace.selectors.promotions import code_of, promotion_info

State = Promotion.State
BATCH = 200
_ACTIONS = {
    State.ACTIVE: "marketplace.promotion.activated",
    State.PAUSED: "marketplace.promotion.paused",
    State.ENDED: "marketplace.promotion.ended",
}


def move_promotion(
    *,
    promotion_id: UUID,
    merchant_id: UUID | None,
    to: str,
    check: Callable[[int], None] | None = None,
) -> PromotionInfo:
    """Activate, pause or end it; there already: as it is. Orders placed keep what they were given.

    ``check`` sees the present version (If-Match). Raises PromotionNotFound, PromotionState.
    """
    with atomic():
        row = locks.promotion(promotion_id, merchant_id)
        if check is not None:
            check(row.version)
        if row.state != to:
            _move(row, State(to))
        return promotion_info(row, code_of(row.id))


def _move(row: Promotion, to: State) -> None:
    allowed = row.TRANSITIONS.moves[State(row.state)]
    over = to == State.ACTIVE and row.ends_at is not None and row.ends_at <= clock.business()
    if to not in allowed or over:
        raise PromotionState(
            state=str(row.state),
            allowed=sorted(str(one) for one in allowed if not (over and one == State.ACTIVE)),
        )
    row.move(to, action=_ACTIONS[to])
    row.save()
    outbox.append(
        events.PromotionMoved(row.id, row.merchant_id, str(row.state)),
        aggregate=row,
        merchant_id=row.merchant_id,
    )


def end_over_promotions() -> int:
    """End those whose time is over; how many. They took nothing off any more before."""
    due = list(
        Promotion.objects.filter(
            state__in=[State.ACTIVE, State.PAUSED], ends_at__lte=clock.business()
        )
        .order_by("ends_at")
        .values_list("id", "merchant_id")[:BATCH]
    )
    ended = 0
    for promotion_id, merchant_id in due:
        with atomic():
            row = locks.promotion(promotion_id, merchant_id)
            if row.state in (State.ACTIVE, State.PAUSED):
                _move(row, State.ENDED)
                ended += 1
    return ended
