"""Events (事件): written with the change they tell of, then pushed."""

from typing import Any

from sandbox import conf, idents
from sandbox.delivery import queue
from sandbox.models import Channel, Endpoint, Event
from sandbox.rows import Rows
from sandbox.transport.call import Call, dumps

_EVENTS = Rows(Event)


def render(event: Event, *, pending: int, api_version: str | None = None) -> dict[str, Any]:
    """The event object; an endpoint may be pinned to a protocol version of its own."""
    connected = {"account": event.account_id} if event.account.platform_id else {}
    return connected | {
        "id": event.pk,
        "object": "event",
        "api_version": api_version or event.api_version,
        "created": event.created,
        "data": event.data,
        "livemode": False,
        "pending_webhooks": pending,
        "request": {"id": event.request_id, "idempotency_key": event.idempotency_key},
        "type": event.type,
    }


def emit(
    call: Call, kind: str, body: dict[str, Any], previous: dict[str, Any] | None = None
) -> Event:
    """Tell of ``kind`` with the object as it is now; ``previous`` only for ``*.updated``."""
    data: dict[str, Any] = {"object": body}
    if previous is not None:
        data["previous_attributes"] = previous
    event = Event(
        id=idents.new("evt"),
        account=call.account,
        created=call.now,
        type=kind,
        api_version=conf.API_VERSION,
        data=data,
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )
    _EVENTS.insert(event)
    pending = sum(
        queue.wants(endpoint, kind) for endpoint in queue.endpoints(call, Channel.GATEWAY)
    )

    def message(endpoint: Endpoint) -> bytes:
        return dumps(render(event, pending=pending, api_version=endpoint.api_version))

    queue.push(call, channel=Channel.GATEWAY, subject=event.pk, kind=kind, body=message)
    return event


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The old values of the fields that differ, for ``previous_attributes``."""
    return {name: value for name, value in before.items() if after.get(name) != value}
