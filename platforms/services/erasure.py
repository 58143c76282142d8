"""The end of a person's data, as they wish: planned, withdrawn, carried out or held up."""

from datetime import timedelta
from uuid import UUID

from django.utils import translation

from kernel import audit, clock, mail, privacy, transactions
from kernel.errors import NotFound
from kernel.ids import public_id
from platforms import addresses, locks, selectors, selectors_factors
from platforms.contracts_privacy import ErasureInfo, ErasureState
from platforms.errors import ErasureHeld
from platforms.models import Erasure, Person
from platforms.services import second_factor
from platforms.services.people import erase_person
from platforms.services.sign_in import confirm_password

BATCH = 50
HELD_SHOWN = 20


def request_erasure(*, person_id: UUID, password: str, code: str = "") -> ErasureInfo:
    """Plan the end of the person's data in the platform's ``erasure_days``; planned already: that
    one. ``code`` is needed from whoever has a second factor.

    Raises WrongCredentials, TooManyAttempts, WrongCode, TooManyCodes, ErasureHeld.
    """
    confirm_password(person_id=person_id, password=password, field="password")
    if selectors_factors.has_second_factor(person_id):
        second_factor.check_code(person_id=person_id, code=code)
    held = obstacles(person_id=person_id)
    if held:
        raise ErasureHeld(" ".join(held), held_by=list(held))
    days = int(selectors.setting("sign_in", "erasure_days"))
    with transactions.atomic():
        person = locks.person(person_id)
        row = Erasure.objects.filter(person=person, state=ErasureState.WAITING).first()
        if row is None:
            row = Erasure(person=person, due_at=clock.system() + timedelta(days=days))
            row.save(force_insert=True)
            audit.record(
                action="platforms.erasure.requested", target=row, after={"due_at": row.due_at}
            )
            _letter(person, "platforms/erasure_planned", {"due_at": row.due_at, "days": days})
        return erasure_info(row)


def withdraw_erasure(*, person_id: UUID) -> ErasureInfo:
    """It stays as it is. Raises NotFound when nothing is planned."""
    with transactions.atomic():
        locks.person(person_id)
        row = Erasure.objects.filter(person_id=person_id, state=ErasureState.WAITING).first()
        if row is None:
            raise NotFound
        row.move(ErasureState.WITHDRAWN, action="platforms.erasure.withdrawn")
        row.save()
        return erasure_info(row)


def obstacles(*, person_id: UUID) -> tuple[str, ...]:
    """What must end before the person can be erased, in words for them."""
    found = [text for texts in privacy.holds(person_id).values() for text in texts]
    return tuple(found[:HELD_SHOWN])


def last_erasure(*, person_id: UUID) -> ErasureInfo | None:
    """The person's last wish to be erased, whatever became of it."""
    row = Erasure.objects.filter(person_id=person_id).order_by("-id").first()
    return erasure_info(row) if row else None


def erase_due() -> int:
    """Carry out what is due; how many ended. Who has begun something meanwhile that binds others
    is told so, and stays."""
    due = Erasure.objects.filter(state=ErasureState.WAITING, due_at__lte=clock.system())
    ended = 0
    for erasure_id, person_id in due.order_by("due_at").values_list("id", "person_id")[:BATCH]:
        with transactions.atomic():
            person = locks.person(person_id)
            row = Erasure.objects.select_for_update().get(id=erasure_id)
            if row.state != ErasureState.WAITING:
                continue
            with translation.override(person.language):
                held = obstacles(person_id=person_id)
            if held:
                row.move(ErasureState.HELD, action="platforms.erasure.held")
                row.held_by = list(held)
                row.save()
                _letter(person, "platforms/erasure_held", {"held_by": held})
            else:
                row.move(ErasureState.DONE, action="platforms.erasure.done")
                row.save()
                erase_person(person_id=person_id)
            ended += 1
    return ended


def erasure_info(row: Erasure) -> ErasureInfo:
    """The contract of a row."""
    return ErasureInfo(
        id=row.id,
        state=str(row.state),
        requested_at=row.created_at,
        due_at=row.due_at,
        held_by=tuple(row.held_by),
    )


def _letter(person: Person, template: str, more: dict[str, object]) -> None:
    mail.send(
        to=selectors.opened(person.id, person.email_sealed),
        subject=person.id,
        template=template,
        context={
            "platform": selectors.current_platform().name(person.language),
            "person": public_id("per", person.id),
            "link": addresses.platform_url("/account/data/"),
            **more,
        },
        language=person.language,
    )
