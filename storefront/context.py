"""What every template needs: the platform in scope, who is signed in, languages, the clock."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from kernel import clock, logs, tenancy

NAMES = {"zh-hans": "中文", "en": "English"}


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Pages that stand before any platform get ``platform=None``.

    Reads nothing but what is in memory or cached, so that an error page can't fail by it.
    """
    tenant = tenancy.current_or_none()
    found = _platform() if tenant is not None else None
    return {
        "platform": found,
        "languages": _languages(found.locales if found else None),
        "person": getattr(request, "person", None),
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        "request_id": logs.request_id(),
        "server_time": clock.business(),
        "test_mode": tenant is not None and not tenant.live,
        "production": settings.PRODUCTION,
    }


def _languages(locales: Iterable[str] | None) -> list[tuple[str, str]]:
    """Code and own name of the languages that can be chosen here."""
    offered = {code.lower() for code in locales} if locales else set(dict(settings.LANGUAGES))
    return [(code, NAMES.get(code, code)) for code, _name in settings.LANGUAGES if code in offered]


def _platform() -> Any:
    from platforms import facade as platforms

    return platforms.get_platform()
