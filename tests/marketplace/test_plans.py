"""The hot reads use their index, as the app role, under the policies, on two big platforms."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db.models import QuerySet

from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.transactions import cursor
from marketplace.models import Cart, Offer, Order, OrderGroup, OrderLine
from marketplace.tokens import token_hash
from tests.factories.platforms import make_platform

MANY = 3000
MERCHANT, BUYER, KEY = UUID(int=1), UUID(int=2), UUID(int=3)


def fill(wanted: bool) -> None:
    """Rows of many merchants and buyers; with ``wanted``, also those that are looked for."""
    now = clock.system()
    times = {"created_at": now, "updated_at": now}
    groups, orders, offers, lines, carts = [], [], [], [], []
    for number in range(MANY):
        hit = wanted and number % 1000 == 0
        group = OrderGroup(
            id=uuid7(),
            key=KEY if hit and number == 0 else uuid7(),
            number=f"n{number}",
            cart_id=uuid7(),
            token_hash=token_hash(f"t{number}"),
            currency="CNY",
            goods_total=1,
            shipping_total=0,
            total=1,
            region="22",
            subject_id=uuid7(),
            sealed_details="",
            placed_at=now,
            **times,
        )
        groups.append(group)
        order = Order(
            id=uuid7(),
            group=group,
            number=f"n{number}-1",
            merchant_id=MERCHANT if hit else uuid7(),
            buyer_id=BUYER if hit else uuid7(),
            currency="CNY",
            goods_total=1,
            shipping_total=0,
            total=1,
            commission_rate=Decimal(5),
            commission=0,
            weight_grams=1,
            rate_code="standard",
            carrier="sandbox",
            placed_at=now,
            state="delivered" if hit else "paid",
            complete_at=now,
            **times,
        )
        orders.append(order)
        lines.append(
            OrderLine(
                order=order, position=0, variant_id=uuid7(), product_id=uuid7(), sku="x",
                unit="C62", quantity=Decimal(1), unit_price=Decimal(1), total=1, weight_grams=1,
            )
        )  # fmt: skip
        offers.append(
            Offer(
                variant_id=uuid7(), merchant_id=order.merchant_id, unit_price=Decimal(1),
                price_key=100, currency="CNY", **times,
            )
        )  # fmt: skip
        carts.append(Cart(token_hash=token_hash(f"c{number}"), **times))
    OrderGroup.objects.bulk_create(groups)
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(lines)
    Offer.objects.bulk_create(offers)
    Cart.objects.bulk_create(carts)


@pytest.fixture
def big(transactional_db: None, owner_cursor: Any) -> Iterator[None]:
    tenants = [make_platform(), make_platform()]
    for place, tenant in enumerate(tenants):
        with tenancy.scope(tenant):
            fill(wanted=place == 1)
    owner_cursor.execute(
        "ANALYZE marketplace_offer, marketplace_order, marketplace_ordergroup, "
        "marketplace_orderline, marketplace_cart"
    )
    with tenancy.scope(tenants[1]):
        yield


def plan(rows: "QuerySet[Any, Any]") -> str:
    sql, params = rows.query.sql_with_params()
    with cursor() as run:
        run.execute("EXPLAIN " + sql, params)
        return "\n".join(row[0] for row in run.fetchall())


def test_hot_reads_use_their_index(big: None) -> None:
    orders = Order.objects.all()
    some = [uuid7() for _n in range(20)]
    expected: dict[str, QuerySet[Any, Any]] = {
        "marketplace_offer_variant": Offer.objects.filter(variant_id__in=some),
        "marketplace_offer_list": Offer.objects.filter(merchant_id=MERCHANT).order_by("id")[:21],
        "marketplace_cart_token": Cart.objects.filter(token_hash=token_hash("c7")),
        "marketplace_cart_pkey": Cart.objects.filter(id=uuid7()),
        "marketplace_group_key": OrderGroup.objects.filter(key=KEY),
        "marketplace_order_once": orders.filter(group_id=uuid7()),
        "marketplace_order_of_merchant": orders.filter(merchant_id=MERCHANT).order_by("-id")[:21],
        "marketplace_order_of_buyer": orders.filter(buyer_id=BUYER).order_by("-id")[:21],
        "marketplace_order_complete": orders.filter(
            state="delivered", complete_at__lte=clock.business()
        ).order_by("complete_at")[:200],
        "marketplace_line_once": OrderLine.objects.filter(order_id__in=some),
    }
    for name, rows in expected.items():
        found = plan(rows)
        assert "Seq Scan" not in found, f"{name}\n{found}"
        assert name in found, f"{name}\n{found}"
