"""A customer's older cards: ``/v1/customers/{id}/sources``, made from a token."""

from typing import Any

from sandbox.models import Customer, PaymentMethod
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import missing
from sandbox.transport.expand import includable
from sandbox.transport.operations import operation
from sandbox.transport.params import Text, merge_metadata

from . import customers, older_cards, payment_methods
from .happen import emit


def add(call: Call, customer: Customer, token: str, param: str = "source") -> PaymentMethod:
    """A card from a token, attached; the first becomes the customer's default."""
    row = older_cards.from_token(call, token, param)
    payment_methods.attach_to(call, row, customer)
    if not customer.data.get("default_source"):
        customer.data["default_source"] = row.pk
        customer.save(update_fields=["data"])
    emit(call, "customer.source.created", older_cards.card_object(row, row.pk))
    return row


def default(call: Call, customer: Customer) -> PaymentMethod | None:
    ident = customer.data.get("default_source")
    return PaymentMethod.objects.filter(account=call.account, pk=ident, customer=customer).first()


@operation(
    "POST",
    "/v1/customers/{id}/sources",
    "customers.sources.create",
    {"source": Text(required=True, clear=False)},
)
def create(call: Call, ident: str) -> dict[str, Any]:
    customer = customers.need(call, ident, lock=True)
    row = add(call, customer, call.params["source"])
    if call.given("metadata"):
        row.metadata = merge_metadata({}, call.params["metadata"])
        row.save(update_fields=["metadata"])
    return older_cards.card_object(row, row.pk)


def _need(call: Call, ident: str, source: str) -> PaymentMethod:
    rows = PaymentMethod.objects.filter(account=call.account, customer_id=ident, pk=source)
    row = rows.filter(pk__startswith="card_").first()
    if row is None:
        raise missing("source", source)
    return row


@operation("GET", "/v1/customers/{id}/sources/{source}", "customers.sources.retrieve")
def retrieve(call: Call, ident: str, source: str) -> dict[str, Any]:
    return older_cards.card_object(_need(call, ident, source), source)


@operation("DELETE", "/v1/customers/{id}/sources/{source}", "customers.sources.delete")
def delete(call: Call, ident: str, source: str) -> dict[str, Any]:
    row = _need(call, ident, source)
    customer = customers.need(call, ident, lock=True)
    body = older_cards.card_object(row, source)
    row.customer, row.detached = None, True
    row.save(update_fields=["customer", "detached"])
    if customer.data.get("default_source") == source:
        others = PaymentMethod.objects.filter(customer=customer, pk__startswith="card_")
        customer.data["default_source"] = others.order_by("pk").values_list("pk", flat=True).first()
        customer.save(update_fields=["data"])
    emit(call, "customer.source.deleted", body)
    return {"id": source, "object": "card", "deleted": True}


@operation("GET", "/v1/customers/{id}/sources", "customers.sources.list")
def list_sources(call: Call, ident: str) -> dict[str, Any]:
    customers.need(call, ident)
    rows = PaymentMethod.objects.filter(customer_id=ident, pk__startswith="card_")
    if call.get("object", "card") != "card":
        rows = rows.none()
    return lists.page(
        call,
        rows,
        lambda found: [older_cards.card_object(row, row.pk) for row in found],
        url=f"/v1/customers/{ident}/sources",
        kind="source",
    )


includable("customer", "sources", lambda call, node: list_sources(_plain(call), node["id"]))


def _plain(call: Call) -> Call:
    return call.acting(call.account)
