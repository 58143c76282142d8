"""Reads of orders."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from inventory import facade as inventory
from kernel import personal, tenancy
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from kernel.questions import Question, ask
from kernel.sealed_text import opened
from kernel.sql_parts import AMONG
from kernel.statements import Columns
from marketplace.contracts import (
    AppliedDiscount,
    LineDiscount,
    OrderGroupInfo,
    OrderInfo,
    OrderLineInfo,
)
from marketplace.contracts_price_lists import AppliedList
from marketplace.domain.prices import plain_price
from marketplace.errors import OrderNotFound
from marketplace.models import GROUPS, ORDERS, Order, OrderGroup, OrderLine
from marketplace.selectors.carts import opened_details
from marketplace.tokens import is_order_token, token_hash

_PLAIN = (
    "id",
    "group_id",
    "number",
    "merchant_id",
    "buyer_id",
    "language",
    "commission_rate",
    "weight_grams",
    "rate_code",
    "rate_name",
    "carrier",
    "shipment_id",
    "waybill",
    "cancel_reason",
    "external_id",
    "metadata",
    "version",
    "placed_at",
    "paid_at",
    "packing_at",
    "shipped_at",
    "delivered_at",
    "completed_at",
    "cancelled_at",
    "created_at",
    "updated_at",
)
_MONEY = (
    "goods_total",
    "discount_total",
    "platform_discount",
    "shipping_total",
    "total",
    "cancelled_total",
    "commission",
)
# Orders of which something may be left to be sent.
TO_SEND = (
    Order.State.PENDING_PAYMENT, Order.State.PAID, Order.State.SHIPPING,
    Order.State.PARTLY_SHIPPED, Order.State.CANCELLING,
)  # fmt: skip
FIELDS = (*_PLAIN, *_MONEY, "state", "currency", "discounts")
_ORDERS = Columns(Order, *FIELDS)
_DETAILS = Columns(OrderGroup, "subject_id", "sealed_details", "sealed_note")
_OF_GUEST = (
    "EXISTS (SELECT 1 FROM marketplace_ordergroup g WHERE g.platform_id = "
    "marketplace_order.platform_id AND g.id = marketplace_order.group_id AND g.token_hash = %s)"
)
_OF_ORDER = "id = (SELECT group_id FROM marketplace_order WHERE platform_id = %s AND id = %s)"
_OF_ORDERS = f"order_id {AMONG} ORDER BY order_id, position"
Rows = list[dict[str, Any]]
_LINE = (
    "id",
    "variant_id",
    "product_id",
    "sku",
    "titles",
    "options",
    "unit",
    "quantity",
    "weight_grams",
    "cancelled",
    "sent",
    "delivered",
)
_LINES = Columns(
    OrderLine,
    "order_id",
    *_LINE,
    "unit_price",
    "price_list",
    "public_price",
    "total",
    "discount_total",
    "platform_discount",
)


def line_info(row: dict[str, Any], currency: str) -> OrderLineInfo:
    """A line's values as contract."""
    return OrderLineInfo(
        **{name: row[name] for name in _LINE},
        unit_price=plain_price(row["unit_price"]),
        price_list=_list_of(row["price_list"]),
        public_price=plain_price(row["public_price"]) if row["public_price"] else None,
        total=Money(row["total"], currency),
        discount_total=Money(row["discount_total"], currency),
        platform_discount=Money(row["platform_discount"], currency),
    )


def _list_of(stored: dict[str, Any]) -> AppliedList | None:
    return AppliedList(UUID(stored["id"]), stored["names"]) if stored else None


def applied(rows: Iterable[dict[str, Any]], currency: str) -> tuple[AppliedDiscount, ...]:
    """The discounts of an order's row as contracts."""
    return tuple(
        AppliedDiscount(
            promotion_id=UUID(row["promotion"]),
            kind=row["kind"],
            names=row["names"],
            terms=row["terms"],
            code=row["code"],
            paid_by=row["paid_by"],
            amount=Money(row["amount"], currency),
            lines=tuple(LineDiscount(UUID(line), amount) for line, amount in row["lines"]),
        )
        for row in rows
    )


def order_info(
    row: dict[str, Any], lines: Iterable[OrderLineInfo] = (), **details: Any
) -> OrderInfo:
    """A row of ``FIELDS`` values as contract."""
    values: dict[str, Any] = {name: row[name] for name in _PLAIN}
    values |= {name: Money(row[name], row["currency"]) for name in _MONEY}
    values["discounts"] = applied(row["discounts"], row["currency"])
    values["cancel_reason"] = opened(values["cancel_reason"])
    return OrderInfo(**values, state=str(row["state"]), lines=tuple(lines), **details)


