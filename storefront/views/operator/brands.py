"""The operator's list of brands."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog import facade as catalog
from kernel.errors import DomainError
from platforms import facade as platforms
from storefront.forms.attributes import BrandForm
from storefront.lists import window
from storefront.pages import done, operator_desk, public
from storefront.views.account import put_error


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("catalogue")
def listing(request: HttpRequest) -> HttpResponse:
    """All brands, and a new one."""
    locales = platforms.get_platform().locales
    form = BrandForm(request.POST or None, locales=locales, fixed=False)
    if request.method == "POST" and form.is_valid():
        try:
            catalog.create_brand(code=form.cleaned_data["code"], names=form.names())
            return done(request, _("Saved."), "storefront:operator_brands")
        except DomainError as error:
            put_error(form, error)
    context = {"form": form, "page": catalog.brands_page(**window(request))}
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/brands.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("catalogue")
def one(request: HttpRequest, brand: str) -> HttpResponse:
    """A brand's names."""
    info = catalog.brand(public("brd", brand))
    locales = platforms.get_platform().locales
    fixed: dict[str, Any] = {"locales": locales, "fixed": True}
    names = {f"name_{place}": info.names.get(tag, "") for place, tag in enumerate(locales)}
    form = BrandForm(request.POST or None, initial=names, **fixed)
    if request.method == "POST" and form.is_valid():
        try:
            catalog.rename_brand(brand_id=info.id, names=form.names())
            return done(request, _("Saved."), "storefront:operator_brands")
        except DomainError as error:
            put_error(form, error)
    status = 422 if form.errors else 200
    context = {"form": form, "info": info}
    return render(request, "storefront/operator/brand.html", context, status=status)
