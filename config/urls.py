"""Every address of the product; those of a platform are written without their ``/p/<code>``."""

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

from config.api import api, errors
from config.resolving import Apart, Remembering

_patterns, _app, _namespace = api.urls
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/errors", errors),
    Remembering(
        RoutePattern("api/v1/", is_endpoint=False), _patterns, app_name=_app, namespace=_namespace
    ),
    # Seldom asked, and one of the larger things to load.
    Apart(
        RoutePattern("admin/", is_endpoint=False),
        "platforms.admin_urls",
        app_name="admin",
        namespace="admin",
    ),
    path("", include("catalog.urls")),
    Remembering(
        RoutePattern("", is_endpoint=False),
        "storefront.urls",
        app_name="storefront",
        namespace="storefront",
    ),
]
