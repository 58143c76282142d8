"""The merchant's stock: what is where, setting, adjusting, movements."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.errors import NotFound, fields_told
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront.forms.goods import MOVEMENTS, REASONS, NewStockForm, WarehouseForm
from storefront.forms.problems import checked
from storefront.lists import csv_answer, every, uuid_of, window
from storefront.pages import done, language, merchant_desk, merchant_of, public

# Variants that a search by words looks at; who means fewer writes more words.
FOUND = 1000


@require_safe
@merchant_desk("stock")
def stock(request: HttpRequest) -> HttpResponseBase:
    """Every variant in every warehouse, or those of some words, one number or one warehouse."""
    merchant_id = merchant_of(request)
    filters = _filters(request)
    if request.GET.get("format") == "csv":
        return _export(request)
    page = inventory.stock_page(merchant_id=merchant_id, **filters, **window(request))
    warehouses = inventory.warehouses_page(merchant_id=merchant_id, limit=100).items
    context = {
        "page": page,
        "variants": catalog.variants({row.variant_id for row in page.items}),
        "warehouses": {one.id: one for one in warehouses},
        "warehouse": filters.get("warehouse_id"),
        "low": filters.get("low", False),
        "q": request.GET.get("q", ""),
        "found_most": FOUND if len(filters.get("variant_ids", ())) == FOUND else None,
        "reasons": REASONS,
        "new": _new_form(None, warehouses),
        "warehouse_form": _warehouse_form(None),
    }
    return render(request, "storefront/merchant/stock.html", context)


@require_safe
@merchant_desk("stock")
def movements(request: HttpRequest) -> HttpResponse:
    """Every change of what is on hand, the latest first."""
    merchant_id = merchant_of(request)
    wanted = request.GET.get("stock", "")
    stock_id = public("stk", wanted) if wanted else None
    page = inventory.movements_page(merchant_id=merchant_id, stock_id=stock_id, **window(request))
    warehouses = inventory.warehouses_page(merchant_id=merchant_id, limit=100).items
    context = {
        "page": page,
        "variants": catalog.variants({row.variant_id for row in page.items}),
        "warehouses": {one.id: one for one in warehouses},
        "reasons": MOVEMENTS,
    }
    return render(request, "storefront/merchant/movements.html", context)


@require_POST
@merchant_desk("stock")
def write(request: HttpRequest) -> HttpResponse:
    """Set the counted number (if nobody changed it meanwhile), or add or take away."""
    place: dict[str, Any] = {
        "merchant_id": merchant_of(request),
        "variant_id": public("var", request.POST.get("variant", "")),
        "warehouse_id": uuid_of(request.POST.get("warehouse", "")),
        "note": request.POST.get("note", "")[:300],
    }
    value = number(request.POST.get("value", ""))
    expected = request.POST.get("expected", "")
    with fields_told(lambda name: "value" if name in ("on_hand", "delta") else name):
        if request.POST.get("how") == "adjust":
            reason = request.POST.get("reason", "")
            found = inventory.adjust_stock(delta=value, reason=reason, **place)
        else:
            found = inventory.set_stock(
                on_hand=value, expected=number(expected) if expected else None, **place
            )
    text = _("On hand: %(number)s.") % {"number": format(found.on_hand.normalize(), "f")}
    return done(request, text, "storefront:merchant_stock")


@require_POST
@merchant_desk("stock")
def limit(request: HttpRequest) -> HttpResponse:
    """Set the limit below which it is low, or take it away."""
    text = request.POST.get("low_at", "").strip()
    inventory.set_low_at(
        merchant_id=merchant_of(request),
        variant_id=public("var", request.POST.get("variant", "")),
        warehouse_id=uuid_of(request.POST.get("warehouse", "")),
        low_at=number(text, "low_at") if text else None,
    )
    return done(request, _("The limit is kept."), "storefront:merchant_stock")


@require_safe
@merchant_desk("stock")
def reservations(request: HttpRequest) -> HttpResponse:
    """What is held for buyers now, of which order, and until when."""
    merchant_id = merchant_of(request)
    page = inventory.reservations_page(merchant_id=merchant_id, state="held", **window(request))
    groups = [one.key for one in page.items]
    found = marketplace.orders(merchant_id=merchant_id, groups=groups, limit=100).items
    warehouses = inventory.warehouses_page(merchant_id=merchant_id, limit=100).items
    context = {
        "page": page,
        "orders": {one.group_id: one for one in found},
        "variants": catalog.variants({line.variant_id for one in page.items for line in one.lines}),
        "warehouses": {one.id: one for one in warehouses},
    }
    return render(request, "storefront/merchant/reservations.html", context)


@require_POST
@merchant_desk("stock")
def begin(request: HttpRequest) -> HttpResponse:
    """Stock for a variant that had none in that warehouse."""
    merchant_id = merchant_of(request)
    warehouses = inventory.warehouses_page(merchant_id=merchant_id, limit=100).items
    given = checked(_new_form(request.POST, warehouses))
    sku = given["sku"].strip()
    variant_id = catalog.variant_ids_by_sku(merchant_id, [sku]).get(sku)
    if variant_id is None:
        raise inventory.VariantUnknown(field="sku")
    inventory.set_stock(
        merchant_id=merchant_id,
        variant_id=variant_id,
        warehouse_id=uuid_of(given["warehouse"]),
        on_hand=given["on_hand"],
    )
    return done(request, _("The stock is set."), "storefront:merchant_stock")


@require_POST
@merchant_desk("stock")
def add_warehouse(request: HttpRequest) -> HttpResponse:
    """A new warehouse."""
    given = checked(_warehouse_form(request.POST))
    inventory.create_warehouse(
        merchant_id=merchant_of(request),
        names={platforms.get_platform().locales[0]: given["name"]},
        region=given["region"],
        address=given["address"],
    )
    return done(request, _("The warehouse is there."), "storefront:merchant_stock")


def number(text: str, field: str = "value") -> Decimal:
    """A decimal out of a form's field. Raises InvalidStockQuantity."""
    try:
        found = Decimal(text.strip())
    except ArithmeticError as error:
        raise inventory.InvalidStockQuantity(field=field) from error
    if not found.is_finite():
        raise inventory.InvalidStockQuantity(field=field)
    return found


