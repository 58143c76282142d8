"""What states are called, with the icon and the tone that go with the word."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Word = tuple[str | Promise, str, str]  # label, tone, icon

STATES: dict[str, dict[str, Word]] = {
    "order": {
        "pending_payment": (_("Awaiting payment"), "warn", "clock"),
        "paid": (_("Paid"), "accent", "check-circle"),
        "shipping": (_("Being handed to the carrier"), "accent", "truck"),
        "shipped": (_("Shipped"), "accent", "truck"),
        "delivered": (_("Delivered"), "good", "box"),
        "completed": (_("Completed"), "good", "check-circle"),
        "cancelling": (_("Being cancelled"), "warn", "clock"),
        "cancelled": (_("Cancelled"), "mute", "stop"),
    },
    "product": {
        "draft": (_("Draft"), "mute", "draft"),
        "published": (_("On sale"), "good", "check-circle"),
        "withdrawn": (pgettext_lazy("product", "Withdrawn"), "mute", "pause"),
    },
    "merchant": {
        "applied": (_("Applied"), "warn", "clock"),
        "in_review": (_("In review"), "warn", "clock"),
        "approved": (_("Approved"), "good", "seal"),
        "suspended": (_("Suspended"), "bad", "pause"),
    },
    "key": {
        "active": (_("Active"), "good", "check-circle"),
        "revoked": (_("Revoked"), "mute", "stop"),
    },
    "journey": {
        "running": (_("Running"), "accent", "clock"),
        "waiting": (_("Waiting"), "warn", "clock"),
        "done": (_("Finished"), "good", "check-circle"),
        "undoing": (_("Being undone"), "warn", "history"),
        "undone": (_("Undone"), "mute", "history"),
        "needs_attention": (_("Needs attention"), "bad", "alert"),
    },
    "job": {
        "queued": (_("Queued"), "mute", "clock"),
        "running": (_("Running"), "accent", "clock"),
        "done": (_("Finished"), "good", "check-circle"),
        "failed": (_("Failed"), "bad", "alert"),
        "cancelled": (_("Cancelled"), "mute", "stop"),
    },
    "payout": {
        "pending": (_("To be sent"), "mute", "clock"),
        "in_transit": (_("On its way"), "warn", "clock"),
        "paid": (_("Paid out"), "good", "check-circle"),
        "failed": (_("Failed"), "bad", "alert"),
    },
    "shipment": {
        "draft": (_("Being booked"), "warn", "clock"),
        "booking": (_("Being booked"), "warn", "clock"),
        "booked": (_("Booked"), "accent", "doc"),
        "in_transit": (_("On the way"), "accent", "truck"),
        "moved": (_("On the way"), "accent", "truck"),
        "delivered": (_("Delivered"), "good", "box"),
        "cancelled": (_("Cancelled"), "mute", "stop"),
        "failed": (_("Failed"), "bad", "alert"),
    },
}
ROLES = {
    "operator": _("Operator"),
    "merchant_owner": _("Merchant owner"),
    "merchant_staff": _("Merchant staff"),
    "buyer": _("Buyer"),
}
JOURNEYS = {
    "checkout": pgettext_lazy("journey", "Checkout"),
    "fulfil": pgettext_lazy("journey", "Shipping"),
    "cancel": pgettext_lazy("journey", "Cancellation"),
}
TRANSACTIONS = {
    "charge": _("Sale"),
    "commission": _("Commission"),
    "commission_refund": _("Commission returned"),
    "commission_restored": _("Commission charged again"),
    "refund": _("Refund"),
    "refund_failure": _("Refund refused, money kept"),
    "owed": _("Taken from later sales"),
    "release": _("Became available"),
    "payout": _("Payout"),
    "payout_paid": _("Paid out"),
    "payout_failed": _("Payout returned"),
}


def word(kind: str, state: str) -> Word:
    """The word for a state; an unknown one is shown as it is rather than hidden."""
    return STATES.get(kind, {}).get(str(state), (str(state).replace("_", " "), "mute", "info"))


def tone_of_level(level: str) -> tuple[str, str]:
    """Tone and icon of a message by its level."""
    return {
        "error": ("bad", "alert"),
        "warning": ("warn", "alert"),
        "success": ("good", "check-circle"),
    }.get(level, ("accent", "info"))
