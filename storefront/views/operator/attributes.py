"""Attributes of goods, and which of them the goods of a category have."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog import facade as catalog
from kernel.errors import DomainError
from kernel.ids import public_id
from platforms import facade as platforms
from storefront.forms.attributes import AttributeForm, initial_of
from storefront.forms.goods import branches
from storefront.pages import done, language, operator_desk, public
from storefront.views.account import put_error


@require_safe
@operator_desk("catalogue")
def listing(request: HttpRequest) -> HttpResponse:
    """All attributes, and the categories with their sets."""
    tree = branches(catalog.category_tree(language=language()))
    context = {
        "attributes": catalog.attributes(),
        "categories": [(public_id("cat", public_uuid), name) for public_uuid, name in _ids(tree)],
    }
    return render(request, "storefront/operator/attributes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("catalogue")
def create(request: HttpRequest) -> HttpResponse:
    """A new attribute."""
    return _edited(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("catalogue")
def one(request: HttpRequest, attribute: str) -> HttpResponse:
    """Names, unit, allowed values, and whether buyers filter by it."""
    return _edited(request, catalog.attribute(public("atr", attribute)))


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("catalogue")
def category(request: HttpRequest, category: str) -> HttpResponse:
    """Which attributes goods of a category have."""
    info = catalog.category(public("cat", category))
    every = catalog.attributes()
    if request.method == "POST":
        chosen = [
            (one.id, request.POST.get(one.code) == "required")
            for one in every
            if request.POST.get(one.code) in ("optional", "required")
        ]
        catalog.put_category_attributes(category_id=info.id, entries=chosen)
        return done(request, _("Saved."), "storefront:operator_attributes")
    entries = {entry.attribute.id: entry for entry in catalog.of_category(info.id)}
    rows = [
        {
            "info": one,
            "entry": entries.get(one.id),
            "own": one.id in entries and not entries[one.id].inherited,
        }
        for one in every
    ]
    context = {"category": info, "rows": rows}
    return render(request, "storefront/operator/attribute_set.html", context)


def _ids(tree: list[tuple[str, str]]) -> list[tuple[Any, str]]:
    from uuid import UUID

    return [(UUID(key), name) for key, name in tree]


def _edited(request: HttpRequest, info: catalog.AttributeInfo | None) -> HttpResponse:
    locales = platforms.get_platform().locales
    fixed: dict[str, Any] = {"locales": locales, "fixed": info is not None}
    if request.method == "POST":
        form = AttributeForm(request.POST, **fixed)
        if form.is_valid():
            try:
                changes: Any = form.changes()
                if info is None:
                    data = form.cleaned_data
                    catalog.create_attribute(code=data["code"], kind=data["kind"], **changes)
                else:
                    catalog.update_attribute(attribute_id=info.id, changes=changes)
                return done(request, _("Saved."), "storefront:operator_attributes")
            except DomainError as error:
                put_error(form, error)
    else:
        form = AttributeForm(initial=initial_of(info, locales) if info else None, **fixed)
    status = 422 if form.errors else 200
    context = {"form": form, "info": info}
    return render(request, "storefront/operator/attribute.html", context, status=status)
