"""The addresses of the merchant's stock: what is there, coming, moving, counted, held."""

from django.urls import URLPattern, path

from storefront.views.merchant import (
    stock,
    stock_ahead,
    stock_counts,
    stock_receipts,
    stock_transfers,
    warehouses,
)

PATTERNS: list[URLPattern] = [
    path("merchant/stock/", stock.stock, name="merchant_stock"),
    path("merchant/stock/movements/", stock.movements, name="merchant_movements"),
    path("merchant/stock/reservations/", stock.reservations, name="merchant_reservations"),
    path("merchant/stock/ahead/", stock_ahead.settings, name="merchant_ahead"),
    path("merchant/stock/ahead/waiting/", stock_ahead.promises, name="merchant_promises"),
    path("merchant/stock/ahead/move/", stock_ahead.move, name="merchant_promises_move"),
    path("merchant/stock/write/", stock.write, name="merchant_stock_write"),
    path("merchant/stock/limit/", stock.limit, name="merchant_stock_limit"),
    path("merchant/stock/new/", stock.begin, name="merchant_stock_begin"),
    path("merchant/warehouses/new/", stock.add_warehouse, name="merchant_warehouse_add"),
    path("merchant/warehouses/", warehouses.listing, name="merchant_warehouses"),
    path("merchant/warehouses/<str:warehouse>/", warehouses.one, name="merchant_warehouse"),
] + [
    path(f"merchant/stock/{kind}s/{rest}", getattr(views, view), name=f"merchant_{kind}{name}")
    for kind, views in (
        ("receipt", stock_receipts),
        ("transfer", stock_transfers),
        ("count", stock_counts),
    )
    for rest, view, name in (
        ("", "listing", "s"),
        ("new/", "new", "_new"),
        ("<str:paper>/", "one", ""),
        ("<str:paper>/act/", "act", "_act"),
    )
]
