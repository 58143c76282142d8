"""Expected receipts: what is incoming, what arrives in parts, what never comes."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from inventory import facade
from inventory.facade import (
    GoodsLine,
    InvalidStockQuantity,
    KeyMismatch,
    NotExpected,
    OverDelivery,
    ReceiptBegun,
    ReceiptInfo,
    ReferenceTaken,
    StockInfo,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.models import Movement
from kernel.errors import Invalid, InvalidTransition, NotFound
from platforms.facade import MerchantNotApproved
from tests.factories.catalog import make_product, make_variant
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant
from tests.factories.stock_papers import goods, make_receipt

pytestmark = pytest.mark.django_db


def look(stock: StockInfo) -> Any:
    """What is on hand there, and what is incoming."""
    now = facade.stock_of([stock.variant_id])[stock.variant_id, stock.warehouse_id]
    return now.on_hand, now.incoming


def receive(
    receipt: ReceiptInfo, stock: StockInfo, quantity: int | str, **more: Any
) -> ReceiptInfo:
    return facade.receive_goods(
        receipt_id=receipt.id,
        merchant_id=receipt.merchant_id,
        delivery=more.pop("delivery", f"D-{quantity}"),
        lines=[goods(quantity, stock.variant_id)],
        **more,
    )


def test_a_draft_brings_nothing_until_it_is_confirmed(platform: Any) -> None:
    stock = make_stock(5)
    draft: Any = make_receipt(
        stock, 10, confirm=False, expected_on=date(2026, 12, 1), note=" rail "
    )
    assert (draft.state, draft.note, draft.expected_on) == ("draft", "rail", date(2026, 12, 1))
    assert look(stock) == (5, 0)
    with pytest.raises(InvalidTransition):
        receive(draft, stock, 1)
    confirmed = facade.confirm_receipt(receipt_id=draft.id, merchant_id=draft.merchant_id)
    again = facade.confirm_receipt(receipt_id=draft.id, merchant_id=draft.merchant_id)
    assert again == confirmed
    assert look(stock) == (5, 10)
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 5}


def test_parts_arrive_and_each_is_booked_once(platform: Any) -> None:
    stock = make_stock(5)
    receipt = make_receipt(stock, 10)
    first: Any = receive(receipt, stock, 4, delivery="D1", note="two boxes")
    assert (first.state, first.lines[0].received, first.lines[0].missing) == (
        "partly_received", 4, 6,
    )  # fmt: skip
    assert look(stock) == (9, 6)
    assert receive(receipt, stock, 4, delivery=" D1 ") == first
    with pytest.raises(KeyMismatch):
        receive(receipt, stock, 5, delivery="D1")
    last = receive(receipt, stock, 6, delivery="D2")
    assert last.state == "received"
    assert look(stock) == (15, 0)
    assert receive(receipt, stock, 6, delivery="D2") == last
    with pytest.raises(InvalidTransition):
        receive(receipt, stock, 1, delivery="D3")
    moved: list[Any] = list(Movement.objects.order_by("id").values_list("delta", "reason"))
    assert moved == [(5, "set"), (4, "received"), (6, "received")]
    newest = facade.movements_page(stock_id=stock.id).items
    assert [one.note for one in newest] == ["", "two boxes", ""]
    assert newest[0].reference == receipt.id


def test_more_than_expected_is_taken_only_when_said(platform: Any) -> None:
    stock = make_stock(0)
    receipt = make_receipt(stock, 10)
    receive(receipt, stock, 8)
    with pytest.raises(OverDelivery) as refused:
        receive(receipt, stock, 3)
    assert refused.value.params["lines"][0]["expected"] == "2.000"
    assert look(stock) == (8, 2)
    whole: Any = receive(receipt, stock, 3, accept_over=True)
    assert (whole.state, whole.lines[0].over) == ("received", 1)
    assert look(stock) == (11, 0)


def test_what_never_comes_is_closed(platform: Any) -> None:
    stock = make_stock(0)
    receipt = make_receipt(stock, 10)
    own: dict[str, Any] = {"receipt_id": receipt.id, "merchant_id": receipt.merchant_id}
    with pytest.raises(InvalidTransition):
        facade.close_receipt(**own)
    receive(receipt, stock, 7)
    with pytest.raises(InvalidTransition):
        facade.cancel_receipt(**own)
    closed: Any = facade.close_receipt(**own)
    assert (closed.state, closed.lines[0].missing) == ("received", 3)
    assert facade.close_receipt(**own) == closed
    assert look(stock) == (7, 0)
    other = make_receipt(stock, 5)
    gone = facade.cancel_receipt(receipt_id=other.id, merchant_id=other.merchant_id)
    assert gone.state == "cancelled"
    assert look(stock) == (7, 0)


def test_two_receipts_of_one_variant_add_up(platform: Any) -> None:
    stock = make_stock(1)
    make_receipt(stock, 10)
    make_receipt(stock, 5)
    elsewhere = make_warehouse(merchant_id=stock.merchant_id)
    make_receipt(stock, 2, confirm=False)
    facade.create_receipt(
        merchant_id=stock.merchant_id, warehouse_id=elsewhere.id, reference="E",
        lines=[goods(3, stock.variant_id)], confirm=True,
    )  # fmt: skip
    assert look(stock) == (1, 15)
    assert facade.incoming([stock.variant_id])[stock.variant_id, elsewhere.id] == 3
    # Its row is there as soon as something is expected.
    assert {row.warehouse_id for row in facade.stock_page().items} == {
        stock.warehouse_id, elsewhere.id,
    }  # fmt: skip


def test_changes_until_goods_arrive(platform: Any) -> None:
    merchant = make_merchant()
    first, second = make_product(merchant_id=merchant.id, variants=2).variants
    stock = make_stock(0, variant_id=first.id)
    receipt = make_receipt(stock, 10)
    own: dict[str, Any] = {"receipt_id": receipt.id, "merchant_id": merchant.id}
    changed: Any = facade.change_receipt(
        **own, changes={"lines": [GoodsLine(Decimal(2), sku=second.sku)], "reference": "PO-X"}
    )
    assert [(line.variant_id, line.expected) for line in changed.lines] == [(second.id, 2)]
    assert look(stock) == (0, 0)
    assert facade.incoming([second.id]) == {(second.id, stock.warehouse_id): 2}
    facade.receive_goods(**own, delivery="1", lines=[goods(1, second.id)])
    with pytest.raises(ReceiptBegun):
        facade.change_receipt(**own, changes={"lines": [goods(5, second.id)]})
    later = facade.change_receipt(**own, changes={"expected_on": date(2027, 1, 2), "note": "late"})
    assert (later.expected_on, later.note) == (date(2027, 1, 2), "late")
    facade.close_receipt(**own)
    with pytest.raises(ReceiptBegun):
        facade.change_receipt(**own, changes={"note": "too late"})


def test_wrong_input(platform: Any) -> None:
    stock = make_stock(0)
    receipt = make_receipt(stock, 10, reference="PO-1")
    with pytest.raises(ReferenceTaken):
        make_receipt(stock, 1, reference="PO-1")
    with pytest.raises(WarehouseUnknown):
        facade.create_receipt(
            merchant_id=stock.merchant_id, warehouse_id=make_warehouse().id, reference="X",
            lines=[goods(1, stock.variant_id)],
        )  # fmt: skip
    bad: list[tuple[list[GoodsLine], type[Exception]]] = [
        ([], Invalid),
        ([goods(0, stock.variant_id)], Invalid),
        ([goods(-1, stock.variant_id)], Invalid),
        ([goods("1.5", stock.variant_id)], InvalidStockQuantity),
        ([goods("NaN", stock.variant_id)], InvalidStockQuantity),
        ([goods(1, stock.variant_id)] * 2, Invalid),
        ([goods(1, make_variant())], VariantUnknown),
        ([GoodsLine(Decimal(1), sku="nothing")], VariantUnknown),
    ]
    for lines, error in bad:
        with pytest.raises(error):
            facade.create_receipt(
                merchant_id=stock.merchant_id, warehouse_id=stock.warehouse_id, reference="Y",
                lines=lines,
            )  # fmt: skip
    own: dict[str, Any] = {"receipt_id": receipt.id, "merchant_id": receipt.merchant_id}
    other = make_product(merchant_id=receipt.merchant_id).variants[0].id
    with pytest.raises(NotExpected):
        facade.receive_goods(**own, delivery="1", lines=[goods(1, other)])
    for number in ("", " ", "x" * 101):
        with pytest.raises(Invalid):
            receive(receipt, stock, 1, delivery=number)
    assert look(stock) == (0, 10)


def test_only_its_own_merchant_an_approved_one(platform: Any) -> None:
    stock = make_stock(0)
    receipt = make_receipt(stock, 10)
    stranger: UUID = make_merchant().id
    for call in (facade.confirm_receipt, facade.close_receipt, facade.cancel_receipt):
        with pytest.raises(NotFound):
            call(receipt_id=receipt.id, merchant_id=stranger)
    with pytest.raises(NotFound):
        facade.receipt(receipt.id, stranger)
    with pytest.raises(MerchantNotApproved):
        facade.create_receipt(
            merchant_id=make_merchant(approved=False).id, warehouse_id=stock.warehouse_id,
            reference="X", lines=[goods(1, stock.variant_id)],
        )  # fmt: skip
