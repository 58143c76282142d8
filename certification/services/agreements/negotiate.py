"""Proposals and counter-proposals, until all say yes to the same round."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from certification import locks
from certification.contracts.agreements import ContractInfo, ContractState, PartyInfo
from certification.errors.agreements import (
    InvitationUnknown,
    NotYourTurn,
    PartyMissing,
    StaleRound,
    UploadRefused,
)
from certification.events.agreements import ContractAgreed, ContractProposed, ContractSigningOpened
from certification.models import Contract, ContractParty, ContractProposal
from certification.selectors.agreements import contract, infos, sealed, template
from certification.services.agreements import papers
from certification.services.agreements.common import parties_of, party_of, tell, write_to
from certification.services.agreements.draft import _definition, checked, invite
from kernel import audit, clock, personal
from kernel.actors import Actor
from kernel.errors import Forbidden, Invalid, InvalidTransition
from kernel.transactions import assert_outside_transaction, atomic
from kernel.typeset import Rendered
from platforms import facade as platforms

SIGN_DAYS = 14


def propose(
    *, contract_id: UUID, role: str, values: Mapping[str, Any] | None = None, message: str = "",
    round: int | None = None,
) -> ContractInfo:  # fmt: skip
    """Send the draft, or answer a proposal with another. ``round`` is the one answered.

    Values must be complete from now on. Whoever proposes has thereby said yes to it. Raises
    BadValues with every missing field, NotYourTurn, StaleRound, InvalidTransition.
    """
    with atomic():
        row = locks.contract(contract_id)
        party = party_of(row, role)
        if row.state == ContractState.DRAFT and role != row.drafter:
            raise NotYourTurn(waiting_for=row.drafter)
        if row.state not in (ContractState.DRAFT, ContractState.NEGOTIATING):
            raise InvalidTransition(_("Its contents aren't negotiated any more."), state=row.state)
        _answers(row, role, round)
        info = infos([row])[0]
        if row.template_id is None and not row.agreed_sha256:
            raise UploadRefused(_("Upload the contract's PDF first."), field="document")
        roles = [one.role for one in info.parties]
        asked = info.values if values is None else values
        kept = checked(_definition(row), asked, roles, whole=True)
        if row.state == ContractState.DRAFT:
            row.move(ContractState.NEGOTIATING, action="certification.contract.sent")
        row.round += 1
        row.turn = _next(row, roles, role)
        row.values_sealed = sealed(row.id, kept)
        row.save()
        party.agreed_round = row.round
        party.save()
        ContractProposal.objects.create(
            contract=row, number=row.round, role=role, values_sealed=sealed(row.id, kept),
            message_sealed=sealed(row.id, message[:2000]), business_at=clock.business(),
            created_at=clock.system(),
        )  # fmt: skip
        audit.record(
            "certification.contract.proposed", target=row, after={"role": role, "round": row.round}
        )
        tell(row, ContractProposed(row.id, row.number, role, row.round))
        _write(row, role)
    return contract(contract_id=contract_id)


def agree(*, contract_id: UUID, role: str, round: int) -> ContractInfo:
    """Say yes to the round that was read; the last yes freezes the document.

    The document is typeset before the transaction: nothing that can change stands in it but what
    the round says. Raises StaleRound, PartyMissing, TypesettingFailed, InvalidTransition.
    """
    assert_outside_transaction("Typesetting a contract")
    seen = contract(contract_id=contract_id)
    if seen.state == ContractState.AGREED and seen.round == round and seen.party(role).agreed:
        return seen
    if seen.state != ContractState.NEGOTIATING:
        raise InvalidTransition(_("There is no proposal to agree to."), state=seen.state)
    if seen.round != round:
        raise StaleRound(round=seen.round)
    at = clock.business().replace(microsecond=0)
    made = document_of(seen, at=at) if seen.template_id else None
    with atomic():
        row = locks.contract(contract_id)
        if row.round != round:
            raise StaleRound(round=row.round)
        if row.state != ContractState.NEGOTIATING:
            raise InvalidTransition(_("There is no proposal to agree to."), state=row.state)
        party = party_of(row, role)
        party.agreed_round = round
        party.save()
        audit.record(
            "certification.contract.accepted", target=row, after={"role": role, "round": round}
        )
        waiting = [one for one in parties_of(row) if one.agreed_round != round]
        if waiting:
            row.turn = waiting[0].role
            row.save()
        else:
            _freeze(row, made, at)
    return contract(contract_id=contract_id)


def document_of(info: ContractInfo, *, at: Any) -> Rendered:
    """The document of the present round."""
    assert info.template_id is not None
    definition = template(template_id=info.template_id).definition
    return papers.typeset(
        papers.paper(
            definition=definition, values=info.values, parties=info.parties, number=info.number,
            mark=f"v{info.round}", language=info.language,
        ),
        at=at,
    )  # fmt: skip


def open_signing(
    *, contract_id: UUID, role: str, sign_by: Any = None, order: str | None = None
) -> ContractInfo:
    """Let the parties sign what they agreed on, until ``sign_by`` (in fourteen days).

    Any party may; asked again it stays as it is. Raises InvalidTransition, Invalid.
    """
    with atomic():
        row = locks.contract(contract_id)
        party_of(row, role)
        if row.state == ContractState.SIGNING:
            return infos([row])[0]
        now = clock.business()
        due = sign_by or now + timedelta(days=SIGN_DAYS)
        if not now < due <= now + timedelta(days=365):
            raise Invalid(_("Between now and a year from now."), field="sign_by")
        row.move(ContractState.SIGNING, action="certification.contract.signing_opened")
        row.sign_by, row.order = due, order or row.order
        row.save()
        tell(row, ContractSigningOpened(row.id, row.number, due, row.external_id or ""))
        for party in infos([row])[0].parties:
            write_to(row, party, "sign", due=due)
    return contract(contract_id=contract_id)


def read_invitation(*, secret: str) -> tuple[ContractInfo, PartyInfo]:
    """What an invitation is to, and as whom: for its addressee. Raises InvitationUnknown."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    found = ContractParty.objects.filter(invite_hash=digest).first()
    if found is None:
        raise InvitationUnknown
    info = contract(contract_id=found.contract_id)
    return info, info.party(found.role)


