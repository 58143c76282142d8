"""What cancellations of parts of an order are called on pages."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES: dict[str, dict[str, Any]] = {
    "cancellation": {
        "requested": (_("Cancellation asked for"), "warn", "clock"),
        "refunding": (_("Cancelled, being refunded"), "accent", "coins"),
        "refunded": (_("Cancelled, refunded"), "mute", "check-circle"),
        "rejected": (pgettext_lazy("cancellation", "Refused"), "bad", "stop"),
        "withdrawn": (pgettext_lazy("cancellation", "Withdrawn"), "mute", "stop"),
        "lapsed": (pgettext_lazy("cancellation", "Too late"), "mute", "clock"),
    },
}
CAUSES = {
    "changed_mind": _("I don't want it any more"),
    "mistake": _("Ordered by mistake"),
    "too_slow": _("It takes too long"),
    "out_of_stock": _("Out of stock"),
    "price_mistake": _("The price was a mistake"),
    "cannot_deliver": _("Can't be delivered there"),
    "other": _("Another reason"),
}
BUYERS = ("changed_mind", "mistake", "too_slow", "other")
MERCHANTS = ("out_of_stock", "price_mistake", "cannot_deliver", "other")
