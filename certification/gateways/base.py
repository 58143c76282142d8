"""What a provider of certificates (电子认证服务机构) must be able to do.

Ours is one module, for tests only: reliable signatures (电子签名法 art. 13, 16) need
a provider licensed by 工信部 and approved by 国家密码管理局; such a one (CFCA, 法大大) is another
module behind this port. Every call may be repeated: the same ids mean the same effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from certification.domain.profiles import Profile
from certification.pki.algorithms import Algorithm


@dataclass(frozen=True)
class CertificateOrder:
    """A certificate to issue over ``spki``, whose possession has been checked."""

    certificate_id: UUID
    profile: Profile
    algorithm: Algorithm
    subject: Mapping[str, str]
    spki: bytes
    days: int


@dataclass(frozen=True)
class Issued:
    """What the provider made. ``chain``: DER, nearest first, the root last. ``authority_id`` only
    where the authority is the platform's own."""

    serial: str
    certificate: bytes
    chain: tuple[bytes, ...]
    not_before: datetime
    not_after: datetime
    authority_id: UUID | None = None


class ProviderRefused(Exception):
    """The provider won't issue this; the text says why."""


class CertificateProvider(Protocol):
    """A provider. ``inside``: it is part of this process, so its calls may stand in a transaction;
    any other is called without one."""

    name: str
    inside: bool

    def issue(self, order: CertificateOrder) -> Issued:
        """Raises ProviderRefused for good, anything else means: try again."""
        ...

    def suspend(self, *, certificate_id: UUID, serial: str) -> None:
        """Hold the certificate (certificateHold)."""
        ...

    def resume(self, *, certificate_id: UUID, serial: str) -> None:
        """Take the hold away."""
        ...

    def revoke(self, *, certificate_id: UUID, serial: str, reason: str) -> None:
        """Revoke for good."""
        ...
