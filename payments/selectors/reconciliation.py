"""Reads of the reconciliation desk."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from kernel.sealed_text import opened, opened_file
from payments.domain.reconciliation import ways_out
from payments.models import ReconDay, ReconException, ReconStatement
from payments.recon_contracts import DayInfo, ExceptionInfo, StatementInfo


def statements_page(
    *, side: str | None = None, cursor: str | None = None, limit: int = 20
) -> PageOf[StatementInfo]:
    """Statements, newest first."""
    rows: QuerySet[ReconStatement] = ReconStatement.objects.all()
    if side:
        rows = rows.filter(side=side)
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(statement_info)


def statement(*, statement_id: UUID) -> StatementInfo:
    """One statement. Raises NotFound."""
    return statement_info(_statement(statement_id))


def statement_bytes(*, statement_id: UUID) -> bytes:
    """A statement as it came. Raises NotFound."""
    row = _statement(statement_id)
    return opened_file(row.id, bytes(row.data))


def days_page(
    *, state: str | None = None, cursor: str | None = None, limit: int = 20
) -> PageOf[DayInfo]:
    """Compared days, latest first."""
    rows: QuerySet[ReconDay] = ReconDay.objects.all()
    if state:
        rows = rows.filter(state=state)
    return keyset(rows, order=("-day", "-id"), cursor=cursor, limit=limit).map(day_info)


def day(*, day: date) -> DayInfo:
    """One day. Raises NotFound."""
    row = ReconDay.objects.filter(day=day).first()
    if row is None:
        raise NotFound
    return day_info(row)


def exceptions_page(
    *,
    state: str | None = None,
    kind: str | None = None,
    where: str | None = None,
    day: date | None = None,
    document: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ExceptionInfo]:
    """Exceptions, newest first."""
    rows: QuerySet[ReconException] = ReconException.objects.all()
    wanted = {"state": state, "kind": kind, "where": where, "day": day, "document": document}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(exception_info)


def exception(*, exception_id: UUID) -> ExceptionInfo:
    """One exception. Raises NotFound."""
    row = ReconException.objects.filter(id=exception_id).first()
    if row is None:
        raise NotFound
    return exception_info(row)


def open_exceptions() -> int:
    """How many wait for somebody."""
    return ReconException.objects.filter(state="open").count()


def statement_info(row: ReconStatement) -> StatementInfo:
    """The contract of a row."""
    return StatementInfo(
        id=row.id,
        side=row.side,
        first=row.first,
        last=row.last,
        account=row.account,
        sha256=row.sha256,
        rows=row.rows,
        size=row.size or len(row.data),
        uploaded=row.uploaded_by is not None,
        created_at=row.created_at,
    )


def day_info(row: ReconDay) -> DayInfo:
    """The contract of a row."""
    return DayInfo(
        day=row.day,
        state=str(row.state),
        open=row.open,
        matched=row.matched,
        figures=row.figures,
        absent=tuple(row.absent),
        problem=row.problem,
        updated_at=row.updated_at,
    )


def exception_info(row: ReconException) -> ExceptionInfo:
    """The contract of a row."""
    rows: list[dict[str, Any]] = row.detail.get("rows", [])
    return ExceptionInfo(
        id=row.id,
        state=str(row.state),
        kind=row.kind,
        where=row.where,
        day=row.day,
        document=row.document,
        amount=Money(row.amount, row.currency),
        expected=row.expected,
        found=row.found,
        fix=row.fix,
        rows=tuple(one | {"party": opened(one.get("party", ""))} for one in rows),
        ways=ways_out(row.kind, row.where),
        resolution=row.resolution,
        note=row.note,
        entry=row.entry,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _statement(statement_id: UUID) -> ReconStatement:
    row = ReconStatement.objects.filter(id=statement_id).first()
    if row is None:
        raise NotFound
    return row
