"""The addresses of the pages by which an order is sent in parcels."""

from django.urls import path

from storefront.views.merchant import parcels

PATTERNS = [
    path("merchant/orders/<str:order>/parcel/", parcels.send, name="merchant_parcel"),
]
