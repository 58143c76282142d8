"""A merchant's tariff for delivery: one for the whole country, enough to begin with."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kernel.errors import Forbidden
from kernel.money import Money
from logistics import facade as logistics
from platforms import facade as platforms
from storefront.forms.onboarding import TariffForm
from storefront.pages import done, merchant_desk, merchant_of

KILOGRAM, MOST = 1000, 50_000  # grams


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("orders")
def tariff(request: HttpRequest) -> HttpResponse:
    """The tariff as a form. Several, or by region, are the API's: those are shown only."""
    merchant_id, currency = merchant_of(request), platforms.get_platform().currency
    rates = logistics.rates(merchant_id=merchant_id)
    simple = len(rates) <= 1 and not any(one.rule.get("regions") for one in rates)
    if request.method == "POST" and not simple:
        raise Forbidden
    rule: dict[str, Any] = rates[0].rule if rates and simple else {}
    form = TariffForm(
        request.POST if request.method == "POST" else None, initial=_initial(rule, currency)
    )
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["days_min"] > form.cleaned_data["days_max"]:
            form.add_error("days_max", _("It is less than the least."))
        else:
            logistics.set_rates(
                merchant_id=merchant_id, rules=[_rule(rule, form.cleaned_data, currency)]
            )
            return done(request, _("Kept. It holds from the next order on."), "storefront:tariff")
    context = {
        "form": form, "rates": rates, "simple": simple, "currency": currency,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/tariff.html", context, status=status)


def _rule(held: dict[str, Any], data: dict[str, Any], currency: str) -> dict[str, Any]:
    first = platforms.get_platform().locales[0]

    def minor(name: str) -> int:
        return Money.parse(str(data[name]), currency).amount

    return {
        "code": held.get("code", "standard"),
        "name": {**held.get("name", {}), first: data["name"]},
        "carrier": held.get("carrier", "sandbox"),
        "regions": [],
        "first_grams": KILOGRAM,
        "first_price": minor("first_price"),
        "step_grams": KILOGRAM,
        "step_price": minor("step_price"),
        "max_grams": held.get("max_grams", MOST),
        "days_min": data["days_min"],
        "days_max": data["days_max"],
        "free_from": minor("free_from") if data["free_from"] is not None else None,
    }


def _initial(rule: dict[str, Any], currency: str) -> dict[str, Any]:
    if not rule:
        return {"days_min": 1, "days_max": 5}
    first = platforms.get_platform().locales[0]
    found: dict[str, Any] = {name: rule[name] for name in ("days_min", "days_max")}
    found["name"] = rule["name"].get(first, "")
    for name in ("first_price", "step_price", "free_from"):
        if rule.get(name) is not None:
            found[name] = Money(rule[name], currency).major
    return found
