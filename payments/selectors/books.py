"""The ledger as people read it: accounts, statements, manual entries."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel import tenancy
from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import (
    InvalidCursor,
    PageOf,
    decode_cursor,
    encode_cursor,
    keyset,
)
from kernel.transactions import cursor as database_cursor
from payments.domain.transfer import Flag
from payments.ledger import counters
from payments.ledger_contracts import (
    AccountInfo,
    EntryInfo,
    EntrySide,
    Statement,
    StatementLine,
)
from payments.models import LedgerAccount, ManualEntry

# Posted transfers of an account in booking order; a pending one isn't a movement yet.
_LINES = """
SELECT t.id, t.code, t.debit_id = %(account)s, t.amount, o.code, o.owner, t.reference, t.document,
  t.business_at, t.created_at
FROM (
  SELECT x.*, x.credit_id AS other FROM ledger_transfer x
  WHERE x.debit_id = %(account)s AND x.created_at >= %(since)s AND x.created_at < %(until)s
  UNION ALL
  SELECT x.*, x.debit_id FROM ledger_transfer x
  WHERE x.credit_id = %(account)s AND x.created_at >= %(since)s AND x.created_at < %(until)s
) t JOIN ledger_account o ON o.platform_id = t.platform_id AND o.id = t.other
WHERE t.platform_id = %(platform)s AND t.flags & %(unposted)s = 0
  AND (t.created_at, t.id) > (%(after)s, %(after_id)s)
ORDER BY t.created_at, t.id LIMIT %(limit)s
"""
_BEFORE = """
SELECT coalesce(sum(amount) FILTER (WHERE debit), 0)::bigint,
  coalesce(sum(amount) FILTER (WHERE NOT debit), 0)::bigint
FROM (
  SELECT true AS debit, x.platform_id, x.id, x.amount, x.flags, x.created_at FROM ledger_transfer x
  WHERE x.debit_id = %(account)s AND x.created_at <= %(at)s
  UNION ALL
  SELECT false, x.platform_id, x.id, x.amount, x.flags, x.created_at FROM ledger_transfer x
  WHERE x.credit_id = %(account)s AND x.created_at <= %(at)s
) t WHERE t.platform_id = %(platform)s AND t.flags & %(unposted)s = 0
  AND (t.created_at, t.id) <= (%(at)s, %(id)s)
"""
_UNPOSTED = int(Flag.PENDING | Flag.VOID)
_FIRST, _LAST = datetime(1970, 1, 1).astimezone(), datetime(9999, 1, 1).astimezone()
_NONE = UUID(int=0)
_ORDER = ("booked_at", "id")


def accounts_page(
    *,
    owner: UUID | None = None,
    code: str | None = None,
    currency: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[AccountInfo]:
    """Accounts with their counters, by currency, code and owner."""
    rows = LedgerAccount.objects.all()
    for column, value in (("owner", owner), ("code", code), ("currency", currency)):
        if value is not None:
            rows = rows.filter(**{column: value})
    page = keyset(rows, order=("currency", "code", "id"), cursor=cursor, limit=limit)
    found = {account.id: account for account in counters.accounts(row.id for row in page.items)}
    return page.map(lambda row: found[row.id])


def account(account_id: UUID) -> AccountInfo:
    """One account. Raises NotFound."""
    found = counters.accounts([account_id])
    if not found:
        raise NotFound
    return found[0]


def statement(
    account_id: UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Statement:
    """What was posted to an account in ``[since, until)`` of booking time, oldest first, with the
    balance after each line. Raises NotFound, InvalidCursor."""
    here = account(account_id)
    start, end = since or _FIRST, until or _LAST
    after, after_id = _position(cursor) if cursor else (start, _NONE)
    # Whatever stands before the page is summed: the balance never depends on earlier pages.
    opening = _balance_before(here, start, _NONE)
    balance = _balance_before(here, after, after_id) if cursor else opening
    rows = _rows(here, start, end, after, after_id, limit + 1)
    lines = []
    for row in rows[:limit]:
        line = _line(here, row, balance)
        balance = line.balance
        lines.append(line)
    more = len(rows) > limit
    last = lines[-1] if lines else None
    return Statement(
        account=here,
        since=since,
        until=until,
        opening=opening,
        closing=_balance_before(here, end, _NONE) if until else here.balance,
        lines=tuple(lines),
        has_more=more,
        next_cursor=encode_cursor(_ORDER, (last.booked_at, last.id)) if more and last else None,
    )


def statement_lines(
    account_id: UUID, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[StatementLine]:
    """All lines of a statement, for an export."""
    page: str | None = None
    while True:
        found = statement(account_id, since=since, until=until, cursor=page, limit=500)
        yield from found.lines
        if not found.has_more:
            return
        page = found.next_cursor


def _rows(
    here: AccountInfo, since: datetime, until: datetime, after: datetime, after_id: UUID, limit: int
) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "account": here.id, "since": since, "until": until, "after": after, "after_id": after_id,
        "platform": tenancy.current_id(), "unposted": _UNPOSTED, "limit": limit,
    }  # fmt: skip
    with database_cursor() as sql:
        sql.execute(_LINES, values)
        rows: list[tuple[Any, ...]] = sql.fetchall()
    return rows


def _balance_before(here: AccountInfo, at: datetime, id_: UUID) -> Money:
    with database_cursor() as sql:
        sql.execute(
            _BEFORE,
            {"account": here.id, "at": at, "id": id_, "platform": tenancy.current_id(),
             "unposted": _UNPOSTED},
        )  # fmt: skip
        debits, credits = sql.fetchone()
    return Money((debits - credits) * (1 if here.debit_side else -1), here.currency)


def _line(here: AccountInfo, row: tuple[Any, ...], before: Money) -> StatementLine:
    id_, code, debit, amount, other, owner, reference, document, business_at, booked_at = row
    effect = Money(amount if debit == here.debit_side else -amount, here.currency)
    return StatementLine(
        id=id_,
        code=code,
        debit=debit,
        amount=effect,
        balance=before + effect,
        other_code=other,
        other_owner=owner,
        reference=reference,
        document=document,
        business_at=business_at,
        booked_at=booked_at,
    )


def _position(text: str) -> tuple[datetime, UUID]:
    moment, id_ = decode_cursor(_ORDER, text)
    try:
        return datetime.fromisoformat(moment), UUID(id_)
    except ValueError as error:
        raise InvalidCursor(field="cursor") from error


def entries_page(
    *,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[EntryInfo]:
    """Manual entries, newest first."""
    rows = ManualEntry.objects.all()
    if state is not None:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(entry_info)


def entry(entry_id: UUID) -> EntryInfo:
    """One manual entry. Raises NotFound."""
    row = ManualEntry.objects.filter(id=entry_id).first()
    if row is None:
        raise NotFound
    return entry_info(row)


def entry_info(row: ManualEntry) -> EntryInfo:
    """The contract of a row."""
    return EntryInfo(
        id=row.id,
        state=str(row.state),
        name=row.name,
        reason=row.reason,
        debit=EntrySide(row.debit_code, row.debit_owner),
        credit=EntrySide(row.credit_code, row.credit_owner),
        amount=Money(row.amount, row.currency),
        reference=row.reference,
        proposed_by=row.proposed_by,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        bought=None if row.bought is None else Money(row.bought, row.bought_currency),
    )
