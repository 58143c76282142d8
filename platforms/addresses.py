"""Absolute addresses of a platform's pages, for letters."""

from django.conf import settings

from platforms import selectors


def platform_url(path: str) -> str:
    """``path`` (``/invitations/…``) on the platform's own host, else below ``/p/<code>``."""
    info = selectors.current_platform()
    base: str = getattr(settings, "PUBLIC_URL", "") or f"http://127.0.0.1:{settings.PORT}"
    if info.hosts:
        scheme, _sep, _rest = base.partition("://")
        return f"{scheme}://{info.hosts[0]}{path}"
    return f"{base.rstrip('/')}/p/{info.code}{path}"
