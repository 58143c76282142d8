"""What returns are called on pages."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES: dict[str, dict[str, Any]] = {
    "return": {
        "requested": (_("Return asked for"), "warn", "clock"),
        "approved": (_("To be sent back"), "warn", "box"),
        "sent": (_("On its way back"), "accent", "truck"),
        "received": (_("Received, being refunded"), "accent", "coins"),
        "refunded": (pgettext_lazy("return", "Refunded"), "good", "check-circle"),
        "rejected": (pgettext_lazy("return", "Refused"), "bad", "stop"),
        "withdrawn": (pgettext_lazy("return", "Withdrawn"), "mute", "stop"),
        "lapsed": (_("Not sent in time"), "mute", "clock"),
        "resent": (_("Replacement on its way"), "accent", "truck"),
        "exchanged": (_("Exchanged"), "good", "check-circle"),
    },
    "exchange": {
        "requested": (_("Exchange asked for"), "warn", "clock"),
        "approved": (_("To be sent back"), "warn", "box"),
        "sent": (_("On its way back"), "accent", "truck"),
        "received": (_("Received, to be replaced"), "warn", "box"),
        "resent": (_("Replacement on its way"), "accent", "truck"),
        "exchanged": (_("Exchanged"), "good", "check-circle"),
        "rejected": (pgettext_lazy("return", "Refused"), "bad", "stop"),
        "withdrawn": (pgettext_lazy("return", "Withdrawn"), "mute", "stop"),
        "lapsed": (_("Not sent in time"), "mute", "clock"),
    },
}
KINDS = {"refund": _("For the money"), "exchange": _("For an exchange")}
TURNED = {
    "out_of_stock": _("An exchange was asked for; the replacement isn't there any more."),
    "not_sent": _("An exchange was asked for; the replacement wasn't sent in time."),
    "merchant": _("An exchange was asked for; the merchant gives the money instead."),
    "decided": _("An exchange was asked for; the platform decided that the money goes back."),
}
CAUSES = {
    "no_reason": _("I don't want to keep it"),
    "not_as_described": _("Not as described"),
    "damaged": _("Arrived damaged"),
    "defective": _("Doesn't work or has gone bad"),
    "wrong_item": _("Something else was sent"),
    "missing_parts": _("Something is missing"),
    "other": _("Another reason"),
}
