"""What an applicant does with an application: fills it in over several visits, uploads papers,
hands it in, answers, withdraws it, begins anew."""

import hashlib
from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from certification import facade as certification
from journeys.application_reads import document_info, info_of
from journeys.contracts_onboarding import (
    ENDED,
    LIVE,
    ApplicationFields,
    ApplicationInfo,
    ApplicationState,
    DocumentInfo,
    DocumentKind,
)
from journeys.engine.run import start
from journeys.errors import (
    ApplicationDecided,
    ApplicationFixed,
    ApplicationIncomplete,
    ApplicationNotFound,
    NotAnswered,
    OnboardingShut,
)
from journeys.models import ApplicationDocument, MerchantApplication
from journeys.onboarding import fields, records, terms
from journeys.onboarding.begin import missing
from kernel import audit, clock, personal
from kernel.errors import FieldProblem, Invalid, NotFound
from kernel.ids import uuid7
from kernel.transactions import atomic
from platforms import facade as platforms

S = ApplicationState
MOST_PAPERS = 40
ANSWER_MAX = 1000
# What identity and agreement were made of stays while an operator's question is answered.
FIXED = ("company", "credit_code", "representative")


def save_application(*, person_id: UUID, given: ApplicationFields) -> ApplicationInfo:
    """Keep what is filled in, complete or not; the person's first begins an application. Raises
    OnboardingShut, ApplicationFixed, Invalid naming every field that can't be so."""
    tidy = fields.tidy(given)
    problems = fields.wrong(tidy)
    if problems:
        raise Invalid(problems=problems)
    with atomic():
        row = _editable(person_id) or _begun(person_id)
        before = fields.opened(row)
        if row.state == S.NEEDS_MORE:
            _check_fixed(before, tidy)
        row.filled_sealed = fields.sealed(row.id, tidy)
        row.save()
        if before != tidy:
            changed = [name for name in vars(tidy) if getattr(before, name) != getattr(tidy, name)]
            audit.record(
                action="journeys.application.filled_in", target=row, after={"fields": changed}
            )
        return info_of(row)


def add_document(
    *, person_id: UUID, kind: DocumentKind, data: bytes, name: str = ""
) -> DocumentInfo:
    """Keep a paper (PDF, JPEG, PNG; up to 10 MB), sealed; it replaces the one of its kind. Raises
    UnreadablePaper, OnboardingShut, ApplicationFixed."""
    content_type = certification.paper_type(data)
    with atomic():
        row = _editable(person_id) or _begun(person_id)
        papers = ApplicationDocument.objects.filter(application_id=row.id)
        if papers.count() >= MOST_PAPERS:
            raise ApplicationFixed(_("So many papers can't be kept; withdraw it to begin anew."))
        now = clock.business()
        papers.filter(kind=kind, replaced_at=None).update(replaced_at=now)
        paper = ApplicationDocument(
            id=uuid7(),
            application=row,
            kind=kind,
            name=_plain(name),
            content_type=content_type,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            data_sealed=personal.seal_data(row.id, data),
            uploaded_at=now,
        )
        paper.save(force_insert=True)
        row.save()
        audit.record(
            action="journeys.application.paper_added",
            target=row,
            after={"kind": str(kind), "sha256": paper.sha256, "size": paper.size},
        )
    return document_info(paper)


def remove_document(*, person_id: UUID, document_id: UUID) -> None:
    """Take a paper out of a draft, for good. Raises NotFound, ApplicationFixed."""
    with atomic():
        row = _editable(person_id)
        if row is None or row.state != S.DRAFT:
            raise ApplicationFixed
        paper = ApplicationDocument.objects.filter(id=document_id, application_id=row.id).first()
        if paper is None:
            raise NotFound
        paper.delete()
        row.save()
        audit.record(
            action="journeys.application.paper_removed",
            target=row,
            before={"kind": str(paper.kind), "sha256": paper.sha256},
        )


def submit_application(*, person_id: UUID) -> ApplicationInfo:
    """Hand it in, or hand it in anew with what was asked for answered: see ``answer_application``.

    Handed in already: as it is. Raises ApplicationNotFound, ApplicationIncomplete, OnboardingShut,
    CompanyTaken, AgreementUnfit, Invalid, InvalidTransition.
    """
    row = _latest(person_id)
    if row.state in LIVE or row.state in (S.APPROVED, S.OPEN):
        return info_of(row)
    start(
        records.KIND,
        key=records.key_of(row.id, row.attempt + 1),
        data={"application_id": str(row.id)},
    )
    return info_of(_latest(person_id))


