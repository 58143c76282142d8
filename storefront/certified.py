"""Words of certification's states, with tone and icon; the labels are that context's own."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from certification import facade as certification
from storefront import words

TONES: dict[str, tuple[Any, dict[str, tuple[str, str]]]] = {
    "identity": (
        certification.IdentityState,
        {
            "draft": ("mute", "draft"),
            "checking": ("accent", "clock"),
            "in_review": ("warn", "clock"),
            "needs_more": ("warn", "alert"),
            "verified": ("good", "seal"),
            "rejected": ("bad", "stop"),
            "expired": ("mute", "clock"),
            "erased": ("mute", "trash"),
        },
    ),
    "certificate": (
        certification.CertificateState,
        {
            "requested": ("accent", "clock"),
            "valid": ("good", "check-circle"),
            "suspended": ("warn", "pause"),
            "revoked": ("bad", "stop"),
            "failed": ("bad", "alert"),
        },
    ),
    "seal": (
        certification.SealState,
        {
            "applied": ("warn", "clock"),
            "refused": ("bad", "stop"),
            "valid": ("good", "seal"),
            "suspended": ("warn", "pause"),
            "revoked": ("mute", "stop"),
        },
    ),
}
for _kind, (_states, _tones) in TONES.items():
    words.STATES.setdefault(
        _kind, {state: (_states(state).label, *look) for state, look in _tones.items()}
    )
words.STATES.setdefault("certificate", {}).setdefault("expired", (_("Ended"), "mute", "clock"))
words.STATES.setdefault(
    "template",
    {
        "draft": (_("Draft"), "mute", "draft"),
        "published": (_("In use"), "good", "check-circle"),
        "retired": (_("No longer used"), "mute", "pause"),
    },
)
words.STATES.setdefault(
    "check",
    {
        "asked": (_("Asked"), "accent", "clock"),
        "pending": (_("Waiting for an answer"), "warn", "clock"),
        "passed": (_("Passed"), "good", "check-circle"),
        "failed": (_("Not passed"), "bad", "alert"),
        "given_up": (_("No answer"), "warn", "alert"),
    },
)
CHECKS = {
    "registry": _("Name and number"),
    "portrait": _("Portrait"),
    "account": _("Small-amount transfer"),
}
PURPOSES = {"certificate": _("For a certificate that was applied for")}
OUTCOMES = {
    "match": _("They belong together"),
    "mismatch": _("They don't belong together"),
    "no_record": _("The register has no such number"),
    "photo_mismatch": _("The picture shows somebody else"),
    "expired": _("The document has run out"),
    "failed": _("The bank refused the transfer"),
    "no_answer": _("The provider didn't answer"),
}
LEVELS = {
    "none": _("Not proven"),
    "basic": _("Basic"),
    "verified": _("Verified"),
    "strong": _("Strong"),
}
REASONS = {
    "unspecified": _("No particular reason"),
    "key_compromise": _("The key may have become known"),
    "affiliation_changed": _("The holder's name or place has changed"),
    "superseded": _("Replaced by another"),
    "cessation_of_operation": _("No longer needed"),
    "privilege_withdrawn": _("The holder may no longer have it"),
}
