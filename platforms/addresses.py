"""Absolute addresses: of a platform's pages for letters, of a request for passkeys."""

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from platforms import selectors
from platforms.contracts_passkeys import PasskeySite


def platform_url(path: str) -> str:
    """``path`` (``/invitations/…``) on the platform's own host, else below ``/p/<code>``."""
    info = selectors.current_platform()
    base: str = getattr(settings, "PUBLIC_URL", "") or f"http://127.0.0.1:{settings.PORT}"
    if info.hosts:
        scheme, _sep, _rest = base.partition("://")
        return f"{scheme}://{info.hosts[0]}{path}"
    return f"{base.rstrip('/')}/p/{info.code}{path}"


def passkey_site(request: HttpRequest) -> PasskeySite:
    """Where the browser is: passkeys of a platform with a host of its own work there, those of one
    below ``/p/<code>/`` at the deployment's host. Raises DisallowedHost."""
    host = request.get_host().lower()
    return PasskeySite(rp_id=split_domain_port(host)[0], origin=f"{request.scheme}://{host}")
