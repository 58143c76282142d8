"""A holder's own application for a certificate: the names come from its verified identity."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from certification.contracts.authority import Algorithm, CertificateInfo
from certification.contracts.identity import Subject
from certification.errors.authority import UnknownProfile
from certification.services.enrol import enrol
from certification.services.identity import require_level
from certification.services.identity_review import verified_particulars
from certification.services.profiles import profile as profile_by_code


def apply_certificate(
    *,
    key: UUID,
    profile: str,
    merchant_id: UUID | None,
    person_id: UUID | None,
    algorithm: Algorithm | None = None,
    csr: bytes | None = None,
    days: int | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> CertificateInfo:
    """A certificate for the merchant, or for the person acting for it, as the profile says.

    Raises AssuranceTooLow, and what ``enrol`` raises.
    """
    kind = profile_by_code(profile)
    if kind.holder == "merchant" and merchant_id is not None:
        subject = Subject.merchant(merchant_id)
    elif kind.holder == "person" and person_id is not None:
        subject = Subject.person(person_id)
    else:
        raise UnknownProfile(
            _("%(profile)s isn't for you to apply for.") % {"profile": profile}, field="profile"
        )
    require_level(subject=subject, action="certificate.enrol", level=kind.level)
    stated = verified_particulars(subject=subject, purpose="certificate")
    names = {"common_name": stated.name[:64]}
    if kind.holder == "merchant":
        names["organization_name"] = stated.name[:64]
        names["organization_identifier"] = stated.number
    return enrol(
        key=key,
        profile=profile,
        algorithm=algorithm,
        subject=names,
        merchant_id=merchant_id,
        person_id=person_id if kind.holder == "person" else None,
        days=days,
        csr=csr,
        external_id=external_id,
        metadata=metadata,
    )
