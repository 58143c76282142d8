"""What the platform asks of who wants to sell there: papers, identity, agreement, times."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog import facade as catalog
from journeys import facade as journeys
from kernel.errors import DomainError
from platforms import facade as platforms
from storefront.forms.onboarding_rule import CategoryPapers, OnboardingRuleForm
from storefront.forms.picking import paths_of
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
    held, tree = journeys.onboarding_rule(), catalog.category_tree(language())
    sent = request.POST if request.method == "POST" else None
    rows = CategoryPapers(sent, prefix="c", form_kwargs={"tree": tree}, initial=_rows(tree, held))
    form = OnboardingRuleForm(
        sent,
        templates=[
            (one.code, f"{said(one.definition['title'])} ({one.code})")
            for one in journeys.agreement_templates()
        ],
        initial=_initial(held) | {"version": platform.version},
    )
    if sent is not None and all([form.is_valid(), rows.is_valid()]):
        try:
            journeys.change_onboarding_rule(
                rule=_read(form, rows), version=form.cleaned_data["version"]
            )
        except DomainError as error:
            beside(form, error, prefixes=("onboarding.", "agreement."))
        else:
            text = _("Kept. It holds for applications handed in from now on.")
            return done(request, text, "storefront:operator_onboarding_rule")
    context = {"form": form, "rows": rows}
    status = 422 if form.errors or (sent is not None and not rows.is_valid()) else 200
    return render(request, "storefront/operator/onboarding_rule.html", context, status=status)


def _initial(held: journeys.OnboardingRule) -> dict[str, Any]:
    agreement = held.agreement or USUAL
    return {
        "open": "yes" if held.open else "no",
        "documents": [str(one) for one in held.documents],
        "level": held.level,
        "template": agreement.template,
        "party": agreement.party,
        "days": agreement.days,
        **{name: getattr(held, name) for name in DAYS},
    }


def _read(form: OnboardingRuleForm, rows: Any) -> journeys.OnboardingRule:
    given = form.cleaned_data
    return journeys.OnboardingRule(
        open=given["open"] == "yes",
        documents=tuple(journeys.DocumentKind(one) for one in given["documents"]),
        categories=tuple(
            (row["category"], tuple(journeys.DocumentKind(one) for one in row["documents"]))
            for row in rows.cleaned_data
            if row.get("category")
        ),
        level=given["level"],
        agreement=journeys.AgreementRule(given["party"], given["template"], given["days"])
        if given["template"]
        else None,
        **{name: given[name] for name in DAYS},
    )


def _rows(
    tree: Sequence[catalog.CategoryNode], held: journeys.OnboardingRule
) -> list[dict[str, Any]]:
    return [
        {"category": path, "documents": [str(one) for one in papers]}
        for code, papers in held.categories
        for path in paths_of(tree, [code])
    ]
