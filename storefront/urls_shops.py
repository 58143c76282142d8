"""The addresses of merchants' shops and of the first page: what buyers see, and the desks."""

from django.urls import path

from storefront.views.merchant import shop, vacation
from storefront.views.operator import home
from storefront.views.shop import shops

PATTERNS = [
    path("shops/<slug:slug>/", shops.merchant, name="merchant"),
    path("shops/<slug:slug>/<str:shelf>/", shops.merchant, name="merchant_shelf"),
    path("operator/home/", home.listing, name="operator_home"),
    path("operator/home/preview/", home.preview, name="operator_home_preview"),
    path("operator/home/new/<slug:kind>/", home.new, name="operator_block_new"),
    path("operator/home/<str:block>/", home.one, name="operator_block"),
    path("operator/home/<str:block>/act/", home.act, name="operator_block_act"),
    path("merchant/shop/", shop.profile, name="merchant_shop"),
    path("merchant/shop/vacation/", vacation.vacation, name="merchant_vacation"),
    path("merchant/shop/vacation/end/", vacation.end, name="merchant_vacation_end"),
    path("merchant/shop/categories/", shop.categories, name="merchant_shop_categories"),
    path("merchant/shop/categories/<str:category>/", shop.category, name="merchant_shop_category"),
    path("merchant/shop/categories/<str:category>/act/", shop.act, name="merchant_shop_act"),
    path("merchant/products/<str:product>/shelves/", shop.shelves, name="merchant_shelves"),
]
