"""Top-ups: money from the account's bank into its balance at the gateway."""

from typing import Any

from sandbox import conf, idents
from sandbox.delivery import due
from sandbox.models import Document
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.expand import expandable
from sandbox.transport.operations import operation
from sandbox.transport.params import Choice, Integer

from . import balance, stored
from .happen import emit

BIG = Integer(required=True, least=1, most=10**13)


def render(row: Document) -> dict[str, Any]:
    """The top-up object."""
    data = row.data
    return {
        "id": row.pk,
        "object": "topup",
        "amount": data["amount"],
        "balance_transaction": data["balance_transaction"],
        "created": row.created,
        "currency": data["currency"],
        "description": data.get("description"),
        "expected_availability_date": row.created,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": row.metadata,
        "source": None,
        "statement_descriptor": data.get("statement_descriptor"),
        "status": row.status,
        "transfer_group": data.get("transfer_group"),
    }


@operation("POST", "/v1/topups", "topups.create", {"amount": BIG, "source": None})
def create(call: Call) -> dict[str, Any]:
    ident = idents.new("tu")
    data = {
        name: call.get(name)
        for name in ("amount", "currency", "description", "statement_descriptor", "transfer_group")
    }
    data["balance_transaction"] = None
    row = stored.add(call, "tu", "topup", data, status="pending", ident=ident)
    body = render(row)
    emit(call, "topup.created", body)
    due.later(call.account, "topup.settle", row.pk, float(conf.get("PAYOUT_SETTLE_SECONDS")))
    return body


@operation("GET", "/v1/topups/{id}", "topups.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(stored.need(call, "topup", ident))


@operation("POST", "/v1/topups/{id}", "topups.update")
def update(call: Call, ident: str) -> dict[str, Any]:
    row = stored.need(call, "topup", ident)
    if call.given("description"):
        row.data["description"] = call.params["description"]
    stored.update_metadata(call, row)
    row.save()
    return render(row)


@operation("POST", "/v1/topups/{id}/cancel", "topups.cancel")
def cancel(call: Call, ident: str) -> dict[str, Any]:
    row = _locked(call, ident)
    if row.status != "pending":
        raise GatewayError(f"Top-up {row.pk} can't be canceled: it is {row.status}.")
    row.status = "canceled"
    row.save(update_fields=["status"])
    due.drop(call.account, "topup.settle", row.pk)
    emit(call, "topup.canceled", render(row))
    return render(row)


def _locked(call: Call, ident: str) -> Document:
    stored.need(call, "topup", ident)
    return Document.objects.select_for_update().get(pk=ident)


@operation(
    "GET",
    "/v1/topups",
    "topups.list",
    {"status": Choice(values=("canceled", "failed", "pending", "succeeded"))},
)
def list_topups(call: Call) -> dict[str, Any]:
    filters = {"status": call.get("status")} if call.get("status") else {}
    return stored.page(call, "topup", render, "/v1/topups", **filters)


@due.action("topup.settle")
def settle(call: Call, ident: str) -> None:
    """The bank has sent the money."""
    row = _locked(call, ident)
    if row.status != "pending":
        return
    row.status = "succeeded"
    row.data["balance_transaction"] = balance.book(
        call,
        amount=row.data["amount"],
        currency=row.data["currency"],
        kind="topup",
        source=row.pk,
    )
    row.save()
    emit(call, "topup.succeeded", render(row))


expandable("topup", {"balance_transaction": "txn"})
stored.expands("tu", render)
