"""What this context keeps about a person, and what keeps them from leaving."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from journeys.application_reads import applications_of
from journeys.contracts_onboarding import LIVE
from journeys.models import MerchantApplication
from kernel.privacy import Rows, hold, section, told


@section("applications", _("Applications to sell here"))
def applications(person_id: UUID) -> Rows:
    """What was filled in, the papers by kind, what was asked and decided."""
    for one in applications_of(person_id=person_id):
        yield told(one, "map", leave_out=("person_id", "version", "missing"))


@hold("journeys")
def under_way(person_id: UUID) -> Iterator[str]:
    """An application that others work on."""
    if MerchantApplication.objects.filter(person_id=person_id, state__in=LIVE).exists():
        yield gettext("Your application to sell here is under way: withdraw it first.")
