"""What letters about exchanges say: subject and text, by event."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace import events

TO_BUYER: dict[str, tuple[Any, Any]] = {
    events.ReturnApproved.NAME: (
        _("Your exchange is approved"),
        _("Please send the goods back, and tell us the waybill here. Send them to:"),
    ),
    events.ReturnRejected.NAME: (
        _("Your exchange was refused"),
        _("If you don't agree, you can ask the platform to decide. The merchant says:"),
    ),
    events.ReturnReceived.NAME: (
        _("Your goods have arrived"),
        _("The merchant has them and sends the replacement. Exchanged are:"),
    ),
    events.ReturnResent.NAME: (
        _("Your replacement is on its way"),
        _("Please say here when it has come. Goods and waybill:"),
    ),
    events.ReturnLapsed.NAME: (
        _("Your exchange has lapsed"),
        _("The goods weren't sent in time. It was about:"),
    ),
}
TO_MERCHANT: dict[str, tuple[Any, Any]] = {
    events.ReturnRequested.NAME: (
        _("A buyer asks for an exchange"),
        _("Please answer in time, else it is approved by itself. It is about:"),
    ),
    events.ReturnSent.NAME: (
        _("Goods to be exchanged are on their way to you"),
        _("Please say here when they have arrived, and send the replacement. Waybill:"),
    ),
    events.ReturnWithdrawn.NAME: (_("An exchange was withdrawn"), _("The buyer keeps:")),
}
_SUBJECT = _("Your exchange becomes a refund")
_TURNED: dict[str, tuple[Any, Any]] = {
    "out_of_stock": (
        _SUBJECT,
        _("The replacement isn't there any more. Send the goods back; the money is for:"),
    ),
    "not_sent": (
        _SUBJECT,
        _("The replacement wasn't sent in time, so your money goes back. It is for:"),
    ),
    "merchant": (_SUBJECT, _("The merchant gives the money instead of a replacement, for:")),
}
_BY_TIME = (
    _("An exchange has become a refund"),
    _("The replacement wasn't there, or wasn't sent in time. The money goes back for:"),
)


def turned(reason: str) -> tuple[Any, Any]:
    """The letters for the buyer and for the merchant; what the platform decided they know."""
    return _TURNED.get(reason), None if reason in ("merchant", "decided") else _BY_TIME
