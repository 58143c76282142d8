"""Drafting a contract from a template, and bringing one's own PDF."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from certification import locks
from certification.contracts.agreements import (
    ContractInfo,
    ContractKind,
    ContractLanguage,
    ContractState,
    PartyInput,
    SigningOrder,
    TemplateState,
)
from certification.errors.agreements import (
    BadParties,
    BadValues,
    ContractKeyReused,
    TemplateNotPublished,
    UploadRefused,
)
from certification.models import Contract, ContractParty, ContractTemplate
from certification.selectors.agreements import infos, role_of, sealed, template
from certification.services.agreements.common import party_of, write_to
from certification.services.agreements.uploads import refuse_bad
from certification.wording import fields
from certification.wording.fields import in_language
from kernel import audit, clock, personal
from kernel.actors import current_actor
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.ids import uuid7
from kernel.transactions import assert_outside_transaction, atomic
from platforms import facade as platforms


def draft_contract(
    *,
    key: UUID,
    drafter: str,
    parties: Sequence[PartyInput],
    template_id: UUID | None = None,
    title: str = "",
    values: Mapping[str, Any] | None = None,
    language: str = ContractLanguage.CHINESE,
    order: str = SigningOrder.PARALLEL,
    ends_at: datetime | None = None,
    merchant_id: UUID | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
    kind: str = ContractKind.ORIGINAL,
    parent: Contract | None = None,
) -> ContractInfo:
    """A draft that only its drafter sees through; the same ``key`` again is the same draft.

    ``drafter`` is the role of whoever writes it. Without a template the text comes as a PDF
    (``put_document``). Fields may still be missing; those given must be right. Raises NotFound,
    TemplateNotPublished, BadParties, BadValues, ContractKeyReused.
    """
    known = Contract.objects.filter(key=key).first()
    if known is not None:
        return _same(known, template_id, merchant_id)
    definition: Mapping[str, Any] = {}
    if template_id is not None:
        found = template(template_id=template_id)
        if found.state != TemplateState.PUBLISHED or found.merchant_id not in (None, merchant_id):
            raise TemplateNotPublished(field="template", state=found.state)
        definition = found.definition
    elif not title.strip():
        raise Invalid(_("Without a template a title is needed."), field="title")
    roles = _roles(definition, parties, drafter)
    kept = checked(definition, values or {}, roles, whole=False)
    main = "en" if language == ContractLanguage.ENGLISH else "zh-Hans"
    row = Contract(
        id=uuid7(), key=key, language=language, template_id=template_id, parent=parent, kind=kind,
        title=(title.strip() or in_language(definition["title"], main))[:200],
        merchant_id=merchant_id, drafter=drafter, order=order, ends_at=ends_at,
        external_id=external_id, metadata=dict(metadata or {}), values_sealed=b"",
        parent_sha256=parent.document_sha256 if parent else "",
    )  # fmt: skip
    row.number = f"HT{clock.today():%Y%m%d}{row.id.hex[-8:].upper()}"
    with atomic():
        row.values_sealed = sealed(row.id, kept)
        row.touch()
        Contract.objects.bulk_create([row], ignore_conflicts=True)
        if not Contract.objects.filter(id=row.id).exists():
            raise ContractKeyReused(field="external_id" if external_id else "key")
        by_role = {party.role: party for party in parties}
        ContractParty.objects.bulk_create(
            _party(row, place, by_role[role], drafter) for place, role in enumerate(roles)
        )
        audit.record(
            action="certification.contract.drafted",
            target=row,
            after={"number": row.number, "kind": kind, "template": template_id},
        )
    return infos([row])[0]


def checked(
    definition: Mapping[str, Any], values: Mapping[str, Any], roles: Sequence[str], *, whole: bool
) -> dict[str, Any]:
    """The values as kept. Raises BadValues."""
    kept, problems = fields.read(definition.get("fields", []), values, roles=roles, whole=whole)
    if problems:
        raise BadValues(problems=problems)
    return kept


def put_document(*, contract_id: UUID, data: bytes) -> ContractInfo:
    """The drafter's own PDF as the contract's text, while nobody else has seen it.

    Looked into by a process with limits. Raises UploadRefused with the reason, InvalidTransition.
    """
    assert_outside_transaction("Reading an uploaded PDF")
    refuse_bad(data)
    with atomic():
        row = locks.contract(contract_id)
        _own_draft(row)
        if row.template_id is not None:
            raise UploadRefused(_("A contract made from a template has its text already."))
        row.agreed_sealed = personal.seal_data(row.id, data)
        row.agreed_sha256 = hashlib.sha256(data).hexdigest()
        row.save()
        audit.record(
            action="certification.contract.document_put",
            target=row,
            after={"sha256": row.agreed_sha256, "size": len(data)},
        )
    return infos([row])[0]


def change_draft(*, contract_id: UUID, values: Mapping[str, Any]) -> ContractInfo:
    """Replace a draft's values. Raises NotFound, BadValues, InvalidTransition."""
    with atomic():
        row = locks.contract(contract_id)
        info = _own_draft(row)
        definition = _definition(row)
        roles = [party.role for party in info.parties]
        row.values_sealed = sealed(row.id, checked(definition, values, roles, whole=False))
        row.save()
        audit.record(action="certification.contract.draft_changed", target=row)
    return infos([row])[0]


