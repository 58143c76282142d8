"""Reading templates and contracts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Exists, OuterRef, Q, QuerySet

from certification.contracts.agreements import (
    Box,
    Change,
    ConsentRecord,
    ContractInfo,
    ContractLanguage,
    ContractState,
    HistoryLine,
    PartyInfo,
    ProposalInfo,
    TemplateInfo,
)
from certification.models import Contract, ContractParty, ContractProposal, ContractTemplate
from certification.wording.fields import in_language, shown
from kernel import personal
from kernel.actors import Actor
from kernel.audit.selectors import entries_for
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset

S = ContractState
LIVE = [S.NEGOTIATING, S.AGREED, S.SIGNING]


def template(*, template_id: UUID) -> TemplateInfo:
    """One version of a template. Raises NotFound."""
    row = ContractTemplate.objects.filter(id=template_id).first()
    if row is None:
        raise NotFound
    return template_info(row)


def current_template(*, code: str, merchant_id: UUID | None = None) -> TemplateInfo:
    """The version in use: the merchant's own, else the platform's. Raises NotFound."""
    rows = ContractTemplate.objects.filter(code=code, state="published")
    row = rows.filter(merchant_id=merchant_id).first() if merchant_id else None
    row = row or rows.filter(merchant_id=None).first()
    if row is None:
        raise NotFound
    return template_info(row)


def templates_page(
    *,
    merchant_id: UUID | None = None,
    everything: bool = False,
    state: str | None = None,
    code: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[TemplateInfo]:
    """The merchant's templates and the platform's published ones; ``everything`` for operators."""
    rows: QuerySet[ContractTemplate] = ContractTemplate.objects.all()
    if not everything:
        own = Q(merchant_id=merchant_id) if merchant_id else Q(pk__isnull=True)
        rows = rows.filter(own | (Q(merchant_id=None) & ~Q(state="draft")))
    if state is not None:
        rows = rows.filter(state=state)
    if code is not None:
        rows = rows.filter(code=code)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(template_info)


def template_info(row: ContractTemplate) -> TemplateInfo:
    return TemplateInfo(
        id=row.id, code=row.code, number=row.number, state=row.state,
        merchant_id=row.merchant_id, definition=row.definition, external_id=row.external_id,
        metadata=row.metadata, version=row.version, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def contract(*, contract_id: UUID) -> ContractInfo:
    """One contract, whoever asks. Raises NotFound."""
    row = Contract.objects.filter(id=contract_id).first()
    if row is None:
        raise NotFound
    return infos([row])[0]


def by_key(*, key: UUID) -> ContractInfo | None:
    """The contract drafted under a key, if there is one."""
    row = Contract.objects.filter(key=key).first()
    return infos([row])[0] if row else None


def contract_for(*, contract_id: UUID, actor: Actor) -> ContractInfo:
    """One contract as its party may see it; for an operator without what it says. Raises
    NotFound."""
    found = contract(contract_id=contract_id)
    if actor.kind == "operator":
        return found.outside()
    if actor.kind != "system":
        role_of(found, actor)
    return found


def role_of(info: ContractInfo, actor: Actor) -> str:
    """The role in which the actor takes part. Raises NotFound: others don't see the contract."""
    for party in info.parties:
        if actor.merchant_id and party.merchant_id == actor.merchant_id:
            return party.role
        if actor.merchant_id is None and party.person_id and party.person_id == actor.person_id:
            return party.role
    raise NotFound


def by_external_id(*, merchant_id: UUID, external_id: str) -> ContractInfo | None:
    """The contract that the merchant drafted under its own id."""
    row = Contract.objects.filter(merchant_id=merchant_id, external_id=external_id).first()
    return infos([row])[0] if row else None


def contracts_page(
    *,
    actor: Actor,
    box: str | None = None,
    state: str | None = None,
    kind: str | None = None,
    parent_id: UUID | None = None,
    number: str | None = None,
    words: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ContractInfo]:
    """Contracts in which the actor takes part; an operator's are all of the platform, without what
    they say. ``words`` stand in the title or the number."""
    rows, mine = _open_to(actor)
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(number__icontains=words))
    if box is not None:
        rows = _boxed(rows, Box(box), mine)
    wanted = {"state": state, "kind": kind, "parent_id": parent_id, "number": number}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    found = {info.id: info for info in infos(page.items)}
    if actor.kind == "operator":
        return page.map(lambda row: found[row.id].outside())
    return page.map(lambda row: found[row.id])


