"""What a platform asks of who wants to sell there, by its settings ``onboarding`` and
``identity.require``."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from catalog import facade as catalog
from certification import facade as certification
from journeys.contracts_onboarding import DocumentKind, Missing, OnboardingTerms
from journeys.errors import AgreementUnfit
from kernel.errors import FieldProblem, NotFound
from platforms import facade as platforms

ACTION = "merchant.approve"
ROLES = {"platform", "merchant"}
# What an application fills in, with the type of each field.
FILLED = {
    "platform_name": "text", "shop": "text", "company": "text", "credit_code": "text",
    "representative": "text", "categories": "long_text", "sign_until": "date",
}  # fmt: skip


def setting(name: str) -> Any:
    """One of the platform's settings for onboarding."""
    return platforms.setting("onboarding", name)


def level_needed() -> str:
    """The level of identity that a merchant needs before it is approved."""
    return str(platforms.setting("identity", "require").get(ACTION, "none"))


def terms() -> OnboardingTerms:
    """All of it, for who considers applying."""
    return OnboardingTerms(
        open=bool(setting("open")),
        documents=tuple(DocumentKind(one) for one in setting("documents")),
        categories={
            found.id: tuple(DocumentKind(one) for one in rule["documents"])
            for rule in setting("categories")
            for found in [_category(rule["category"])]
            if found is not None
        },
        level=level_needed(),
        agreement=setting("agreement") is not None,
        answer_days=int(setting("answer_days")),
    )


def papers_for(categories: Iterable[UUID]) -> list[Missing]:
    """Which papers have to be there to sell in these categories, each once, and who asks for it."""
    wanted = {DocumentKind(one): Missing(DocumentKind(one)) for one in setting("documents")}
    trails = catalog.category_trails(categories)
    for rule in setting("categories"):
        code = rule["category"]
        for category_id, trail in trails.items():
            if any(code in (step.slug, step.path) for step in trail):
                for one in rule["documents"]:
                    kind = DocumentKind(one)
                    wanted.setdefault(kind, Missing(kind, category_id))
    return list(wanted.values())


def agreement_template(code: str) -> certification.TemplateInfo:
    """The platform's template in use, if an application can fill it in. Raises AgreementUnfit."""
    try:
        found = certification.current_template(code=code)
    except NotFound as error:
        raise AgreementUnfit(
            _("The platform has no published contract template %(code)s.") % {"code": code}
        ) from error
    roles = {role["role"] for role in found.definition["roles"]}
    unfit = [
        field["name"]
        for field in found.definition["fields"]
        if (
            field["type"] != FILLED[field["name"]]
            if field["name"] in FILLED
            else field.get("required")
        )
    ]
    if roles != ROLES or unfit:
        raise AgreementUnfit(
            _("Its parties must be platform and merchant; what can't be filled in: %(fields)s.")
            % {"fields": ", ".join(unfit) or "—"}
        )
    return found


def agreement_party(slug: str) -> UUID:
    """The merchant that is the platform's own company. Raises AgreementUnfit."""
    try:
        found = platforms.merchant_by_slug(slug)
    except NotFound:
        found = None
    if found is None or not found.approved:
        raise AgreementUnfit(
            _("There is no approved merchant %(slug)s to sign for the platform.") % {"slug": slug}
        )
    return found.id


def problems(values: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong with new settings on the platform in scope: a category, template or company
    that isn't there."""
    found = [
        FieldProblem(
            f"onboarding.categories.{place}.category",
            _("There is no category with this code (slug or path)."),
            _("Take it from GET /categories."),
        )
        for place, rule in enumerate(values.get("categories") or ())
        if _category(rule["category"]) is None
    ]
    asked = values.get("agreement")
    if asked:
        for field, check in (("template", agreement_template), ("party", agreement_party)):
            try:
                check(asked[field])
            except AgreementUnfit as error:
                found.append(
                    FieldProblem(
                        f"onboarding.agreement.{field}", str(error.detail), str(error.remedy)
                    )
                )
    return found


def _category(code: str) -> catalog.CategoryInfo | None:
    try:
        return catalog.category_by_path(code)
    except NotFound:
        return None