def answer_application(*, person_id: UUID, text: str = "") -> ApplicationInfo:
    """What was asked for is there: back to the operator. ``text`` says why something can't be.

    Raises ApplicationNotFound, NotAnswered, ApplicationIncomplete, InvalidTransition.
    """
    words = text.strip()
    if len(words) > ANSWER_MAX:
        raise Invalid(_("At most %(n)s characters.") % {"n": ANSWER_MAX}, field="text")
    with atomic():
        row = records.locked(_latest(person_id).id)
        if row.state != S.NEEDS_MORE:
            row.TRANSITIONS.check(S.DRAFT, S.IN_REVIEW)
        if row.verdict:
            raise ApplicationDecided
        _check_answer(row, words)
        filled = fields.opened(row)
        lacking = fields.lacking(filled, missing(row, filled))
        if lacking:
            raise ApplicationIncomplete(problems=lacking)
        platforms.update_merchant(
            merchant_id=records.shop_of(row),
            names=filled.names,
            contact_email=filled.contact_email,
        )
        row.asked_sealed, row.answer_by, row.reminded_at = "", None, None
        records.move(row, S.IN_REVIEW, what="answered", text=words)
        waiting = records.wake(row)
    records.carry_on(waiting)
    return info_of(_latest(person_id))


def withdraw_application(*, person_id: UUID) -> ApplicationInfo:
    """It isn't wanted any more; it can be begun anew. Withdrawn before: as it is. Raises
    ApplicationNotFound, ApplicationDecided, InvalidTransition."""
    with atomic():
        row = records.locked(_latest(person_id).id)
        if row.state == S.WITHDRAWN:
            return info_of(row)
        if row.state == S.DRAFT:
            records.move(row, S.WITHDRAWN)
            return info_of(row)
        row.TRANSITIONS.check(row.state, S.WITHDRAWN)
        if row.verdict and row.verdict != "withdraw":
            raise ApplicationDecided
        row.verdict = "withdraw"
        row.save()
        waiting = records.wake(row)
    records.carry_on(waiting)
    return info_of(_latest(person_id))


def renew_application(*, person_id: UUID) -> ApplicationInfo:
    """Begin an application anew that ended without an approval, with what it holds. Raises
    ApplicationNotFound, OnboardingShut, InvalidTransition."""
    _require_open()
    with atomic():
        row = records.locked(_latest(person_id).id)
        if row.state == S.DRAFT:
            return info_of(row)
        row.TRANSITIONS.check(row.state, S.DRAFT)
        row.verdict = ""
        records.move(row, S.DRAFT, what="anew")
        return info_of(row)


def _latest(person_id: UUID) -> MerchantApplication:
    rows = MerchantApplication.objects.filter(person_id=person_id).exclude(state=S.ERASED)
    row: MerchantApplication | None = rows.order_by("-id").first()
    if row is None:
        raise ApplicationNotFound
    return row


def _editable(person_id: UUID) -> MerchantApplication | None:
    """The person's application, locked, if it can be changed; None if a new one may begin. Raises
    ApplicationFixed."""
    try:
        row = records.locked(_latest(person_id).id)
    except ApplicationNotFound:
        return None
    if row.state in (S.APPROVED, S.OPEN):
        return None
    if row.state not in (S.DRAFT, S.NEEDS_MORE) or row.verdict or row.state in ENDED:
        raise ApplicationFixed(state=str(row.state))
    return row


def _begun(person_id: UUID) -> MerchantApplication:
    """A new draft; another call's, if that was first."""
    _require_open()
    row = MerchantApplication(id=uuid7(), person_id=person_id)
    row.touch()
    MerchantApplication.objects.bulk_create([row], ignore_conflicts=True)
    found = records.locked(_latest(person_id).id)
    if found.id == row.id:
        audit.record(action="journeys.application.begun", target=found, after={})
        records.note(found, "begun")
    elif found.state not in (S.DRAFT, S.NEEDS_MORE):
        raise ApplicationFixed(state=str(found.state))
    return found


def _require_open() -> None:
    if not terms.setting("open"):
        raise OnboardingShut


def _check_fixed(before: ApplicationFields, now: ApplicationFields) -> None:
    same = replace(now, **{name: getattr(before, name) for name in FIXED})
    problems = [
        FieldProblem(
            name,
            str(_("The company can't change while its application is under way.")),
            str(_("Withdraw the application to apply for another company.")),
        )
        for name in FIXED
        if getattr(same, name) != getattr(now, name)
    ]
    if problems:
        raise ApplicationFixed(problems=problems)


def _check_answer(row: MerchantApplication, words: str) -> None:
    """Each paper that is asked for was uploaded since, or there are words instead."""
    since = {
        one.kind
        for one in records.papers(row)
        if row.asked_at is None or one.uploaded_at >= row.asked_at
    }
    asked = fields.asked_of(row)
    open_ = [kind for kind in asked if kind and kind not in since]
    if open_ and not words:
        raise NotAnswered(
            problems=[
                FieldProblem(f"documents.{kind}", asked[kind], str(NotAnswered.remedy))
                for kind in open_
            ]
        )


def _plain(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable())[-100:]
