"""Products and prices, as far as checkout pages need them."""

from typing import Any

from sandbox import idents
from sandbox.models import Document
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.expand import expandable
from sandbox.transport.operations import operation
from sandbox.transport.params import Integer, Kind, Text, wrong

from . import stored
from .happen import changed, emit

_PRODUCT = ("description", "name", "shippable", "statement_descriptor", "unit_label", "url")
UNIT = Integer(least=0, most=99_999_999)


def render_product(row: Document) -> dict[str, Any]:
    """The product object."""
    data = row.data
    return {name: data.get(name) for name in _PRODUCT} | {
        "id": row.pk,
        "object": "product",
        "active": row.status == "active",
        "created": row.created,
        "default_price": data.get("default_price"),
        "images": data.get("images") or [],
        "livemode": False,
        "marketing_features": data.get("marketing_features") or [],
        "metadata": row.metadata,
        "package_dimensions": data.get("package_dimensions"),
        "tax_code": data.get("tax_code"),
        "updated": data.get("updated", row.created),
    }


def render_price(row: Document) -> dict[str, Any]:
    """The price object."""
    data = row.data
    return {
        "id": row.pk,
        "object": "price",
        "active": row.status == "active",
        "billing_scheme": "per_unit",
        "created": row.created,
        "currency": data["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": data.get("lookup_key"),
        "metadata": row.metadata,
        "nickname": data.get("nickname"),
        "product": row.parent,
        "recurring": None,
        "tax_behavior": data.get("tax_behavior") or "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": data["unit_amount"],
        "unit_amount_decimal": str(data["unit_amount"]),
    }


def make_product(call: Call, given: dict[str, Any]) -> Document:
    ident = given.get("id") or idents.new("prod")
    if Document.objects.filter(pk=ident).exists():
        raise GatewayError(
            f"Product already exists: {ident}", code="resource_already_exists", param="id"
        )
    kept = (*_PRODUCT, "images", "marketing_features", "package_dimensions", "tax_code")
    data = {name: given[name] for name in kept if name in given}
    status = "inactive" if given.get("active") is False else "active"
    row = stored.add(call, "prod", "product", data, status=status, ident=ident)
    emit(call, "product.created", render_product(row))
    return row


def make_price(call: Call, given: dict[str, Any], inside: str = "") -> Document:
    """A price of an existing product, or of one made with it."""
    for name in ("recurring", "tiers", "custom_unit_amount"):
        if given.get(name):
            raise wrong(
                f"{name}: this sandbox has one-time prices with a fixed amount only.",
                f"{inside}[{name}]" if inside else name,
            )
    amount = given.get("unit_amount")
    if amount is None and given.get("unit_amount_decimal"):
        amount = int(given["unit_amount_decimal"].partition(".")[0])
    if amount is None:
        here = f"{inside}[unit_amount]" if inside else "unit_amount"
        raise wrong(f"Missing required param: {here}.", here, "parameter_missing")
    if given.get("product"):
        product = stored.need(call, "product", given["product"], param="product")
    elif given.get("product_data"):
        product = make_product(call, given["product_data"])
    else:
        here = f"{inside}[product]" if inside else "product"
        raise wrong(f"Missing required param: {here}.", here, "parameter_missing")
    kept = ("currency", "lookup_key", "nickname", "tax_behavior")
    data = {name: given[name] for name in kept if name in given} | {"unit_amount": amount}
    status = "inactive" if given.get("active") is False or inside else "active"
    row = stored.add(call, "price", "price", data, parent=product.pk, status=status)
    emit(call, "price.created", render_price(row))
    return row


@operation("POST", "/v1/products", "products.create")
def create_product(call: Call) -> dict[str, Any]:
    given = dict(call.params)
    row = make_product(call, given)
    if given.get("default_price_data"):
        price = make_price(call, given["default_price_data"] | {"product": row.pk})
        row.data["default_price"] = price.pk
        row.save(update_fields=["data"])
    return render_product(row)


@operation("GET", "/v1/products/{id}", "products.retrieve")
def retrieve_product(call: Call, ident: str) -> dict[str, Any]:
    return render_product(stored.need(call, "product", ident))


@operation("POST", "/v1/products/{id}", "products.update")
def update_product(call: Call, ident: str) -> dict[str, Any]:
    row = stored.need(call, "product", ident)
    before = render_product(row)
    for name, value in call.params.items():
        if name not in ("metadata", "active"):
            row.data[name] = value
    if call.given("active"):
        row.status = "active" if call.params["active"] else "inactive"
    stored.update_metadata(call, row)
    row.data["updated"] = call.now
    row.save()
    after = render_product(row)
    emit(call, "product.updated", after, changed(before, after))
    return after


@operation("DELETE", "/v1/products/{id}", "products.delete")
def delete_product(call: Call, ident: str) -> dict[str, Any]:
    row = stored.need(call, "product", ident)
    if Document.objects.filter(account=call.account, kind="price", parent=ident).exists():
        raise GatewayError(
            "This product cannot be deleted because it has one or more user-created prices."
        )
    body = render_product(row)
    row.status = "deleted"
    row.save(update_fields=["status"])
    emit(call, "product.deleted", body)
    return {"id": ident, "object": "product", "deleted": True}


def _active(call: Call) -> dict[str, Any]:
    if not call.given("active"):
        return {}
    return {"status": "active" if call.params["active"] else "inactive"}


@operation("GET", "/v1/products", "products.list")
def list_products(call: Call) -> dict[str, Any]:
    filters = _active(call)
    if call.get("ids"):
        filters["pk__in"] = call.get("ids")
    return stored.page(call, "product", render_product, "/v1/products", **filters)


_PRICE: dict[str, Kind] = {"unit_amount": UNIT}


@operation("POST", "/v1/prices", "prices.create", _PRICE)
def create_price(call: Call) -> dict[str, Any]:
    return render_price(make_price(call, call.params))


@operation("GET", "/v1/prices/{id}", "prices.retrieve")
def retrieve_price(call: Call, ident: str) -> dict[str, Any]:
    return render_price(stored.need(call, "price", ident))


@operation("POST", "/v1/prices/{id}", "prices.update")
def update_price(call: Call, ident: str) -> dict[str, Any]:
    row = stored.need(call, "price", ident)
    before = render_price(row)
    for name in ("lookup_key", "nickname", "tax_behavior"):
        if call.given(name):
            row.data[name] = call.params[name]
    if call.given("active"):
        row.status = "active" if call.params["active"] else "inactive"
    stored.update_metadata(call, row)
    row.save()
    after = render_price(row)
    emit(call, "price.updated", after, changed(before, after))
    return after


@operation("GET", "/v1/prices", "prices.list", {"product": Text(clear=False)})
def list_prices(call: Call) -> dict[str, Any]:
    filters = _active(call)
    for name, column in (("product", "parent"), ("currency", "data__currency")):
        if call.get(name):
            filters[column] = call.get(name)
    if call.get("lookup_keys"):
        filters["data__lookup_key__in"] = call.get("lookup_keys")
    return stored.page(call, "price", render_price, "/v1/prices", **filters)


expandable("product", {"default_price": "price", "tax_code": "txcd"})
expandable("price", {"product": "prod"})
stored.expands("prod", render_product)
stored.expands("price", render_price)
