"""How the merchant's goods are taxed on invoices: each article, and categories."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog import facade as catalog
from kernel.errors import DomainError, Malformed
from payments import facade as payments
from storefront import words
from storefront.forms.invoices import ClassForm, take
from storefront.lists import window
from storefront.pages import done, language, merchant_desk, merchant_of


@require_safe
@merchant_desk("invoices")
def goods(request: HttpRequest) -> HttpResponse:
    """Every article with the tax class that holds for it, and who said so."""
    merchant_id = merchant_of(request)
    profile = payments.tax_profile(merchant_id=merchant_id)
    if profile is None:
        return redirect("storefront:merchant_tax")
    query = request.GET.get("q", "").strip()[:100]
    page = catalog.products_page(merchant_id=merchant_id, query=query or None, **window(request))
    whole = catalog.products(one.id for one in page.items)
    paths = catalog.category_paths(one.category_id for one in page.items if one.category_id)
    articles = [
        (whole[one.id], variant, paths.get(one.category_id, "") if one.category_id else "")
        for one in page.items
        for variant in whole[one.id].variants
    ]
    classes = payments.tax_classes(profile, [(v.sku, path) for _one, v, path in articles])
    own = payments.goods_taxes_page(
        merchant_id=merchant_id, platforms_too=True, categories=True, limit=100
    )
    context = {
        "page": page,
        "q": query,
        "rows": [
            {
                "product": product,
                "variant": variant,
                "found": found,
                "usable": payments.tax_usable(found.tax, profile.taxpayer),
            }
            for (product, variant, _path), found in zip(articles, classes, strict=True)
        ],
        "categories": own.items,
        "names": category_names(),
        "levels": words.money.TAX_LEVELS,
        "treatments": words.TREATMENTS,
    }
    return render(request, "storefront/merchant/tax_goods.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("invoices")
def one(request: HttpRequest) -> HttpResponse:
    """The tax class of one article or category: set it, or let it be as usual."""
    merchant_id = merchant_of(request)
    profile = payments.tax_profile(merchant_id=merchant_id)
    if profile is None:
        return redirect("storefront:merchant_tax")
    sku = _named(request, "sku", 64)
    names = category_names()
    category = _named(request, "category", 200)
    [found] = payments.tax_classes(profile, [(sku, category)])
    return edited(
        request,
        merchant_id=merchant_id,
        sku=sku,
        category=category,
        usual=found,
        names=names,
        back="storefront:merchant_tax_goods",
        template="storefront/merchant/tax_class.html",
    )


def edited(
    request: HttpRequest,
    *,
    merchant_id: UUID | None,
    sku: str,
    category: str,
    usual: payments.TaxFound | None,
    names: dict[str, str],
    back: str,
    template: str,
) -> HttpResponse:
    """The form of one tax class, for a merchant or (None) for the platform."""
    own = payments.goods_tax(merchant_id=merchant_id, sku=sku, category=category)
    first = own.tax if own else (usual.tax if usual else None)
    form, status = ClassForm(initial=_initial(first)), 200
    if request.method == "POST" and request.POST.get("do") == "remove":
        if own is not None:
            payments.remove_goods_tax(merchant_id=merchant_id, goods_tax_id=own.id)
        return done(request, _("It is taxed as usual again."), back)
    if request.method == "POST":
        form, status = ClassForm(request.POST), 422
        if form.is_valid():
            try:
                payments.set_goods_tax(
                    merchant_id=merchant_id, sku=sku, category=category, tax=form.tax_class()
                )
            except DomainError as error:
                take(form, error)
            else:
                return done(request, _("Saved."), back)
    context = {
        "form": form,
        "own": own,
        "usual": usual,
        "sku": sku,
        "category": category,
        "called": names.get(category, category),
        "categories": sorted(names.items()),
        "levels": words.money.TAX_LEVELS,
    }
    return render(request, template, context, status=status)


def category_names() -> dict[str, str]:
    """What each category is called in the reader's language, by its path, with those above it."""
    found: dict[str, str] = {}

    def walk(nodes: tuple[catalog.CategoryNode, ...], above: str) -> None:
        for node in nodes:
            found[node.path] = f"{above} › {node.name}" if above else node.name
            walk(node.children, found[node.path])

    walk(catalog.category_tree(language()), "")
    return found


def _initial(tax: payments.TaxClass | None) -> dict[str, Any]:
    if tax is None:
        return {"treatment": "taxed"}
    return {
        "category": tax.category,
        "category_name": tax.category_name,
        "rate": tax.rate,
        "treatment": tax.treatment,
    }


def _named(request: HttpRequest, name: str, most: int) -> str:
    text = request.GET.get(name, "").strip()
    if len(text) > most or not text.isprintable():
        raise Malformed
    return text
