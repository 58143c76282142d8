"""The addresses of promotions, the same at the merchant's and the operator's desk."""

from django.urls import URLPattern, path

from storefront.views import promotions
from storefront.views.merchant import sales

_PAGES = (
    ("", "list", "s"),
    ("new/", "new", "_new"),
    ("<str:promotion>/", "one", ""),
    ("<str:promotion>/edit/", "edit", "_edit"),
    ("<str:promotion>/act/", "act", "_act"),
    ("<str:promotion>/codes/", "codes", "_codes"),
)
PATTERNS: list[URLPattern] = [
    path("merchant/sales/", sales.sales, name="merchant_sales"),
    path("merchant/sales/<str:sale>/end/", sales.end, name="merchant_sale_end"),
] + [
    path(
        f"{desk}/promotions/{rest}",
        getattr(promotions, f"{desk}_{view}"),
        name=f"{desk}_promotion{name}",
    )
    for desk in ("merchant", "operator")
    for rest, view, name in _PAGES
]
