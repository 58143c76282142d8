"""The identity provider's addresses."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest

from sandbox.delivery.callbacks import handlers
from sandbox.models import Channel, IdentityCheck
from sandbox.transport.call import Call
from sandbox.transport.plain import Reply, api, key_of, page, read

from . import checks as service


def _create(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    key = key_of(request, data)
    wanted = read(service.CheckIn, data)
    row, new = service.ask(call, key, wanted)
    call.replayed = not new
    if new and service.patience(wanted):
        call.plan = replace(call.plan, wait_after=service.patience(wanted))
    return 201 if new else 200, service.render(row)


def _list(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    rows = IdentityCheck.objects.all()
    if request.GET.get("key"):
        rows = rows.filter(key=request.GET["key"])
    return page(call, rows, service.render, request.GET)


def _get(call: Call, request: HttpRequest, data: dict[str, Any], ident: str) -> Reply:
    return 200, service.render(service.find(call, ident))


def _amount(call: Call, request: HttpRequest, data: dict[str, Any], ident: str) -> Reply:
    return 200, service.check_amount(call, ident, read(service.AmountIn, data).amount)


def _advance(call: Call, request: HttpRequest, data: dict[str, Any], ident: str) -> Reply:
    return 200, service.render(service.answer(call, ident))


_register, _show, _remove = handlers(Channel.IDENTITY)

checks = api(POST=("identity.checks.create", _create), GET=("identity.checks.list", _list))
check = api(GET=("identity.checks.retrieve", _get))
amount = api(POST=("identity.checks.amount", _amount))
advance = api(POST=("identity.checks.advance", _advance))
callbacks = api(
    POST=("identity.callbacks.create", _register), GET=("identity.callbacks.list", _show)
)
callback = api(DELETE=("identity.callbacks.delete", _remove))
