"""The addresses of the pages about parts of an order that aren't sent."""

from django.urls import path

from storefront.views.merchant import cancelling as merchant
from storefront.views.shop import cancelling as shop

PATTERNS = [
    path("orders/<str:order>/cancel-part/", shop.ask, name="cancel_part"),
    path("orders/<str:order>/cancellations/<str:part>/act/", shop.act, name="cancellation_act"),
    path("merchant/orders/<str:order>/cancel-part/", merchant.ask, name="merchant_cancel_part"),
    path(
        "merchant/orders/<str:order>/cancellations/<str:part>/act/",
        merchant.act,
        name="merchant_cancellation_act",
    ),
]
