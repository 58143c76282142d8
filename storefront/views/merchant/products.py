"""The merchant's catalogue: list, search, create, edit, pictures, publish, withdraw."""

from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.actors import must_hold
from kernel.audit import latest_for
from kernel.errors import DomainError, Invalid, Malformed, NotFound
from kernel.ids import public_id
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import words
from storefront.forms.attributes import value_fields, values_initial, values_of
from storefront.forms.goods import ProductForm, VariantForm, VariantFormSet
from storefront.forms.picking import Picked
from storefront.lists import choice, uuid_of, window
from storefront.pages import done, language, merchant_desk, merchant_of, public, words_of
from storefront.templatetags.shop import said
from storefront.views.account import put_error
from storefront.views.merchant import variants as rows_of
from storefront.views.merchant.product_videos import shown_videos

STATES = list(words.STATES["product"])
RELATED = 12
SORTS = {
    "": ("-id",),
    "updated_at": ("updated_at", "id"),
    "-updated_at": ("-updated_at", "-id"),
}


@require_safe
@merchant_desk("catalogue")
def products(request: HttpRequest) -> HttpResponse:
    """The merchant's products in any state, newest first, those with all the words; one found by
    number goes straight to it."""
    merchant_id = merchant_of(request)
    query = request.GET.get("q", "").strip()[:100]
    state = choice(request, "state", STATES)
    if query:
        found = _by_number(merchant_id, query)
        if found is not None:
            return done(request, _("Found by its number."), "storefront:merchant_product",
                        product=public_id("prd", found))  # fmt: skip
    sort = choice(request, "sort", SORTS)
    page = catalog.products_page(
        merchant_id=merchant_id, state=state, query=query or None, order=SORTS[sort or ""],
        **window(request),
    )  # fmt: skip
    context: dict[str, Any] = {"states": STATES, "state": state, "q": query, "page": page}
    return render(request, "storefront/merchant/products.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("catalogue")
def create(request: HttpRequest) -> HttpResponse:
    """A new draft."""
    return _edited(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("catalogue")
def product(request: HttpRequest, product: str) -> HttpResponse:
    """One product: its texts, variants with prices, pictures, and what can be done with it."""
    info = catalog.product(public("prd", product), merchant_of(request))
    return _edited(request, info)


@require_POST
@merchant_desk("catalogue")
def act(request: HttpRequest, product: str) -> HttpResponse:
    """Publish, withdraw, take back to draft."""
    found = _place(request, product)
    what = request.POST.get("do", "")
    if what == "publish":
        info = catalog.publish_product(**found)
        text = _("On sale now.")
        if info.state == catalog.ProductState.IN_REVIEW:
            text = _("Handed in. It is on sale once the platform has looked at it.")
    elif what == "withdraw":
        catalog.withdraw_product(**found, reason=request.POST.get("reason", "")[:200])
        text = _("Withdrawn. Nobody can buy it any more; orders stay.")
    elif what == "redraft":
        catalog.redraft_product(**found)
        text = _("It is a draft again.")
    else:
        raise Malformed
    return done(request, text, "storefront:merchant_product", product=product)


@require_POST
@merchant_desk("catalogue")
def picture(request: HttpRequest, product: str) -> HttpResponse:
    """Add pictures, take one away, or make one the first."""
    found = _place(request, product)
    what = request.POST.get("do", "")
    if what == "remove":
        catalog.remove_picture(picture_id=uuid_of(request.POST.get("picture", "")), **found)
        text = _("The picture is removed.")
    elif what == "first":
        chosen = uuid_of(request.POST.get("picture", ""))
        info = catalog.product(found["product_id"], found["merchant_id"])
        rest = [one.id for one in info.pictures if one.id != chosen]
        catalog.order_pictures(picture_ids=[chosen, *rest], **found)
        text = _("This picture comes first now.")
    else:
        files = request.FILES.getlist("pictures")
        for file in files:
            catalog.add_picture(data=file.read(), filename=file.name or "", **found)
        text = _("The pictures are there.") if files else _("Choose a file first.")
    return done(request, text, "storefront:merchant_product", product=product)


@require_POST
@merchant_desk("catalogue")
def many(request: HttpRequest) -> HttpResponse:
    """Put several on sale, or take them off, each for itself: what can't be is said."""
    acts = {"publish": catalog.publish_product, "withdraw": catalog.withdraw_product}
    what, chosen = request.POST.get("do", ""), request.POST.getlist("product")[:100]
    if what not in acts:
        raise Malformed
    went, failed = 0, []
    for key in dict.fromkeys(chosen):
        try:
            acts[what](**_place(request, key))
            went += 1
        except DomainError as error:
            failed.append((key, error))
    for key, reason in failed[:5]:
        name = _titled(key, merchant_of(request))
        messages.error(request, f"{name}: {words_of(reason)}")
    if len(failed) > 5:
        text = ngettext("%(n)s more could not be changed.", "%(n)s more could not be changed.",
                        len(failed) - 5)  # fmt: skip
        messages.error(request, text % {"n": len(failed) - 5})
    text = ngettext("%(n)s product changed.", "%(n)s products changed.", went) % {"n": went}
    back = request.POST.get("back", "")[:300]
    where = reverse("storefront:merchant_products") + (back if back.startswith("?") else "")
    return done(request, text if chosen else _("Choose products first."), where)


def _titled(key: str, merchant_id: UUID) -> str:
    try:
        return str(said(catalog.product(public("prd", key), merchant_id).titles))
    except NotFound:
        return key[:40]


def _place(request: HttpRequest, product: str) -> dict[str, Any]:
    """The product in the address, as this merchant's."""
    return {"product_id": public("prd", product), "merchant_id": merchant_of(request)}


def _edited(request: HttpRequest, info: catalog.ProductInfo | None) -> HttpResponse:
    """Show the form, or save it: the product and then the prices that changed."""
    speak = language()
    context: dict[str, Any] = {
        "locales": platforms.get_platform().locales,
        "tree": catalog.category_tree(language=speak),
        "more": {
            **_attribute_fields(request, info, speak),
            "related": _related_field(merchant_of(request)),
        },
        "brands": [
            (str(one.id), platforms.in_language(one.names, speak)) for one in catalog.every_brand()
        ],
    }
    ids = [variant.id for variant in info.variants] if info else []
    offers = marketplace.prices(ids) if ids else {}
    if request.method == "POST":
        form = ProductForm(request.POST, **context)
        rows = VariantFormSet(request.POST, prefix="v")
        if form.is_valid() and rows.is_valid():
            try:
                saved = _save(merchant_of(request), info, form, rows, offers)
                return done(
                    request, _("Saved."), "storefront:merchant_product",
                    product=public_id("prd", saved.id),
                )  # fmt: skip
            except DomainError as error:
                put_error(form, error)
    else:
        form = ProductForm(initial=_initial(info, context["locales"]), **context)
        rows = VariantFormSet(initial=rows_of.initial(info, offers, speak), prefix="v")
    stock = inventory.availability(ids) if ids else {}
    shown = {
        "product": info,
        "form": form,
        "rows": rows,
        "stock": sum(stock.values(), Decimal(0)),
        "currency": platforms.get_platform().currency,
        "ready": info is not None and bool(offers),
        "reviewed": platforms.get_platform().settings["catalog"]["review"],
        "history": latest_for(info.id, limit=100) if info else [],
        **_shelves(merchant_of(request), info, speak),
        **shown_videos(info, context["locales"]),
    }
    status = 422 if form.errors or rows.total_error_count() else 200
    return render(request, "storefront/merchant/product.html", shown, status=status)


def _shelves(merchant_id: UUID, info: catalog.ProductInfo | None, speak: str) -> dict[str, Any]:
    """The shop's own categories with whether they are below another, and where it stands."""
    if info is None:
        return {}
    return {
        "shelves": [
            (one.id, platforms.in_language(one.names, speak), one is not top)
            for top in catalog.shop_categories(merchant_id)
            for one in (top, *top.children)
        ],
        "standing": catalog.shop_categories_of([info.id]).get(info.id, ()),
    }


def _attribute_fields(
    request: HttpRequest, info: catalog.ProductInfo | None, speak: str
) -> dict[str, Any]:
    """The fields of the chosen category's attributes, else of the category that the product has."""
    chosen = request.POST.get("category") if request.method == "POST" else None
    category_id = info.category_id if info and chosen is None else None
    if chosen:
        with suppress(Malformed):  # which the form refuses
            category_id = uuid_of(chosen)
    return value_fields(catalog.of_category(category_id), speak) if category_id else {}


def _save(
    merchant_id: UUID,
    info: catalog.ProductInfo | None,
    form: ProductForm,
    rows: "BaseFormSet[VariantForm]",
    offers: dict[UUID, marketplace.OfferInfo],
) -> catalog.ProductInfo:
    data = form.cleaned_data
    values: dict[str, Any] = {
        "titles": form.texts("title"),
        "descriptions": form.texts("description"),
        "category_id": uuid_of(data["category"]) if data["category"] else None,
        "unit": data["unit"],
        "external_id": data["external_id"] or None,
        "attributes": values_of(data),
        "brand_id": uuid_of(data["brand"]) if data["brand"] else None,
    }
    beside = list(data["related"])
    if len(beside) > RELATED or (info is not None and info.id in beside):
        raise Invalid(_("Name at most twelve other products."), field="related")
    given = [row.cleaned_data for row in rows if row.cleaned_data.get("sku")]
    _may_price(info, given, offers)
    values["options"] = rows_of.axes(info, data["axis"], platforms.get_platform().locales)
    values["variants"] = rows_of.inputs(info, given, values["options"], language())
    if info is None:
        saved = catalog.create_product(merchant_id=merchant_id, **values)
    else:
        changes: catalog.ProductChanges = values  # type: ignore[assignment]
        saved = catalog.update_product(product_id=info.id, merchant_id=merchant_id, changes=changes)
        saved = catalog.product(info.id, merchant_id)
    catalog.put_related(product_id=saved.id, merchant_id=merchant_id, others=beside)
    _price(merchant_id, saved, given, offers)
    return saved


def _related_field(merchant_id: UUID) -> Picked:
    """Other products of the shop, shown on the product's page."""
    field = Picked(
        kind="product",
        label=_("Related products"),
        help_text=_("Up to twelve others, shown below this one: a line each, by number or name."),
        required=False,
    )
    field.stand(merchant_id)
    return field


def _may_price(
    info: catalog.ProductInfo | None,
    given: Iterable[dict[str, Any]],
    offers: dict[UUID, marketplace.OfferInfo],
) -> None:
    """Before anything is saved: whoever changes a price needs the permission for prices."""
    held = {one.sku: offers.get(one.id) for one in info.variants} if info else {}
    for row in given:
        now = held.get(row["sku"])
        if row.get("price") is not None and (now is None or now.unit_price != row["price"]):
            must_hold("prices")


def _price(
    merchant_id: UUID,
    saved: catalog.ProductInfo,
    given: Iterable[dict[str, Any]],
    offers: dict[UUID, marketplace.OfferInfo],
) -> None:
    """Set those prices that changed."""
    by_sku = {variant.sku: variant.id for variant in saved.variants}
    currency = platforms.get_platform().currency
    for row in given:
        variant_id = by_sku.get(row["sku"])
        price = row.get("price")
        if variant_id is None or price is None:
            continue
        if variant_id in offers and offers[variant_id].unit_price == price:
            continue
        marketplace.set_price(
            merchant_id=merchant_id, variant_id=variant_id, unit_price=price, currency=currency
        )


def _initial(info: catalog.ProductInfo | None, locales: Iterable[str]) -> dict[str, Any]:
    if info is None:
        return {"unit": "C62"}
    found: dict[str, Any] = {
        "category": str(info.category_id or ""),
        "unit": info.unit,
        "external_id": info.external_id or "",
        "axis": rows_of.axis_name(info, language()),
        **values_initial(info.attributes),
        "brand": str(info.brand_id or ""),
        "related": list(catalog.related_ids(info.id)),
    }
    for place, tag in enumerate(locales):
        found[f"title_{place}"] = info.titles.get(tag, "")
        found[f"description_{place}"] = info.descriptions.get(tag, "")
    return found


def _by_number(merchant_id: UUID, query: str) -> UUID | None:
    """The product with this article number, own number or id."""
    if query.startswith("prd_"):
        try:
            return catalog.product(public("prd", query), merchant_id).id
        except NotFound:
            return None
    variant = catalog.variant_ids_by_sku(merchant_id, [query]).get(query)
    if variant is not None:
        return catalog.variants([variant])[variant].product_id
    return catalog.product_id_by_external(merchant_id, query)
