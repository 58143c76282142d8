"""A merchant's ways of delivery: by parcel, brought by itself, fetched; where to, for what."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kernel.errors import DomainError
from kernel.money import Money
from logistics import facade as logistics
from platforms import facade as platforms
from storefront.forms.tariffs import KINDS, TariffForm, initial_of
from storefront.pages import done, language, merchant_desk, merchant_of, pressed
from storefront.views.account import put_error

LIST = "storefront:tariff"
FEW = 4  # regions that are named one by one


@dataclass(frozen=True)
class Row:
    """A tariff as the page shows it."""

    rule: dict[str, Any]
    kind: str
    regions: str
    first: Money
    step: Money
    free_from: Money | None
    id: UUID | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("orders")
def tariff(request: HttpRequest) -> HttpResponse:
    """All of them, and a new one. Until there is one, the platform's hold."""
    merchant_id = merchant_of(request)
    rates = logistics.rates(merchant_id=merchant_id)
    form = _form(request, {}, first=not rates)
    if request.method == "POST" and form.is_valid() and _kept(form, merchant_id, rates, None):
        return done(request, _("Kept. It holds from the next order on."), LIST)
    own = [_row(dict(one.rule), one.id) for one in rates]
    context = {
        "form": form,
        "rows": own or [_row(rule) for rule in logistics.standard_rates()],
        "own": bool(own),
        "currency": platforms.get_platform().currency,
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/tariff.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("orders")
def one(request: HttpRequest, rate: UUID) -> HttpResponse:
    """Change one, or take it out."""
    merchant_id = merchant_of(request)
    rates = logistics.rates(merchant_id=merchant_id)
    held = next((one for one in rates if one.id == rate), None)
    if held is None:
        raise logistics.RateGone
    rule = dict(held.rule)
    if request.method == "POST" and pressed(request, "save", "remove") == "remove":
        logistics.remove_rate(merchant_id=merchant_id, rate_id=rate)
        return done(request, _("Taken out. Orders that were placed keep it."), LIST)
    form = _form(request, rule)
    if request.method == "POST" and form.is_valid() and _kept(form, merchant_id, rates, held):
        return done(request, _("Kept. It holds from the next order on."), LIST)
    context = {
        "form": form, "row": _row(rule, rate), "last": len(rates) == 1,
        "currency": platforms.get_platform().currency,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/tariff_one.html", context, status=status)


def _form(request: HttpRequest, rule: dict[str, Any], *, first: bool = False) -> TariffForm:
    here = platforms.get_platform()
    return TariffForm(
        request.POST if request.method == "POST" else None,
        initial=initial_of(rule, here.locales, here.currency),
        locales=here.locales,
        language=language(),
        first=first,
    )


def _kept(
    form: TariffForm,
    merchant_id: UUID,
    rates: list[logistics.RateInfo],
    held: logistics.RateInfo | None,
) -> bool:
    """Whether it could be kept; if not, the form says why."""
    used = {one.rule["code"] for one in rates}
    code = next(f"way-{n}" for n in range(1, len(used) + 2) if f"way-{n}" not in used)
    rule = form.rule(
        dict(held.rule) if held else {}, code=code, currency=platforms.get_platform().currency
    )
    try:
        if form.cleaned_data.get("keep_standard"):
            own = logistics.standard_rates()
            logistics.set_rates(merchant_id=merchant_id, rules=[*own, rule])
            return True
        logistics.put_rate(merchant_id=merchant_id, rule=rule, rate_id=held.id if held else None)
    except DomainError as error:
        put_error(form, error)
        return False
    return True


def _row(rule: dict[str, Any], rate_id: UUID | None = None) -> Row:
    currency, regions = platforms.get_platform().currency, list(rule.get("regions") or ())
    names = [logistics.region_name(code, language()) for code in regions[:FEW]]
    text = _(", ").join(names)
    if len(regions) > FEW:
        text = _("%(some)s and %(n)s more") % {"some": text, "n": len(regions) - FEW}
    free = rule.get("free_from")
    return Row(
        rule,
        str(KINDS.get(str(rule.get("carrier", "sandbox")), KINDS["sandbox"])),
        text or _("everywhere"),
        Money(rule["first_price"], currency),
        Money(rule["step_price"], currency),
        Money(free, currency) if free is not None else None,
        rate_id,
    )
