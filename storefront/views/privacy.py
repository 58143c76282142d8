"""One's own data: a copy of it, and its end."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.errors import DomainError, Forbidden, NotFound
from kernel.files import file_answer
from kernel.ids import parse_public_id
from platforms import facade as platforms
from storefront.forms.account import ConfirmSelf
from storefront.pages import done, person_of, signed_in
from storefront.views.account import put_error

PAGE = "storefront/account/data.html"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """What there is, and both forms; the button says which one was sent."""
    person = _person(request)
    with_code = platforms.second_factor(person.id).enrolled
    wanted = request.POST.get("do", "")
    forms = {
        "export": ConfirmSelf(request.POST if wanted == "export" else None, prefix="export"),
        "erase": ConfirmSelf(
            request.POST if wanted == "erase" else None, prefix="erase", with_code=with_code
        ),
    }
    if wanted in forms and forms[wanted].is_valid():
        try:
            return _act(request, person, wanted, forms[wanted].cleaned_data)
        except DomainError as error:
            put_error(forms[wanted], error)
    erasure = platforms.last_erasure(person_id=person.id)
    context = {
        "exports": platforms.exports_of(person_id=person.id),
        "export_form": forms["export"],
        "erase_form": forms["erase"],
        "erasure": erasure,
        "obstacles": platforms.obstacles(person_id=person.id),
        "days": platforms.setting("sign_in", "erasure_days"),
    }
    wrong = any(form.errors for form in forms.values())
    return render(request, PAGE, context, status=422 if wrong else 200)


@require_POST
@signed_in
def keep(request: HttpRequest) -> HttpResponse:
    """The planned end is withdrawn."""
    try:
        platforms.withdraw_erasure(person_id=_person(request).id)
    except NotFound:
        return done(request, _("Nothing is planned."), "storefront:own_data")
    return done(request, _("Your account stays."), "storefront:own_data")


@require_http_methods(["GET", "HEAD"])
@signed_in
def fetch(request: HttpRequest, export: str) -> HttpResponse:
    """The copy, as a file."""
    name, content = platforms.export_content(
        person_id=_person(request).id, export_id=parse_public_id("dtx", export)
    )
    answer = file_answer(content, "application/zip", name)
    answer["Cache-Control"] = "no-store"
    return answer


def _act(
    request: HttpRequest,
    person: platforms.SignedInPerson,
    wanted: str,
    given: dict[str, str],
) -> HttpResponse:
    if wanted == "export":
        platforms.request_export(person_id=person.id, password=given["password"])
        text = _("The copy is being made. A letter tells you when it is ready.")
    else:
        platforms.request_erasure(
            person_id=person.id, password=given["password"], code=given.get("code", "")
        )
        text = _("It is planned. Until the day named here you can withdraw it.")
    return done(request, text, "storefront:own_data")


def _person(request: HttpRequest) -> platforms.SignedInPerson:
    person = person_of(request)
    if person is None:
        raise Forbidden
    return person
