"""Pages that change accounts, keys, providers or staff ask for password and second factor."""

from contextlib import AbstractContextManager

from django.http import HttpRequest

from kernel.errors import Forbidden
from platforms import facade as platforms
from storefront.forms.account import ConfirmSelf
from storefront.pages import person_of


def fields(request: HttpRequest, name: str) -> ConfirmSelf | None:
    """Password, and code of whoever has a factor, with ids that begin with ``name``; None for who
    must set a second factor up first."""
    must_enrol, with_code = _asked(request)
    return None if must_enrol else ConfirmSelf(auto_id=f"{name}-%s", with_code=with_code)


def _asked(request: HttpRequest) -> tuple[bool, bool]:
    """Whether a second factor must be set up first, and whether there is one; read once a page,
    however many forms it has."""
    found: tuple[bool, bool] | None = getattr(request, "asked_to_confirm", None)
    if found is None:
        person_id = _person(request).id
        found = platforms.must_enrol_first(person_id), platforms.has_second_factor(person_id)
        request.asked_to_confirm = found  # type: ignore[attr-defined]
    return found


def confirmed(request: HttpRequest, change: platforms.Sensitive) -> AbstractContextManager[None]:
    """Carry out the block as confirmed by what the form brings; raises as
    ``platforms.confirm_change`` does."""
    return platforms.confirmed_change(
        who=_person(request),
        change=change,
        password=request.POST.get("password", ""),
        code=request.POST.get("code", ""),
    )


def _person(request: HttpRequest) -> platforms.SignedInPerson:
    person = person_of(request)
    if person is None:
        raise Forbidden
    return person
