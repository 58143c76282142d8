"""Begin, resume and read checkouts."""

from typing import Any
from uuid import UUID

from journeys.contracts import CheckoutInfo
from journeys.engine import resume, start
from journeys.models import Journey
from kernel.errors import NotFound


def start_checkout(
    *,
    key: UUID,
    cart_id: UUID,
    payment_method: str,
    return_url: str = "",
    expected_total: int | None = None,
    note: str = "",
) -> CheckoutInfo:
    """Turn a cart into paid orders.

    ``key`` names this attempt: the same key never buys twice. ``expected_total`` (minor units)
    is what the buyer saw; another total is refused. Raises what the contexts raise (cart empty,
    out of stock, price changed …) and leaves nothing behind then.
    """
    data: dict[str, Any] = {
        "cart_id": str(cart_id),
        "payment_method": payment_method,
        "return_url": return_url,
        "expected_total": expected_total,
        "note": note,
    }
    return checkout_info(start("checkout", key=key, data=data))


def resume_checkout(*, checkout_id: UUID) -> CheckoutInfo:
    """Look how the payment stands, for example when the buyer comes back from its page."""
    return checkout_info(resume(_find(checkout_id).id))


def checkout(*, checkout_id: UUID) -> CheckoutInfo:
    """How a checkout stands. Raises NotFound."""
    return checkout_info(_find(checkout_id))


def checkout_of_group(*, group_id: UUID) -> CheckoutInfo | None:
    """The checkout that made an order group."""
    found = Journey.objects.filter(kind="checkout", subject=str(group_id)).first()
    return checkout_info(found) if found else None


def checkout_by_key(*, key: UUID) -> CheckoutInfo | None:
    """The checkout begun under a key, if there is one."""
    found = Journey.objects.filter(kind="checkout", key=key).first()
    return checkout_info(found) if found else None


def checkout_info(journey: Journey) -> CheckoutInfo:
    """The contract of a checkout's row."""
    data = journey.data
    return CheckoutInfo(
        id=journey.id,
        state=journey.state,
        group_id=UUID(data["group_id"]) if "group_id" in data else None,
        order_ids=tuple(UUID(order) for order in data.get("order_ids", [])),
        redirect_url=data.get("redirect_url", "") if journey.state == "waiting" else "",
        error=journey.error,
    )


def _find(checkout_id: UUID) -> Journey:
    found = Journey.objects.filter(kind="checkout", id=checkout_id).first()
    if found is None:
        raise NotFound
    return found
