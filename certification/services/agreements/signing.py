"""A party signs: confirmed with a second factor, consent on record, then the signature.

Consent and intent are committed before the signature is made, and the signature is made outside
of any transaction; a job finishes what a crash left between.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Q
from django.utils.translation import gettext as _

from certification import locks
from certification.contracts.agreements import ContractInfo, ContractKind, ContractState
from certification.contracts.identity import Subject
from certification.domain.profiles import SIGNING
from certification.errors.agreements import (
    AlreadySigned,
    NoSigningCertificate,
    NotYourTurn,
    SignerNotAllowed,
    SigningOver,
    WrongDigest,
)
from certification.errors.evidence import SigningInProgress
from certification.events.agreements import ContractAmended, ContractEffective, ContractSigned
from certification.models import Certificate, Contract, ContractParty, Seal
from certification.selectors.agreements import contract, document, infos
from certification.services import profiles
from certification.services.agreements.common import end, parties_of, party_of, tell, write_to
from certification.services.identity import require_level
from certification.services.sign_document import SignatureOrder, SignedDocument, sign_document
from certification.signing import Placement
from kernel import audit, clock, jobs, personal
from kernel.errors import InvalidTransition, NotFound
from kernel.failpoints import hit
from kernel.transactions import assert_outside_transaction, atomic
from platforms import facade as platforms

PURPOSE = "certification.contract.sign"
FINISH_AFTER = timedelta(seconds=90)
_TRIES, _PAUSE = 40, 0.25  # another party's signature takes well below a second


@dataclass(frozen=True)
class Signer:
    """Who signs for the party, with what they typed and what they were shown."""

    person_id: UUID
    code: str
    digest: str
    address: str = ""


def sign(
    *, contract_id: UUID, role: str, signer: Signer, certificate_id: UUID | None = None,
    seal_id: UUID | None = None,
) -> ContractInfo:  # fmt: skip
    """Sign for the party in ``role``; call it outside of a transaction.

    ``signer.digest`` is the SHA-256 of the document as it was shown. Signed before: AlreadySigned.
    Raises InvalidTransition, SigningOver, NotYourTurn, WrongDigest, SignerNotAllowed,
    AssuranceTooLow, NoSigningCertificate, what ``confirm_second_factor`` and ``sign_document``
    raise, and SigningInProgress when others are signing for too long: repeating needs no new code.
    """
    assert_outside_transaction("Signing a contract")
    row = Contract.objects.filter(id=contract_id).first()
    if row is None:
        raise NotFound
    party = _may_sign(row, role, signer.digest)
    if party.signing_key is None:
        _allowed(party, signer.person_id)
        _proven(party)
        _certificate(party, certificate_id)  # before the code is spent
        proof = platforms.confirm_second_factor(
            person_id=signer.person_id, code=signer.code, purpose=PURPOSE, digest=signer.digest
        )
        _consent(contract_id, role, signer, proof.id, certificate_id, seal_id)
        hit("certification.contract.after_consent")
    return finish(contract_id=contract_id, role=role)


def finish(*, contract_id: UUID, role: str) -> ContractInfo:
    """Make the signature that was consented to, if it isn't made yet."""
    for attempt in range(_TRIES):
        row = Contract.objects.get(id=contract_id)
        party = party_of(row, role)
        if party.signed_at is not None or row.state != ContractState.SIGNING:
            return contract(contract_id=contract_id)
        try:
            made = sign_document(_order(row, party))
        except SigningInProgress:
            if attempt == _TRIES - 1:
                raise
            time.sleep(_PAUSE)  # outside of any transaction: the other one is about to commit
            continue
        if _record(contract_id, role, row.signatures, made):
            return contract(contract_id=contract_id)
    raise SigningInProgress(retry_after=2)


def _may_sign(row: Contract, role: str, digest: str) -> ContractParty:
    party = party_of(row, role)
    if party.signed_at is not None:
        raise AlreadySigned
    if row.state != ContractState.SIGNING:
        raise InvalidTransition(_("It isn't open for signing."), state=row.state)
    if row.sign_by is not None and clock.business() > row.sign_by and not party.signing_key:
        raise SigningOver(sign_by=row.sign_by.isoformat())
    if digest != row.agreed_sha256:
        raise WrongDigest(field="sha256", agreed_sha256=row.agreed_sha256)
    if row.order == "sequential":
        before = [one for one in parties_of(row) if one.place < party.place and not one.signed_at]
        if before:
            raise NotYourTurn(waiting_for=before[0].role)
    return party


def _allowed(party: ContractParty, person_id: UUID) -> None:
    if party.merchant_id is None:
        if party.person_id != person_id:
            raise SignerNotAllowed(field="signer")
        return
    person = platforms.person(person_id)
    if party.merchant_id not in {one.merchant_id for one in person.memberships}:
        raise SignerNotAllowed(field="signer")


def _proven(party: ContractParty) -> None:
    """Who signs is as sure as the platform asks (``contract.sign``). Raises AssuranceTooLow."""
    if party.merchant_id is not None:
        subject = Subject.merchant(party.merchant_id)
    else:
        assert party.person_id
        subject = Subject.person(party.person_id)
    require_level(subject=subject, action="contract.sign")


