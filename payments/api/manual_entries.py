"""Manual entries by API: one operator proposes, another approves."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp
from kernel.errors import Forbidden, Invalid, InvalidTransition, NotFound
from kernel.ids import parse_public_id, public_id
from kernel.pagination import PageOf
from payments.api.ledger import OPERATOR, SUM, WHEN, AlarmNoteIn, owner_text
from payments.api.routes import SORTS, Positive, routes
from payments.errors import EntryRefused, KeyReused, SamePerson
from payments.ledger_contracts import EntryInfo, EntrySide
from payments.selectors import books
from payments.services import manual_entries

EntryId = Annotated[UUID, Id("men")]
PersonId = Annotated[UUID, Id("per")]
ENTRY: dict[str, Any] = {
    "id": "men_01k00000000000000000000000",
    "state": "proposed",
    "name": "Bank fee of April",
    "reason": "The bank took 200.00 that no payment explains.",
    "debit": {"code": "suspense", "owner": None},
    "credit": {"code": "bank", "owner": None},
    "amount": SUM,
    "bought": None,
    "reference": "bank-2026-04",
    "proposed_by": "per_01k00000000000000000000000",
    "decided_by": None,
    "decided_at": None,
    "note": None,
    "created_at": WHEN,
    "updated_at": WHEN,
}


EXCHANGE: dict[str, Any] = {
    "name": "Exchange CNY USD",
    "reason": "Agreed with the buyer at 7.20.",
    "debit": {"code": "wallet", "owner": "wal_01k00000000000000000000000"},
    "credit": {"code": "liquidity", "owner": None},
    "bought": {"amount": 2_777, "currency": "USD"},
    "reference": "fx-2026-04",
}


class SideIO(Schema):
    code: Annotated[str, Field(max_length=30, description="Of the chart of accounts")]
    owner: Annotated[
        str | None, Field(max_length=30, description="mer_… or per_…, for owned accounts")
    ] = None


class ManualEntryOut(Schema):
    id: EntryId
    state: str = Field(description="proposed, approved, rejected, withdrawn")
    name: str
    reason: str
    debit: SideIO
    credit: SideIO
    amount: MoneyIO
    bought: MoneyIO | None = Field(description="Of an exchange: what comes in for the amount")
    reference: str | None
    proposed_by: PersonId
    decided_by: PersonId | None
    decided_at: Timestamp | None
    note: str | None
    created_at: Timestamp
    updated_at: Timestamp


class ManualEntryIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    debit: SideIO
    credit: SideIO
    amount: Positive
    reference: Annotated[str, Field(max_length=100)] = ""


class CurrencyExchangeIn(Schema):
    wallet: Annotated[UUID, Id("wal")]
    sold: Positive
    bought: Positive
    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    reference: Annotated[str, Field(max_length=100)] = ""


class ManualEntryApproveIn(Schema):
    note: Annotated[str, Field(max_length=500)] = ""


class ManualEntryQuery(ListQuery):
    state: Literal["proposed", "approved", "rejected", "withdrawn"] | None = None


def owner_id(text: str | None, field: str) -> UUID | None:
    """A merchant's or person's id out of a body. Raises Invalid."""
    if text is None:
        return None
    prefix = text.partition("_")[0]
    found = parse_public_id(prefix, text) if prefix in ("mer", "per", "wal") else None
    if found is None:
        raise Invalid(field=field)
    return found


def render_side(side: EntrySide) -> dict[str, Any]:
    return {"code": side.code, "owner": owner_text(side.code, side.owner)}


def render_entry(info: EntryInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "name": info.name,
        "reason": info.reason,
        "debit": render_side(info.debit),
        "credit": render_side(info.credit),
        "amount": info.amount,
        "bought": info.bought,
        "reference": info.reference or None,
        "proposed_by": public_id("per", info.proposed_by),
        "decided_by": public_id("per", info.decided_by) if info.decided_by else None,
        "decided_at": info.decided_at,
        "note": info.note or None,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def side_of(body: SideIO, field: str) -> EntrySide:
    return EntrySide(body.code, owner_id(body.owner, f"{field}.owner"))


@routes.get(
    "/ledger/entries",
    summary="Manual entries, newest first",
    audience=OPERATOR,
    scope="payments:read",
    permission="money.see",
    response=ListOf[ManualEntryOut],
    example={"data": [ENTRY], "has_more": False, "next_cursor": None},
)
def list_entries(request: ApiRequest, q: ManualEntryQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return books.entries_page(
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render_entry)


@routes.post(
    "/ledger/entries",
    summary="Propose a manual entry",
    audience=OPERATOR,
    scope="payments:write",
    permission="ledger",
    status=201,
    response=ManualEntryOut,
    errors=(Invalid, Forbidden, KeyReused),
    example=ENTRY,
    request_example={
        key: ENTRY[key] for key in ("name", "reason", "debit", "credit", "amount", "reference")
    },
)
def propose_entry(request: ApiRequest, body: ManualEntryIn) -> dict[str, Any]:
    info = manual_entries.propose_entry(
        key=request.idempotency_token,
        name=body.name,
        reason=body.reason,
        debit=side_of(body.debit, "debit"),
        credit=side_of(body.credit, "credit"),
        amount=body.amount.money(),
        reference=body.reference,
    )
    return render_entry(info)


@routes.post(
    "/ledger/exchanges",
    summary="Propose to exchange money of a wallet, through the liquidity accounts",
    audience=OPERATOR,
    scope="payments:write",
    permission="ledger",
    status=201,
    response=ManualEntryOut,
    errors=(Invalid, Forbidden, KeyReused),
    example=ENTRY | EXCHANGE,
    request_example={
        "wallet": "wal_01k00000000000000000000000",
        "sold": SUM,
        "bought": EXCHANGE["bought"],
        "reason": EXCHANGE["reason"],
        "reference": "fx-2026-04",
    },
)
def propose_exchange(request: ApiRequest, body: CurrencyExchangeIn) -> dict[str, Any]:
    """Two amounts that were agreed on; it is booked when another operator approves the entry."""
    sold, bought = body.sold.money(), body.bought.money()
    info = manual_entries.propose_entry(
        key=request.idempotency_token,
        name=f"Exchange {sold.currency} {bought.currency}",
        reason=body.reason,
        debit=EntrySide("wallet", body.wallet),
        credit=EntrySide("liquidity"),
        amount=sold,
        bought=bought,
        reference=body.reference,
    )
    return render_entry(info)


@routes.post(
    "/ledger/entries/{entry_id}/approve",
    summary="Book what another operator proposed",
    audience=OPERATOR,
    scope="payments:write",
    permission="ledger",
    response=ManualEntryOut,
    errors=(NotFound, Forbidden, SamePerson, EntryRefused, InvalidTransition),
    example=ENTRY | {"state": "approved", "decided_by": ENTRY["proposed_by"], "decided_at": WHEN},
    request_example={"note": "Seen on the bank's statement."},
)
def approve_entry(
    request: ApiRequest, entry_id: EntryId, body: ManualEntryApproveIn
) -> dict[str, Any]:
    return render_entry(manual_entries.approve_entry(entry_id=entry_id, note=body.note))


@routes.post(
    "/ledger/entries/{entry_id}/reject",
    summary="Refuse a proposed entry, or take back your own",
    audience=OPERATOR,
    scope="payments:write",
    permission="ledger",
    response=ManualEntryOut,
    errors=(NotFound, Forbidden, Invalid, InvalidTransition),
    example=ENTRY | {"state": "rejected", "note": "The payment was found."},
    request_example={"note": "The payment was found."},
)
def reject_entry(request: ApiRequest, entry_id: EntryId, body: AlarmNoteIn) -> dict[str, Any]:
    return render_entry(manual_entries.reject_entry(entry_id=entry_id, note=body.note))
