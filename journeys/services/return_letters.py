"""Letters about returns and messages: to the buyer where the order says, to the merchant's team."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kernel import mail
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.quantity import Quantity
from marketplace import events
from marketplace import facade as marketplace
from platforms import facade as platforms

_TO_BUYER: dict[str, Any] = {
    events.ReturnApproved.NAME: (
        _("Your return is approved"),
        _("Please send the goods back, and tell us the waybill here. Send them to:"),
    ),
    events.ReturnRejected.NAME: (
        _("Your return was refused"),
        _("If you don't agree, you can ask the platform to decide. The merchant says:"),
    ),
    events.ReturnRefunded.NAME: (
        _("Your money is on its way back"),
        _("The return has ended. This much goes back:"),
    ),
    events.ReturnLapsed.NAME: (
        _("Your return has lapsed"),
        _("The goods weren't sent in time. It was about:"),
    ),
}
_TO_MERCHANT: dict[str, Any] = {
    events.ReturnRequested.NAME: (
        _("A buyer asks for a return"),
        _("Please answer in time, else it is approved by itself. It is about:"),
    ),
    events.ReturnSent.NAME: (
        _("A return is on its way to you"),
        _("Please say here when it has arrived; then the buyer gets the money back. Waybill:"),
    ),
    events.ReturnWithdrawn.NAME: (_("A return was withdrawn"), _("The buyer keeps:")),
}
KINDS = (
    events.ReturnApproved,
    events.ReturnLapsed,
    events.ReturnRefunded,
    events.ReturnRejected,
    events.ReturnRequested,
    events.ReturnSent,
    events.ReturnWithdrawn,
)


def write(name: str, event: events.ReturnEvent) -> None:
    """The letter that belongs to the event, if there is somebody to write to."""
    found = marketplace.order_return(return_id=event.return_id)
    if name in _TO_BUYER:
        for address, language, subject in _buyer(found):
            _send(found, _TO_BUYER[name], address, language, subject, lambda f: _said(name, f))
    else:
        page = platforms.team(merchant_id=found.merchant_id, limit=20)
        link = f"/merchant/returns/{found.public_id}/"
        for person in {one.id: one for one in page.items}.values():
            if person.email:
                _send(
                    found, _TO_MERCHANT[name], person.email, person.language, person.id,
                    lambda f: _said(name, f), link,
                )  # fmt: skip


def write_of_message(event: events.OrderMessageWritten) -> None:
    """Somebody wrote about an order: a letter to the other side, without the words themselves."""
    order = marketplace.order(order_id=event.order_id)
    if order is None:
        return
    path = f"/orders/{public_id('ord', order.id)}/"
    if event.side != "merchant":
        page = platforms.team(merchant_id=order.merchant_id, limit=20)
        for person in {one.id: one for one in page.items}.values():
            if person.email:
                _tell(order.number, person.email, person.language, person.id, f"/merchant{path}")
    if event.side != "buyer":
        token = "" if order.buyer_id else f"?t={marketplace.guest_token(order.group_id)}"
        for address, language, subject in addressed(order.id, order.buyer_id):
            _tell(order.number, address, language, subject, f"{path}{token}")


def _tell(number: str, address: str, language: str, subject: Any, where: str) -> None:
    with translation.override(language):
        context = {
            "number": number,
            "title": str(_("A message about your order")),
            "text": str(_("Somebody has written to you. Read it and answer here:")),
            "lines": [],
            "link": platforms.platform_url(f"{where}#messages"),
        }
    mail.send(
        to=address, template="journeys/return", context=context, language=language, subject=subject
    )


def _buyer(found: marketplace.ReturnInfo) -> list[tuple[str, str, Any]]:
    return addressed(found.order_id, found.buyer_id)


def addressed(order_id: UUID, buyer_id: UUID | None) -> list[tuple[str, str, Any]]:
    """Address, language and subject of an order's buyer; nothing without an address."""
    order = marketplace.order(order_id=order_id, with_address=True)
    contact = order.contact if order else None
    language = "zh-hans"
    address = contact.email if contact else ""
    if buyer_id is not None:
        try:
            person = platforms.person(buyer_id)
        except NotFound:
            return []
        language, address = person.language, address or person.email
    return [(address, language, buyer_id or order_id)] if address else []


def _send(
    found: marketplace.ReturnInfo,
    words: tuple[Any, Any],
    address: str,
    language: str,
    subject: Any,
    lines: Callable[[marketplace.ReturnInfo], list[str]],
    link: str = "",
) -> None:
    where = link or _page(found)
    with translation.override(language):
        context = {
            "number": found.number,
            "title": str(words[0]),
            "text": str(words[1]),
            "lines": lines(found),
            "link": platforms.platform_url(where),
        }
    mail.send(
        to=address, template="journeys/return", context=context, language=language, subject=subject
    )


def _page(found: marketplace.ReturnInfo) -> str:
    """The buyer's page of the return; a guest's with the order's secret."""
    path = f"/orders/{public_id('ord', found.order_id)}/returns/{found.public_id}/"
    if found.buyer_id is not None:
        return path
    return f"{path}?t={marketplace.guest_token(found.group_id)}"


def _said(name: str, found: marketplace.ReturnInfo) -> list[str]:
    if name == events.ReturnApproved.NAME:
        return [one for one in (found.send_to, found.answer) if one] or _goods(found)
    if name == events.ReturnRejected.NAME:
        return [found.answer]
    if name == events.ReturnRefunded.NAME:
        return [str(found.refund)]
    if name == events.ReturnSent.NAME:
        return [f"{found.carrier} {found.waybill}".strip()]
    return _goods(found)


def _goods(found: marketplace.ReturnInfo) -> list[str]:
    language = translation.get_language() or "zh-hans"
    tag = "zh-Hans" if language.startswith("zh") else "en"
    return [
        f"{line.titles.get(tag) or next(iter(line.titles.values()), line.sku)}"
        f" × {Quantity(line.quantity, line.unit).text()}"
        for line in found.lines
    ]
