"""Rate limits with the standard headers (RateLimit-Limit, -Remaining, -Reset)."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel import ratelimit, tenancy
from kernel.errors import TooMany

WINDOW = 60


def apply_limits(request: HttpRequest) -> dict[str, str]:
    """Count the request against its caller (a key, a person, else a network address).

    Limits are per minute (``RATE_LIMIT_KEY``, ``RATE_LIMIT_GUEST``). Raises TooMany.
    """
    if tenancy.current_or_none() is None:
        return {}
    actor = request.actor  # type: ignore[attr-defined]
    who = actor.id or actor.person_id
    if who is not None:
        bucket, limit = f"api:{who.hex}", settings.API_RATE_LIMITS["key"]
    else:
        bucket = f"api:{request.META.get('REMOTE_ADDR', '')}"
        limit = settings.API_RATE_LIMITS["guest"]
    verdict = ratelimit.hit(bucket, limit=limit, seconds=WINDOW)
    if not verdict.allowed:
        raise TooMany(
            _("%(limit)s requests a minute are allowed.") % {"limit": limit},
            retry_after=verdict.reset,
        )
    return verdict.headers()
