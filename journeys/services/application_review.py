"""What an operator does with an application: approves, asks, refuses, looks at papers."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from journeys.application_reads import application, document_content, info_of
from journeys.contracts_onboarding import (
    LIVE,
    ApplicationInfo,
    ApplicationState,
    DocumentInfo,
    DocumentKind,
)
from journeys.errors import ApplicationDecided, ApplicationUndecided, NothingAsked
from journeys.models import MerchantApplication
from journeys.onboarding import fields, letters, records, terms
from kernel import audit, clock
from kernel.actors import current_actor
from kernel.errors import Invalid
from kernel.transactions import atomic
from platforms import facade as platforms

S = ApplicationState
WORDS_MAX = 1000


def approve_application(*, application_id: UUID, note: str = "") -> ApplicationInfo:
    """The merchant may sell. Approved before: as it is. Raises ApplicationNotFound,
    ApplicationDecided, InvalidTransition unless it is in review, and what a context raises that
    asks for more, such as AssuranceTooLow."""
    words = _words(note, "note")
    with atomic():
        row = records.locked(application_id)
        if row.state in (S.APPROVED, S.OPEN) or row.verdict == "approve":
            return info_of(row)
        _undecided(row)
        row.TRANSITIONS.check(row.state, S.APPROVED)
        row.verdict, row.reason = "approve", words
        row.decided_by = current_actor().person_id
        row.save()
        platforms.check_approval(merchant_id=records.shop_of(row))
        waiting = records.wake(row)
    records.carry_on(waiting)
    return application(application_id=application_id)


def ask_applicant(*, application_id: UUID, asked: Mapping[str, str]) -> ApplicationInfo:
    """Ask for something, in words by kind of paper ("": about the rest); the applicant has the
    platform's ``answer_days``. Raises NothingAsked, Invalid, ApplicationNotFound,
    ApplicationDecided, InvalidTransition unless it is in review."""
    wanted = {kind: _words(text, f"asked.{kind}") for kind, text in asked.items() if text.strip()}
    unknown = [kind for kind in wanted if kind and kind not in DocumentKind.values]
    if unknown:
        raise Invalid(
            _("There is no such paper; there are: %(all)s.")
            % {"all": ", ".join(DocumentKind.values)},
            field=f"asked.{unknown[0]}",
        )
    if not wanted:
        raise NothingAsked(field="asked")
    with atomic():
        row = records.locked(application_id)
        _undecided(row)
        row.TRANSITIONS.check(row.state, S.NEEDS_MORE)
        now = clock.business()
        row.asked_sealed = fields.seal_asked(row, wanted)
        row.asked_at, row.reminded_at = now, None
        row.answer_by = now + timedelta(days=int(terms.setting("answer_days")))
        row.move(S.NEEDS_MORE, action="journeys.application.asked")
        row.save()
        for kind, text in wanted.items():
            records.note(row, "asked", text=text, kind=kind)
        records.tell(row)
        letters.write(row, "asked", lines=letters.asked_lines(row, wanted))
        waiting = records.wake(row)
    records.carry_on(waiting)
    return application(application_id=application_id)


def refuse_application(*, application_id: UUID, reason: str) -> ApplicationInfo:
    """Refuse it; the applicant reads the reason and can apply anew. Refused before: as it is.
    Raises Invalid, ApplicationNotFound, ApplicationDecided, InvalidTransition."""
    words = _words(reason, "reason")
    if not words:
        raise Invalid(_("Say why; the applicant reads it."), field="reason")
    with atomic():
        row = records.locked(application_id)
        if row.state == S.REFUSED or row.verdict == "refuse":
            return info_of(row)
        _undecided(row)
        row.TRANSITIONS.check(row.state, S.REFUSED)
        row.verdict, row.reason = "refuse", words
        row.decided_by = current_actor().person_id
        row.save()
        waiting = records.wake(row)
    records.carry_on(waiting)
    return application(application_id=application_id)


def open_document(*, application_id: UUID, document_id: UUID) -> tuple[DocumentInfo, bytes]:
    """A paper itself, for an operator; that it was looked at is kept. Raises NotFound."""
    found, data = document_content(application_id=application_id, document_id=document_id)
    audit.record(
        action="journeys.application.paper_opened",
        target=audit.AuditTarget("journeys.merchantapplication", application_id),
        after={"kind": str(found.kind), "sha256": found.sha256},
    )
    return found, data


def application_decided(merchant_id: UUID) -> None:
    """A merchant that came by an application is approved by deciding that. Raises
    ApplicationUndecided."""
    rows = MerchantApplication.objects.filter(merchant_id=merchant_id, state__in=LIVE)
    if rows.exclude(verdict="approve").exists():
        raise ApplicationUndecided


def _undecided(row: MerchantApplication) -> None:
    if row.verdict:
        raise ApplicationDecided(verdict=row.verdict)


def _words(text: str, field: str) -> str:
    words = text.strip()
    if len(words) > WORDS_MAX:
        raise Invalid(_("At most %(n)s characters.") % {"n": WORDS_MAX}, field=field)
    return words
