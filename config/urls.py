"""Every address of the product; those of a platform are written without their ``/p/<code>``."""

from django.urls import URLPattern, URLResolver, include, path

from config.api import api, errors
from platforms.admin import site as raw_tables

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/errors", errors),
    path("api/v1/", api.urls),
    path("admin/", raw_tables.urls),
    path("", include("catalog.urls")),
    path("", include("storefront.urls")),
]
