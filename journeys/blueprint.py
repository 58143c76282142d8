"""The journeys' section of a platform's blueprint."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from kernel.errors import FieldProblem
from platforms.facade import Section, register_section

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_/-]*$", max_length=200)]


class OrderContract(Section):
    """Orders that need a signed contract: of ``over`` or more (minor units, with delivery), of
    goods in one of ``categories`` (slugs or paths, with those below; none: all). It is made from
    the platform's published ``template`` and must be signed within ``days`` of payment."""

    template: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = "order_sale"
    over: Annotated[int, Field(ge=0, strict=True)] = 0
    categories: Annotated[list[Code], Field(max_length=50)] = []
    days: Annotated[int, Field(ge=1, le=90, strict=True)] = 7


class JourneysSection(Section):
    """``payment_minutes``: how long a buyer may take to pay, while the goods are held.
    ``contract``: which orders need a signed contract; without it none does."""

    payment_minutes: Annotated[int, Field(ge=2, le=1440)] = 30
    contract: OrderContract | None = None


Paper = Literal[
    "business_licence", "food_licence", "drug_licence", "device_licence", "publication_licence",
    "trademark", "authorisation", "other",
]  # fmt: skip


class CategoryPapers(Section):
    """Who wants to sell in ``category`` (a slug or path), or below it, shows these papers too."""

    category: Code
    documents: Annotated[list[Paper], Field(min_length=1, max_length=8)]


class MerchantAgreement(Section):
    """A new merchant signs the platform's published ``template`` within ``days``. ``party`` is the
    slug of the merchant that is the platform's own company: it signs for the platform."""

    party: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    template: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = "merchant_agreement"
    days: Annotated[int, Field(ge=1, le=90, strict=True)] = 14


class OnboardingSection(Section):
    """How people become merchants. ``open``: whoever is signed in may apply. ``documents`` are
    asked of everybody, ``categories`` says who needs more. ``answer_days``: so long a question
    waits for its answer, ``proof_days`` an application for the identity; ``remind_days`` before
    the end the applicant is reminded, then it is closed. ``keep_days``: so long after its end
    what came to nothing is kept. The level of identity stands in ``identity.require`` under
    ``merchant.approve``."""

    open: bool = False
    documents: Annotated[list[Paper], Field(max_length=8)] = ["business_licence"]
    categories: Annotated[list[CategoryPapers], Field(max_length=100)] = []
    agreement: MerchantAgreement | None = None
    answer_days: Annotated[int, Field(ge=1, le=90, strict=True)] = 14
    proof_days: Annotated[int, Field(ge=1, le=180, strict=True)] = 30
    remind_days: Annotated[int, Field(ge=1, le=30, strict=True)] = 3
    keep_days: Annotated[int, Field(ge=1, le=1095, strict=True)] = 90


def _onboarding_problems(values: Mapping[str, Any]) -> list[FieldProblem]:
    from journeys.onboarding.terms import problems

    return problems(values)


def _problems(values: Mapping[str, Any]) -> list[FieldProblem]:
    from journeys.contract.terms import problems

    return problems(values)


register_section("journeys", JourneysSection, check=_problems)
register_section("onboarding", OnboardingSection, check=_onboarding_problems)
