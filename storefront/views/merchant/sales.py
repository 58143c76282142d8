"""Reduced prices for a time, at the merchant's desk."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from catalog import facade as catalog
from kernel.errors import DomainError
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import words
from storefront.forms.fields import Moment
from storefront.lists import choice, window
from storefront.pages import done, merchant_desk, merchant_of, public
from storefront.views.account import put_error

STATES = list(words.STATES["sale"])


class SaleForm(forms.Form):
    sku = forms.CharField(label=gettext_lazy("Article number"), max_length=64)
    unit_price = forms.DecimalField(
        label=gettext_lazy("Sale price"), max_digits=15, decimal_places=6, min_value=0
    )
    starts_at = Moment(
        label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Empty: from now on.")
    )
    ends_at = Moment(label=gettext_lazy("Until"))


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("prices")
def sales(request: HttpRequest) -> HttpResponse:
    """The merchant's sales, and the form for another."""
    merchant_id = merchant_of(request)
    form = SaleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        sku = given.pop("sku").strip()
        variant_id = catalog.variant_ids_by_sku(merchant_id, [sku]).get(sku)
        if variant_id is None:
            form.add_error("sku", _("None of your articles has this number."))
        else:
            try:
                marketplace.plan_sale(merchant_id=merchant_id, variant_id=variant_id, **given)
            except DomainError as error:
                put_error(form, error)
            else:
                return done(request, _("The sale price is planned."), "storefront:merchant_sales")
    state = choice(request, "state", STATES)
    page = marketplace.sales(merchant_id=merchant_id, state=state, **window(request))
    context = {
        "page": page,
        "form": form,
        "state": state,
        "states": STATES,
        "variants": catalog.variants({one.variant_id for one in page.items}),
        "currency": platforms.get_platform().currency,
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/sales.html", context, status=status)


@require_POST
@merchant_desk("prices")
def end(request: HttpRequest, sale: str) -> HttpResponse:
    """Call it off, or end it now."""
    marketplace.end_sale(merchant_id=merchant_of(request), sale_id=public("sal", sale))
    return done(request, _("The regular price holds."), "storefront:merchant_sales")
