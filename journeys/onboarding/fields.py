"""What an applicant fills in: brought into one form, checked, sealed and opened."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from catalog import facade as catalog
from journeys.contracts_onboarding import ApplicationFields, DocumentKind, Missing
from journeys.models import MerchantApplication
from kernel import personal
from kernel.check_digits import credit_code_problem
from kernel.errors import FieldProblem
from platforms import facade as platforms

LONGEST = {
    "company": 200, "representative": 100, "contact_name": 100, "contact_phone": 30,
    "contact_email": 200,
}  # fmt: skip
MOST_CATEGORIES = 20
NAME_MAX = 100
_PHONE = re.compile(r"[+0-9][0-9 ()-]{4,29}")


def tidy(given: ApplicationFields) -> ApplicationFields:
    """The same in the one form that is kept: spaces, width and case."""
    texts = {name: _line(getattr(given, name)) for name in LONGEST}
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", given.credit_code).upper())
    return replace(
        given,
        **texts,
        credit_code=unicodedata.normalize("NFKC", code),  # what the gaps held apart may join
        names={tag: _line(text) for tag, text in given.names.items() if _line(text)},
        categories=tuple(dict.fromkeys(given.categories)),
    )


def wrong(fields: ApplicationFields) -> list[FieldProblem]:
    """What is filled in and can't be so. What is left empty isn't judged."""
    found = [
        FieldProblem(name, _("It has at most %(n)s characters, all printable.") % {"n": most})
        for name, most in LONGEST.items()
        if len(getattr(fields, name)) > most or not getattr(fields, name).isprintable()
    ]
    locales = platforms.get_platform().locales
    for tag, text in fields.names.items():
        if tag not in locales or len(text) > NAME_MAX or not text.isprintable():
            found.append(
                FieldProblem(
                    f"names.{tag}",
                    _("A name has at most %(n)s characters, in a language of the platform.")
                    % {"n": NAME_MAX},
                    ", ".join(locales),
                )
            )
    if fields.credit_code:
        problem = credit_code_problem(fields.credit_code)
        if problem:
            found.append(FieldProblem("credit_code", _code_words()[problem], _code_remedy()))
    if fields.contact_phone and not _PHONE.fullmatch(fields.contact_phone):
        found.append(
            FieldProblem("contact_phone", _("That is no telephone number."), "+86 431 8888 0000")
        )
    if fields.contact_email and not _is_email(fields.contact_email):
        found.append(FieldProblem("contact_email", _("That is no e-mail address.")))
    return found + _wrong_categories(fields.categories)


def lacking(fields: ApplicationFields, missing: list[Missing]) -> list[FieldProblem]:
    """What is still empty, fields and papers."""
    first = platforms.get_platform().locales[0]
    names = [*LONGEST, "credit_code"]
    found = [
        FieldProblem(name, _("It is empty."), _("Fill it in."))
        for name in names
        if not getattr(fields, name)
    ]
    if not fields.names.get(first):
        found.insert(0, FieldProblem(f"names.{first}", _("It is empty."), _("Fill it in.")))
    if not fields.categories:
        found.append(
            FieldProblem("categories", _("It is empty."), _("Choose what you want to sell."))
        )
    return found + [
        FieldProblem(
            f"documents.{one.kind}",
            _("%(paper)s is missing.") % {"paper": DocumentKind(one.kind).label},
            _("Upload it as PDF, JPEG or PNG."),
        )
        for one in missing
    ]


def sealed(application_id: UUID, fields: ApplicationFields) -> str:
    """What the row holds of them."""
    plain: dict[str, Any] = {name: getattr(fields, name) for name in (*LONGEST, "credit_code")}
    plain |= {"names": dict(fields.names), "categories": [str(one) for one in fields.categories]}
    return personal.seal(application_id, orjson.dumps(plain).decode())


def opened(row: MerchantApplication) -> ApplicationFields:
    """What was filled in; nothing after erasure."""
    text = personal.open_(row.id, row.filled_sealed) if row.filled_sealed else None
    if not text:
        return ApplicationFields()
    plain = orjson.loads(text)
    plain["categories"] = tuple(UUID(one) for one in plain["categories"])
    return ApplicationFields(**plain)


def asked_of(row: MerchantApplication) -> dict[str, str]:
    """What the operator wants, in words by kind of paper ("": about the rest)."""
    text = personal.open_(row.id, row.asked_sealed) if row.asked_sealed else None
    found: dict[str, str] = orjson.loads(text) if text else {}
    return found


def seal_asked(row: MerchantApplication, asked: Mapping[str, str]) -> str:
    """What the row holds of it."""
    return personal.seal(row.id, orjson.dumps(dict(asked)).decode()) if asked else ""


def company_index(code: str) -> str:
    """Finds applications of the same company."""
    return personal.blind_index(code, purpose="journeys.application") if code else ""


def _wrong_categories(chosen: tuple[UUID, ...]) -> list[FieldProblem]:
    if len(chosen) > MOST_CATEGORIES:
        return [FieldProblem("categories", _("At most %(n)s.") % {"n": MOST_CATEGORIES})]
    known = catalog.category_trails(chosen)
    return [
        FieldProblem(
            f"categories.{place}", _("There is no such category."), _("See GET /categories.")
        )
        for place, one in enumerate(chosen)
        if one not in known
    ]


def _code_words() -> dict[str, str]:
    return {
        "length": _("It has 18 signs."),
        "form": _("It has a sign that can't stand there."),
        "region": _("There is no such region."),
        "check": _("The last sign doesn't fit the others: something is mistyped."),
    }


def _code_remedy() -> str:
    return _("Copy the 18 signs from the business licence (GB 32100).")


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