def info_of(order: Order, lines: Iterable[OrderLine] = (), **details: Any) -> OrderInfo:
    """A model's contract."""
    return order_info(
        {name: getattr(order, name) for name in FIELDS},
        [line_info(vars(line), order.currency) for line in lines],
        **details,
    )


def lines_of(orders: Iterable[tuple[UUID, str]]) -> dict[UUID, list[OrderLineInfo]]:
    """The lines of orders, given as (id, currency); one query."""
    currencies = dict(orders)
    found: dict[UUID, list[OrderLineInfo]] = {}
    if not currencies:
        return found
    for row in _LINES.all(_OF_ORDERS, [list(currencies)]):
        info = line_info(row, currencies[row["order_id"]])
        found.setdefault(row["order_id"], []).append(info)
    return found


def with_lines(rows: list[dict[str, Any]]) -> list[OrderInfo]:
    """Rows of ``FIELDS`` values with their lines and what they wait for; two queries."""
    lines = lines_of((row["id"], row["currency"]) for row in rows)
    promises = _promises(rows)
    return [
        order_info(row, _told(lines.get(row["id"], ()), promises.get(row["group_id"])))
        for row in rows
    ]


def _promises(rows: Iterable[Mapping[str, Any]]) -> dict[UUID, dict[UUID, inventory.PromiseInfo]]:
    """What was sold before it was there of those orders that are still to be sent."""
    return inventory.promises_of(row["group_id"] for row in rows if row["state"] in TO_SEND)


def _told(
    lines: Iterable[OrderLineInfo], promises: Mapping[UUID, inventory.PromiseInfo] | None
) -> list[OrderLineInfo]:
    if not promises:
        return list(lines)
    return [replace(line, promise=promises.get(line.variant_id)) for line in lines]


def order(*, order_id: UUID, with_address: bool = False) -> OrderInfo | None:
    """One order with its lines; None when there is none. ``with_address`` opens what is personal:
    contact, address and note."""
    row, lines, details = _read("id = %s", [order_id], order_id, with_address)
    return _complete(row, lines, details) if row else None


def visible_order(
    *,
    order_id: UUID,
    merchant_id: UUID | None = None,
    buyer_id: UUID | None = None,
    cart_token: str | None = None,
    order_token: str | None = None,
    everything: bool = False,
    with_address: bool = True,
) -> OrderInfo:
    """One order for who may see it: its merchant, its buyer, the guest with a token of it, or
    (``everything``) an operator. Raises OrderNotFound, alike for absent and for others'."""
    where = "id = %s"
    whose: list[Any] = [order_id]
    if merchant_id is not None:
        where, whose = f"{where} AND merchant_id = %s", [order_id, merchant_id]
    elif buyer_id is not None:
        where, whose = f"{where} AND buyer_id = %s", [order_id, buyer_id]
    elif not everything and cart_token:
        where, whose = f"{where} AND {_OF_GUEST}", [order_id, token_hash(cart_token)]
    row, lines, details = _read(where, whose, order_id, with_address)
    named = everything or merchant_id or buyer_id or cart_token
    by_token = row and order_token and is_order_token(order_token, row["group_id"])
    if row is None or not (named or by_token):
        raise OrderNotFound
    return _complete(row, lines, details)


def _read(
    where: str, whose: list[Any], order_id: UUID, with_address: bool
) -> tuple[dict[str, Any] | None, Rows, Rows]:
    """The order if ``where`` holds, and in the same round trip what would belong to it: lines, and
    what is sealed of its group."""
    rows, lines, details = ask(
        _ORDERS.question(where, whose, list),
        _LINES.question(_OF_ORDERS, [[order_id]], list),
        _DETAILS.question(_OF_ORDER, [tenancy.current_id(), order_id], list)
        if with_address
        else Question("", None, list),
    )
    return (rows[0] if rows else None), lines, details


def _complete(row: dict[str, Any], lines: Rows, details: Rows) -> OrderInfo:
    promises, _key = ask(
        inventory.promises_question([row["group_id"]] if row["state"] in TO_SEND else []),
        personal.key_question(details[0]["subject_id"] if details else None),
    )
    told = _told(
        [line_info(line, row["currency"]) for line in lines], promises.get(row["group_id"])
    )
    return order_info(row, told, **(_opened(details[0]) if details else {}))


