"""What ends when a person is erased."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from certification.contracts.authority import CertificateState
from certification.contracts.identity import IdentityState, Subject
from certification.models import Certificate
from certification.selectors.identity import rows_of
from certification.services.identity import erase_identity, identity_kept_until
from certification.services.revoke import revoke
from kernel import clock, jobs

JOB = "certification.person_leaves"
REASON = "cessation_of_operation"
ENDING = (CertificateState.VALID, CertificateState.SUSPENDED)


def begin(*, person_id: UUID) -> None:
    """Have it done by a job: a certificate may be revoked at an authority elsewhere."""
    jobs.enqueue(JOB, {"person_id": person_id}, unique=str(person_id))


def leave(*, person_id: UUID) -> dict[str, int]:
    """Revoke the person's certificates and erase the identity; one that a law keeps is erased by
    the same job on the day after. What was done already isn't done again."""
    mine = Certificate.objects.filter(person_id=person_id, state__in=ENDING).order_by("id")
    revoked = [
        revoke(certificate_id=certificate, reason=REASON, note="erased")
        for certificate in mine.values_list("id", flat=True)
    ]
    erased = 0
    for row in rows_of(Subject.person(person_id)):
        if row.state == IdentityState.CHECKING:  # its answer is awaited
            later = clock.system() + timedelta(hours=1)
            jobs.enqueue(JOB, {"person_id": person_id}, run_at=later, unique=str(person_id))
            continue
        until = identity_kept_until(identity_id=row.id)
        if until is not None and until > clock.today():
            after = datetime.combine(until + timedelta(days=1), time(), UTC)
            jobs.enqueue(
                JOB, {"person_id": person_id}, run_at=after, clock="business",
                unique=f"{person_id} {until}",
            )  # fmt: skip
            continue
        erase_identity(identity_id=row.id, reason="erased")
        erased += 1
    return {"revoked": len(revoked), "erased": erased}
