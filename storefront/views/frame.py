"""What stands around the pages: the list of platforms, manifest, offline page, style guide."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel import tenancy
from platforms import facade as platforms
from storefront.pages import language, page
from storefront.samples import samples


@require_safe
@page
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with believable content."""
    return render(request, "storefront/styleguide.html", samples())


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask for it whatever the page says."""
    return redirect(static("storefront/icon.svg"), permanent=True)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What isn't for search engines."""
    closed = ("cart", "checkout", "purchases", "orders", "account", "contracts", "merchant",
              "operator", "mail")  # fmt: skip
    lines = ["User-agent: *", *(f"Disallow: /p/*/{name}/" for name in closed)]
    lines += [f"Disallow: /{name}/" for name in (*closed, "admin")]
    lines += [f"Sitemap: {request.build_absolute_uri(path)}" for path in _sitemaps()]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


def _sitemaps() -> list[str]:
    """Of the platform addressed; before any, of all that are open to everyone."""
    if tenancy.current_or_none() is not None:
        return [reverse("storefront:sitemap")]
    # Written by hand: outside of a platform no prefix is put before an address.
    directory = tenancy.directory().all()
    codes = sorted(tenant.code for tenant in directory if tenant.state == "open")
    return [f"/p/{code}/sitemap.xml" for code in codes]


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to install the platform as an app."""
    found = platforms.get_platform()
    name = found.name(language())
    icons = [
        {"src": static("storefront/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        {
            "src": static("storefront/icon-maskable.svg"),
            "sizes": "any",
            "type": "image/svg+xml",
            "purpose": "maskable",
        },
    ]
    home = reverse("storefront:home")
    return JsonResponse(
        {
            "name": name,
            "short_name": name[:12],
            "id": home,
            "start_url": home,
            "scope": home,
            "display": "standalone",
            "lang": language(),
            "background_color": "#ffffff",
            "theme_color": found.accent or "#0b6b53",
            "icons": icons,
            "shortcuts": [{"name": _("Cart"), "url": reverse("storefront:cart")}],
        },
        content_type="application/manifest+json",
    )


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The small worker that shows the offline page."""
    files = {"css": "app.css", "js": "app.js", "icon": "icon.svg", "icons": "icons.svg"}
    context = {key: static(f"storefront/{name}") for key, name in files.items()}
    context["offline"] = reverse("storefront:offline")
    answer = render(request, "storefront/sw.js", context, content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
@page
def offline(request: HttpRequest) -> HttpResponseBase:
    """Shown by the service worker when there is no connection."""
    return render(request, "storefront/offline.html")
