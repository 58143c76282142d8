"""When a merchant is paid out, and the platform's terms for paying in parts."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from kernel.errors import DomainError, Invalid, Malformed
from kernel.money import Money
from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.forms.fields import Moment
from storefront.pages import done, operator_desk, public, words_of


class Plan(forms.Form):
    """A payout plan; the service judges it."""

    interval = forms.ChoiceField(
        label=gettext_lazy("How often"), choices=list(words.INTERVALS.items())
    )
    day = forms.IntegerField(
        label=gettext_lazy("Day"),
        help_text=gettext_lazy("1 Monday to 7, or 1 to 28 of the month"),
    )
    minimum = forms.CharField(label=gettext_lazy("At least"), required=False, max_length=20)
    hold_days = forms.IntegerField(label=gettext_lazy("Days to wait after money became available"))
    valid_from = Moment(
        label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty: from now on.")
    )


class Terms(forms.Form):
    """Terms for paying in parts; the service judges them."""

    first_percent = forms.IntegerField(label=gettext_lazy("First part, at least per cent"))
    most_parts = forms.IntegerField(label=gettext_lazy("Parts, at most"))
    longest_days = forms.IntegerField(label=gettext_lazy("Days until the last part, at most"))
    most_grace_days = forms.IntegerField(label=gettext_lazy("Days of grace, at most"))
    valid_from = Moment(
        label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty: from now on.")
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("payouts")
def payout(request: HttpRequest, merchant: str) -> HttpResponse:
    """One merchant's plan: change it now or from a day on."""
    found = platforms.merchant(public("mer", merchant))
    plan = payments.payout_plan(merchant_id=found.id)
    shown = plan.upcoming or plan
    first = {
        "interval": shown.interval,
        "day": shown.day,
        "minimum": shown.minimum.major,
        "hold_days": shown.hold_days,
    }
    form = Plan(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            minimum = _minor(given.pop("minimum"))
            payments.set_payout_plan(merchant_id=found.id, minimum=minimum, **given)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, _told(error))
        else:
            return done(request, _("Saved."), "storefront:operator_plan", merchant=merchant)
    context = {
        "form": form,
        "merchant": found,
        "plan": plan,
        "intervals": words.INTERVALS,
        "pauses": words.PAUSES,
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/plan.html", context, status=status)


@require_POST
@operator_desk("payouts")
def hold(request: HttpRequest, merchant: str) -> HttpResponse:
    """Hold the merchant's payouts, or end that."""
    merchant_id = public("mer", merchant)
    what = request.POST.get("do", "")
    if what == "hold":
        payments.hold_payouts(merchant_id=merchant_id, reason=request.POST.get("reason", ""))
        text = _("Nothing is paid out until you end it.")
    elif what == "resume":
        payments.resume_payouts(merchant_id=merchant_id)
        text = _("Payouts go on.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_plan", merchant=merchant)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("terms")
def new_terms(request: HttpRequest) -> HttpResponse:
    """The form for terms of paying in parts, with those that there are."""
    there = payments.instalment_terms_page(limit=50).items
    form = Terms(request.POST or None, initial=_first(there))
    if request.method == "POST" and form.is_valid():
        try:
            payments.set_instalment_terms(**form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, _told(error))
        else:
            told = _("The terms hold for plans opened from then on.")
            return done(request, told, "storefront:operator_instalment_terms")
    context = {"form": form, "there": there}
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/instalment_terms.html", context, status=status)


@require_POST
@operator_desk("terms")
def remove_terms(request: HttpRequest, terms: str) -> HttpResponse:
    """Terms that haven't begun won't."""
    payments.remove_instalment_terms(terms_id=public("itm", terms))
    return done(request, _("Taken back."), "storefront:operator_instalment_terms")


def _first(there: list[payments.InstalmentTermsInfo]) -> dict[str, Any]:
    """What holds now, as the form's first values; else what holds without terms."""
    now = next((one for one in there if one.holds), None)
    if now is None:
        return {"first_percent": 0, "most_parts": 36, "longest_days": 1830, "most_grace_days": 90}
    names = ("first_percent", "most_parts", "longest_days", "most_grace_days")
    return {name: getattr(now, name) for name in names}


def _told(error: DomainError) -> str:
    return " ".join(one.problem for one in error.problems) or words_of(error)


def _minor(text: str) -> int:
    try:
        return Money.parse(text.strip() or "0", platforms.get_platform().currency).amount
    except DomainError as error:
        raise Invalid(words_of(error), field="minimum") from error
