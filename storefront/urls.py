"""The addresses of the pages; below ``/p/<code>/`` or a platform's own host."""

from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from storefront.views import frame

app_name = "storefront"
urlpatterns: list[URLPattern | URLResolver] = [
    path("styleguide/", frame.styleguide, name="styleguide"),
    path("manifest.webmanifest", frame.manifest, name="manifest"),
    path("sw.js", frame.service_worker, name="service_worker"),
    path("offline/", frame.offline, name="offline"),
    path("i18n/setlang/", set_language, name="set_language"),
    path("home/", frame.offline, name="home"),
    path("cart/", frame.offline, name="cart"),
    path("sign_in/", frame.offline, name="sign_in"),
    path("sign_out/", frame.offline, name="sign_out"),
    path("account/", frame.offline, name="account"),
    path("products/", frame.offline, name="products"),
    path("use_role/", frame.offline, name="use_role"),
    path("mail/", frame.offline, name="mail"),
]
