"""What goes on by itself: unfinished requests, reminders, lists."""

from datetime import timedelta

from certification import locks
from certification.contracts.authority import CertificateState
from certification.events.authority import CertificateEnding
from certification.models import Authority, Certificate
from certification.services import enrol, statuses
from kernel import clock, outbox
from kernel.transactions import atomic

NOTICE = timedelta(days=30)
UNFINISHED = timedelta(minutes=1)
BATCH = 200


def finish_requests() -> int:
    """Carry out requests older than a minute; how many certificates were issued."""
    rows = Certificate.objects.filter(
        state=CertificateState.REQUESTED, created_at__lt=clock.system() - UNFINISHED
    )
    done = 0
    for certificate_id in rows.order_by("id").values_list("id", flat=True)[:BATCH]:
        done += enrol.carry_out(certificate_id).state == CertificateState.VALID
    return done


def remind() -> int:
    """Say once of each holder's certificate that it ends within 30 days; how many."""
    now = clock.business()
    rows = Certificate.objects.filter(
        state=CertificateState.VALID, not_after__gt=now, not_after__lte=now + NOTICE,
        reminded_at=None, merchant_id__isnull=False, days__gt=NOTICE.days,
    )  # fmt: skip
    told = 0
    for certificate_id in list(rows.order_by("id").values_list("id", flat=True)[:BATCH]):
        with atomic():
            row = locks.certificate(certificate_id)
            if row.reminded_at is not None or row.not_after is None:
                continue
            row.reminded_at = now
            row.save(update_fields=["reminded_at"])
            event = CertificateEnding(row.id, row.merchant_id, row.serial, row.not_after)
            outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
            told += 1
    return told


def publish_lists() -> int:
    """Make each authority's CRL new where it is a day old or out of date; how many there are."""
    ids = list(Authority.objects.values_list("id", flat=True))
    for authority_id in ids:
        statuses.revocation_list(authority_id=authority_id)
    return len(ids)
