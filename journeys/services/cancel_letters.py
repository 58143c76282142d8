"""Letters about parts of an order that aren't sent: to the buyer where the order says, to the
merchant's team."""

from typing import Any

from django.utils import formats, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from journeys.services.order_letters import addressed
from journeys.titles import reason_of
from kernel import clock, mail
from kernel.ids import public_id
from kernel.quantity import Quantity
from marketplace import events
from marketplace import facade as marketplace
from platforms import facade as platforms

_TO_BUYER: dict[str, Any] = {
    events.CancellationAccepted.NAME: (
        _("Some goods of your order aren't sent"),
        _("These goods are cancelled, and the money goes back to you:"),
    ),
    events.CancellationRejected.NAME: (
        _("Your cancellation was refused"),
        _("The goods are sent; you can return them after they have arrived. The merchant says:"),
    ),
    events.CancellationLapsed.NAME: (
        _("Your cancellation came too late"),
        _("The order went its way before the merchant answered. It was about:"),
    ),
}
_TO_MERCHANT: dict[str, Any] = {
    events.CancellationRequested.NAME: (
        _("A buyer asks to cancel goods"),
        _("You are packing the order already, so please answer in time, else it is agreed to:"),
    ),
    events.CancellationAccepted.NAME: (
        _("Goods of an order are cancelled"),
        _("Don't send these; the money goes back to the buyer:"),
    ),
    events.CancellationWithdrawn.NAME: (
        _("A cancellation was withdrawn"),
        _("The buyer wants these after all:"),
    ),
}
# The same where the merchant didn't answer in time.
_BY_ITSELF: tuple[tuple[Any, Any], tuple[Any, Any]] = (
    (
        _("Some goods of your order aren't sent"),
        _("The merchant didn't answer in time: these are cancelled, your money goes back to you:"),
    ),
    (
        _("Goods of an order are cancelled"),
        _("You didn't answer in time. Don't send these; the money goes back to the buyer:"),
    ),
)
KINDS = (
    events.CancellationAccepted,
    events.CancellationLapsed,
    events.CancellationRejected,
    events.CancellationRequested,
    events.CancellationWithdrawn,
)


def write(name: str, event: events.CancellationEvent) -> None:
    """The letters that belong to the event, to whom there is somebody to write to."""
    found = marketplace.cancellation(cancellation_id=event.cancellation_id)
    to_buyer, to_merchant = _words(name, found)
    path = f"/orders/{public_id('ord', found.order_id)}/"
    if to_buyer:
        secret = marketplace.guest_token(found.group_id) if found.buyer_id is None else ""
        link = f"{path}?t={secret}" if secret else path
        for address, language, subject in addressed(found.order_id, found.buyer_id):
            _send(found, name, to_buyer, address, language, subject, link)
    if to_merchant:
        page = platforms.team(merchant_id=found.merchant_id, limit=20)
        for person in {one.id: one for one in page.items}.values():
            if person.email:
                _send(
                    found, name, to_merchant, person.email, person.language, person.id,
                    f"/merchant{path}",
                )  # fmt: skip


def _words(name: str, found: marketplace.CancellationInfo) -> tuple[Any, Any]:
    """What buyer and merchant are told."""
    if name == events.CancellationAccepted.NAME and found.by_itself:
        return _BY_ITSELF
    return _TO_BUYER.get(name), _TO_MERCHANT.get(name)


def _send(
    found: marketplace.CancellationInfo,
    name: str,
    words: tuple[Any, Any],
    address: str,
    language: str,
    subject: Any,
    link: str,
) -> None:
    with translation.override(language):
        context = {
            "number": found.number,
            "title": str(words[0]),
            "text": str(words[1]),
            "lines": _lines(name, found),
            "link": platforms.platform_url(f"{link}#cancellations"),
        }
    mail.send(
        to=address, template="journeys/return", context=context, language=language, subject=subject
    )


def _lines(name: str, found: marketplace.CancellationInfo) -> list[str]:
    if name == events.CancellationRejected.NAME:
        return [found.answer]
    tag = "zh-Hans" if (translation.get_language() or "zh").startswith("zh") else "en"
    goods = [
        f"{line.titles.get(tag) or next(iter(line.titles.values()), line.sku)}"
        f" × {Quantity(line.quantity, line.unit).text()}"
        for line in found.lines
    ]
    if name == events.CancellationRequested.NAME and found.answer_by is not None:
        until = formats.date_format(clock.here(found.answer_by), "DATETIME_FORMAT")
        return [*goods, gettext("Answer until: %(time)s") % {"time": until}]
    if name != events.CancellationAccepted.NAME:
        return goods
    return [one for one in (*goods, reason_of(found.cause), found.text, str(found.refund)) if one]
