"""What every step of an application's way does beside its own: the lock, a line of the timeline,
the event, the journey's waking."""

from uuid import UUID, uuid5

from journeys.contracts_onboarding import ApplicationState
from journeys.engine.run import resume
from journeys.errors import ApplicationNotFound
from journeys.events import ApplicationMoved
from journeys.models import ApplicationDocument, ApplicationEntry, Journey, MerchantApplication
from journeys.onboarding import letters
from kernel import clock, jobs, outbox
from kernel.actors import current_actor

KIND = "onboarding"


def locked(application_id: UUID) -> MerchantApplication:
    """The application's row, locked. Raises ApplicationNotFound."""
    rows = MerchantApplication.objects.select_for_update()
    found: MerchantApplication | None = rows.filter(id=application_id).first()
    if found is None:
        raise ApplicationNotFound
    return found


def shop_of(row: MerchantApplication) -> UUID:
    """The merchant that an application which was handed in is of. Raises ApplicationNotFound."""
    if row.merchant_id is None:
        raise ApplicationNotFound
    return row.merchant_id


def key_of(application_id: UUID, attempt: int) -> UUID:
    """The key of the journey of this attempt, and of its agreement."""
    return uuid5(application_id, f"{KIND}:{attempt}")


def journey_of(row: MerchantApplication) -> Journey | None:
    """The journey of the application's last attempt."""
    return Journey.objects.filter(kind=KIND, key=key_of(row.id, row.attempt)).first()


def papers(row: MerchantApplication) -> list[ApplicationDocument]:
    """The papers that count, without their contents."""
    rows = ApplicationDocument.objects.filter(application_id=row.id, replaced_at=None)
    return list(rows.defer("data_sealed").order_by("id"))


def note(row: MerchantApplication, what: str, *, text: str = "", kind: str = "") -> None:
    """A line of the timeline."""
    ApplicationEntry(
        application=row, what=what, kind=kind, actor_kind=current_actor().kind, text=text,
        at=clock.business(),
    ).save(force_insert=True)  # fmt: skip


def move(
    row: MerchantApplication,
    to: ApplicationState,
    *,
    what: str = "",
    text: str = "",
    reason: str = "",
) -> None:
    """Move and save the locked row, with its audit row, line, event and letter, if it has one."""
    row.move(to, action=f"journeys.application.{what or to}", reason=reason)
    row.save()
    note(row, what or str(to), text=text or reason)
    tell(row)
    letters.write(row, what or str(to), text=text or reason)


def tell(row: MerchantApplication) -> None:
    """The event of the state that the saved row is in."""
    outbox.append(ApplicationMoved(row.id, row.merchant_id, str(row.state)), aggregate=row)


def wake(row: MerchantApplication) -> UUID | None:
    """Have the journey looked at with the caller's commit, in a job; its id, to carry it on at
    once with ``carry_on``."""
    found = journey_of(row)
    if found is None or found.state not in (Journey.State.RUNNING, Journey.State.WAITING):
        return None
    jobs.enqueue("journeys.resume", {"journey_id": str(found.id)})
    return found.id


def carry_on(journey_id: UUID | None) -> None:
    """After the commit: carry the journey on here; should this process die, the job does it."""
    if journey_id is not None:
        resume(journey_id)
