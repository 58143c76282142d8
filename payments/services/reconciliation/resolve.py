"""Resolve an exception: with a note, by the counterparty's word, by a named manual entry."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.actors import current_actor
from kernel.errors import Invalid
from kernel.ids import parse_public_id, public_id
from kernel.transactions import atomic
from payments import locks
from payments.domain.reconciliation import ways_out
from payments.errors import NeedsEntry
from payments.ledger_contracts import EntryState
from payments.models import ManualEntry
from payments.recon_contracts import ExceptionInfo, ExceptionState, Resolution
from payments.selectors.reconciliation import exception_info
from payments.services.reconciliation.sides import relight


def resolve_exception(
    *, exception_id: UUID, resolution: str, note: str, entry: str = ""
) -> ExceptionInfo:
    """Say how an open exception was dealt with. Nothing is booked here: ``entry`` names a manual
    entry (``men_…``) that refers to this exception and was approved by a second person. Money is
    put right by nothing else (NeedsEntry). The same again is as it is. Raises NotFound, Invalid,
    NeedsEntry, InvalidTransition."""
    note = note.strip()
    if resolution not in Resolution.values:
        raise Invalid(
            _("One of %(values)s.") % {"values": ", ".join(Resolution.values)}, field="resolution"
        )
    if len(note) < 3 or len(note) > 500:
        raise Invalid(_("Say in 3 to 500 characters what was found out."), field="note")
    if (resolution == Resolution.ENTRY) != bool(entry):
        raise Invalid(_("Name the manual entry, and only with resolution entry."), field="entry")
    if entry:
        _check_entry(exception_id, entry)
    with atomic():
        row = locks.recon_exception(exception_id)
        if row.state == ExceptionState.RESOLVED and (row.resolution, row.note, row.entry) == (
            resolution, note, entry,
        ):  # fmt: skip
            return exception_info(row)
        ways = ways_out(row.kind, row.where)
        if row.state == ExceptionState.OPEN and resolution not in ways:
            raise NeedsEntry(ways=", ".join(ways), field="resolution")
        row.move(ExceptionState.RESOLVED, action="payments.exception.resolved", reason=note)
        row.resolution, row.note, row.entry = resolution, note, entry
        row.resolved_by, row.resolved_at = current_actor().person_id, clock.system()
        row.save()
        relight({row.day})
        return exception_info(row)


def _check_entry(exception_id: UUID, entry: str) -> None:
    entry_id = parse_public_id("men", entry)
    found = ManualEntry.objects.filter(id=entry_id).first()
    if found is None:
        raise Invalid(_("There is no such manual entry."), field="entry")
    if found.reference != public_id("rex", exception_id):
        raise Invalid(_("That entry doesn't refer to this exception."), field="entry")
    if found.state != EntryState.APPROVED:
        raise Invalid(_("That entry isn't booked: a second person must approve it."), field="entry")
