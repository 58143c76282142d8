"""Statements: fetched each day, or handed in; kept as they came, with their hash."""

import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock
from kernel.currencies import table
from kernel.errors import Invalid
from kernel.sealed_text import sealed_file
from kernel.transactions import atomic
from payments.domain.reconciliation import Side, StatementError
from payments.errors import StatementUnreadable
from payments.gateways.statements import read
from payments.models import ReconStatement
from payments.recon_contracts import StatementInfo
from payments.selectors.reconciliation import statement_info
from payments.services import gateway_account
from payments.services.reconciliation.channels import BILLS, fetch_bill
from platforms import facade as platforms

LONGEST = 100  # days in one file


def zone() -> ZoneInfo:
    """The zone of the platform's business days."""
    return ZoneInfo(platforms.setting("payments", "business_zone"))


def take_statement(*, side: str, data: bytes, person_id: UUID | None = None) -> StatementInfo:
    """Keep a statement that somebody hands in. The same bytes again are the same statement.

    Raises StatementUnreadable with row and field, Invalid.
    """
    if side not in (Side.GATEWAY, Side.BANK):
        raise Invalid(_("Statements come from the gateway or the bank."), field="side")
    return _keep(Side(side), data, uploaded_by=person_id)


def fetch_day(day: date, wanted: Sequence[str]) -> None:
    """Fetch the wanted statements of a day, without a transaction; who doesn't answer is asked
    again at the next run."""
    here = zone()
    for name in wanted:
        side = Side.BANK if name == Side.BANK else Side.GATEWAY
        if name in BILLS:
            data = fetch_bill(name, day)
        elif side is Side.BANK:
            data = gateway_account.fetch_bank_statement(day, here)
        else:
            data = gateway_account.fetch_gateway_statement(day, here)
        if data is not None:
            _keep(side, data)


def _keep(side: Side, data: bytes, uploaded_by: UUID | None = None) -> StatementInfo:
    try:
        found = read(data, side)
    except StatementError as error:
        raise StatementUnreadable(
            str(error), field=error.field, row=error.row, problem=error.problem,
            hint=error.remedy,
        ) from error  # fmt: skip
    if (found.last - found.first).days >= LONGEST:
        raise StatementUnreadable(
            _("At most %(most)s days in a file.") % {"most": LONGEST}, field="to"
        )
    for line in found.rows:
        if line.currency not in table():
            raise StatementUnreadable(
                _("%(code)s isn't a currency of ISO 4217.") % {"code": repr(line.currency)},
                field="currency", row=line.line, problem="unknown currency",
                hint=_("Three capitals, as CNY."),
            )  # fmt: skip
    mark = hashlib.sha256(data).hexdigest()
    with atomic():
        row = ReconStatement(
            side=side.value, first=found.first, last=found.last, account=found.account[:255],
            data=b"", size=len(data), sha256=mark, rows=len(found.rows), uploaded_by=uploaded_by,
            created_at=clock.system(),
        )  # fmt: skip
        row.data = sealed_file(row.id, data)
        ReconStatement.objects.bulk_create([row], ignore_conflicts=True)
        kept = ReconStatement.objects.get(side=side.value, sha256=mark)
        if kept.id == row.id:
            audit.record(
                action="payments.statement.kept",
                target=row,
                after={"side": side.value, "from": str(found.first), "sha256": mark},
            )
        return statement_info(kept)
