"""Row locks of identities: the identity first, then its check."""

from uuid import UUID

from certification.contracts.identity import Subject
from certification.models import Identity, IdentityCheck
from certification.selectors.identity import rows_of
from kernel.errors import NotFound


def identity(identity_id: UUID) -> Identity:
    """The identity, locked. Raises NotFound."""
    row = Identity.objects.select_for_update().filter(id=identity_id).first()
    if row is None:
        raise NotFound
    return row


def of_subject(subject: Subject) -> Identity | None:
    """The subject's identity, locked, or None."""
    found: Identity | None = rows_of(subject).select_for_update().first()
    return found


def check(check_id: UUID) -> tuple[Identity, IdentityCheck]:
    """A question with its identity, both locked. Raises NotFound."""
    owner = IdentityCheck.objects.filter(id=check_id).values_list("identity_id", flat=True).first()
    if owner is None:
        raise NotFound
    row = identity(owner)
    return row, IdentityCheck.objects.select_for_update().get(id=check_id)
