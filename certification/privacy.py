"""What this context keeps about a person, and what keeps them from leaving."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certification.contracts.agreements import ContractState
from certification.contracts.identity import Subject
from certification.models import Contract, ContractParty
from certification.selectors.agreements import infos
from certification.selectors.certificates import certificates_page
from certification.selectors.identity import identity_of
from kernel.privacy import PAGE, Rows, every, hold, section, told


@section("identity", _("Proven identity"))
def identity(person_id: UUID) -> Rows:
    """Masked, as it is shown; the papers by kind."""
    found = identity_of(Subject.person(person_id))
    if found is not None:
        yield told(found, "idn", leave_out=("subject", "claimed_by", "version"))


@section("certificates", _("Certificates"))
def certificates(person_id: UUID) -> Rows:
    found = every(lambda cursor: certificates_page(person_id=person_id, cursor=cursor, limit=PAGE))
    for one in found:
        yield {
            "id": one.public_id,
            "serial": one.serial,
            "state": one.state,
            "profile": one.profile,
            "created_at": one.created_at.isoformat(),
        }


@section("contracts", _("Contracts"))
def contracts(person_id: UUID) -> Rows:
    """Their numbers, titles and states; the documents are on the page of contracts."""
    mine = ContractParty.objects.filter(person_id=person_id).values("contract_id")
    for one in infos(list(Contract.objects.filter(id__in=mine).order_by("-id"))):
        yield {
            "id": one.public_id,
            "number": one.number,
            "title": one.title,
            "state": one.state,
            "created_at": one.created_at.isoformat(),
        }


@hold("certification")
def unsigned(person_id: UUID) -> Iterator[str]:
    """Contracts that others are asked to sign with the person."""
    open_ = (ContractState.NEGOTIATING, ContractState.AGREED, ContractState.SIGNING)
    mine = ContractParty.objects.filter(person_id=person_id).values("contract_id")
    count = Contract.objects.filter(id__in=mine, state__in=open_).count()
    if count:
        yield gettext("Contracts that are being signed: %(count)s.") % {"count": count}
