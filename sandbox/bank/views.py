"""The bank's addresses."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from sandbox.delivery.callbacks import handlers
from sandbox.models import BankBalance, BankEntry, BankTransfer, Channel
from sandbox.transport.call import Call
from sandbox.transport.plain import PlainError, Reply, api, key_of, page, read

from . import statements
from . import transfers as service


def _create(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    key = key_of(request, data)
    row, new = service.make(call, key, read(service.TransferIn, data))
    call.replayed = not new
    return 201 if new else 200, service.render(row)


def _list(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    rows = BankTransfer.objects.all()
    for name in ("reference", "key"):
        if request.GET.get(name):
            rows = rows.filter(**{name: request.GET[name]})
    return page(call, rows, service.render, request.GET)


def _get(call: Call, request: HttpRequest, data: dict[str, Any], ident: str) -> Reply:
    row = BankTransfer.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise PlainError(404, "not_found", "There is no such transfer.")
    return 200, service.render(row)


def _advance(call: Call, request: HttpRequest, data: dict[str, Any], ident: str) -> Reply:
    return 200, service.render(service.settle(call, ident))


def _statement(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    rows = BankEntry.objects.all()
    if request.GET.get("currency"):
        rows = rows.filter(currency=request.GET["currency"])
    return page(call, rows, service.render_entry, request.GET)


def _day(call: Call, request: HttpRequest, data: dict[str, Any], day: str) -> Reply:
    return 200, statements.of_day(call, day, request.GET.get("zone", "Asia/Shanghai"))


def day_file(request: HttpRequest, day: str) -> HttpResponse:
    """The same as a CSV file, with ``?format=csv``."""
    answer = _day_json(request, day=day)
    if request.GET.get("format") != "csv" or answer.status_code != 200:
        return answer
    text = statements.as_csv(json.loads(answer.content))
    return HttpResponse(text, content_type="text/csv; charset=utf-8")


def _balance(call: Call, request: HttpRequest, data: dict[str, Any]) -> Reply:
    rows = BankBalance.objects.filter(owner=call.account).order_by("currency")
    return 200, {"data": [{"currency": row.currency, "amount": row.amount} for row in rows]}


_register, _show, _remove = handlers(Channel.BANK)

transfers = api(POST=("bank.transfers.create", _create), GET=("bank.transfers.list", _list))
transfer = api(GET=("bank.transfers.retrieve", _get))
advance = api(POST=("bank.transfers.advance", _advance))
statement = api(GET=("bank.statement", _statement))
_day_json = api(GET=("bank.statements.retrieve", _day))
balance = api(GET=("bank.balance", _balance))
callbacks = api(POST=("bank.callbacks.create", _register), GET=("bank.callbacks.list", _show))
callback = api(DELETE=("bank.callbacks.delete", _remove))
