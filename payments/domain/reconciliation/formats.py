"""Our own statement format, version 1, as CSV and as JSON (docs/reconciliation.md)."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from payments.domain.reconciliation.rows import (
    BANK_KINDS,
    GATEWAY_KINDS,
    LEDGER_KINDS,
    Row,
    Side,
    Statement,
    tokens,
)
from payments.domain.reconciliation.strict import Cells, StatementError, day_of, zone_of

MARK = "#quancheng-statement"
LIMIT = 64 * 1024 * 1024
COLUMNS: dict[Side, tuple[str, ...]] = {
    Side.GATEWAY: (
        "id", "kind", "source", "document", "amount", "fee", "net", "currency", "merchant",
        "created", "payout", "arrival",
    ),
    Side.LEDGER: (
        "id", "account", "kind", "document", "source", "amount", "fee", "currency", "party",
        "created",
    ),
    Side.BANK: (
        "id", "kind", "amount", "currency", "balance_after", "counterparty", "reference", "date",
    ),
}  # fmt: skip
HEAD = ("kind", "account", "from", "to", "zone")


def parse(data: bytes, side: Side) -> Statement:
    """The statement in a file of either form. Raises StatementError with the first mistake."""
    if len(data) > LIMIT:
        raise StatementError(0, "file", f"Larger than {LIMIT} bytes.", "Split it by days.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StatementError(0, "file", "This isn't UTF-8.", "Save it as UTF-8.") from error
    if text.lstrip()[:1] == "{":
        return _json(text, side)
    return _csv(text, side)


def _csv(text: str, side: Side) -> Statement:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise StatementError(0, "file", f"This isn't CSV: {error}.") from error
    if not lines or not lines[0] or lines[0][0] != MARK or len(lines[0]) != 7:
        raise StatementError(
            1, "head", f"The first line isn't {MARK},1,<kind>,<account>,<from>,<to>,<zone>.",
            "See docs/reconciliation.md.",
        )  # fmt: skip
    head = _head(lines[0][1], dict(zip(HEAD, lines[0][2:], strict=True)), side)
    columns = COLUMNS[side]
    if len(lines) < 2 or tuple(lines[1]) != columns:
        raise StatementError(2, "columns", f"The columns aren't {','.join(columns)}.")
    rows = []
    for number, cells in enumerate(lines[2:], 3):
        if not cells:
            continue
        if len(cells) != len(columns):
            raise StatementError(
                number, "row", f"{len(cells)} cells where {len(columns)} belong.",
                "Quote cells that hold a comma.",
            )  # fmt: skip
        rows.append(_row(Cells(number, dict(zip(columns, cells, strict=True))), side, head))
    return Statement(side, *head, rows=tuple(rows))


def _json(text: str, side: Side) -> Statement:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise StatementError(0, "file", f"This isn't JSON: {error}.") from error
    unknown = set(body) - {"object", "version", "rows", *HEAD}
    if body.get("object") != "statement" or unknown:
        problem = f"Unknown: {', '.join(sorted(unknown))}." if unknown else 'Not a "statement".'
        raise StatementError(0, "object", problem, "See docs/reconciliation.md.")
    named = {name: str(body.get(name, "")) for name in HEAD}
    head = _head(str(body.get("version")), named, side)
    if not isinstance(body.get("rows"), list):
        raise StatementError(0, "rows", "This isn't a list.")
    rows = []
    for number, values in enumerate(body["rows"], 1):
        if not isinstance(values, dict):
            raise StatementError(number, "row", "This isn't an object.")
        strange = set(values) - set(COLUMNS[side])
        if strange:
            raise StatementError(number, sorted(strange)[0], "There is no such field.")
        rows.append(_row(Cells(number, values), side, head))
    return Statement(side, *head, rows=tuple(rows))


def _head(version: str, named: dict[str, str], side: Side) -> tuple[str, date, date, Any]:
    if version != "1":
        raise StatementError(1, "version", f"{version!r} isn't 1.", "Only version 1 is read.")
    if named["kind"] != side:
        raise StatementError(
            1, "kind", f"This is a statement of {named['kind']!r}, not of {side.value!r}.",
            "Give each side's file in its own place.",
        )  # fmt: skip
    first, last = day_of(named["from"], 1, "from"), day_of(named["to"], 1, "to")
    if last < first:
        raise StatementError(1, "to", f"{last} is before {first}.")
    return named["account"], first, last, zone_of(named["zone"])


def _row(cells: Cells, side: Side, head: tuple[str, date, date, Any]) -> Row:
    account, zone = head[0], head[3]
    if side is Side.BANK:
        return _bank(cells, account)
    at = cells.moment("created", zone)
    common: dict[str, Any] = {
        "side": side, "line": cells.row, "id": cells.text("id", needed=True),
        "amount": cells.whole("amount"), "currency": cells.currency(), "at": at, "day": at.date(),
        "document": cells.text("document"), "source": cells.text("source"),
        "fee": cells.whole("fee", 0),
        "party": cells.text("party" if side is Side.LEDGER else "merchant"),
    }  # fmt: skip
    if side is Side.LEDGER:
        account = cells.one_of("account", ("gateway", "alipay", "wechat", "bank"))
        return Row(kind=cells.one_of("kind", LEDGER_KINDS), account=account, **common)
    kind = cells.one_of("kind", GATEWAY_KINDS)
    return Row(
        kind={"payout": "settlement", "payout_failure": "settlement_failure"}.get(kind, kind),
        account="gateway",
        net=cells.whole("net"),
        batch=cells.text("payout"),
        arrival=cells.day("arrival"),
        **common,
    )


def _bank(cells: Cells, account: str) -> Row:
    day = cells.day("date")
    if day is None:
        raise StatementError(cells.row, "date", "This is needed.", "As 2026-10-01.")
    reference = cells.text("reference")
    return Row(
        side=Side.BANK,
        line=cells.row,
        id=cells.text("id", needed=True),
        kind=cells.one_of("kind", BANK_KINDS),
        amount=cells.whole("amount"),
        currency=cells.currency(),
        day=day,
        account="bank",
        source=(tokens(reference) or [reference])[0],
        party=cells.text("counterparty"),
        balance=cells.whole("balance_after") if cells.values.get("balance_after") else None,
    )


def write_csv(side: Side, head: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    """A statement file; ``head`` is account, from, to, zone, each row has ``COLUMNS[side]``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([MARK, "1", side.value, *head])
    writer.writerow(COLUMNS[side])
    writer.writerows(rows)
    return out.getvalue().encode()


def write_json(side: Side, head: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    """The same as JSON."""
    names = ("account", "from", "to", "zone")
    body = {
        "object": "statement",
        "version": 1,
        "kind": side.value,
        **{name: str(value) for name, value in zip(names, head, strict=True)},
        "rows": [dict(zip(COLUMNS[side], row, strict=True)) for row in rows],
    }
    return json.dumps(body, ensure_ascii=False, indent=0, default=str).encode()
