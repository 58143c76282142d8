"""Letters about returns, exchanges and messages: to the buyer where the order says, to the
merchant's team."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from journeys.services import exchange_words
from journeys.services.order_letters import addressed
from kernel import mail
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
    events.ReturnReceived,
    events.ReturnRefunded,
    events.ReturnRejected,
    events.ReturnRequested,
    events.ReturnResent,
    events.ReturnSent,
    events.ReturnTurned,
    events.ReturnWithdrawn,
)


def write(event: events.ReturnEvent) -> None:
    """The letters that belong to the event, if there is somebody to write to."""
    found = marketplace.order_return(return_id=event.return_id)
    to_buyer, to_merchant = _words(event)
    if to_buyer:
        for address, language, subject in _buyer(found):
            _send(found, to_buyer, address, language, subject, lambda f: _said(event, f))
    if to_merchant:
        page = platforms.team(merchant_id=found.merchant_id, limit=20)
        link = f"/merchant/returns/{found.public_id}/"
        for person in {one.id: one for one in page.items}.values():
            if person.email:
                _send(
                    found, to_merchant, person.email, person.language, person.id,
                    lambda f: _said(event, f), link,
                )  # fmt: skip


def _words(event: events.ReturnEvent) -> tuple[Any, Any]:
    """Subject and text for the buyer and for the merchant; None: no letter."""
    if isinstance(event, events.ReturnTurned):
        return exchange_words.turned(event.reason)
    if event.kind == "exchange":
        return exchange_words.TO_BUYER.get(event.NAME), exchange_words.TO_MERCHANT.get(event.NAME)
    return _TO_BUYER.get(event.NAME), _TO_MERCHANT.get(event.NAME)


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


def _said(event: events.ReturnEvent, found: marketplace.ReturnInfo) -> list[str]:
    name = event.NAME
    if name == events.ReturnApproved.NAME:
        said = [one for one in (found.send_to, found.answer) if one] or _goods(found)
        return said + (_held(found) if found.exchange else [])
    if name == events.ReturnRejected.NAME:
        return [found.answer]
    if name == events.ReturnRefunded.NAME:
        return [str(found.refund)]
    if isinstance(event, events.ReturnSent):
        return [f"{event.carrier} {event.waybill}".strip()]
    if isinstance(event, events.ReturnResent):
        return [*_replacements(found), event.waybill]
    return _goods(found)


def _held(found: marketplace.ReturnInfo) -> list[str]:
    """What is kept for the buyer meanwhile; nothing once it is for the money."""
    return [_("Kept for you: %(goods)s") % {"goods": one} for one in _replacements(found)]


def _replacements(found: marketplace.ReturnInfo) -> list[str]:
    return [
        _named(line.replacement.titles, line.replacement.sku, line.quantity, line.unit)
        for line in found.lines
        if line.replacement
    ]


def _goods(found: marketplace.ReturnInfo) -> list[str]:
    return [_named(line.titles, line.sku, line.quantity, line.unit) for line in found.lines]


def _named(titles: Mapping[str, str], sku: str, quantity: Decimal, unit: str) -> str:
    language = translation.get_language() or "zh-hans"
    tag = "zh-Hans" if language.startswith("zh") else "en"
    title = titles.get(tag) or next(iter(titles.values()), sku)
    return f"{title} × {Quantity(quantity, unit).text()}"