def _certificate(party: ContractParty, wanted: UUID | None) -> tuple[UUID, UUID | None]:
    """The party's certificates: P-256, and SM2 if there is one. Raises NoSigningCertificate."""
    now = clock.business()
    meant = [one.code for one in profiles.current() if set(SIGNING) <= set(one.key_usage)]
    rows = Certificate.objects.filter(
        state="valid", key__isnull=False, not_before__lte=now, not_after__gt=now,
        profile__in=meant,
    )  # fmt: skip
    owner = Q(merchant_id=party.merchant_id) if party.merchant_id else Q(person_id=party.person_id)
    rows = rows.filter(owner).order_by("-not_after")
    first = rows.filter(algorithm="p256")
    if wanted is not None:
        first = first.filter(id=wanted)
    found = first.values_list("id", flat=True).first()
    if found is None:
        raise NoSigningCertificate(field="certificate" if wanted else None)
    return found, rows.filter(algorithm="sm2").values_list("id", flat=True).first()


def _consent(contract_id: UUID, role: str, signer: Signer, confirmation_id: UUID,
             certificate_id: UUID | None, seal_id: UUID | None) -> None:  # fmt: skip
    """Spend the confirmation and put the consent on record, under the contract's lock."""
    with atomic():
        row = locks.contract(contract_id)
        party = _may_sign(row, role, signer.digest)
        if party.signing_key is not None:
            return
        proof = platforms.use_confirmation(
            confirmation_id=confirmation_id, person_id=signer.person_id, purpose=PURPOSE,
            digest=signer.digest,
        )  # fmt: skip
        party.certificate_id, party.sm2_certificate_id = _certificate(party, certificate_id)
        if seal_id is not None:
            owner = party.merchant_id
            if owner is None or not Seal.objects.filter(id=seal_id, merchant_id=owner).exists():
                raise NotFound
            party.seal_id = seal_id
        party.confirmation_id, party.signing_key = proof.id, uuid5(party.id, str(proof.id))
        party.consent = {
            "person_id": str(signer.person_id), "method": proof.method, "digest": proof.digest,
            "confirmed_at": proof.confirmed_at.isoformat(),
            "business_at": proof.business_at.isoformat(),
        }  # fmt: skip
        party.save()
        audit.record(
            "certification.contract.consented",
            target=row,
            after={
                "role": role,
                "digest": proof.digest,
                "method": proof.method,
                "confirmation": proof.id,
            },
        )
        jobs.enqueue(
            "certification.finish_signing",
            {"contract_id": row.id, "role": role},
            run_at=clock.system() + FINISH_AFTER,
            unique=f"{row.id}:{role}",
        )


def signing_key(party: ContractParty, sequence: int) -> UUID:
    """The key of one attempt: the same turn is the same signature, another turn another one."""
    assert party.signing_key is not None
    return uuid5(party.signing_key, str(sequence))


def _order(row: Contract, party: ContractParty) -> SignatureOrder:
    info = infos([row])[0].party(party.role)
    place = next((one for one in row.places if one["role"] == party.role), None)
    box: dict[str, Any] = {}
    if place:
        box = {name: place[name] for name in ("page", "left", "bottom", "width", "height")}
    assert party.certificate_id
    assert party.confirmation_id
    return SignatureOrder(
        key=signing_key(party, row.signatures),
        document_id=row.id,
        sequence=row.signatures,
        document=document(contract_id=row.id),
        certificate_id=party.certificate_id,
        place=Placement(field=f"Signature_{party.role}", **box),
        consent_id=party.confirmation_id,
        signer_name=info.name,
        sm2_certificate_id=party.sm2_certificate_id,
        seal_id=party.seal_id,
        reason=f"{row.number} {party.role}",
    )


def _record(contract_id: UUID, role: str, sequence: int, made: SignedDocument) -> bool:
    """Keep the signed document; False when another signature was faster and this one is void."""
    with atomic():
        row = locks.contract(contract_id)
        party = party_of(row, role)
        if party.signed_at is not None:
            return True
        if row.signatures != sequence or row.state != ContractState.SIGNING:
            if row.state != ContractState.SIGNING:
                raise InvalidTransition(_("It isn't open for signing any more."), state=row.state)
            return False
        assert party.signing_key is not None
        party.signing_key, party.signed_at = signing_key(party, sequence), made.signed_at
        party.save()
        row.signatures += 1
        row.document_sealed = personal.seal_data(row.id, made.document)
        row.document_sha256 = made.sha256
        audit.record(
            "certification.contract.signed",
            target=row,
            after={"role": role, "sha256": made.sha256, "sequence": sequence},
        )
        tell(row, ContractSigned(row.id, row.number, role, made.sha256, row.external_id or ""))
        if all(one.signed_at for one in parties_of(row)):
            _take_effect(row)
        row.save()
    return True


def _take_effect(row: Contract) -> None:
    row.effective_at = clock.business()
    row.move(ContractState.EFFECTIVE, action="certification.contract.effective")
    tell(
        row,
        ContractEffective(
            row.id, row.number, row.kind, row.external_id or "", row.parent_id,
            row.document_sha256, row.effective_at,
        ),
    )  # fmt: skip
    jobs.enqueue("certification.contract_package", {"contract_id": row.id}, unique=str(row.id))
    for party in infos([row])[0].parties:
        write_to(row, party, "effective")
    if row.parent_id is None:
        return
    parent = locks.contract(row.parent_id)
    if row.kind == ContractKind.TERMINATION:
        end(parent, ContractState.TERMINATED, action="certification.contract.terminated")
        return
    if parent.state == ContractState.EFFECTIVE:
        parent.move(ContractState.AMENDED, action="certification.contract.amended")
        parent.save()
    tell(parent, ContractAmended(parent.id, parent.number, row.id, row.document_sha256))
