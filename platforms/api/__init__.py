"""Routes of platforms, merchants, people, keys and the audit trail."""

from platforms.api import (
    audit,
    change_confirmations,
    feed,
    keys,
    merchants,
    passkeys,
    people,
    platform,
    privacy,
    second_factor,
    staff_roles,
    webhooks,
)
from platforms.api.routes import routes

__all__ = [
    "audit",
    "change_confirmations",
    "feed",
    "keys",
    "merchants",
    "passkeys",
    "people",
    "platform",
    "privacy",
    "routes",
    "second_factor",
    "staff_roles",
    "webhooks",
]
