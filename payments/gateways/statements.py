"""Statements of gateways and banks: fetched as bytes, read by the form they have.

Our own form (docs/reconciliation.md) is read for any side. A gateway's own form is wrapped as it
came: ``{"object": "gateway_statement", "protocol": "stripe", "from", "to", "zone", "data": […]}``,
and read by the protocol's reader; Alipay's and WeChat Pay's bills as they are downloaded too. A
further protocol adds its reader to ``READERS``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from payments.domain.reconciliation import Row, Side, Statement, StatementError, parse
from payments.domain.reconciliation.strict import day_of, zone_of
from payments.gateways import bills
from payments.gateways.transport import Answer

_KINDS = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_failure_refund": "refund_failure",
    "payout": "settlement",
    "payout_failure": "settlement_failure",
    "payout_cancel": "settlement_failure",
    "stripe_fee": "fee",
    "topup": "topup",
}
PAGES = 1000
Get = Callable[[str, Mapping[str, str]], Answer]


def fetch_stripe(get: Get, day: date, zone: ZoneInfo) -> bytes | None:
    """A day's balance transactions with their sources, and what each payout of it consists of.
    None when the gateway doesn't answer in full."""
    start = datetime.combine(day, time(), zone)
    window = {
        "created[gte]": str(int(start.timestamp())),
        "created[lt]": str(int((start + timedelta(days=1)).timestamp())),
    }
    rows = _all(get, {**window, "expand[0]": "data.source"})
    if rows is None:
        return None
    batches: dict[str, list[Any]] = {}
    for row in rows:
        if row.get("type") == "payout":
            payout = _id(row.get("source"))
            parts = _all(get, {"payout": payout, "expand[0]": "data.source"})
            if parts is not None:
                batches[payout] = parts
    body = {
        "object": "gateway_statement",
        "protocol": "stripe",
        "from": day.isoformat(),
        "to": day.isoformat(),
        "zone": str(zone),
        "data": rows,
        "payouts": batches,
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def _all(get: Get, query: dict[str, str]) -> list[dict[str, Any]] | None:
    rows: list[dict[str, Any]] = []
    for _page in range(PAGES):
        after = {"starting_after": str(rows[-1]["id"])} if rows else {}
        answer = get("/v1/balance_transactions", {"limit": "100", **query, **after})
        data = answer.body.get("data")
        if answer.status != 200 or not isinstance(data, list):
            return None
        rows += data
        if not answer.body.get("has_more"):
            return rows
    return None


def read(data: bytes, side: Side) -> Statement:
    """A statement in any form we know. Raises StatementError."""
    if data[:400].lstrip()[:1] == b"{" and b'"gateway_statement"' in data[:400]:
        if side is not Side.GATEWAY:
            raise StatementError(0, "object", "This is a gateway's statement.")
        try:
            body = json.loads(data)
        except ValueError as error:
            raise StatementError(0, "file", f"This isn't JSON: {error}.") from error
        reader = READERS.get(str(body.get("protocol")))
        if reader is None:
            raise StatementError(
                0, "protocol", f"{body.get('protocol')!r} isn't known.",
                f"One of {', '.join(READERS)}.",
            )  # fmt: skip
        return reader(body)
    bill = bills.sniffed(data) if side is Side.GATEWAY else None
    return bill or parse(data, side)


def _stripe(body: Mapping[str, Any]) -> Statement:
    first, last = day_of(str(body.get("from")), 0, "from"), day_of(str(body.get("to")), 0, "to")
    zone = zone_of(str(body.get("zone")))
    data = body.get("data")
    if not isinstance(data, list):
        raise StatementError(0, "data", "This isn't a list.")
    rows = [_stripe_row(number, row, zone) for number, row in enumerate(data, 1)]
    batch = {
        str(part.get("id")): payout
        for payout, parts in (body.get("payouts") or {}).items()
        for part in parts
    }
    known = {row.id for row in rows}
    for parts in (body.get("payouts") or {}).values():
        for part in parts:
            if str(part.get("id")) not in known:  # of an earlier day, told again
                rows.append(_stripe_row(len(rows) + 1, part, zone))
    found = tuple(replace(row, batch=batch.get(row.id, row.batch)) for row in rows)
    return Statement(Side.GATEWAY, str(body.get("account", "")), first, last, zone, found)


def _stripe_row(number: int, row: Any, zone: ZoneInfo) -> Row:
    if not isinstance(row, dict):
        raise StatementError(number, "data", "This isn't an object.")
    for name in ("amount", "fee", "net", "created"):
        if type(row.get(name)) is not int:
            raise StatementError(number, name, f"{row.get(name)!r} isn't a whole number.")
    for name in ("id", "currency", "type"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise StatementError(number, name, "This is needed, as text.")
    kind = _kind(row)
    source = row.get("source")
    if not kind.startswith("settlement") and isinstance(source, dict):
        about = source.get("payment_intent") if kind == "charge" else source.get("id")
        name, party = str(about or source.get("id")), _merchant(source)
    else:
        name, party = _id(source), ""
    arrival = source.get("arrival_date") if isinstance(source, dict) else None
    at = datetime.fromtimestamp(row["created"], UTC).astimezone(zone)
    return Row(
        side=Side.GATEWAY, line=number, id=row["id"], kind=kind, amount=row["amount"],
        currency=row["currency"].upper(), day=at.date(), at=at, account="gateway",
        source=name, fee=row["fee"], net=row["net"], party=party,
        arrival=datetime.fromtimestamp(arrival, UTC).date() if type(arrival) is int else None,
    )  # fmt: skip


def _kind(row: Mapping[str, Any]) -> str:
    if row["type"] == "adjustment" and "dispute" in str(row.get("reporting_category")):
        return "dispute" if row["amount"] < 0 else "dispute_reversal"
    return _KINDS.get(str(row["type"]), "adjustment")


def _merchant(source: Mapping[str, Any]) -> str:
    metadata = source.get("metadata")
    return str(metadata.get("merchant") or "") if isinstance(metadata, dict) else ""


def _id(value: Any) -> str:
    return str(value.get("id") if isinstance(value, dict) else value or "")


READERS: dict[str, Callable[[Mapping[str, Any]], Statement]] = {
    "stripe": _stripe,
    "alipay": bills.read_alipay,
    "wechat": bills.read_wechat,
}
