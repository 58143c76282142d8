"""The addresses of the pages about returns and messages."""

from django.urls import path

from storefront.views import messages
from storefront.views.merchant import returns as merchant
from storefront.views.operator import returns as operator
from storefront.views.shop import returns as shop

PATTERNS = [
    path("orders/<str:order>/return/", shop.ask, name="return_ask"),
    path("orders/<str:order>/exchange/", shop.ask_exchange, name="exchange_ask"),
    path("orders/<str:order>/returns/<str:back>/", shop.one, name="return"),
    path("orders/<str:order>/returns/<str:back>/act/", shop.act, name="return_act"),
    path(
        "orders/<str:order>/returns/<str:back>/pictures/<str:piece>/",
        shop.picture,
        name="return_picture",
    ),
    path("orders/<str:order>/messages/", messages.buyer, name="order_message"),
    path("merchant/orders/<str:order>/messages/", messages.merchant, name="merchant_order_message"),
    path("account/returns/", shop.account, name="returns"),
    path("merchant/returns/", merchant.listing, name="merchant_returns"),
    path("merchant/returns/<str:back>/", merchant.one, name="merchant_return"),
    path("merchant/returns/<str:back>/act/", merchant.act, name="merchant_return_act"),
    path(
        "merchant/returns/<str:back>/pictures/<str:piece>/",
        merchant.picture,
        name="merchant_return_picture",
    ),
    path("operator/returns/", operator.listing, name="operator_returns"),
    path("operator/returns/<str:back>/", operator.one, name="operator_return"),
    path(
        "operator/returns/<str:back>/pictures/<str:piece>/",
        operator.picture,
        name="operator_return_picture",
    ),
]