def group_details(group_id: UUID) -> dict[str, Any]:
    """What is personal of a group: contact, address, note; empty after erasure."""
    found = _DETAILS.one("id = %s", [group_id])
    return _opened(found) if found else {}


def _opened(found: dict[str, Any]) -> dict[str, Any]:
    subject_id, sealed, sealed_note = found.values()
    details = opened_details(subject_id, sealed)
    if details is None:
        return {}
    note = personal.open_(subject_id, sealed_note) if sealed_note else None
    return {"contact": details[0], "address": details[1], "note": note or ""}


def orders(
    *,
    merchant_id: UUID | None = None,
    buyer_id: UUID | None = None,
    state: str | Collection[str] | None = None,
    number: str | None = None,
    external_id: str | None = None,
    cart_token: str | None = None,
    updated_since: datetime | None = None,
    placed_from: datetime | None = None,
    placed_before: datetime | None = None,
    among: Collection[UUID] | None = None,
    groups: Collection[UUID] | None = None,
    but_not: Collection[UUID] = (),
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[OrderInfo]:
    """Orders with their lines: a merchant's, a buyer's, a guest's, or the platform's. Three
    queries; cancelled ones too unless ``state`` (one, or several) says otherwise. ``number`` may be
    the group's; ``among`` and ``but_not`` are ids of orders that the caller knows more of,
    ``groups`` those of the purchases."""
    rows = Order.objects.all()
    if groups is not None:
        rows = rows.filter(group_id__in=groups)
    if among is not None:
        rows = rows.filter(id__in=among)
    if but_not:
        rows = rows.exclude(id__in=but_not)
    exact = {
        "merchant_id": merchant_id,
        "buyer_id": buyer_id,
        "state__in": None if state is None else [state] if isinstance(state, str) else list(state),
        "external_id": external_id,
        "updated_at__gte": updated_since,
        "placed_at__gte": placed_from,
        "placed_at__lt": placed_before,
        "group__token_hash": token_hash(cart_token) if cart_token else None,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    if number:
        rows = rows.filter(number__in=[number, *(f"{number}-{n}" for n in range(1, 101))])
    page = keyset(rows.values(*FIELDS), order=order, cursor=cursor, limit=limit)
    return PageOf(with_lines(page.items), page.has_more, page.next_cursor)


def group(*, group_id: UUID, with_lines: bool = True) -> OrderGroupInfo:
    """A group with its orders. Raises OrderNotFound."""
    found = GROUPS.one("id = %s", [group_id])
    if found is None:
        raise OrderNotFound
    return group_with_orders(found, lines=with_lines)


def group_with_orders(found: OrderGroup, *, lines: bool = True) -> OrderGroupInfo:
    """The contract of a group's row, its orders read."""
    rows = ORDERS.all("group_id = %s ORDER BY id", [found.id])
    known = lines_of((row.id, row.currency) for row in rows) if lines else {}
    promises = _promises(map(vars, rows)).get(found.id) if lines else None
    return group_info(
        found, [order_info(vars(row), _told(known.get(row.id, ()), promises)) for row in rows]
    )


def group_info(row: OrderGroup, orders_: Iterable[OrderInfo]) -> OrderGroupInfo:
    """The contract of a group's row."""
    return OrderGroupInfo(
        id=row.id,
        number=row.number,
        cart_id=row.cart_id,
        buyer_id=row.buyer_id,
        currency=row.currency,
        orders=tuple(orders_),
        goods_total=Money(row.goods_total, row.currency),
        discount_total=Money(row.discount_total, row.currency),
        platform_discount=Money(row.platform_discount, row.currency),
        shipping_total=Money(row.shipping_total, row.currency),
        total=Money(row.total, row.currency),
        placed_at=row.placed_at,
    )


def visible_group(
    *,
    group_id: UUID,
    buyer_id: UUID | None = None,
    cart_token: str | None = None,
    order_token: str | None = None,
    everything: bool = False,
) -> OrderGroupInfo:
    """A group for its buyer, the guest with a token of it, or an operator. OrderNotFound."""
    found = GROUPS.one("id = %s", [group_id])
    if found is None:
        raise OrderNotFound
    mine = (
        everything
        or (buyer_id is not None and found.buyer_id == buyer_id)
        or (bool(cart_token) and found.token_hash == token_hash(cart_token or ""))
        or (bool(order_token) and is_order_token(order_token or "", group_id))
    )
    if not mine:
        raise OrderNotFound
    return group_with_orders(found)
