"""The request as handlers see it, and ETags."""

from uuid import UUID

from django.http import HttpRequest

from kernel.actors import Actor
from kernel.api import headers
from kernel.errors import Forbidden, PreconditionFailed


class ApiRequest(HttpRequest):
    """An authenticated request. For typing: the attributes are set by the route's guard."""

    actor: Actor
    idempotency_token: UUID
    etag: str | None


def etag_of(version: int) -> str:
    """The strong ETag of a row version."""
    return f'"v{version}"'


def set_etag(request: HttpRequest, version: int) -> None:
    """Send this row version as the answer's ETag."""
    request.etag = etag_of(version)  # type: ignore[attr-defined]


def check_if_match(request: HttpRequest, version: int) -> None:
    """Refuse (412) when If-Match is sent and names another version than the present one."""
    wanted = headers.sent(request, headers.IF_MATCH)
    if wanted is None or wanted.strip() == "*":
        return
    if etag_of(version) not in [tag.strip().removeprefix("W/") for tag in wanted.split(",")]:
        raise PreconditionFailed(current=etag_of(version), sent=wanted)


def person_of(request: ApiRequest) -> UUID:
    """Whoever sends the request. Raises Forbidden for a key that is nobody's own."""
    if request.actor.person_id is None:
        raise Forbidden
    return request.actor.person_id