def box_counts(*, actor: Actor) -> dict[str, int]:
    """How many of the actor's contracts lie in each box."""
    rows, mine = _open_to(actor)
    return {str(box): _boxed(rows, box, mine).count() for box in Box}


def _open_to(actor: Actor) -> tuple[Any, Any]:
    """The contracts that the actor may see, and, for each, the parties that it is. A draft is its
    drafter's alone."""
    rows = Contract.objects.all()
    mine = ContractParty.objects.filter(contract_id=OuterRef("id"))
    if actor.kind == "operator":
        return rows, mine
    if actor.merchant_id:
        mine = mine.filter(merchant_id=actor.merchant_id)
    elif actor.person_id:
        mine = mine.filter(person_id=actor.person_id)
    else:
        mine = mine.none()
    drafted = Exists(mine.filter(role=OuterRef("drafter")))
    return rows.filter(Exists(mine) & (~Q(state=S.DRAFT) | drafted)), mine


def _boxed(rows: Any, box: Box, mine: Any) -> Any:
    if box == Box.IN_FORCE:
        return rows.filter(state__in=[S.EFFECTIVE, S.AMENDED])
    if box == Box.ENDED:
        return rows.filter(state__in=[S.TERMINATED, S.EXPIRED, S.REJECTED, S.WITHDRAWN])
    unsigned = mine.filter(signed_at=None)
    before = ContractParty.objects.filter(
        contract_id=OuterRef("contract_id"), place__lt=OuterRef("place"), signed_at=None
    )
    to_do = (
        Q(state=S.DRAFT)
        | Q(state=S.AGREED)
        | (Q(state=S.NEGOTIATING) & Exists(mine.filter(role=OuterRef("turn"))))
        | (Q(state=S.SIGNING) & Q(order="parallel") & Exists(unsigned))
        | (Q(state=S.SIGNING) & Exists(unsigned.filter(~Exists(before))))
    )
    if box == Box.TO_DO:
        return rows.filter(to_do)
    return rows.filter(state__in=LIVE).exclude(to_do)


def infos(rows: Sequence[Contract]) -> list[ContractInfo]:
    """The contracts of rows, with their parties, in two queries."""
    parties: dict[UUID, list[ContractParty]] = {row.id: [] for row in rows}
    found = ContractParty.objects.filter(contract_id__in=list(parties)).order_by("place")
    for party in found:
        parties[party.contract_id].append(party)
    with personal.keyring():
        personal.prefetch(row.id for row in rows)
        return [_info(row, parties[row.id]) for row in rows]


