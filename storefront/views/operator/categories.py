"""The platform's tree of categories: made, named, moved, ordered and removed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from catalog import facade as catalog
from kernel.audit import latest_for
from kernel.errors import DomainError, Malformed, PreconditionFailed
from platforms import facade as platforms
from storefront.forms.categories import CategoryForm
from storefront.forms.texts import texts_initial
from storefront.lists import uuid_of
from storefront.pages import done, language, operator_desk, public
from storefront.views.account import put_error

LIST = "storefront:operator_categories"


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("catalogue")
def listing(request: HttpRequest) -> HttpResponse:
    """The whole tree in its order, and a new category."""
    tree = catalog.category_tree(language())
    below = request.GET.get("below", "")
    form = CategoryForm(
        request.POST if request.method == "POST" else None,
        initial={"parent": str(public("cat", below)) if below else ""},
        tree=tree,
        locales=platforms.get_platform().locales,
    )
    if request.method == "POST" and form.is_valid():
        try:
            catalog.create_category(**_values(form), slug=form.cleaned_data["slug"] or None)
            return done(request, _("Saved."), LIST)
        except DomainError as error:
            put_error(form, error)
    context = {"form": form, "tree": tree}
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/categories.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("catalogue")
def one(request: HttpRequest, category: str) -> HttpResponse:
    """A category: names, address and place; what stands in it; what happened to it."""
    info = catalog.category(public("cat", category))
    tree, locales = catalog.category_tree(language()), platforms.get_platform().locales
    initial = texts_initial(locales, name=info.names)
    form = CategoryForm(
        request.POST if request.method == "POST" else None,
        initial=initial | {"parent": str(info.parent_id or ""), "slug": info.slug},
        tree=tree,
        own=info,
        locales=locales,
    )

    def seen(version: int) -> None:
        if request.POST.get("version") != str(version):
            raise PreconditionFailed

    if request.method == "POST" and form.is_valid():
        changes: Any = {**_values(form), "slug": form.cleaned_data["slug"]}
        try:
            catalog.update_category(category_id=info.id, changes=changes, check=seen)
            return done(request, _("Saved."), LIST)
        except DomainError as error:
            put_error(form, error)
    node = next(one for one in catalog.every_category(tree) if one.id == info.id)
    context = {
        "form": form,
        "info": info,
        "node": node,
        "used": bool(catalog.products_page(category=info.id, limit=1).items),
        "entries": catalog.of_category(info.id),
        "history": latest_for(info.id, limit=20),
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/operator/category.html", context, status=status)


@require_POST
@operator_desk("catalogue")
def act(request: HttpRequest, category: str) -> HttpResponse:
    """Move a category up or down, or remove an empty one."""
    category_id, what = public("cat", category), request.POST.get("do", "")
    if what in ("up", "down"):
        catalog.move_category(category_id=category_id, by=-1 if what == "up" else 1)
        return done(request, _("The order is changed."), LIST)
    if what != "remove":
        raise Malformed
    catalog.remove_category(category_id=category_id)
    return done(request, _("The category is removed."), LIST)


def _values(form: CategoryForm) -> dict[str, Any]:
    above = form.cleaned_data["parent"]
    return {"names": form.texts("name"), "parent_id": uuid_of(above) if above else None}
