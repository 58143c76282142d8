"""The issuer's addresses."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest

from sandbox.models import Fapiao
from sandbox.transport.call import Call
from sandbox.transport.plain import PlainError, Reply, api, key_of, page, read

from . import invoices as service


def _create(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    key = key_of(request, data)
    wanted = read(service.FapiaoIn, data)
    row, new = service.issue(call, key, wanted)
    call.replayed = not new
    if new and service.patience(wanted):
        call.plan = replace(call.plan, wait_after=service.patience(wanted))
    return 201 if new else 200, service.render(row)


def _list(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    rows = Fapiao.objects.all()
    for name in ("key", "document", "number"):
        if request.GET.get(name):
            rows = rows.filter(**{name: request.GET[name]})
    return page(call, rows, service.render, request.GET)


def _get(call: Call, request: HttpRequest, data: dict[str, Any], ident: str) -> Reply:
    row = Fapiao.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise PlainError(404, "not_found", "There is no such document.")
    return 200, service.render(row)


def _advance(call: Call, request: HttpRequest, data: dict[str, Any], ident: str) -> Reply:
    return 200, service.render(service.advance(call, ident))


invoices = api(POST=("fapiao.invoices.create", _create), GET=("fapiao.invoices.list", _list))
invoice = api(GET=("fapiao.invoices.retrieve", _get))
advance = api(POST=("fapiao.invoices.advance", _advance))
