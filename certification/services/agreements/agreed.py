"""Contracts over what the parties agreed on elsewhere, such as an order: signed, or called off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from certification import locks
from certification.contracts.agreements import (
    ContractInfo,
    ContractState,
    PartyInput,
    TemplateState,
)
from certification.errors.agreements import ContractKeyReused, SigningOver, TemplateNotPublished
from certification.events.agreements import ContractSigningOpened
from certification.models import Contract, ContractParty, ContractProposal
from certification.selectors.agreements import _info, infos, sealed, template
from certification.services.agreements.common import end, tell, write_to
from certification.services.agreements.draft import _party, _roles, checked
from certification.services.agreements.negotiate import _freeze, document_of
from certification.wording.fields import in_language
from kernel import audit, clock
from kernel.ids import uuid7
from kernel.transactions import assert_outside_transaction, atomic
from kernel.typeset import Rendered

S = ContractState


def open_agreed(
    *,
    key: UUID,
    reference: str,
    template_id: UUID,
    drafter: str,
    parties: Sequence[PartyInput],
    values: Mapping[str, Any],
    language: str,
    sign_by: datetime,
) -> ContractInfo:
    """Draft, freeze and open for signing until ``sign_by``, in one commit: nobody can change what
    was agreed on in between. The same ``key`` again is the same contract, however it stands now.

    ``reference`` names what it is about, in the events too. Every party is a merchant or a person
    of the platform. Typeset before the transaction. Raises TemplateNotPublished, BadParties,
    BadValues, TypesettingFailed, SigningOver, ContractKeyReused.
    """
    assert_outside_transaction("Typesetting a contract")
    known = Contract.objects.filter(key=key).first()
    if known is not None:
        return _same(known, reference)
    found = template(template_id=template_id)
    if found.state != TemplateState.PUBLISHED or found.merchant_id is not None:
        raise TemplateNotPublished(field="template", state=found.state)
    if sign_by <= clock.business():
        raise SigningOver(sign_by=sign_by.isoformat())
    roles = _roles(found.definition, parties, drafter)
    kept = checked(found.definition, values, roles, whole=True)
    main = "en" if language == "en" else "zh-Hans"
    row = Contract(
        id=uuid7(), key=key, language=language, template_id=template_id, drafter=drafter,
        title=in_language(found.definition["title"], main)[:200], external_id=reference, round=1,
    )  # fmt: skip
    row.number = f"HT{clock.today():%Y%m%d}{row.id.hex[-8:].upper()}"
    row.values_sealed = sealed(row.id, kept)
    by_role = {party.role: party for party in parties}
    sides = [_party(row, place, by_role[role], drafter) for place, role in enumerate(roles)]
    at = clock.business().replace(microsecond=0)
    made = document_of(_info(row, sides), at=at)
    if not _opened(row, sides, made, at, sign_by):
        return _same(Contract.objects.get(key=key), reference)
    return infos([row])[0]


def _opened(
    row: Contract, sides: list[ContractParty], made: Rendered, at: datetime, sign_by: datetime
) -> bool:
    """False when another call with the same key was faster."""
    with atomic():
        row.touch()
        Contract.objects.bulk_create([row], ignore_conflicts=True)
        if not Contract.objects.filter(id=row.id).exists():
            return False
        for side in sides:
            side.agreed_round = row.round
        ContractParty.objects.bulk_create(sides)
        ContractProposal.objects.create(
            contract=row, number=row.round, role=row.drafter, values_sealed=row.values_sealed,
            message_sealed=sealed(row.id, ""), business_at=at,
            created_at=clock.system(),
        )  # fmt: skip
        audit.record(
            action="certification.contract.drafted",
            target=row,
            after={"number": row.number, "template": row.template_id, "about": row.external_id},
        )
        row.move(S.NEGOTIATING, action="certification.contract.sent")
        _freeze(row, made, at)
        row.move(S.SIGNING, action="certification.contract.signing_opened")
        row.sign_by = sign_by
        row.save()
        tell(row, ContractSigningOpened(row.id, row.number, sign_by, row.external_id or ""))
        for party in infos([row])[0].parties:
            write_to(row, party, "sign", due=sign_by)
    return True


def call_off(*, key: UUID, reason: str) -> ContractInfo | None:
    """What the contract of this ``key`` was made for has fallen away: withdrawn, whoever has signed
    so far. For callers in the house only. Ended before: as it is; None when there is none. Raises
    InvalidTransition once it is in force.
    """
    found = Contract.objects.filter(key=key).values_list("id", flat=True).first()
    if found is None:
        return None
    with atomic():
        row = locks.contract(found)
        if row.state not in (S.REJECTED, S.WITHDRAWN, S.EXPIRED, S.TERMINATED):
            end(row, S.WITHDRAWN, action="certification.contract.called_off", reason=reason[:1000])
            for party in infos([row])[0].parties:
                write_to(row, party, "ended")
    return infos([row])[0]


def _same(row: Contract, reference: str) -> ContractInfo:
    if row.external_id != reference:
        raise ContractKeyReused(field="key")
    return infos([row])[0]