def invite(*, contract_id: UUID, role: str) -> str:
    """A fresh invitation for a party outside; its secret, which also goes out by mail."""
    with atomic():
        row = locks.contract(contract_id)
        party = party_of(row, role)
        if party.merchant_id or party.person_id:
            raise Invalid(_("This party is on the platform already."), field="role")
        secret = secrets.token_urlsafe(32)
        party.invite_hash = hashlib.sha256(secret.encode()).hexdigest()
        party.save()
        audit.record("certification.contract.invited", target=row, after={"role": role})
        info = infos([row])[0].party(role)
        write_to(row, info, "invitation", invitation=platforms.platform_url(
            f"/contracts/invitations/{secret}/"))  # fmt: skip
    return secret


def _definition(row: Contract) -> Mapping[str, Any]:
    if row.template_id is None:
        return {}
    found: Mapping[str, Any] = ContractTemplate.objects.get(id=row.template_id).definition
    return found


def _own_draft(row: Contract) -> ContractInfo:
    """Raises NotFound for others, InvalidTransition once it was sent."""
    info = infos([row])[0]
    actor = current_actor()
    if actor.kind not in ("operator", "system") and role_of(info, actor) != row.drafter:
        raise NotFound
    if row.state != ContractState.DRAFT:
        raise InvalidTransition(_("Only a draft is changed; make a proposal."), state=row.state)
    return info


def _roles(definition: Mapping[str, Any], parties: Sequence[PartyInput], drafter: str) -> list[str]:
    given = [party.role for party in parties]
    wanted = [role["role"] for role in definition["roles"]] if definition else given
    who = [(party.merchant_id, party.person_id, party.email) for party in parties]
    if sorted(given) != sorted(wanted) or not 2 <= len(given) <= 6 or len(set(given)) < len(given):
        raise BadParties(field="parties", roles=wanted)
    if drafter not in given or len(set(who)) < len(who):
        raise BadParties(field="parties", roles=wanted)
    for party in parties:
        if not (party.merchant_id or party.person_id) and not (party.email and party.name):
            raise BadParties(
                _("A party outside needs a name and an e-mail address."), field="parties"
            )
    return wanted


def _party(row: Contract, place: int, given: PartyInput, drafter: str) -> ContractParty:
    name = given.name
    joined = None
    if given.merchant_id:
        merchant = platforms.merchant(given.merchant_id)
        name = name or merchant.name("en" if row.language == "en" else "zh-Hans")
        joined = clock.business()
    elif given.person_id:
        name = name or platforms.person(given.person_id).name
        joined = clock.business()
    return ContractParty(
        contract=row, role=given.role, place=place, merchant_id=given.merchant_id,
        person_id=given.person_id, joined_at=joined,
        contact_sealed=sealed(
            row.id,
            {"name": name[:120], "email": given.email[:254], "detail": given.detail[:300],
             "language": given.language.lower()},
        ),
    )  # fmt: skip


def _same(row: Contract, template_id: UUID | None, merchant_id: UUID | None) -> ContractInfo:
    if (row.template_id, row.merchant_id) != (template_id, merchant_id):
        raise ContractKeyReused(field="key")
    return infos([row])[0]
