"""What the platform asks of who wants to sell there: papers, identity, agreement, times."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog import facade as catalog
from journeys import facade as journeys
from kernel.errors import DomainError, Invalid
from platforms import facade as platforms
from storefront.forms.onboarding_rule import KINDS, OnboardingRuleForm
from storefront.forms.problems import beside
from storefront.pages import done, language, operator_desk
from storefront.templatetags.shop import said

DAYS = ("answer_days", "proof_days", "remind_days", "keep_days")
USUAL = journeys.AgreementRule("", "", 14)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("settings")
def rule(request: HttpRequest) -> HttpResponse:
    """The rule as a form. It holds for applications that are handed in from then on."""
    platform = platforms.get_platform()
    form = OnboardingRuleForm(
        request.POST if request.method == "POST" else None,
        templates=[
            (one.code, f"{said(one.definition['title'])} ({one.code})")
            for one in journeys.agreement_templates()
        ],
        initial=_initial(journeys.onboarding_rule()) | {"version": platform.version},
    )
    if request.method == "POST" and form.is_valid():
        try:
            journeys.change_onboarding_rule(rule=_read(form), version=form.cleaned_data["version"])
        except DomainError as error:
            beside(form, error, prefixes=("onboarding.", "agreement."), lines="categories")
        else:
            text = _("Kept. It holds for applications handed in from now on.")
            return done(request, text, "storefront:operator_onboarding_rule")
    categories = catalog.every_category(catalog.category_tree(language()))
    context = {"form": form, "kinds": KINDS, "categories": list(categories)}
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/onboarding_rule.html", context, status=status)


def _initial(held: journeys.OnboardingRule) -> dict[str, Any]:
    agreement = held.agreement or USUAL
    return {
        "open": "yes" if held.open else "no",
        "documents": [str(one) for one in held.documents],
        "categories": [f"{code}: {', '.join(papers)}" for code, papers in held.categories],
        "level": held.level,
        "template": agreement.template,
        "party": agreement.party,
        "days": agreement.days,
        **{name: getattr(held, name) for name in DAYS},
    }


def _read(form: OnboardingRuleForm) -> journeys.OnboardingRule:
    given = form.cleaned_data
    return journeys.OnboardingRule(
        open=given["open"] == "yes",
        documents=tuple(journeys.DocumentKind(one) for one in given["documents"]),
        categories=tuple(_line(one) for one in given["categories"]),
        level=given["level"],
        agreement=journeys.AgreementRule(given["party"], given["template"], given["days"])
        if given["template"]
        else None,
        **{name: given[name] for name in DAYS},
    )


def _line(text: str) -> tuple[str, tuple[journeys.DocumentKind, ...]]:
    """``food: food_licence, trademark``, a full-width colon or comma too."""
    code, _colon, papers = text.replace("：", ":").replace("，", ",").partition(":")
    named = [one.strip() for one in papers.split(",") if one.strip()]
    unknown = [one for one in named if one not in journeys.DocumentKind.values]
    if unknown or not named:
        what = ", ".join(unknown) or _("no paper is named")
        raise Invalid(
            _("%(line)s: %(what)s. Write codes of papers as listed below.")
            % {"line": code.strip(), "what": what},
            field="onboarding.categories",
        )
    return code.strip(), tuple(journeys.DocumentKind(one) for one in named)
