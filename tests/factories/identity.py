"""Identities for tests and demo stories: stated, with papers, verified without a provider."""

import hashlib
import io
from uuid import UUID

from PIL import Image

from certification import facade
from certification.facade import IdentityInfo, NumberKind, PaperKind, Particulars, Subject
from certification.gateways.identity import Finding
from certification.models import IdentityCheck
from certification.services import identity_checks
from kernel.actors import Actor, acting
from kernel.check_digits import credit_check, resident_check
from kernel.ids import uuid7

REVIEWER = Actor(kind="operator", id=uuid7(), scopes=frozenset({"*"}), label="reviewer")


def paper(seed: str = "paper") -> bytes:
    """A small picture; another one for another seed."""
    found = io.BytesIO()
    digest = hashlib.sha256(seed.encode()).digest()
    Image.new("RGB", (16, 16), tuple(digest[:3])).save(found, "PNG")
    return found.getvalue()


def credit_code(number: int = 1) -> str:
    body = f"91220101MA{number:07d}"
    return body + credit_check(body)


def resident_number(number: int = 1) -> str:
    body = f"22010119800101{number:03d}"
    return body + resident_check(body)


def company(name: str = "长春江茶贸易有限公司", number: str = "") -> Particulars:
    return Particulars(
        name=name,
        number_kind=NumberKind.CREDIT_CODE,
        number=number or credit_code(),
        representative="王芳",
        representative_number=resident_number(),
    )


def someone(name: str = "李秀英", number: str = "") -> Particulars:
    return Particulars(
        name=name, number_kind=NumberKind.RESIDENT, number=number or resident_number(2)
    )


def stated(subject: Subject, particulars: Particulars) -> IdentityInfo:
    """Stated, with the papers that a review needs."""
    facade.state_identity(subject=subject, particulars=particulars)
    is_company = particulars.number_kind == NumberKind.CREDIT_CODE
    kind = PaperKind.BUSINESS_LICENCE if is_company else PaperKind.ID_CARD_FRONT
    facade.add_paper(subject=subject, kind=kind, data=paper())
    info = facade.identity_of(subject)
    assert info is not None
    return info


def in_review(subject: Subject, particulars: Particulars, outcome: str = "match") -> IdentityInfo:
    """Handed in; the provider's answer is ``outcome``, without asking one."""
    stated(subject, particulars)
    info = facade.submit_identity(subject=subject)
    for check in IdentityCheck.objects.filter(identity_id=info.id, state="asked"):
        identity_checks.record(check_id=check.id, finding=Finding(outcome, "idc_test"))
    return facade.identity(info.id)


def verified(subject: Subject, particulars: Particulars) -> IdentityInfo:
    """Verified by an operator."""
    info = in_review(subject, particulars)
    with acting(REVIEWER):
        facade.claim_review(identity_id=info.id)
        return facade.approve_identity(identity_id=info.id)


def verified_merchant(merchant_id: UUID, particulars: Particulars | None = None) -> IdentityInfo:
    return verified(Subject.merchant(merchant_id), particulars or company())


def verified_person(person_id: UUID, particulars: Particulars | None = None) -> IdentityInfo:
    return verified(Subject.person(person_id), particulars or someone())
