"""Routes of identities, certificates, contracts and their proof."""

from certification.api import (
    agreements,
    authority,
    bulk,
    certificates,
    identity,
    inspection,
    profiles,
    seals,
    templates,
    verification,
)
from certification.api.routes import routes

__all__ = [
    "agreements",
    "authority",
    "bulk",
    "certificates",
    "identity",
    "inspection",
    "profiles",
    "routes",
    "seals",
    "templates",
    "verification",
]
