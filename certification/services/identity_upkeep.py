"""Verified identities end in time, and their owners are told before."""

from datetime import timedelta

from certification.contracts.identity import IdentityState
from certification.events.identity import IdentityExpiring
from certification.models import Identity
from certification.services import identity_locks as locks
from certification.services.identity import told
from kernel import clock, outbox, transactions
from platforms import facade as platforms

BATCH = 200


def expire_identities() -> int:
    """End what is over; how many."""
    due = Identity.objects.filter(state=IdentityState.VERIFIED, expires_at__lte=clock.business())
    ended = 0
    for identity_id in list(due.order_by("expires_at").values_list("id", flat=True)[:BATCH]):
        with transactions.atomic():
            row = locks.identity(identity_id)
            end = row.expires_at
            if row.state != IdentityState.VERIFIED or end is None or end > clock.business():
                continue
            row.move(IdentityState.EXPIRED, action="certification.identity.expired")
            row.proven, row.level = [], "none"
            row.save()
            told(row)
            ended += 1
    return ended


def remind() -> int:
    """Tell the owners of what ends soon, once; how many."""
    now = clock.business()
    before = now + timedelta(days=int(platforms.setting("identity", "remind_days")))
    due = Identity.objects.filter(
        state=IdentityState.VERIFIED, expires_at__lte=before, expires_at__gt=now, reminded_at=None
    )
    told_of = 0
    for identity_id in list(due.order_by("expires_at").values_list("id", flat=True)[:BATCH]):
        with transactions.atomic():
            row = locks.identity(identity_id)
            if row.state != IdentityState.VERIFIED or row.reminded_at or row.expires_at is None:
                continue
            row.reminded_at = now
            row.save()
            outbox.append(
                IdentityExpiring(
                    row.id, str(row.kind), row.merchant_id, row.person_id,
                    max(0, (row.expires_at - now).days),
                ),
                aggregate=row,
                merchant_id=row.merchant_id,
            )  # fmt: skip
            told_of += 1
    return told_of
