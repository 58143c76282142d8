"""Manual entries that correct an exception of the reconciliation, told as part of what they
correct: so the next comparison proves whether they did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.errors import NotFound
from kernel.ids import parse_public_id, public_id
from payments.domain.chart import Code
from payments.domain.reconciliation import Row, Side, place
from payments.ledger_contracts import EntryInfo, EntryState
from payments.models import ManualEntry, ReconException
from payments.selectors.books import entry_info

PREFIX = "rex_"


@dataclass(frozen=True, slots=True)
class Correction:
    """Which movement (``family:name``) a manual entry corrects, and the day it belongs to."""

    key: str
    day: date


def entries_of(exception_id: UUID) -> list[EntryInfo]:
    """The manual entries that name an exception, oldest first."""
    rows = ManualEntry.objects.filter(reference=public_id("rex", exception_id))
    return [entry_info(row) for row in rows.order_by("id")]


def exception_of(reference: str) -> ReconException | None:
    """The exception that an entry's reference names. Raises NotFound if there is none such;
    None if the reference names something else."""
    if not reference.startswith(PREFIX):
        return None
    row = ReconException.objects.filter(id=parse_public_id("rex", reference)).first()
    if row is None:
        raise NotFound
    return row


def corrections(journals: Iterable[UUID]) -> dict[UUID, Correction]:
    """What the manual entries behind these journals correct; those that name no exception are
    left out."""
    rows = ManualEntry.objects.filter(
        id__in=list(journals), state=EntryState.APPROVED, reference__startswith=PREFIX
    ).values_list("id", "reference")
    wanted = {entry: parse_public_id("rex", reference) for entry, reference in rows}
    known = {
        row_id: Correction(mark.split(":", 2)[2], day)
        for row_id, mark, day in ReconException.objects.filter(
            id__in=set(wanted.values())
        ).values_list("id", "mark", "day")
    }
    return {entry: known[row_id] for entry, row_id in wanted.items() if row_id in known}


def corrected(
    rows: Sequence[Row], found: Iterable[tuple[Correction, Any, str, int, bool]], zone: ZoneInfo
) -> list[Row]:
    """The rows with corrections folded in: each ``(correction, transfer, account, amount, is_fee)``
    takes back the row of its movement that it equals, else changes the last one, or is that
    movement's only row."""
    made = list(rows)
    for correction, transfer, account, amount, is_fee in found:
        fee = -amount if is_fee else 0
        amount = 0 if is_fee else amount
        places = [n for n, row in enumerate(made) if _is_of(row, correction.key, account)]
        if not places:
            made.append(_alone(len(made) + 1, correction, transfer, account, amount, fee, zone))
            continue
        whole = [n for n in places if (made[n].amount, made[n].fee) == (-amount, -fee)]
        place_of = (whole or places)[-1]
        row = made[place_of]
        if row.currency == transfer.currency:
            made[place_of] = replace(row, amount=row.amount + amount, fee=row.fee + fee)
            if not made[place_of].amount and not made[place_of].fee:
                del made[place_of]
    return made


def _is_of(row: Row, key: str, account: str) -> bool:
    family, _role, name = place(row)
    return row.account == account and f"{family}:{name}" == key


def _alone(
    line: int,
    correction: Correction,
    transfer: Any,
    account: str,
    amount: int,
    fee: int,
    zone: ZoneInfo,
) -> Row:
    family, _, name = correction.key.partition(":")
    settles = family.startswith("settlement")
    kind = "settlement_received" if family == "settlement" and account == Code.BANK else family
    return Row(
        side=Side.LEDGER,
        line=line,
        id=public_id("btx", transfer.id),
        kind=kind,
        amount=amount,
        currency=transfer.currency,
        day=correction.day,
        at=datetime.combine(correction.day, time(12), zone),
        account=account,
        document="" if settles else name,
        source=name if settles or family == "receipt" else "",
        fee=fee,
    )
