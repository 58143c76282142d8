"""The merchant's shop: how it presents itself, its own categories, what stands in them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog import facade as catalog
from kernel.errors import DomainError, Malformed
from kernel.ids import public_id
from platforms import facade as platforms
from storefront.forms.shops import ShopCategoryForm, ShopForm
from storefront.forms.texts import texts_initial
from storefront.lists import choice, window
from storefront.pages import done, language, merchant_desk, merchant_of, public, up_to
from storefront.views.account import put_error

UPLOAD = 2 * 10 * 1024 * 1024  # both pictures; each is judged by the catalogue


def _too_large() -> catalog.PictureTooLarge:
    return catalog.PictureTooLarge(field="banner")


@up_to(UPLOAD, _too_large)
@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("shop")
def profile(request: HttpRequest) -> HttpResponseBase:
    """Texts and pictures of the shop's page."""
    merchant_id = merchant_of(request)
    info = catalog.shop(merchant_id)
    locales = platforms.get_platform().locales
    alts = info.banner.alts if info.banner else {}
    initial = texts_initial(locales, about=info.abouts, notice=info.notices, alt=alts)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ShopForm(*posted, shop=info, locales=locales, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            catalog.change_shop(merchant_id=merchant_id, changes=_changes(form, merchant_id))
            return done(request, _("Saved."), "storefront:merchant_shop")
        except DomainError as error:
            put_error(form, error)
    context = {"form": form, "info": info, "merchant": platforms.merchant(merchant_id)}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/shop.html", context, status=status)


def _changes(form: ShopForm, merchant_id: UUID) -> catalog.ShopChanges:
    """What the form says; pictures are stored first, and go by themselves if the rest fails."""
    changes: Any = {
        "abouts": form.texts("about"),
        "notices": form.texts("notice"),
        "banner_alts": form.texts("alt"),
    }
    for name in ("banner", "logo"):
        file = form.cleaned_data.get(name)
        if file is not None:
            try:
                stored = catalog.store_media(
                    data=file.read(), filename=file.name or "", merchant_id=merchant_id
                )
            except (catalog.PictureUnreadable, catalog.PictureTooLarge) as error:
                raise type(error)(field=name) from error
            changes[f"{name}_id"] = stored.id
        elif form.cleaned_data.get(f"no_{name}"):
            changes[f"{name}_id"] = None
    found: catalog.ShopChanges = changes
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("shop")
def categories(request: HttpRequest) -> HttpResponse:
    """The shop's categories in order, and a new one."""
    merchant_id = merchant_of(request)
    tree = catalog.shop_categories(merchant_id, counted=True)
    form = ShopCategoryForm(
        request.POST if request.method == "POST" else None,
        tree=tree,
        language=language(),
        locales=platforms.get_platform().locales,
    )
    if request.method == "POST" and form.is_valid():
        above = form.cleaned_data["parent"]
        try:
            catalog.create_shop_category(
                merchant_id=merchant_id,
                names=form.texts("name"),
                parent_id=public("shc", above) if above else None,
            )
            return done(request, _("Saved."), "storefront:merchant_shop_categories")
        except DomainError as error:
            put_error(form, error)
    status = 422 if form.errors else 200
    context = {"form": form, "tree": tree}
    return render(request, "storefront/merchant/shop_categories.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("shop")
def category(request: HttpRequest, category: str) -> HttpResponse:
    """One category: its names and place, and which products stand in it."""
    merchant_id = merchant_of(request)
    info = catalog.shop_category(public("shc", category), merchant_id)
    locales = platforms.get_platform().locales
    parent = public_id("shc", info.parent_id) if info.parent_id else ""
    form = ShopCategoryForm(
        request.POST if request.method == "POST" else None,
        initial=texts_initial(locales, name=info.names) | {"parent": parent},
        tree=catalog.shop_categories(merchant_id),
        own=info,
        language=language(),
        locales=locales,
    )
    if request.method == "POST" and form.is_valid():
        changes: catalog.ShopCategoryChanges = {"names": form.texts("name")}
        if "parent" in form.fields:
            above = form.cleaned_data["parent"]
            changes["parent_id"] = public("shc", above) if above else None
        try:
            catalog.change_shop_category(
                category_id=info.id, merchant_id=merchant_id, changes=changes
            )
            return done(request, _("Saved."), "storefront:merchant_shop_categories")
        except DomainError as error:
            put_error(form, error)
    placed = set(catalog.shop_category_products(info.id))
    state = choice(request, "state", ("published",))
    page = catalog.products_page(
        merchant_id=merchant_id,
        query=request.GET.get("q", "").strip()[:100] or None,
        state=state,
        **window(request),
    )
    context = {"form": form, "info": info, "placed": placed, "page": page, "state": state}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/shop_category.html", context, status=status)


@require_POST
@merchant_desk("shop")
def act(request: HttpRequest, category: str) -> HttpResponse:
    """Move a category up or down, remove it, or change which products stand in it."""
    place = {"category_id": public("shc", category), "merchant_id": merchant_of(request)}
    what = request.POST.get("do", "")
    if what in ("up", "down"):
        catalog.move_shop_category(by=-1 if what == "up" else 1, **place)
        text = _("The order is changed.")
    elif what == "remove":
        catalog.remove_shop_category(**place)
        text = _("The category is removed; its products stay.")
    elif what == "fill":
        shown = {public("prd", one) for one in request.POST.getlist("shown")[:100]}
        chosen = {public("prd", one) for one in request.POST.getlist("in")[:100]}
        catalog.change_shop_category_products(
            add=sorted(chosen), remove=sorted(shown - chosen), **place
        )
        return done(request, _("Saved."), "storefront:merchant_shop_category", category=category)
    else:
        raise Malformed
    return done(request, text, "storefront:merchant_shop_categories")


@require_POST
@merchant_desk("shop", "catalogue")
def shelves(request: HttpRequest, product: str) -> HttpResponse:
    """In which of the shop's categories a product stands."""
    catalog.put_product_shop_categories(
        product_id=public("prd", product),
        merchant_id=merchant_of(request),
        category_ids=[public("shc", one) for one in request.POST.getlist("shelf")],
    )
    return done(request, _("Saved."), "storefront:merchant_product", product=product)
