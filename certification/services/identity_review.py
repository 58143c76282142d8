"""The operators' review queue: claim, decide, give back; and looking at personal data, audited."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from certification.contracts.identity import (
    IdentityInfo,
    IdentityState,
    Particulars,
    Subject,
)
from certification.domain import assurance
from certification.errors.identity import PapersMissing, ReviewNotClaimed, ReviewTaken
from certification.models import Identity, IdentityPaper
from certification.selectors import identity as selectors
from certification.services import identity_locks as locks
from certification.services.identity import told
from kernel import audit, clock, personal, transactions
from kernel.actors import current_actor
from kernel.errors import Invalid, NotFound
from platforms import facade as platforms

CLAIM = timedelta(hours=2)  # after which another operator may take it over
S = IdentityState


def claim_review(*, identity_id: UUID) -> IdentityInfo:
    """Take a review, so that no two operators do the same. Raises ReviewTaken, NotFound."""
    who, now = _operator(), clock.system()
    with transactions.atomic():
        row = locks.identity(identity_id)
        if row.state != S.IN_REVIEW:
            row.TRANSITIONS.check(row.state, S.VERIFIED)
        held = row.claimed_at is not None and row.claimed_at > now - CLAIM
        if held and row.claimed_by != who:
            raise ReviewTaken
        row.claimed_by, row.claimed_at = who, now
        row.save()
        audit.record(action="certification.review.claimed", target=row)
    return selectors.identity(identity_id)


def release_review(*, identity_id: UUID) -> IdentityInfo:
    """Give a review back to the queue. Raises ReviewNotClaimed."""
    with transactions.atomic():
        row = _claimed(identity_id)
        row.claimed_by = row.claimed_at = None
        row.save()
        audit.record(action="certification.review.released", target=row)
    return selectors.identity(identity_id)


def approve_identity(*, identity_id: UUID, registry_by_hand: bool = False) -> IdentityInfo:
    """The papers prove it. ``registry_by_hand``: the operator looked name and number up, because
    the provider didn't answer. Raises ReviewNotClaimed, PapersMissing, InvalidTransition."""
    with transactions.atomic():
        row = _claimed(identity_id)
        papers = IdentityPaper.objects.filter(identity_id=row.id, replaced_at=None)
        kinds = set(papers.values_list("kind", flat=True))
        missing = [sorted(one) for one in assurance.PAPERS[row.kind] if not one & kinds]
        if missing:
            raise PapersMissing(missing=missing)
        proven = [one for one in row.proven if one != "documents"]
        if registry_by_hand and "registry" not in proven:
            proven.append("registry")
        row.move(S.VERIFIED, action="certification.identity.verified")
        row.proven = [*proven, "documents"]
        row.level = assurance.level_of(row.kind, row.proven)
        now = clock.business()
        row.verified_at = now
        row.ever_verified_at = row.ever_verified_at or now
        row.expires_at = _end(row, now)
        row.reason, row.claimed_by, row.claimed_at, row.reminded_at = "", None, None, None
        row.save()
        told(row)
    return selectors.identity(identity_id)


def reject_identity(*, identity_id: UUID, reason: str) -> IdentityInfo:
    """It isn't who it says. Raises ReviewNotClaimed, Invalid."""
    return _decide(identity_id, S.REJECTED, "certification.identity.rejected", reason)


def ask_for_more(*, identity_id: UUID, reason: str) -> IdentityInfo:
    """Something is missing or unreadable; the owner sees ``reason``. Raises as ``reject``."""
    return _decide(identity_id, S.NEEDS_MORE, "certification.identity.needs_more", reason)


def reveal(*, identity_id: UUID, reason: str) -> Particulars:
    """The particulars in clear; who looked, and why, stands in the audit trail. Raises NotFound,
    Invalid."""
    _why(reason)
    with transactions.atomic():
        row = Identity.objects.filter(id=identity_id).first()
        stated = selectors.particulars(row) if row else None
        if row is None or stated is None:
            raise NotFound
        audit.record(
            action="certification.identity.revealed",
            target=row,
            after={"reason": reason[:300]},
            texts={"reason"},
        )
    return stated


def verified_particulars(*, subject: Subject, purpose: str) -> Particulars:
    """A verified subject's particulars in clear, for ``purpose`` (a certificate, a contract);
    audited. Raises NotFound unless its identity is verified."""
    row = selectors.rows_of(subject).filter(state=S.VERIFIED).first()
    if row is None:
        raise NotFound
    return reveal(identity_id=row.id, reason=purpose)


def open_paper(*, identity_id: UUID, paper_id: UUID, reason: str) -> tuple[str, bytes]:
    """A paper's type and bytes, audited as ``reveal``. Raises NotFound, Invalid."""
    _why(reason)
    with transactions.atomic():
        paper = IdentityPaper.objects.filter(id=paper_id, identity_id=identity_id).first()
        data = personal.open_data(identity_id, bytes(paper.data_sealed)) if paper else None
        if paper is None or data is None:
            raise NotFound
        audit.record(
            action="certification.paper.opened",
            target=paper,
            after={"reason": reason[:300], "kind": paper.kind, "identity": identity_id},
            texts={"reason"},
        )
    return paper.content_type, data


def _decide(identity_id: UUID, state: S, action: str, reason: str) -> IdentityInfo:
    _why(reason)
    with transactions.atomic():
        row = _claimed(identity_id)
        row.move(state, action=action, reason=reason[:300])
        row.reason, row.claimed_by, row.claimed_at = reason[:500], None, None
        if state == S.REJECTED:
            row.proven, row.level = [], "none"
        row.save()
        told(row)
    return selectors.identity(identity_id)


def _claimed(identity_id: UUID) -> Identity:
    row = locks.identity(identity_id)
    if row.state != S.IN_REVIEW:
        row.TRANSITIONS.check(row.state, S.VERIFIED)
    if row.claimed_by != _operator():
        raise ReviewNotClaimed
    return row


def _operator() -> UUID:
    actor = current_actor()
    found = actor.person_id or actor.id
    if found is None:
        raise ReviewNotClaimed
    return found


def _end(row: Identity, now: datetime) -> datetime:
    """The earliest of: the platform's term, the stated validity, the papers' own ends."""
    months = int(platforms.setting("identity", "months"))
    ends = [now + timedelta(days=months * 365 // 12)]
    days = [row.valid_until] if row.valid_until else []
    papers = IdentityPaper.objects.filter(identity_id=row.id, replaced_at=None)
    days += [day for day in papers.values_list("expires_on", flat=True) if day is not None]
    ends += [datetime.combine(day + timedelta(days=1), time(), UTC) for day in days]
    return min(ends)


def _why(reason: str) -> None:
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
