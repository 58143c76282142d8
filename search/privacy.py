"""What this context keeps about a person."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel.privacy import PAGE, Rows, every, section, told
from search.contracts.saved import Owner
from search.selectors.saved import saved_searches


@section("searches", _("Kept searches"))
def searches(person_id: UUID) -> Rows:
    owner = Owner(person_id=person_id)
    found = every(lambda cursor: saved_searches(owner=owner, cursor=cursor, limit=PAGE))
    return (told(one, "sav", leave_out=("version", "unseen")) for one in found)
