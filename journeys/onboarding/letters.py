"""Letters to who applied: what was decided, what is asked for, what comes next."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from journeys.contracts_onboarding import DocumentKind
from journeys.models import MerchantApplication
from kernel import mail
from kernel.errors import NotFound
from platforms import facade as platforms

PAGE = "/account/shop/"
# What happened: (title, text, page).
_WORDS = {
    "submitted": (
        _("Your application has been handed in"),
        _("You follow it here; what is needed of you stands there too:"),
        PAGE,
    ),
    "agreement": (
        _("An agreement is waiting to be signed"),
        _("Sign it for your company; the review follows when both have signed:"),
        PAGE,
    ),
    "asked": (
        _("Something is missing in your application"),
        _("Please see to it in time; else the application is closed. What is asked for:"),
        PAGE,
    ),
    "reminded": (
        _("Your application is still waiting for you"),
        _("It is closed soon, if nothing is done. See what it waits for:"),
        PAGE,
    ),
    "approved": (
        _("Your shop is approved"),
        _("Set up the account for payouts, delivery and the first product; then it is open:"),
        "/merchant/",
    ),
    "open": (
        _("Your shop is open"),
        _("Buyers can see it and order. What needs you stands here:"),
        "/merchant/",
    ),
    "refused": (
        _("Your application was refused"),
        _("You can correct it and apply anew. The reason given:"),
        PAGE,
    ),
    "closed": (
        _("Your application was closed"),
        _("Nothing was heard in time. You can go on with it by applying anew:"),
        PAGE,
    ),
}  # fmt: skip


def asked_lines(row: MerchantApplication, asked: Mapping[str, str]) -> list[str]:
    """What is asked for, a line for each paper, in the applicant's language."""
    try:
        language = platforms.person(row.person_id).language
    except NotFound:
        return []
    with translation.override(language):
        names = {str(kind): str(kind.label) for kind in DocumentKind}
        return [f"{names[kind]}: {text}" if kind else text for kind, text in asked.items()]


def write(
    row: MerchantApplication, what: str, *, text: str = "", lines: Sequence[str] = ()
) -> None:
    """The letter that belongs to what happened, if there is one and somebody to write to."""
    words = _WORDS.get(what)
    if words is None:
        return
    try:
        person = platforms.person(row.person_id)
    except NotFound:
        return
    if not person.email:
        return
    with translation.override(person.language):
        context: dict[str, Any] = {
            "platform": platforms.get_platform().name(person.language),
            "title": str(words[0]),
            "text": str(words[1]),
            "lines": [*lines, *([text] if text else [])],
            "link": platforms.platform_url(words[2]),
        }
    mail.send(
        to=person.email,
        template="journeys/application",
        context=context,
        language=person.language,
        subject=row.person_id,
    )
