"""Customers (客户)."""

from typing import Any

from sandbox import idents
from sandbox.models import Customer, PaymentMethod
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import missing
from sandbox.transport.expand import expandable, loader
from sandbox.transport.operations import operation
from sandbox.transport.params import (
    Choice,
    Email,
    Hash,
    Kind,
    List,
    Metadata,
    Text,
    merge_metadata,
    wrong,
)

from . import shapes
from .happen import changed, emit

_STORED: dict[str, Kind] = {
    "address": shapes.ADDRESS,
    "business_name": Text(limit=150),
    "description": Text(),
    "individual_name": Text(limit=150),
    "name": Text(limit=256),
    "phone": Text(limit=20),
    "preferred_locales": List(of=Text(clear=False)),
    "shipping": shapes.PERSON_SHIPPING,
    "tax_exempt": Choice(clear=True, values=("exempt", "none", "reverse")),
}
_TABLE: dict[str, Kind] = _STORED | {
    "email": Email(),
    "metadata": Metadata(),
    "invoice_settings": Hash(
        fields={
            "default_payment_method": Text(),
            "footer": Text(),
            "custom_fields": List(
                clear=True,
                of=Hash(
                    fields={
                        "name": Text(required=True, limit=40),
                        "value": Text(required=True, limit=140),
                    }
                ),
            ),
        }
    ),
}


def render(row: Customer) -> dict[str, Any]:
    """The customer object, or what is left of a deleted one."""
    if row.deleted:
        return {"id": row.pk, "object": "customer", "deleted": True}
    data = row.data
    settings = {"custom_fields": None, "default_payment_method": None, "footer": None}
    return {
        "id": row.pk,
        "object": "customer",
        "address": shapes.address(data.get("address")),
        "balance": 0,
        "created": row.created,
        "currency": None,
        "default_source": data.get("default_source"),
        "delinquent": False,
        "description": data.get("description"),
        "email": row.email,
        "invoice_prefix": row.pk[-8:].upper(),
        "invoice_settings": settings
        | {"rendering_options": None}
        | data.get("invoice_settings", {}),
        "livemode": False,
        "metadata": row.metadata,
        "name": data.get("name"),
        "next_invoice_sequence": 1,
        "phone": data.get("phone"),
        "preferred_locales": data.get("preferred_locales") or [],
        "shipping": shapes.person_shipping(data.get("shipping")),
        "tax_exempt": data.get("tax_exempt") or "none",
        "test_clock": data.get("test_clock"),
        **{name: data[name] for name in ("business_name", "individual_name") if data.get(name)},
    }


def need(call: Call, ident: str, *, param: str | None = None, lock: bool = False) -> Customer:
    """The customer, not deleted. Raises resource_missing."""
    rows = Customer.objects.filter(account=call.account, pk=ident, deleted=False)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise missing("customer", ident, param=param)
    return row


def _apply(call: Call, row: Customer) -> None:
    for name in _STORED:
        if call.given(name):
            row.data[name] = call.params[name]
    if call.given("email"):
        row.email = call.params["email"]
    if call.given("metadata"):
        row.metadata = merge_metadata(row.metadata, call.params["metadata"])
    if call.given("invoice_settings"):
        settings = call.params["invoice_settings"]
        default = settings.get("default_payment_method")
        if (
            default
            and not PaymentMethod.objects.filter(
                account=call.account, pk=default, customer=row
            ).exists()
        ):
            raise missing(
                "PaymentMethod", default, param="invoice_settings[default_payment_method]"
            )
        row.data["invoice_settings"] = row.data.get("invoice_settings", {}) | settings


@operation(
    "POST", "/v1/customers", "customers.create", _TABLE | {"payment_method": Text(clear=False)}
)
def create(call: Call) -> dict[str, Any]:
    from . import sources, test_clocks
    from .payment_methods import attach_to, resolve

    row = Customer(id=idents.new("cus"), account=call.account, created=call.now)
    if call.get("test_clock"):
        clock = test_clocks.need(call, call.get("test_clock"), param="test_clock")
        row.data["test_clock"] = clock.pk
        call.now = row.created = clock.frozen_time
    settings = call.get("invoice_settings", {})
    default = settings.pop("default_payment_method", None)
    _apply(call, row)
    row.save(force_insert=True)
    emit(call, "customer.created", render(row))
    if call.get("source"):
        sources.add(call, row, call.get("source"))
    if call.get("payment_method"):
        method = resolve(call, call.get("payment_method"), param="payment_method")
        attach_to(call, method, row)
        if default and default not in (method.pk, call.get("payment_method")):
            raise wrong("The default payment method must be attached to the customer.", "default")
        if default:
            row.data.setdefault("invoice_settings", {})["default_payment_method"] = method.pk
            row.save(update_fields=["data"])
    elif default:
        raise missing("PaymentMethod", default, param="invoice_settings[default_payment_method]")
    return render(row)


@operation("GET", "/v1/customers/{id}", "customers.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    row = Customer.objects.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("customer", ident)
    return render(row)


@operation("POST", "/v1/customers/{id}", "customers.update", _TABLE)
def update(call: Call, ident: str) -> dict[str, Any]:
    from . import sources

    row = need(call, ident, lock=True)
    before = render(row)
    _apply(call, row)
    if call.get("default_source"):
        method = PaymentMethod.objects.filter(
            account=call.account, customer=row, pk=call.get("default_source")
        ).first()
        if method is None:
            raise missing("source", call.get("default_source"), param="default_source")
        row.data["default_source"] = method.pk
    row.save()
    if call.get("source"):
        row.data["default_source"] = None
        sources.add(call, row, call.get("source"))
    after = render(row)
    previous = changed(before, after)
    if previous:
        emit(call, "customer.updated", after, previous)
    return after


@operation("DELETE", "/v1/customers/{id}", "customers.delete")
def delete(call: Call, ident: str) -> dict[str, Any]:
    row = need(call, ident, lock=True)
    body = render(row)
    PaymentMethod.objects.filter(account=call.account, customer=row).update(
        customer=None, detached=True
    )
    row.deleted = True
    row.email, row.data, row.metadata = None, {}, {}
    row.save()
    emit(call, "customer.deleted", body)
    return render(row)


@operation(
    "GET",
    "/v1/customers",
    "customers.list",
    lists.PAGE | {"created": lists.CREATED, "email": Text(clear=False, limit=512)},
)
def list_customers(call: Call) -> dict[str, Any]:
    rows = Customer.objects.filter(deleted=False)
    if call.get("email"):
        rows = rows.filter(email=call.get("email"))
    return lists.page(
        call,
        rows,
        lambda found: [render(row) for row in found],
        url="/v1/customers",
        kind="customer",
    )


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = Customer.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row) for row in rows}


expandable("customer", {"default_source": "card", "test_clock": "clock"})
loader("cus", _load)
