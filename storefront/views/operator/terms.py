"""Terms of trade: commission rules, payout plans, instalments."""

from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import DomainError, Invalid, NotFound
from kernel.ids import parse_public_id
from kernel.money import Money
from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.forms.fields import Moment
from storefront.lists import choice, window
from storefront.pages import done, operator_desk, public, words_of

STATES = list(words.STATES["instalment_plan"])


class Rule(forms.Form):
    """What the platform takes of which sales, from when on; the service judges it."""

    rate = forms.DecimalField(
        label=gettext_lazy("Per cent of the sale"), min_value=Decimal(0), max_value=Decimal(50),
        max_digits=7, decimal_places=4,
    )  # fmt: skip
    fixed = forms.CharField(label=gettext_lazy("And a fixed sum"), required=False, max_length=20)
    minimum = forms.CharField(label=gettext_lazy("At least"), required=False, max_length=20)
    merchant = forms.CharField(
        label=gettext_lazy("Merchant"), required=False, max_length=30,
        help_text=gettext_lazy("mer_…; empty for all merchants."),
    )  # fmt: skip
    category = forms.CharField(
        label=gettext_lazy("Category"), required=False, max_length=200,
        help_text=gettext_lazy("As fresh/fruit; empty for all. What is within it counts too."),
    )  # fmt: skip
    valid_from = Moment(
        label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty: from now on.")
    )
    valid_until = Moment(label=gettext_lazy("Until"), required=False)
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)


@require_safe
@operator_desk("terms")
def overview(request: HttpRequest) -> HttpResponse:
    """The rules, newest first; who is paid out when; what is paid in parts."""
    state = choice(request, "state", STATES)
    page = payments.rules_page(**window(request))
    plans = payments.payout_plans_page(limit=100).items
    parts = payments.instalment_plans_page(state=state, limit=50).items
    whose = {one.merchant_id for one in page.items if one.merchant_id}
    whose |= {one.merchant_id for one in plans} | {one.merchant_id for one in parts}
    context = {
        "page": page,
        "plans": plans,
        "parts": parts,
        "state": state,
        "states": STATES,
        "currency": platforms.get_platform().currency,
        "basic": platforms.setting("marketplace", "commission_rate"),
        "sums": {one.id: _sums(one) for one in page.items},
        "merchants": platforms.merchants(whose),
        "intervals": words.INTERVALS,
        "pauses": words.PAUSES,
    }
    return render(request, "storefront/operator/terms.html", context)


def _sums(rule: payments.RuleInfo) -> dict[str, Money | None]:
    """The fixed sum and the minimum of a rule, where it has them."""
    found = {"fixed": rule.fixed, "minimum": rule.minimum}
    return {name: Money(value, rule.currency) if value else None for name, value in found.items()}


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("terms")
def new_rule(request: HttpRequest) -> HttpResponse:
    """The form for a rule."""
    form = Rule(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _add(form)
        except DomainError as error:
            name = "merchant" if isinstance(error, NotFound) else error.field
            form.add_error(name if name in form.fields else None, words_of(error))
        else:
            text = _("The rule holds for what is sold from its beginning on.")
            return done(request, text, "storefront:operator_terms")
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/rule_form.html", {"form": form}, status=status)


def _add(form: Rule) -> None:
    given, currency = form.cleaned_data, platforms.get_platform().currency
    sums: dict[str, int] = {}
    for name in ("fixed", "minimum"):
        try:
            value = Money.parse(given[name].strip() or "0", currency)
        except DomainError as error:
            raise Invalid(words_of(error), field=name) from error
        if value.amount < 0:
            raise Invalid(_("Nothing or more."), field=name)
        sums[name] = value.amount
    merchant = given["merchant"].strip()
    payments.add_rule(
        rate=given["rate"],
        merchant_id=parse_public_id("mer", merchant) if merchant else None,
        category=given["category"].strip(),
        currency=currency if any(sums.values()) else "",
        valid_from=given["valid_from"],
        valid_until=given["valid_until"],
        note=given["note"],
        **sums,
    )


@require_POST
@operator_desk("terms")
def end_rule(request: HttpRequest, rule: str) -> HttpResponse:
    """From now on it holds no more; what was sold before keeps its commission."""
    payments.end_rule(rule_id=public("cmr", rule))
    return done(request, _("The rule has ended."), "storefront:operator_terms")
