"""Webhook endpoints (回调地址) of the gateway."""

from typing import Any

from sandbox import idents
from sandbox.delivery import signing
from sandbox.models import Channel, Endpoint
from sandbox.transport import lists
from sandbox.transport.auth import good_version
from sandbox.transport.call import Call
from sandbox.transport.errors import missing
from sandbox.transport.operations import operation
from sandbox.transport.params import Boolean, Kind, List, Metadata, Text, Url, merge_metadata, wrong

from . import event_types

_UPDATE: dict[str, Kind] = {
    "url": Url(limit=2000),
    "enabled_events": List(of=Text(clear=False)),
    "description": Text(),
    "metadata": Metadata(),
    "disabled": Boolean(),
}
_CREATE: dict[str, Kind] = {
    "url": Url(limit=2000, required=True),
    "enabled_events": List(of=Text(clear=False), required=True),
    "description": Text(),
    "metadata": Metadata(),
    "api_version": Text(clear=False),
    "connect": Boolean(),
}


def render(row: Endpoint, *, secret: bool = False) -> dict[str, Any]:
    """The webhook endpoint object; its secret only when it was just made."""
    body = {
        "id": row.pk,
        "object": "webhook_endpoint",
        "api_version": row.api_version,
        "application": "ca_sandbox" if row.connect else None,
        "created": row.created,
        "description": row.description,
        "enabled_events": row.enabled_events,
        "livemode": False,
        "metadata": row.metadata,
        "status": "enabled" if row.enabled else "disabled",
        "url": row.url,
    }
    return body | ({"secret": row.secret} if secret else {})


def _events(names: list[str]) -> list[str]:
    if not names:
        raise wrong("enabled_events must name at least one event.", "enabled_events")
    for place, name in enumerate(names):
        if not event_types.known(name):
            raise wrong(
                f"Invalid enabled_events[{place}]: there is no event type '{name[:60]}'.",
                f"enabled_events[{place}]",
            )
    return list(dict.fromkeys(names))


def _need(call: Call, ident: str, *, lock: bool = False) -> Endpoint:
    rows = Endpoint.objects.filter(account=call.account, channel=Channel.GATEWAY, pk=ident)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise missing("webhook endpoint", ident)
    return row


@operation("POST", "/v1/webhook_endpoints", "webhook_endpoints.create", _CREATE)
def create(call: Call) -> dict[str, Any]:
    version = call.get("api_version")
    if version and not good_version(version):
        raise wrong(f"Invalid api_version: {version[:40]}", "api_version")
    row = Endpoint.objects.create(
        id=idents.new("we"),
        account=call.account,
        created=call.now,
        channel=Channel.GATEWAY,
        url=call.params["url"],
        secret=signing.new_secret(),
        enabled_events=_events(call.params["enabled_events"]),
        description=call.get("description"),
        metadata=merge_metadata({}, call.get("metadata")),
        api_version=version,
        connect=call.get("connect", False),
    )
    return render(row, secret=True)


@operation("GET", "/v1/webhook_endpoints/{id}", "webhook_endpoints.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(_need(call, ident))


@operation("POST", "/v1/webhook_endpoints/{id}", "webhook_endpoints.update", _UPDATE)
def update(call: Call, ident: str) -> dict[str, Any]:
    row = _need(call, ident, lock=True)
    row.url = call.get("url", row.url)
    if call.given("enabled_events"):
        row.enabled_events = _events(call.params["enabled_events"])
    if call.given("description"):
        row.description = call.params["description"]
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    if call.given("disabled"):
        row.enabled = not call.params["disabled"]
    row.save()
    return render(row)


@operation("DELETE", "/v1/webhook_endpoints/{id}", "webhook_endpoints.delete")
def delete(call: Call, ident: str) -> dict[str, Any]:
    _need(call, ident, lock=True).delete()
    return {"id": ident, "object": "webhook_endpoint", "deleted": True}


@operation("GET", "/v1/webhook_endpoints", "webhook_endpoints.list", lists.PAGE)
def list_endpoints(call: Call) -> dict[str, Any]:
    return lists.page(
        call,
        Endpoint.objects.filter(channel=Channel.GATEWAY),
        lambda found: [render(row) for row in found],
        url="/v1/webhook_endpoints",
        kind="webhook endpoint",
    )
