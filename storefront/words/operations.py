"""What the page on how the platform runs says: its queues, and what to do about each."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

QUEUES = {
    "outbox": _("Events to hand on"),
    "deliveries": _("Events to take in"),
    "jobs": _("Jobs"),
    "journeys": _("Orders and applications under way"),
    "webhooks": _("Webhooks to send"),
}
STUCK = {
    "deliveries": pgettext_lazy("events", "parked"),
    "jobs": _("failed in the last day"),
    "journeys": _("in need of a person"),
    "webhooks": _("failed in the last day"),
}
# What to do about what is stuck, and where; "" where there is no page for an operator.
REMEDIES = {
    "deliveries": (
        _("Mend the cause, then try parked events again, or skip them with a reason."),
        "operator_events",
    ),
    "jobs": (_("See why they failed."), "operator_jobs"),
    "journeys": (
        _("Try each again, or put it aside with a reason."),
        "operator_attention",
    ),
    "webhooks": (
        _("Merchants see on their page of webhooks what came back, and can send again there."),
        "",
    ),
}
# Tables that are cut by time.
KEPT = {
    "kernel_outboxevent": _("Events"),
    "kernel_auditrecord": _("Audit rows"),
    "kernel_idempotencyrecord": _("Answers kept for repeated requests"),
    "journeys_journeystep": _("Steps of orders and applications"),
}
LATE = _("They aren't taken in time. Tell whoever runs the machine:")
STATES = {
    "verdict": {
        "fine": (pgettext_lazy("verdict", "Fine"), "good", "check-circle"),
        "unknown": (pgettext_lazy("verdict", "Not known"), "mute", "info"),
        "look": (pgettext_lazy("verdict", "Look at it"), "warn", "clock"),
        "act": (pgettext_lazy("verdict", "Act"), "bad", "alert"),
    },
    "event": {
        "parked": (pgettext_lazy("event", "Parked"), "bad", "pause"),
        "pending": (pgettext_lazy("event", "To be tried again"), "warn", "clock"),
        "skipped": (pgettext_lazy("event", "Skipped"), "mute", "stop"),
    },
    "webhook": {
        "enabled": (_("Switched on"), "good", "check-circle"),
        "disabled": (_("Switched off"), "mute", "pause"),
    },
    "webhook_delivery": {
        "pending": (pgettext_lazy("event", "To be tried again"), "warn", "clock"),
        "succeeded": (_("Arrived"), "good", "check-circle"),
        "failed": (_("Failed"), "bad", "alert"),
    },
}
