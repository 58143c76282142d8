"""The merchant's warehouses: what they are called, their turn, open or closed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from inventory import facade as inventory
from kernel.errors import DomainError, PreconditionFailed
from logistics import facade as logistics
from platforms import facade as platforms
from storefront.forms.texts import texts_initial
from storefront.forms.warehouses import WarehouseForm
from storefront.lists import window
from storefront.pages import done, language, merchant_desk, merchant_of, public
from storefront.views.account import put_error

LIST = "storefront:merchant_warehouses"


@require_safe
@merchant_desk("stock")
def listing(request: HttpRequest) -> HttpResponse:
    """All of them, those that goods are taken from first before the others."""
    page = inventory.warehouses_page(merchant_id=merchant_of(request), **window(request))
    speak = language()
    context = {
        "page": page,
        "regions": {
            one.id: logistics.region_name(one.region, speak) for one in page.items if one.region
        },
    }
    return render(request, "storefront/merchant/warehouses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("stock")
def one(request: HttpRequest, warehouse: str) -> HttpResponse:
    """Change one, close it or open it again."""
    merchant_id = merchant_of(request)
    info = inventory.warehouse(public("whs", warehouse), merchant_id)
    locales = platforms.get_platform().locales
    kept = {"region": info.region, "address": info.address, "priority": info.priority,
            "active": info.active}  # fmt: skip
    form = WarehouseForm(
        request.POST if request.method == "POST" else None,
        initial=texts_initial(locales, name=info.names) | kept,
        locales=locales,
        language=language(),
    )

    def seen(version: int) -> None:
        if request.POST.get("version") != str(version):
            raise PreconditionFailed

    if request.method == "POST" and form.is_valid():
        changes: Any = {"names": form.texts("name"), **{n: form.cleaned_data[n] for n in kept}}
        try:
            inventory.update_warehouse(
                warehouse_id=info.id, merchant_id=merchant_id, changes=changes, check=seen
            )
            return done(request, _("Saved."), LIST)
        except DomainError as error:
            put_error(form, error)
    context = {"form": form, "info": info}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/warehouse.html", context, status=status)
