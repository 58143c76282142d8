"""The demo's stock on the move: goods coming in and between warehouses, a count, limits; goods
that are sold before they are there."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from inventory.facade import CountEntry, GoodsLine
from kernel import clock

SECOND = {"zh-Hans": "净月仓", "en": "Jingyue"}


def stock_papers(merchant_id: UUID) -> None:
    """A receipt of which half has come and one in draft, a transfer on its way, a count begun,
    and two limits, one of them undershot. Safe to run again."""
    rows = inventory.stock_page(merchant_id=merchant_id, limit=6).items
    house = rows[0].warehouse_id
    rows = [row for row in rows if row.warehouse_id == house]
    second = inventory.put_warehouse(
        merchant_id=merchant_id, external_id="demo-second", values={"names": SECOND, "priority": 5}
    ).id
    _receipts(merchant_id, house, rows)
    _transfer(merchant_id, house, second, rows)
    _limits(merchant_id, rows)
    _count(merchant_id, house, rows)


def _receipts(merchant_id: UUID, house: UUID, rows: list[inventory.StockInfo]) -> None:
    known = inventory.receipts_page(merchant_id=merchant_id).items
    have = {one.reference for one in known}
    soon = clock.today() + timedelta(days=4)
    for reference, confirm in (("PO-2026-118", True), ("PO-2026-121", False)):
        if reference not in have:
            inventory.create_receipt(
                merchant_id=merchant_id, warehouse_id=house, reference=reference,
                expected_on=soon, confirm=confirm,
                lines=[GoodsLine(Decimal(40), row.variant_id) for row in rows[:3]],
            )  # fmt: skip
    found = inventory.receipts_page(merchant_id=merchant_id).items
    half = next(one for one in found if one.reference == "PO-2026-118")
    if half.state == "expected":
        inventory.receive_goods(
            receipt_id=half.id, merchant_id=merchant_id, delivery="SH-7731",
            lines=[GoodsLine(Decimal(20), line.variant_id) for line in half.lines],
        )  # fmt: skip


def _transfer(
    merchant_id: UUID, house: UUID, second: UUID, rows: list[inventory.StockInfo]
) -> None:
    if inventory.transfers_page(merchant_id=merchant_id, limit=1).items:
        return
    made = inventory.create_transfer(
        merchant_id=merchant_id, source_id=house, target_id=second,
        lines=[GoodsLine(Decimal(2), row.variant_id) for row in rows[1:3]],
    )  # fmt: skip
    inventory.send_transfer(transfer_id=made.id, merchant_id=merchant_id)


def _limits(merchant_id: UUID, rows: list[inventory.StockInfo]) -> None:
    for row, low_at in zip(rows[3:5], (Decimal(500), Decimal(5)), strict=False):
        inventory.set_low_at(
            merchant_id=merchant_id, variant_id=row.variant_id,
            warehouse_id=row.warehouse_id, low_at=low_at,
        )  # fmt: skip


def _count(merchant_id: UUID, house: UUID, rows: list[inventory.StockInfo]) -> None:
    if inventory.counts_page(merchant_id=merchant_id, limit=1).items:
        return
    made = inventory.open_count(merchant_id=merchant_id, warehouse_id=house)
    now = inventory.stock_of([rows[0].variant_id])[rows[0].variant_id, house].on_hand
    inventory.enter_counts(
        count_id=made.id, merchant_id=merchant_id,
        entries=[CountEntry(now - 1, rows[0].variant_id)],
    )  # fmt: skip


def sell_ahead(merchant_id: UUID) -> None:
    """Of the shop's two oldest products nothing is there: one is a back-order, one a pre-order (its
    latest is bought and sent at once in the city's story). Safe to run again."""
    rows = inventory.stock_page(merchant_id=merchant_id, order=("id",), limit=12).items
    infos = catalog.variants({row.variant_id for row in rows})
    products = list(dict.fromkeys(infos[row.variant_id].product_id for row in rows))[:2]
    known = inventory.aheads(infos)
    release = clock.today() + timedelta(days=21)
    for row in rows:
        product = infos[row.variant_id].product_id
        if product not in products or row.variant_id in known:
            continue
        inventory.set_stock(
            merchant_id=merchant_id, variant_id=row.variant_id, warehouse_id=row.warehouse_id,
            on_hand=row.reserved,
        )  # fmt: skip
        terms: dict[str, Any] = {"mode": "backorder", "limit": Decimal(30), "lead_days": 10}
        if product != products[0]:
            terms = {"mode": "preorder", "limit": Decimal(100), "release_on": release}
        inventory.set_ahead(merchant_id=merchant_id, variant_id=row.variant_id, **terms)
