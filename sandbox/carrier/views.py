"""The carrier's addresses."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from sandbox.delivery.callbacks import handlers
from sandbox.models import Channel, Waybill
from sandbox.transport.call import Call
from sandbox.transport.plain import Reply, api, key_of, page, read

from . import label as labels
from . import waybills as service


def _create(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    key = key_of(request, data)
    row, new = service.book(call, key, read(service.WaybillIn, data))
    call.replayed = not new
    return 201 if new else 200, service.render(row, call.base_url)


def _list(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    rows = service.with_events()
    for name in ("reference", "key"):
        if request.GET.get(name):
            rows = rows.filter(**{name: request.GET[name]})
    return page(call, rows, lambda row: service.render(row, call.base_url), request.GET)


def _get(call: Call, request: HttpRequest, data: dict[str, Any], no: str) -> Reply:
    return 200, service.render(service.find(call, no), call.base_url)


def _events(call: Call, request: HttpRequest, data: dict[str, Any], no: str) -> Reply:
    row = service.find(call, no)
    return 200, {"data": [service.render_event(event) for event in row.events.all()]}


def _advance(call: Call, request: HttpRequest, data: dict[str, Any], no: str) -> Reply:
    return 200, service.render(service.advance(call, no), call.base_url)


def _cancel(call: Call, request: HttpRequest, data: dict[str, Any], no: str) -> Reply:
    return 200, service.render(service.cancel(call, no), call.base_url)


_register, _show, _remove = handlers(Channel.CARRIER)

waybills = api(POST=("carrier.waybills.create", _create), GET=("carrier.waybills.list", _list))
waybill = api(GET=("carrier.waybills.retrieve", _get))
events = api(GET=("carrier.waybills.events", _events))
advance = api(POST=("carrier.waybills.advance", _advance))
cancel = api(POST=("carrier.waybills.cancel", _cancel))
callbacks = api(POST=("carrier.callbacks.create", _register), GET=("carrier.callbacks.list", _show))
callback = api(DELETE=("carrier.callbacks.delete", _remove))


@require_GET
def label(request: HttpRequest, token: str) -> HttpResponse:
    """The label as PNG; the address itself is the secret."""
    row = Waybill.objects.filter(label_token=token).first()
    if row is None:
        return HttpResponse("There is no such label.", status=404, content_type="text/plain")
    return HttpResponse(labels.draw(row), content_type="image/png")
