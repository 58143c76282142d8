"""Which orders need a signed contract: the platform's rule, who changed it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalog import facade as catalog
from journeys import facade as journeys
from kernel.errors import DomainError, Invalid
from kernel.money import Money
from platforms import facade as platforms
from storefront.forms.order_contracts import ContractRuleForm
from storefront.forms.picking import by_path, paths_of
from storefront.forms.problems import beside
from storefront.pages import done, language, operator_desk
from storefront.templatetags.shop import said

_AMOUNT = gettext_lazy("Write an amount such as 5000 or 5000.50.")
USUAL = journeys.ContractRule()


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("contracts")
def rule(request: HttpRequest) -> HttpResponse:
    """The rule in words, the form to change it, its last changes."""
    platform, held = platforms.get_platform(), journeys.contract_rule()
    tree = catalog.category_tree(language())
    found = journeys.contract_templates()
    form = ContractRuleForm(
        request.POST if request.method == "POST" else None,
        templates=[(one.code, f"{said(one.definition['title'])} ({one.code})") for one in found],
        tree=tree,
        initial=_initial(held or USUAL, held is not None, platform)
        | {"categories": paths_of(tree, held.categories if held else ())},
    )
    if request.method == "POST" and form.is_valid():
        try:
            journeys.change_contract_rule(
                rule=_read(form, platform.currency), version=form.cleaned_data["version"]
            )
        except DomainError as error:
            beside(form, error, prefixes=("journeys.contract.",))
        else:
            text = _("Kept. It holds for orders placed from now on.")
            return done(request, text, "storefront:operator_order_contracts")
    changes = journeys.contract_rule_changes()
    context = {
        "form": form,
        "rule": held,
        "over": Money(held.over, platform.currency) if held else None,
        "fitting": bool(found),
        "names": {path: name.strip() for path, name in by_path(tree)},
        "changes": changes,
        "sums": {one.at: Money(one.rule.over, platform.currency) for one in changes if one.rule},
        "people": platforms.people({one.person_id for one in changes if one.person_id}),
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/order_contracts.html", context, status=status)


def _initial(
    held: journeys.ContractRule, asked: bool, platform: platforms.PlatformInfo
) -> dict[str, Any]:
    return {
        "asked": "yes" if asked else "no",
        "over": Money(held.over, platform.currency).major,
        "template": held.template,
        "days": held.days,
        "version": platform.version,
    }


def _read(form: ContractRuleForm, currency: str) -> journeys.ContractRule | None:
    given = form.cleaned_data
    if given["asked"] == "no":
        return None
    try:
        over = Money.parse(given["over"].strip(), currency)
    except DomainError as error:
        raise Invalid(_AMOUNT, field="over") from error
    if over.amount < 0:
        raise Invalid(_("Nothing or more."), field="over")
    return journeys.ContractRule(
        over.amount, tuple(given["categories"]), given["template"], given["days"]
    )
