"""What the papers that move stock are called on pages."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATES: dict[str, dict[str, Any]] = {
    "receipt": {
        "draft": (pgettext_lazy("receipt", "Draft"), "mute", "draft"),
        "expected": (pgettext_lazy("receipt", "Expected"), "accent", "truck"),
        "partly_received": (pgettext_lazy("receipt", "Partly received"), "warn", "box"),
        "received": (pgettext_lazy("receipt", "Received"), "good", "check-circle"),
        "cancelled": (pgettext_lazy("receipt", "Cancelled"), "mute", "stop"),
    },
    "transfer": {
        "requested": (pgettext_lazy("transfer", "Requested"), "warn", "clock"),
        "sent": (pgettext_lazy("transfer", "On the way"), "accent", "truck"),
        "received": (pgettext_lazy("transfer", "Received"), "good", "check-circle"),
        "cancelled": (pgettext_lazy("transfer", "Cancelled"), "mute", "stop"),
    },
    "count": {
        "open": (pgettext_lazy("count", "Being counted"), "warn", "list"),
        "posted": (pgettext_lazy("count", "Posted"), "good", "check-circle"),
        "cancelled": (pgettext_lazy("count", "Cancelled"), "mute", "stop"),
    },
}
LOSSES = {
    "damaged": _("Damaged"),
    "lost": _("Lost"),
    "stolen": _("Stolen"),
    "miscounted": _("Miscounted when it was sent"),
    "other": _("Other"),
}
