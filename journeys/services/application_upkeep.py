"""What becomes due on applications: reminders, shops that are set up, what is kept no longer."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from certification import facade as certification
from journeys.contracts_onboarding import ENDED, ApplicationState
from journeys.models import ApplicationDocument, Journey, MerchantApplication
from journeys.onboarding import letters, opening, records, terms
from kernel import clock, jobs, personal
from kernel.errors import InvalidTransition
from kernel.transactions import atomic
from platforms import facade as platforms

S = ApplicationState
BATCH = 200


def remind_applicants() -> int:
    """Tell who is to do something that little time is left, once each; how many."""
    soon = clock.business() + timedelta(days=int(terms.setting("remind_days")))
    due = MerchantApplication.objects.filter(
        state__in=(S.SUBMITTED, S.NEEDS_MORE), answer_by__lte=soon, reminded_at=None
    )
    told = 0
    for application_id in due.order_by("id").values_list("id", flat=True)[:BATCH]:
        with atomic():
            row = records.locked(application_id)
            if row.state not in (S.SUBMITTED, S.NEEDS_MORE) or row.reminded_at or row.verdict:
                continue
            if row.answer_by is None or row.answer_by > soon:
                continue
            row.reminded_at = clock.business()
            row.save()
            records.note(row, "reminded")
            letters.write(row, "reminded")
            told += 1
    return told


def open_shops() -> int:
    """Carry on the journeys of merchants that have set up their shop; how many."""
    rows = MerchantApplication.objects.filter(state=S.APPROVED).order_by("id")
    portion, opened = list(rows[:BATCH]), 0
    while portion:
        for row in portion:
            if opening.checklist(records.shop_of(row)).complete:
                with atomic():
                    waiting = records.wake(row)
                records.carry_on(waiting)
                opened += 1
        portion = list(rows.filter(id__gt=portion[-1].id)[:BATCH])
    return opened


def forget_applications() -> int:
    """Erase what came to nothing and was left for the platform's ``keep_days``; how many."""
    before = clock.system() - timedelta(days=int(terms.setting("keep_days")))
    old = MerchantApplication.objects.filter(state__in=[*ENDED, S.DRAFT], updated_at__lt=before)
    gone = 0
    for application_id in old.order_by("id").values_list("id", flat=True)[:BATCH]:
        with atomic():
            row = records.locked(application_id)
            if row.updated_at < before and (row.state in ENDED or row.state == S.DRAFT):
                erase(row)
                gone += 1
    return gone


def person_erased(*, person_id: UUID) -> None:
    """Their applications that came to nothing are erased. Those of approved merchants are that
    merchant's record, which the platform has to keep (E-Commerce Law, art. 27 and 31)."""
    with atomic():
        rows = MerchantApplication.objects.filter(person_id=person_id)
        for application_id in rows.order_by("id").values_list("id", flat=True):
            row = records.locked(application_id)
            if row.state in ENDED or row.state == S.DRAFT:
                erase(row)


def wake_merchant(merchant_id: UUID | None) -> None:
    """Have the application of a merchant looked at, if it has one that waits."""
    if merchant_id is None:
        return
    rows = Journey.objects.filter(
        kind=records.KIND, merchant_id=merchant_id, state=Journey.State.WAITING
    )
    for journey_id in rows.values_list("id", flat=True):
        jobs.enqueue("journeys.resume", {"journey_id": str(journey_id)})


def wake_application(application_id: UUID | None) -> None:
    """Have an application's journey looked at, if it waits."""
    if application_id is None:
        return
    for row in MerchantApplication.objects.filter(id=application_id):
        records.wake(row)


def erase(row: MerchantApplication) -> None:
    """Destroy what the locked application holds, and what is left of its merchant."""
    ApplicationDocument.objects.filter(application_id=row.id).delete()
    row.filled_sealed = row.asked_sealed = row.company_lookup = row.reason = ""
    row.move(S.ERASED, action="journeys.application.erased")
    row.save()
    personal.erase(row.id)
    if row.merchant_id is None or platforms.merchant(row.merchant_id).state != "closed":
        return
    identity = certification.identity_of(certification.Subject.merchant(row.merchant_id))
    if identity is not None:
        # Once verified, the law has it kept; certification's own upkeep ends it then.
        with suppress(certification.UnderLegalHold, InvalidTransition):
            certification.erase_identity(identity_id=identity.id, reason="application erased")
    platforms.forget_closed(merchant_id=row.merchant_id)
