"""A letter to the buyer about an order: what has happened, to which goods, where its page is."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.utils import translation

from kernel import mail
from kernel.errors import NotFound
from kernel.ids import public_id
from marketplace import facade as marketplace
from platforms import facade as platforms

Reader = tuple[str, str, UUID | None]  # address, language, whom the letter is about


def addressed(order_id: UUID, buyer_id: UUID | None) -> list[Reader]:
    """Address, language and subject of an order's buyer; nothing without an address."""
    order = marketplace.order(order_id=order_id, with_address=True)
    contact = order.contact if order else None
    language = platforms.letter_language(order.language if order else "")
    address = contact.email if contact else ""
    if buyer_id is not None:
        try:
            person = platforms.person(buyer_id)
        except NotFound:
            return []
        language, address = person.language, address or person.email
    return [(address, language, buyer_id or order_id)] if address else []


def send(
    order: marketplace.OrderInfo,
    readers: Iterable[Reader],
    said: Callable[[], tuple[str, str]],
    lines: Callable[[], list[str]],
    *,
    number: str = "",
    anchor: str = "",
) -> None:
    """One letter for each reader, in its language: ``said`` gives title and text. ``number``: of
    what it is about, the order's own if nothing else."""
    secret = "" if order.buyer_id else f"?t={marketplace.guest_token(order.group_id)}"
    link = platforms.platform_url(f"/orders/{public_id('ord', order.id)}/{secret}{anchor}")
    for address, language, subject in readers:
        with translation.override(language):
            title, text = said()
            context: dict[str, Any] = {
                "number": number or order.number,
                "title": title,
                "text": text,
                "lines": lines(),
                "link": link,
            }
        mail.send(
            to=address,
            template="journeys/parcel",
            context=context,
            language=language,
            subject=subject,
        )


def title_of(line: Any) -> str:
    """What the line's goods are called in the letter's language."""
    return platforms.in_language(line.titles, translation.get_language() or "") or line.sku
