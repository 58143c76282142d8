"""Begin, resume and read checkouts."""

from typing import Any
from uuid import UUID

from django.utils import translation

from journeys.contracts import CheckoutInfo
from journeys.engine import resume, start
from journeys.engine.failure import told
from journeys.engine.run import give_up
from journeys.errors import CheckoutLeft, JourneyFinished, NotYourCompany
from journeys.models import Journey
from kernel.errors import NotFound
from kernel.sealed_text import sealed
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms


def start_checkout(
    *,
    key: UUID,
    cart_id: UUID,
    payment_method: str,
    return_url: str = "",
    expected_total: int | None = None,
    note: str = "",
    payer_id: UUID | None = None,
    save_card: bool = False,
    company_id: UUID | None = None,
    owner: marketplace.CartOwner | None = None,
) -> CheckoutInfo:
    """Turn a cart into paid orders; with ``owner`` only if it is theirs.

    ``key`` names this attempt: the same key never buys twice. ``expected_total`` (minor units)
    is what the buyer saw; another total is refused. ``payer_id`` is the person who buys, if it is
    known who: the payment method ``wallet`` means theirs, and nobody else's. ``save_card``: they
    agreed to have the card kept. ``company_id``: the merchant that they buy for, which then signs
    the order's contract if it needs one. A declined payment leaves the orders placed and payable,
    see ``pay_again``, until the time to pay is over. A guest's letters are in the language active
    now. In a transaction of the caller's all of it is part of that; then the payment must be one
    that is ``paid_inside``. Raises NotYourCompany and what the contexts raise (cart empty, out of
    stock, price changed …) and leaves nothing behind then.
    """
    data: dict[str, Any] = {
        "cart_id": str(cart_id),
        "payment_method": payment_method,
        "return_url": return_url,
        "expected_total": expected_total,
        "note": sealed(payer_id or key, note),
        "language": translation.get_language() or "",
        "payer_id": str(payer_id) if payer_id else None,
        "save_card": save_card,
        "company_id": str(company_id) if company_id else None,
    }
    _may_buy_for(payer_id, company_id)
    return checkout_info(start("checkout", key=key, data=data, fresh={"owner": owner}))


def paid_inside(payment_method: str) -> bool:
    """Whether such a payment is decided in the house, so that a checkout calls nobody outside."""
    return payment_method in payments.IN_HOUSE


def _may_buy_for(person_id: UUID | None, company_id: UUID | None) -> None:
    """Raises NotYourCompany."""
    if company_id is None:
        return
    person = platforms.person(person_id) if person_id else None
    theirs = {one.merchant_id for one in person.memberships} if person else set()
    if company_id not in theirs or platforms.merchant(company_id).state != "approved":
        raise NotYourCompany(field="company")


def resume_checkout(*, checkout_id: UUID) -> CheckoutInfo:
    """Look how the payment stands, for example when the buyer comes back from its page."""
    return checkout_info(resume(_find(checkout_id).id))


def pay_again(
    *, checkout_id: UUID, payment_method: str, return_url: str = "", key: UUID | None = None
) -> CheckoutInfo:
    """Try another way to pay for the same orders, after a decline or instead of one that waits for
    the buyer. Raises JourneyFinished when it is paid or undone, and what payments raise."""
    info = checkout_info(_find(checkout_id))
    if info.state != "waiting" or info.intent_id is None:
        raise JourneyFinished(state=info.state)
    payments.confirm_intent(
        intent_id=info.intent_id, payment_method=payment_method, return_url=return_url, key=key
    )
    return resume_checkout(checkout_id=checkout_id)


def leave_checkout(*, checkout_id: UUID) -> CheckoutInfo:
    """The buyer gives up: orders, goods and payment are undone, the cart is as it was. Raises
    JourneyFinished when it is over already."""
    return checkout_info(give_up(_find(checkout_id).id, CheckoutLeft()))


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
        error=told(journey.error),
        declined=data.get("declined") if journey.state == "waiting" else None,
        intent_id=UUID(data["intent_id"]) if "intent_id" in data else None,
        pay_by=journey.deadline if journey.state == "waiting" else None,
    )


def _find(checkout_id: UUID) -> Journey:
    found = Journey.objects.filter(kind="checkout", id=checkout_id).first()
    if found is None:
        raise NotFound
    return found
