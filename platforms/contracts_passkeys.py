"""Passkeys (通行密钥): what crosses the context's door."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id


class PasskeyState(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended: it may have been copied")
    REMOVED = "removed", _("Removed")


class ChallengePurpose(models.TextChoices):
    ADD = "add", _("Adding a passkey")
    PROVE = "prove", _("Confirming with a passkey")
    SIGN_IN = "sign_in", _("Signing in with a passkey")


@dataclass(frozen=True)
class PasskeySite:
    """Where the browser is. A passkey works at the host that it was made at, ``rp_id`` (WebAuthn's
    relying party), and what it signs names the ``origin``: scheme, host and port."""

    rp_id: str
    origin: str


@dataclass(frozen=True)
class PasskeyInfo:
    """One passkey of a person. ``host`` is where it works; ``synced`` tells that its owner's
    other devices have it, too."""

    id: UUID
    name: str = field(repr=False)
    state: PasskeyState
    host: str
    synced: bool
    created_at: datetime
    last_used_at: datetime | None

    @property
    def public_id(self) -> str:
        return public_id("psk", self.id)


@dataclass(frozen=True)
class PasskeyAdded:
    """A new passkey; with a person's first factor come recovery codes, shown only now."""

    passkey: PasskeyInfo
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class PasskeyProof:
    """What a passkey has confirmed stands for: ``code`` goes once, in the place of a code of the
    authenticator app."""

    code: str = field(repr=False)
    expires_at: datetime
