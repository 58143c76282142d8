"""Amendments (补充协议) and terminations (解除协议): contracts chained to the original's digest."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from certification.contracts.agreements import (
    ContractInfo,
    ContractKind,
    ContractState,
    PartyInput,
)
from certification.errors.agreements import ChainBusy, NotInForce
from certification.models import Contract
from certification.models.agreements import OPEN
from certification.selectors.agreements import (
    changes,
    contract,
    current_template,
    template,
)
from certification.services.agreements.draft import checked, draft_contract
from certification.wording.fields import in_language
from kernel.errors import Conflict, Invalid

ROLES = ("first", "second")


def amend(
    *, contract_id: UUID, role: str, key: UUID, merchant_id: UUID | None,
    values: Mapping[str, Any] | None = None, text: str = "", external_id: str | None = None,
) -> ContractInfo:  # fmt: skip
    """Draft an amendment: ``values`` are the original's fields as they should read from then on,
    ``text`` what else is agreed. It is negotiated and signed as any contract.

    Raises NotInForce, ChainBusy, BadValues, Invalid when nothing would change.
    """
    original = contract(contract_id=contract_id)
    lines: list[dict[str, Any]] = []
    if values and original.template_id:
        definition = template(template_id=original.template_id).definition
        wanted = {**original.values, **values}
        roles = [party.role for party in original.parties]
        kept = checked(definition, wanted, roles, whole=True)
        lines = [
            {"item": one.label, "before": one.before, "after": one.after}
            for one in changes(definition, original.values, kept, original.language)
        ]
    if not lines and not text.strip():
        raise Invalid(
            _("Nothing is changed yet: change a field or write what else holds."), field="text"
        )
    return _chained(
        original, ContractKind.AMENDMENT, role=role, key=key, merchant_id=merchant_id,
        values={"changes": lines, "text": text}, external_id=external_id,
    )  # fmt: skip


def terminate(
    *, contract_id: UUID, role: str, key: UUID, merchant_id: UUID | None, end_day: str,
    reason: str, settlement: str = "", external_id: str | None = None,
) -> ContractInfo:  # fmt: skip
    """Draft an agreement to end the contract. Raises NotInForce, ChainBusy, BadValues."""
    return _chained(
        contract(contract_id=contract_id), ContractKind.TERMINATION, role=role, key=key,
        merchant_id=merchant_id, external_id=external_id,
        values={"end_day": end_day, "reason": reason, "settlement": settlement},
    )  # fmt: skip


def _chained(
    original: ContractInfo, kind: ContractKind, *, role: str, key: UUID,
    merchant_id: UUID | None, values: Mapping[str, Any], external_id: str | None,
) -> ContractInfo:  # fmt: skip
    known = Contract.objects.filter(key=key).exists()
    if original.state not in (ContractState.EFFECTIVE, ContractState.AMENDED):
        raise NotInForce(state=original.state)
    if original.kind != ContractKind.ORIGINAL:
        raise NotInForce(_("Amend or end the contract that stands at the beginning of the chain."))
    row = Contract.objects.get(id=original.id)
    row.document_sha256 = last_digest(original)
    open_ones = Contract.objects.filter(parent_id=original.id, state__in=OPEN)
    if not known and open_ones.exists():
        raise ChainBusy
    names = dict(zip([party.role for party in original.parties], ROLES, strict=False))
    if len(original.parties) != len(ROLES):
        raise Conflict(_("Contracts of more than two parties are amended by a new contract."))
    form = current_template(code=str(kind))
    parties = [
        PartyInput(
            role=names[party.role], merchant_id=party.merchant_id, person_id=party.person_id,
            name=party.name, email=party.email, detail=party.detail,
            language=party.language,
        )
        for party in original.parties
    ]  # fmt: skip
    tongue = "en" if original.language == "en" else "zh-Hans"
    title = f"{original.title} {in_language(form.definition['title'], tongue)}"
    try:
        return draft_contract(
            key=key, drafter=names[role], parties=parties, template_id=form.id, title=title,
            language=original.language, order=original.order, merchant_id=merchant_id,
            external_id=external_id, kind=kind, parent=row,
            values={
                **values,
                "original_number": original.number,
                "original_title": original.title,
                "original_sha256": row.document_sha256,
            },
        )  # fmt: skip
    except Conflict:
        if open_ones.exclude(key=key).exists():
            raise ChainBusy from None
        raise


def last_digest(original: ContractInfo) -> str:
    """The digest that the next link names: of the newest signed document of the chain."""
    newest = (
        Contract.objects.filter(parent_id=original.id, effective_at__isnull=False)
        .order_by("-effective_at")
        .first()
    )
    return newest.document_sha256 if newest else original.document_sha256
