"""Reject, withdraw, remind; deadlines and terms that pass."""

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from certification import locks
from certification.contracts.agreements import ContractInfo, ContractState
from certification.errors.agreements import PartyMissing, RemindedRecently, TooLateToWithdraw
from certification.models import Contract
from certification.selectors.agreements import contract, infos
from certification.services.agreements.common import end, parties_of, party_of, write_to
from kernel import audit, clock
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.transactions import atomic

REMIND_EVERY = timedelta(hours=24)
_BATCH = 200
S = ContractState


def reject(*, contract_id: UUID, role: str, reason: str) -> ContractInfo:
    """Say no for good, with a reason that the others see. Rejected before: as it is.

    Raises InvalidTransition, TooLateToWithdraw once one's own signature is given.
    """
    if not reason.strip():
        raise Invalid(_("A reason is needed; the other parties see it."), field="reason")
    with atomic():
        row = locks.contract(contract_id)
        party = party_of(row, role)
        if row.state != S.REJECTED:
            if party.signing_key is not None:
                raise TooLateToWithdraw(_("Your side has signed; it can't be rejected any more."))
            party.rejected_at = clock.business()
            end(row, S.REJECTED, action="certification.contract.rejected", reason=reason[:1000])
            party.save()
            _tell_others(row, role, "ended")
    return contract(contract_id=contract_id)


def withdraw(*, contract_id: UUID, role: str, reason: str = "") -> ContractInfo:
    """The drafter takes it back, as long as no other party has consented to sign.

    Raises InvalidTransition, TooLateToWithdraw; NotFound for others than the drafter.
    """
    with atomic():
        row = locks.contract(contract_id)
        if role != row.drafter:
            raise NotFound
        if row.state != S.WITHDRAWN:
            if any(party.signing_key and party.role != role for party in parties_of(row)):
                raise TooLateToWithdraw
            sent = row.state != S.DRAFT
            end(row, S.WITHDRAWN, action="certification.contract.withdrawn", reason=reason[:1000])
            if sent:
                _tell_others(row, role, "ended")
    return contract(contract_id=contract_id)


def remind(*, contract_id: UUID, role: str, whom: str) -> ContractInfo:
    """A letter to a party that the others wait for; one a day and party.

    Raises Invalid when nobody waits for it, RemindedRecently with ``retry_after``.
    """
    with atomic():
        row = locks.contract(contract_id)
        party_of(row, role)
        party = party_of(row, whom)
        if whom == role or not _waited_for(row, whom):
            raise Invalid(_("Nobody waits for this party now."), field="party")
        now = clock.system()
        if party.reminded_at is not None and now - party.reminded_at < REMIND_EVERY:
            left = REMIND_EVERY - (now - party.reminded_at)
            raise RemindedRecently(retry_after=int(left.total_seconds()) + 1)
        party.reminded_at = now
        party.save()
        if not write_to(row, infos([row])[0].party(whom), "reminder", due=row.sign_by):
            raise PartyMissing(_("There is no address to write to."))
        audit.record("certification.contract.reminded", target=row, after={"role": whom})
    return contract(contract_id=contract_id)


def _waited_for(row: Contract, role: str) -> bool:
    if row.state == S.NEGOTIATING:
        return row.turn == role
    if row.state != S.SIGNING:
        return False
    waiting = [party for party in parties_of(row) if party.signed_at is None]
    if row.order == "sequential":
        waiting = waiting[:1]
    return any(party.role == role for party in waiting)


def expire_due() -> int:
    """End what nobody signed in time and what has run its term, by the business clock; how many.

    A party whose consent is on record while its signature is being made keeps the contract open.
    """
    now, done = clock.business(), 0
    late = Contract.objects.filter(state=S.SIGNING, sign_by__lt=now)
    over = Contract.objects.filter(state__in=[S.EFFECTIVE, S.AMENDED], ends_at__lt=now)
    for rows in (late, over):
        for contract_id in list(rows.values_list("id", flat=True)[:_BATCH]):
            done += _expire(contract_id)
    return done


def _expire(contract_id: UUID) -> int:
    with atomic():
        row = locks.contract(contract_id)
        now = clock.business()
        if row.state == S.SIGNING and row.sign_by is not None and row.sign_by < now:
            if any(party.signing_key and not party.signed_at for party in parties_of(row)):
                return 0
        elif not (row.state in (S.EFFECTIVE, S.AMENDED) and row.ends_at and row.ends_at < now):
            return 0
        end(row, S.EXPIRED, action="certification.contract.expired")
    return 1


def _tell_others(row: Contract, role: str, letter: str) -> None:
    for party in infos([row])[0].parties:
        if party.role != role and party.joined:
            write_to(row, party, letter)


__all__ = ["InvalidTransition", "expire_due", "reject", "remind", "withdraw"]