def _info(row: Contract, parties: Iterable[ContractParty]) -> ContractInfo:
    found = list(parties)
    return ContractInfo(
        id=row.id, number=row.number, title=row.title, state=row.state, kind=row.kind,
        language=row.language, template_id=row.template_id, parent_id=row.parent_id,
        parent_sha256=row.parent_sha256, drafter=row.drafter, round=row.round, turn=row.turn,
        values=opened(row.id, row.values_sealed) or {},
        parties=tuple(party_info(row, party) for party in found), order=row.order,
        sign_by=row.sign_by, ends_at=row.ends_at, agreed_sha256=row.agreed_sha256,
        document_sha256=row.document_sha256, signatures=row.signatures, agreed_at=row.agreed_at,
        effective_at=row.effective_at, ended_at=row.ended_at,
        reason=opened(row.id, row.reason_sealed) or "", external_id=row.external_id,
        metadata=row.metadata, version=row.version, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip


def party_info(row: Contract, party: ContractParty) -> PartyInfo:
    contact = opened(row.id, party.contact_sealed) or {}
    kept = party.consent
    consent = None
    if party.confirmation_id and kept:
        consent = ConsentRecord(
            confirmation_id=party.confirmation_id,
            person_id=UUID(kept["person_id"]),
            method=kept["method"],
            digest=kept["digest"],
            confirmed_at=datetime.fromisoformat(kept["confirmed_at"]),
            business_at=datetime.fromisoformat(kept["business_at"]),
        )
    return PartyInfo(
        id=party.id, role=party.role, place=party.place, merchant_id=party.merchant_id,
        person_id=party.person_id, name=contact.get("name", ""), email=contact.get("email", ""),
        detail=contact.get("detail", ""), invited=bool(party.invite_hash),
        joined=party.joined_at is not None, agreed=row.round > 0
        and party.agreed_round == row.round, signed_at=party.signed_at, consent=consent,
        rejected=party.rejected_at is not None, reminded_at=party.reminded_at,
        language=contact.get("language", ""),
    )  # fmt: skip


def sealed(contract_id: UUID, value: Any) -> bytes:
    """At rest under the contract's own key: it names people and tells business secrets, and is
    kept for as long as the law wants, whoever leaves the platform."""
    return personal.seal_data(contract_id, orjson.dumps(value))


def opened(contract_id: UUID, data: Any) -> Any:
    """What ``sealed`` sealed; None for nothing."""
    plain = personal.open_data(contract_id, bytes(data)) if data else None
    return orjson.loads(plain) if plain else None


def document(*, contract_id: UUID) -> bytes:
    """The PDF with the signatures so far; the agreed one before. Raises NotFound."""
    row = Contract.objects.filter(id=contract_id).first()
    data = row and (row.document_sealed or row.agreed_sealed)
    plain = personal.open_data(contract_id, bytes(data)) if data else None
    if plain is None:
        raise NotFound
    return plain


def proposals_page(
    info: ContractInfo, *, cursor: str | None = None, limit: int = 20
) -> PageOf[ProposalInfo]:
    """A page of rounds, the last first. Each is told by what it changed, so all are read."""
    rows = ContractProposal.objects.filter(contract_id=info.id)
    known = {one.id: one for one in proposals(info)}
    page = keyset(rows, order=("-number", "id"), cursor=cursor, limit=limit)
    return page.map(lambda row: known[row.id])


def proposals(info: ContractInfo) -> list[ProposalInfo]:
    """Every round, the last first, with what each changed."""
    rows = list(ContractProposal.objects.filter(contract_id=info.id).order_by("number"))
    definition = template(template_id=info.template_id).definition if info.template_id else {}
    before: dict[str, Any] = {}
    found: list[ProposalInfo] = []
    for row in rows:
        values = opened(info.id, row.values_sealed) or {}
        found.append(
            ProposalInfo(
                id=row.id, number=row.number, role=row.role, values=values,
                message=opened(info.id, row.message_sealed) or "",
                changes=tuple(changes(definition, before, values, info.language))
                if found else (), created_at=row.created_at,
            )
        )  # fmt: skip
        before = values
    return found[::-1]


def changes(definition: Any, before: Any, after: Any, language: str) -> list[Change]:
    """The fields that differ between two sets of values, as printed."""
    tongue = "en" if language == ContractLanguage.ENGLISH else "zh-Hans"
    roles = {role["role"]: role["label"] for role in definition.get("roles", [])}
    found = []

    def text(field: Any, value: Any) -> str:
        if field["type"] != "table":
            return shown(field, value, tongue, roles=roles)
        return "\n".join(
            " | ".join(shown(c, row.get(c["name"]), tongue, roles=roles) for c in field["columns"])
            for row in value or []
        )

    for field in definition.get("fields", []):
        old, new = before.get(field["name"]), after.get(field["name"])
        if old != new:
            label = in_language(field["label"], tongue)
            found.append(Change(field["name"], label, text(field, old), text(field, new)))
    return found


def values_shown(info: ContractInfo) -> list[Change]:
    """The contract's values as printed, those that are filled in; its language's labels."""
    definition = template(template_id=info.template_id).definition if info.template_id else {}
    return changes(definition, {}, info.values, info.language)


def history(*, contract_id: UUID) -> list[HistoryLine]:
    """What happened to the contract, oldest first, from the audit trail: the first hundred."""
    return history_page(contract_id=contract_id, limit=100).items


def history_page(
    *, contract_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[HistoryLine]:
    """What happened to the contract, oldest first, from the audit trail."""
    return entries_for(
        [contract_id], kind=Contract._meta.label_lower, cursor=cursor, limit=limit
    ).map(
        lambda row: HistoryLine(
            at=row.business_at,
            action=row.action,
            actor=row.actor_kind,
            detail={key: str(value) for key, value in (row.after or {}).items()},
        )
    )
