"""The platform's own test authority."""

from uuid import UUID

from certification.authority import issuing
from certification.gateways.base import CertificateOrder, Issued


class OwnAuthority:
    """Issues from this platform's chain. What is revoked stands in the certificates' own rows,
    from which CRLs and OCSP responses are made."""

    name = "own"
    inside = True

    def issue(self, order: CertificateOrder) -> Issued:
        return issuing.issue(order)

    def suspend(self, *, certificate_id: UUID, serial: str) -> None:
        return None

    def resume(self, *, certificate_id: UUID, serial: str) -> None:
        return None

    def revoke(self, *, certificate_id: UUID, serial: str, reason: str) -> None:
        return None
