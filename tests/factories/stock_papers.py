"""Receipts, transfers and counts for tests, made through the facade."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from inventory import facade
from inventory.facade import CountInfo, GoodsLine, ReceiptInfo, StockInfo, TransferInfo
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import unique


def goods(quantity: int | str, variant_id: UUID) -> GoodsLine:
    """One line."""
    return GoodsLine(Decimal(quantity), variant_id)


def make_receipt(stock: StockInfo, quantity: int | str = 10, **fields: Any) -> ReceiptInfo:
    """A confirmed receipt of the stock's variant into its warehouse."""
    return facade.create_receipt(
        merchant_id=stock.merchant_id,
        warehouse_id=stock.warehouse_id,
        reference=fields.pop("reference", None) or unique("PO-"),
        lines=fields.pop("lines", None) or [goods(quantity, stock.variant_id)],
        confirm=fields.pop("confirm", True),
        **fields,
    )


def make_transfer(
    stock: StockInfo, quantity: int | str = 4, *, target_id: UUID | None = None, **fields: Any
) -> TransferInfo:
    """A requested transfer out of the stock's warehouse."""
    target = target_id or make_warehouse(merchant_id=stock.merchant_id).id
    return facade.create_transfer(
        merchant_id=stock.merchant_id,
        source_id=stock.warehouse_id,
        target_id=target,
        lines=[goods(quantity, stock.variant_id)],
        **fields,
    )


def make_count(stock: StockInfo, **fields: Any) -> CountInfo:
    """An open count of all that lies in the stock's warehouse."""
    return facade.open_count(
        merchant_id=stock.merchant_id, warehouse_id=stock.warehouse_id, **fields
    )


def make_paper_rows(merchant_id: UUID, warehouse_id: UUID, variant_id: UUID) -> dict[str, UUID]:
    """One of each, so that no table is empty; their ids by prefix."""
    stock = facade.stock_of([variant_id])[variant_id, warehouse_id]
    receipt = make_receipt(stock, note="by lorry")
    facade.receive_goods(
        receipt_id=receipt.id, merchant_id=merchant_id, delivery="1", lines=[goods(1, variant_id)]
    )
    return {
        "rcp": receipt.id,
        "trf": make_transfer(stock, 1).id,
        "cnt": make_count(stock).id,
    }
