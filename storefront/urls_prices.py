"""The addresses of price lists: the merchant's desk, the operator's, and the buyer's groups."""

from django.urls import path

from storefront.views import price_groups
from storefront.views.merchant import buyer_groups, price_imports, price_lists
from storefront.views.operator import price_lists as everyones

PATTERNS = [
    path("groups/<str:token>/", price_groups.invitation, name="price_group_invitation"),
    path("account/groups/", price_groups.listing, name="price_groups"),
    path("account/groups/<str:member>/leave/", price_groups.leave, name="price_group_leave"),
    path("merchant/buyer-groups/", buyer_groups.listing, name="merchant_buyer_groups"),
    path("merchant/buyer-groups/<str:group>/", buyer_groups.one, name="merchant_buyer_group"),
    path(
        "merchant/buyer-groups/<str:group>/delete/",
        buyer_groups.delete,
        name="merchant_buyer_group_delete",
    ),
    path(
        "merchant/buyer-groups/<str:group>/members/<str:member>/remove/",
        buyer_groups.remove,
        name="merchant_group_member_remove",
    ),
    path("merchant/price-lists/", price_lists.listing, name="merchant_price_lists"),
    path("merchant/price-lists/new/", price_lists.new, name="merchant_price_list_new"),
    path("merchant/price-lists/<str:listed>/", price_lists.one, name="merchant_price_list"),
    path(
        "merchant/price-lists/<str:listed>/edit/", price_lists.edit, name="merchant_price_list_edit"
    ),
    path(
        "merchant/price-lists/<str:listed>/delete/",
        price_lists.delete,
        name="merchant_price_list_delete",
    ),
    path(
        "merchant/price-lists/<str:listed>/tables/",
        price_imports.listing,
        name="merchant_price_imports",
    ),
    path(
        "merchant/price-lists/<str:listed>/tables/empty/",
        price_imports.template,
        name="merchant_price_import_template",
    ),
    path(
        "merchant/price-lists/<str:listed>/tables/<str:made>/",
        price_imports.one,
        name="merchant_price_import",
    ),
    path(
        "merchant/price-lists/<str:listed>/tables/<str:made>/act/",
        price_imports.act,
        name="merchant_price_import_act",
    ),
    path(
        "merchant/price-lists/<str:listed>/tables/<str:made>/report/",
        price_imports.report,
        name="merchant_price_import_report",
    ),
    path(
        "merchant/price-lists/<str:listed>/entries/<str:entry>/remove/",
        price_lists.remove,
        name="merchant_price_entry_remove",
    ),
    path("operator/price-lists/", everyones.listing, name="operator_price_lists"),
    path("operator/price-lists/<str:listed>/", everyones.one, name="operator_price_list"),
]
