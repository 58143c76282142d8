"""A customer's cash balance: money that came by bank transfer and waits to be used."""

from typing import Any

from sandbox import idents
from sandbox.models import Customer, Document
from sandbox.transport.call import Call
from sandbox.transport.operations import operation
from sandbox.transport.params import Integer

from . import customers, stored
from .happen import emit

TRANSFERS = {"eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer"}


def render(row: Document) -> dict[str, Any]:
    """The customer cash balance transaction object."""
    data = row.data
    kind = TRANSFERS.get(data["currency"], "us_bank_transfer")
    return {
        "id": row.pk,
        "object": "customer_cash_balance_transaction",
        "created": row.created,
        "currency": data["currency"],
        "customer": row.parent,
        "customer_account": None,
        "ending_balance": data["ending_balance"],
        "funded": {"bank_transfer": {"reference": data.get("reference"), "type": kind, kind: {}}},
        "livemode": False,
        "net_amount": data["net_amount"],
        "type": "funded",
    }


def _balance(row: Customer) -> dict[str, Any]:
    return {
        "object": "cash_balance",
        "available": row.data.get("cash") or None,
        "customer": row.pk,
        "customer_account": None,
        "livemode": False,
        "settings": {"reconciliation_mode": "automatic", "using_merchant_default": True},
    }


@operation(
    "POST",
    "/v1/test_helpers/customers/{id}/fund_cash_balance",
    "customers.fund_cash_balance",
    {"amount": Integer(required=True, least=1, most=10**13)},
)
def fund(call: Call, ident: str) -> dict[str, Any]:
    customer = customers.need(call, ident, lock=True)
    currency, amount = call.params["currency"], call.params["amount"]
    cash = dict(customer.data.get("cash") or {})
    cash[currency] = cash.get(currency, 0) + amount
    customer.data["cash"] = cash
    customer.save(update_fields=["data"])
    data = {
        "currency": currency,
        "net_amount": amount,
        "ending_balance": cash[currency],
        "reference": call.get("reference"),
    }
    row = stored.add(
        call, "ccsbtxn", "cash_balance_transaction", data, parent=ident, ident=idents.new("ccsbtxn")
    )
    emit(call, "customer_cash_balance_transaction.created", render(row))
    return render(row)


@operation("GET", "/v1/customers/{id}/cash_balance", "customers.cash_balance.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return _balance(customers.need(call, ident))


@operation(
    "GET",
    "/v1/customers/{id}/cash_balance_transactions",
    "customers.cash_balance_transactions.list",
)
def list_transactions(call: Call, ident: str) -> dict[str, Any]:
    customers.need(call, ident)
    url = f"/v1/customers/{ident}/cash_balance_transactions"
    return stored.page(call, "cash_balance_transaction", render, url, parent=ident)


@operation(
    "GET",
    "/v1/customers/{id}/cash_balance_transactions/{transaction}",
    "customers.cash_balance_transactions.retrieve",
)
def retrieve_transaction(call: Call, ident: str, transaction: str) -> dict[str, Any]:
    return render(stored.need(call, "cash_balance_transaction", transaction, parent=ident))
