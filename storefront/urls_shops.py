"""The addresses of merchants' shops: the pages that buyers see, and the desk behind them."""

from django.urls import path

from storefront.views.merchant import shop
from storefront.views.shop import shops

PATTERNS = [
    path("shops/<slug:slug>/", shops.merchant, name="merchant"),
    path("shops/<slug:slug>/<str:shelf>/", shops.merchant, name="merchant_shelf"),
    path("merchant/shop/", shop.profile, name="merchant_shop"),
    path("merchant/shop/categories/", shop.categories, name="merchant_shop_categories"),
    path("merchant/shop/categories/<str:category>/", shop.category, name="merchant_shop_category"),
    path("merchant/shop/categories/<str:category>/act/", shop.act, name="merchant_shop_act"),
    path("merchant/products/<str:product>/shelves/", shop.shelves, name="merchant_shelves"),
]