def join(*, secret: str, actor: Actor) -> ContractInfo:
    """Take the place of an invited party, as a merchant's staff or as a person.

    The address that the invitation went to must be the person's own, proven by sign-in. Raises
    InvitationUnknown, Forbidden.
    """
    digest = hashlib.sha256(secret.encode()).hexdigest()
    found = ContractParty.objects.filter(invite_hash=digest).first()
    if found is None:
        raise InvitationUnknown
    if actor.person_id is None:
        raise Forbidden(_("Sign in as the person who was invited."))
    with atomic():
        row = locks.contract(found.contract_id)
        party = party_of(row, found.role)
        if party.invite_hash != digest:
            raise InvitationUnknown
        info = infos([row])[0]
        invited = info.party(party.role)
        if platforms.person(actor.person_id).email.casefold() != invited.email.casefold():
            raise Forbidden(_("The invitation went to another address than yours."))
        if actor.merchant_id and any(p.merchant_id == actor.merchant_id for p in info.parties):
            raise Forbidden(_("Your company is another party of this contract."))
        party.invite_hash, party.joined_at = "", clock.business()
        party.merchant_id = actor.merchant_id
        party.person_id = None if actor.merchant_id else actor.person_id
        party.save()
        audit.record("certification.contract.joined", target=row, after={"role": party.role})
        row.save()
    return contract(contract_id=row.id)


def _answers(row: Contract, role: str, round: int | None) -> None:
    if row.state == ContractState.DRAFT:
        return
    if round is not None and round != row.round:
        raise StaleRound(round=row.round)
    if row.turn != role:
        raise NotYourTurn(waiting_for=row.turn)


def _next(row: Contract, roles: list[str], role: str) -> str:
    return roles[(roles.index(role) + 1) % len(roles)]


def _freeze(row: Contract, made: Rendered | None, at: Any) -> None:
    if any(party.joined_at is None for party in parties_of(row)):
        raise PartyMissing
    if made is not None:
        row.agreed_sealed = personal.seal_data(row.id, made.pdf)
        row.agreed_sha256 = made.sha256
        row.places = [
            {"role": p.role, "page": p.page, "left": p.left, "bottom": p.bottom,
             "width": p.width, "height": p.height}
            for p in made.places
        ]  # fmt: skip
    row.agreed_at, row.turn = at, ""
    row.move(ContractState.AGREED, action="certification.contract.agreed")
    row.save()
    tell(row, ContractAgreed(row.id, row.number, row.agreed_sha256))


def _write(row: Contract, role: str) -> None:
    for party in infos([row])[0].parties:
        if party.role == role:
            continue
        if party.joined:
            write_to(row, party, "proposal", round=row.round)
        elif not party.invited:
            invite(contract_id=row.id, role=party.role)
