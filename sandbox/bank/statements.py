"""The statement of a day (日对账单), as JSON and as CSV."""

import csv
import io
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox import clock
from sandbox.models import BankEntry, BankTransfer
from sandbox.transport.call import Call
from sandbox.transport.plain import PlainError

KINDS = {
    "transfer": "payout",
    "return": "return",
    "gateway_payout": "settlement",
    "credit": "receipt",
}
COLUMNS = ("id", "kind", "amount", "currency", "balance_after", "counterparty", "reference", "date")


def of_day(call: Call, text: str, zone_name: str) -> dict[str, Any]:
    """Every entry of the account on a day that has ended, in the order of booking."""
    try:
        zone = ZoneInfo(zone_name)
    except (ValueError, OSError, KeyError) as error:
        raise PlainError(422, "invalid", "zone: as Asia/Shanghai.", "zone") from error
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise PlainError(422, "invalid", "day: as 2026-10-01.", "day") from error
    if day >= clock.now().astimezone(zone).date():
        raise PlainError(409, "not_ready", "The day isn't over: ask on the next.", "day")
    start = datetime.combine(day, time(), zone)
    rows = list(
        BankEntry.objects.filter(
            account=call.account, created_at__gte=start, created_at__lt=start + timedelta(days=1)
        ).order_by("pk")
    )
    found = BankTransfer.objects.filter(account=call.account, pk__in={r.transfer for r in rows})
    numbers = {row.pk: row.number for row in found}
    return {
        "object": "statement",
        "version": 1,
        "kind": "bank",
        "account": call.account.pk,
        "from": day.isoformat(),
        "to": day.isoformat(),
        "zone": str(zone),
        "rows": [
            {
                "id": row.pk,
                "kind": KINDS.get(row.kind, "other"),
                "amount": row.amount,
                "currency": row.currency,
                "balance_after": row.balance_after,
                "counterparty": _masked(numbers.get(row.transfer, "")),
                "reference": _reference(row),
                "date": row.created_at.astimezone(zone).date().isoformat(),
            }
            for row in rows
        ],
    }


def as_csv(body: dict[str, Any]) -> str:
    """The same statement as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = ("kind", "account", "from", "to", "zone")
    writer.writerow(["#quancheng-statement", "1", *(body[name] for name in head)])
    writer.writerow(COLUMNS)
    writer.writerows([row[name] for name in COLUMNS] for row in body["rows"])
    return out.getvalue()


def _reference(row: BankEntry) -> str:
    """The payer's words; those of money that came in follow the id under which it is told."""
    return f"{row.transfer} {row.reference}".strip() if row.kind == "credit" else row.reference


def _masked(number: str) -> str:
    return f"{number[:4]}••••{number[-4:]}" if len(number) > 8 else number
