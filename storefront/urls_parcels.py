"""The addresses of the desks' pages of orders: sent in parcels, all of them at the operator's."""

from django.urls import path

from storefront.views.merchant import parcels
from storefront.views.operator import orders

PATTERNS = [
    path("merchant/orders/<str:order>/parcel/", parcels.send, name="merchant_parcel"),
    path("merchant/parcels/<str:shipment>/handed/", parcels.handed, name="merchant_handed"),
    path("operator/orders/", orders.listing, name="operator_orders"),
    path("operator/orders/<str:order>/", orders.one, name="operator_order"),
]
