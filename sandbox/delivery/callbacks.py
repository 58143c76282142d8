"""Callback addresses of bank and carrier, and pushes to them."""

from typing import Any

from django.http import HttpRequest
from pydantic import Field

from sandbox import idents
from sandbox.models import Channel, Endpoint
from sandbox.transport.call import Call, dumps
from sandbox.transport.errors import GatewayError
from sandbox.transport.params import Url
from sandbox.transport.plain import Body, Handler, PlainError, Reply, read

from . import queue, signing


class CallbackIn(Body):
    url: str = Field(min_length=1, max_length=2000)


def _render(row: Endpoint, *, secret: bool = False) -> dict[str, Any]:
    body = {"id": row.pk, "object": "callback", "url": row.url}
    return body | ({"secret": row.secret} if secret else {})


def handlers(channel: Channel) -> tuple[Handler, Handler, Handler]:
    """(register, list, remove) for one outside party."""

    def register(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
        url = read(CallbackIn, data).url
        try:
            Url().read(url, "url")
        except GatewayError as error:
            raise PlainError(422, "invalid", "url: use an http or https address.", "url") from error
        row = Endpoint.objects.create(
            id=idents.new("cbk"),
            account=call.account,
            created=call.now,
            channel=channel,
            url=url,
            secret=signing.new_secret(),
            enabled_events=["*"],
        )
        return 201, _render(row, secret=True)

    def show(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
        rows = Endpoint.objects.filter(account=call.account, channel=channel).order_by("-pk")
        return 200, {"data": [_render(row) for row in rows[:100]], "has_more": False}

    def remove(call: Call, request: HttpRequest, data: dict[str, Any], ident: str) -> Reply:
        rows = Endpoint.objects.filter(account=call.account, channel=channel, pk=ident)
        if not rows.delete()[0]:
            raise PlainError(404, "not_found", "There is no such callback.")
        return 200, {"id": ident, "deleted": True}

    return register, show, remove


def tell(
    call: Call,
    channel: Channel,
    *,
    subject: str,
    kind: str,
    moment: str | None,
    data: dict[str, Any],
) -> None:
    """Push ``{"id", "type", "timestamp", "data"}`` to every callback of the account."""
    body = dumps({"id": subject, "type": kind, "timestamp": moment, "data": data})
    queue.push(call, channel=channel, subject=subject, kind=kind, body=lambda endpoint: body)
