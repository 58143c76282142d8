"""What needs a merchant: returns, low stock, contracts, certificates that end, the identity."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certification import facade as certification
from inventory import facade as inventory
from kernel import clock
from kernel.actors import Actor
from kernel.ids import public_id
from marketplace import facade as marketplace
from storefront import contracts as shown

SHOWN = 6
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Need:
    """One line of the list."""

    title: str
    text: str
    href: str
    drawing: str
    at: datetime | None = None


def of_merchant(merchant_id: UUID, actor: Actor) -> list[Need]:
    """The most pressing first, of what the role includes: cancellations and returns to answer,
    messages, promises whose day has passed, low stock, contracts to answer or sign, the identity,
    ending certificates."""
    asked = (
        (("service", "orders"), _cancellations),
        (("service",), _returns),
        (("service",), _messages),
        (("stock",), _late),
        (("stock",), _low),
        (("contracts",), lambda _own: _contracts(actor)),
        (("company",), _identity),
        (("contracts",), _certificates),
    )
    return [need for needed, ask in asked if actor.holds(*needed) for need in ask(merchant_id)]


def _messages(merchant_id: UUID) -> list[Need]:
    return [
        Need(
            _("A buyer has written"),
            _("Read it, and answer on the order's page."),
            reverse("storefront:merchant_order", args=[public_id("ord", order_id)]) + "#messages",
            "mail",
        )
        for order_id in marketplace.unread_orders(merchant_id=merchant_id, limit=SHOWN)
    ]


def _late(merchant_id: UUID) -> list[Need]:
    count = inventory.late_count(merchant_id)
    if not count:
        return []
    title = ngettext(
        "Promised goods that aren't there: %(n)s order",
        "Promised goods that aren't there: %(n)s orders",
        count,
    )
    return [
        Need(
            title % {"n": count},
            _("The buyers may cancel them: book the goods in, or give another day."),
            reverse("storefront:merchant_promises") + "?late=1",
            "clock",
        )
    ]


def _low(merchant_id: UUID) -> list[Need]:
    count = inventory.low_count(merchant_id)
    if not count:
        return []
    title = ngettext("Low stock: %(n)s variant", "Low stock: %(n)s variants", count)
    return [
        Need(
            title % {"n": count},
            _("Fewer are free than your own limit."),
            reverse("storefront:merchant_stock") + "?low=1",
            "box",
        )
    ]


def _cancellations(merchant_id: UUID) -> list[Need]:
    found = marketplace.cancellations_page(
        merchant_id=merchant_id, state="requested", order=("id",), limit=SHOWN
    )
    return [
        Need(
            one.number,
            _("A buyer wants to cancel these goods; without an answer they are cancelled."),
            reverse("storefront:merchant_order", args=[public_id("ord", one.order_id)])
            + "#cancellations",
            "back",
            one.answer_by or one.requested_at,
        )
        for one in found.items
    ]


def _returns(merchant_id: UUID) -> list[Need]:
    answer = _("Answer it; without an answer it is approved.")
    texts = {
        ("requested", "refund"): (answer, "answer_by"),
        ("requested", "exchange"): (answer, "answer_by"),
        ("sent", "refund"): (_("Say when it has arrived; the money goes back then."), "receive_by"),
        ("sent", "exchange"): (_("Say when it has arrived; then send another one."), "receive_by"),
        ("received", "exchange"): (
            _("Send the replacement; without it the money goes back."),
            "ship_by",
        ),
    }
    return [
        Need(
            one.number,
            texts[one.state, one.kind][0],
            reverse("storefront:merchant_return", args=[one.public_id]),
            "back",
            getattr(one, texts[one.state, one.kind][1]),
        )
        for one in marketplace.returns_to_do(merchant_id=merchant_id, limit=2 * SHOWN)
    ]


def _contracts(actor: Actor) -> list[Need]:
    page = certification.contracts_page(actor=actor, box="to_do", limit=SHOWN)
    return [
        Need(
            one.title,
            shown.next_step(one, certification.contract_role(one, actor))[0],
            reverse("storefront:contract", args=[one.public_id]),
            "doc",
            one.sign_by,
        )
        for one in page.items
    ]


def _identity(merchant_id: UUID) -> list[Need]:
    info = certification.identity_of(certification.Subject.merchant(merchant_id))
    texts = {
        None: _("State who the company is; certificates and signing need it."),
        "draft": _("It isn't handed in yet."),
        "needs_more": _("More is needed."),
        "rejected": _("It was rejected; see the reason."),
        "expired": _("It has expired."),
    }
    state = str(info.state) if info else None
    if state not in texts:
        return []
    return [Need(_("Identity"), texts[state], reverse("storefront:merchant_identity"), "person")]


def _certificates(merchant_id: UUID) -> list[Need]:
    now = clock.business()
    page = certification.certificates_page(
        merchant_id=merchant_id, state="valid", ends_before=now + SOON, order=("not_after", "id"),
        limit=SHOWN,
    )  # fmt: skip
    return [
        Need(
            _("Certificate %(serial)s") % {"serial": one.serial[-8:]},
            _("It ends soon: renew it."),
            reverse("storefront:certificate", args=[one.public_id]),
            "seal",
            one.not_after,
        )
        for one in page.items
        if not one.expired
    ]
