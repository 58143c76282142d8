"""What this context keeps about a person, and what keeps them from leaving."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kernel import mail
from kernel.privacy import Rows, hold, section, told
from platforms import selectors, selectors_factors
from platforms.contracts import Role, in_language
from platforms.models import Membership
from platforms.models.person import at


@section("profile", _("Who you are here"))
def profile(person_id: UUID) -> Rows:
    yield told(selectors.person(person_id), "per")
    yield {"second_factor": told(selectors_factors.second_factor(person_id))}


@section("sign_ins", _("Where you are signed in"))
def sign_ins(person_id: UUID) -> Rows:
    return (told(one) for one in selectors.sessions_of(person_id))


@section("passkeys", _("Your passkeys"))
def passkeys(person_id: UUID) -> Rows:
    return (told(one, "psk") for one in selectors_factors.passkeys_of(person_id))


@section("letters", _("Letters to you (30 days)"))
def letters(person_id: UUID) -> Rows:
    """Without their words: links in them may still let people in."""
    for one in mail.letters_to(person_id):
        yield {"subject": one.subject, "state": one.state, "created_at": one.created_at.isoformat()}


@hold("platforms")
def needed(person_id: UUID) -> Iterator[str]:
    """Roles that nobody else has: a merchant's only owner, the only operator."""
    mine = Membership.objects.filter(
        person_id=person_id, role__in=(Role.MERCHANT_OWNER, Role.OPERATOR), staff_role=None
    )
    for own in mine.select_related("merchant").order_by("id"):
        others = Membership.objects.filter(at(own.merchant_id), role=own.role, staff_role=None)
        if others.filter(person__state="active").exclude(person_id=person_id).exists():
            continue
        if own.merchant is None:
            yield gettext("You are the platform's only operator.")
        else:
            name = in_language(own.merchant.names, get_language() or "zh-hans")
            yield gettext("You are the only owner of the merchant %(name)s.") % {"name": name}