def _filters(request: HttpRequest) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    wanted = request.GET.get("warehouse", "")
    if wanted:
        filters["warehouse_id"] = uuid_of(wanted)
    if request.GET.get("low"):
        filters["low"] = True
    query = request.GET.get("q", "").strip()[:100]
    if query:
        filters["variant_ids"] = _found(merchant_of(request), query)
    return filters


def _found(merchant_id: UUID, query: str) -> list[UUID]:
    """The one variant with this article number or id, else those of products with all the words."""
    one = catalog.variant_ids_by_sku(merchant_id, [query]).get(query)
    if one is None and query.startswith("var_"):
        with suppress(NotFound):
            one = public("var", query)
    if one is not None:
        return [one]
    return catalog.variant_ids_by_words(merchant_id, query, limit=FOUND)


def _export(request: HttpRequest) -> HttpResponseBase:
    merchant_id = merchant_of(request)
    speak = language()
    warehouses = inventory.warehouses_page(merchant_id=merchant_id, limit=100).items
    names = {one.id: platforms.in_language(one.names, speak) for one in warehouses}
    rows = list(every(inventory.stock_page, merchant_id=merchant_id, **_filters(request)))
    variants = catalog.variants({row.variant_id for row in rows})
    header = [_("Article number"), _("Variant"), _("Warehouse"), _("On hand"), _("Held"), _("Free"),
              _("On its way"), pgettext("stock", "Promised"), _("Low below")]  # fmt: skip
    return csv_answer(
        "stock",
        header,
        [
            [
                variants[row.variant_id].sku if row.variant_id in variants else "",
                public_id("var", row.variant_id),
                names.get(row.warehouse_id, ""),
                format(row.on_hand, "f"),
                format(row.reserved, "f"),
                format(row.available, "f"),
                format(row.incoming, "f"),
                format(row.promised, "f"),
                format(row.low_at, "f") if row.low_at is not None else "",
            ]
            for row in rows
        ],
    )


def _new_form(data: Any, warehouses: list[inventory.WarehouseInfo]) -> NewStockForm:
    form = NewStockForm(data)
    names = [(str(one.id), platforms.in_language(one.names, language())) for one in warehouses]
    form.fields["warehouse"].choices = names  # type: ignore[attr-defined]
    return form


def _warehouse_form(data: Any) -> WarehouseForm:
    form = WarehouseForm(data)
    speak = language()
    regions = [(code, logistics.region_name(code, speak)) for code in logistics.REGIONS]
    form.fields["region"].choices = [("", "—"), *regions]  # type: ignore[attr-defined]
    return form
