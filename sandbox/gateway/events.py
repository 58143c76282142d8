"""Reading events, and pushing one again."""

from typing import Any

from django.db.models import Count, Exists, OuterRef

from sandbox import conf
from sandbox.delivery import queue
from sandbox.models import Channel, Delivery, DeliveryState, Endpoint, Event
from sandbox.transport import lists
from sandbox.transport.call import Call, dumps
from sandbox.transport.errors import missing
from sandbox.transport.operations import operation
from sandbox.transport.params import Boolean, List, Text, wrong

from .happen import render

_LIST = lists.PAGE | {
    "created": lists.CREATED,
    "type": Text(clear=False),
    "types": List(of=Text(clear=False), limit=20),
    "delivery_success": Boolean(),
}


def _recent(call: Call) -> Any:
    border = call.now - conf.EVENT_DAYS * 86400
    return Event.objects.select_related("account").filter(account=call.account, created__gt=border)


def _render(call: Call, rows: list[Event]) -> list[dict[str, Any]]:
    """Several events with how many pushes each still waits for; one query for all."""
    waiting = dict(
        Delivery.objects.filter(
            account=call.account,
            subject__in=[row.pk for row in rows],
            state=DeliveryState.PENDING,
        )
        .values_list("subject")
        .annotate(number=Count("pk"))
    )
    return [render(row, pending=waiting.get(row.pk, 0)) for row in rows]


@operation("GET", "/v1/events/{id}", "events.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return _render(call, [_need(call, ident)])[0]


def _need(call: Call, ident: str) -> Event:
    row: Event | None = _recent(call).filter(pk=ident).first()
    if row is None:
        raise missing("event", ident)
    return row


@operation("GET", "/v1/events", "events.list", _LIST)
def list_events(call: Call) -> dict[str, Any]:
    rows = _recent(call)
    if call.get("type") and call.get("types"):
        raise wrong("You may only specify one of these parameters: type, types.", "types")
    kind = call.get("type")
    if kind and "*" in kind:
        rows = rows.filter(type__startswith=kind.partition("*")[0])
    elif kind:
        rows = rows.filter(type=kind)
    if call.get("types"):
        rows = rows.filter(type__in=call.get("types"))
    if call.given("delivery_success"):
        pushes = Delivery.objects.filter(account=call.account, subject=OuterRef("pk"))
        undone = Exists(pushes.exclude(state=DeliveryState.SUCCEEDED))
        good = call.params["delivery_success"]
        rows = rows.filter(Exists(pushes)).filter(~undone if good else undone)
    return lists.page(
        call, rows, lambda found: _render(call, found), url="/v1/events", kind="event"
    )


@operation(
    "POST",
    "/v1/events/{id}/retry",
    "events.retry",
    {"webhook_endpoint": Text(clear=False), "account": Text()},
)
def retry(call: Call, ident: str) -> dict[str, Any]:
    """Push the event once more: to one endpoint, or to all that listen to its type."""
    row = _need(call, ident)
    targets = [e for e in queue.endpoints(call, Channel.GATEWAY) if queue.wants(e, row.type)]
    wanted = call.get("webhook_endpoint")
    if wanted:
        targets = list(
            Endpoint.objects.filter(
                account=call.account, channel=Channel.GATEWAY, enabled=True, pk=wanted
            )
        )
        if not targets:
            raise missing("webhook endpoint", wanted, param="webhook_endpoint")
    for endpoint in targets:
        message = render(row, pending=1, api_version=endpoint.api_version)
        queue.push_again(
            call.account, endpoint=endpoint, subject=row.pk, kind=row.type, body=dumps(message)
        )
    return _render(call, [row])[0]
