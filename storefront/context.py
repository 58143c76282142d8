"""What every template needs: the platform in scope, who is signed in, languages, the clock."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from kernel import clock, logs, tenancy
from storefront import words

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
        # Asked for only by the pages that show them.
        "cart_count": partial(_cart_count, request, found),
        "kept_news": partial(_kept_news, getattr(request, "person", None)),
        "roles": partial(_roles, getattr(request, "person", None)),
        "holds": holds(getattr(request, "person", None)),
        "contracts_for": contracts_for(getattr(request, "person", None)),
        "own_merchant": partial(_own_merchant, getattr(request, "person", None)),
    }


def holds(person: Any) -> dict[str, bool]:
    """What the role in use includes, for templates: ``holds.orders``; dots of a code are ``_``."""
    from platforms import facade as platforms

    held = person.permissions if person is not None else frozenset()
    return {code.replace(".", "_"): code in held or "*" in held for code in platforms.PERMISSIONS}


def contracts_for(person: Any) -> bool:
    """Whether contracts and certificates are open to the role in use: people's and merchants',
    whose staff needs the permission; not the platform's (``views.contracts.who`` refuses)."""
    held = person.membership if person is not None else None
    if held is None:
        return person is not None
    if held.merchant_id:
        return "contracts" in person.permissions or "*" in person.permissions
    return str(held.role) != "operator"


def _cart_count(request: HttpRequest, found: Any) -> int:
    from storefront.baskets import cart_of

    cart = cart_of(request) if found is not None else None
    return cart.line_count if cart else 0


def _kept_news(person: Any) -> int:
    """New matches of the kept searches of who is signed in."""
    from search import facade as search

    if person is None:
        return 0
    merchant = person.membership.merchant_id if person.membership is not None else None
    owner = search.Owner(merchant_id=merchant) if merchant else search.Owner(person_id=person.id)
    return search.unseen(owner=owner)


def _roles(person: Any) -> list[dict[str, Any]]:
    """The roles of who is signed in, each with what it is called, if there is a choice."""
    from platforms import facade as platforms

    if person is None or not person.memberships:
        return []
    merchants = platforms.merchants({m.merchant_id for m in person.memberships if m.merchant_id})
    speak = translation.get_language() or "en"
    found = []
    for held in person.memberships:
        merchant = merchants.get(held.merchant_id) if held.merchant_id else None
        label = str(words.ROLES.get(str(held.role), held.role))
        found.append(
            {
                "id": held.id,
                "label": merchant.name(speak) if merchant else label,
                "drawing": "shop"
                if merchant
                else ("gear" if held.role == "operator" else "person"),
                "now": person.membership is not None and person.membership.id == held.id,
            }
        )
    return found


def _own_merchant(person: Any) -> Any:
    from platforms import facade as platforms

    if person is None or person.membership is None or person.membership.merchant_id is None:
        return None
    return platforms.merchant(person.membership.merchant_id)


def _languages(locales: Iterable[str] | None) -> list[tuple[str, str]]:
    """Code and own name of the languages that can be chosen here."""
    offered = {code.lower() for code in locales} if locales else set(dict(settings.LANGUAGES))
    return [(code, NAMES.get(code, code)) for code, _name in settings.LANGUAGES if code in offered]


def _platform() -> Any:
    from platforms import facade as platforms

    return platforms.get_platform()
