"""Transfers: goods on their way are in neither warehouse, and nothing vanishes unexplained."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import facade
from inventory.facade import (
    KeyMismatch,
    LossUnexplained,
    MoreThanSent,
    OutOfStock,
    StockInfo,
    TransferInfo,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.models import Movement
from kernel import transactions
from kernel.errors import DomainError, Invalid, InvalidTransition, NotFound
from tests.factories.catalog import make_product, make_variant
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant
from tests.factories.stock_papers import goods, make_transfer

pytestmark = pytest.mark.django_db


def own(transfer: TransferInfo) -> dict[str, Any]:
    return {"transfer_id": transfer.id, "merchant_id": transfer.merchant_id}


def look(stock: StockInfo, transfer: TransferInfo) -> Any:
    """On hand in the source, on hand in the target, incoming there."""
    rows = facade.stock_of([stock.variant_id])
    source = rows[stock.variant_id, transfer.source_id]
    target = rows.get((stock.variant_id, transfer.target_id))
    if target is None:
        return source.on_hand, Decimal(0), Decimal(0)
    return source.on_hand, target.on_hand, target.incoming


def test_sent_goods_cannot_be_sold_until_they_arrive(platform: Any) -> None:
    stock = make_stock(10)
    transfer = make_transfer(stock, 4, note="for the fair")
    assert (transfer.state, look(stock, transfer)) == ("requested", (10, 0, 0))
    sent = facade.send_transfer(**own(transfer))
    assert facade.send_transfer(**own(transfer)) == sent
    assert (sent.state, look(stock, transfer)) == ("sent", (6, 0, 4))
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 6}
    done: Any = facade.receive_transfer(**own(transfer))
    assert facade.receive_transfer(**own(transfer)) == done
    assert (done.state, done.lines[0].lost, look(stock, transfer)) == ("received", 0, (6, 4, 0))
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 10}
    moved: list[Any] = list(Movement.objects.order_by("id").values_list("delta", "reason"))
    assert moved == [(10, "set"), (-4, "transferred_out"), (4, "transferred_in")]
    assert facade.movements_page(stock_id=stock.id).items[0].note == "for the fair"


def test_what_is_missing_is_lost_for_a_cause(platform: Any) -> None:
    stock = make_stock(10)
    transfer = make_transfer(stock, 4)
    facade.send_transfer(**own(transfer))
    came = [goods(1, stock.variant_id)]
    with pytest.raises(LossUnexplained) as refused:
        facade.receive_transfer(**own(transfer), lines=came)
    assert refused.value.params["lines"][0]["missing"] == "3.000"
    with pytest.raises(MoreThanSent):
        facade.receive_transfer(**own(transfer), lines=[goods(5, stock.variant_id)])
    other = make_product(merchant_id=stock.merchant_id).variants[0].id
    with pytest.raises(MoreThanSent):
        facade.receive_transfer(**own(transfer), lines=[goods(1, other)])
    assert look(stock, transfer) == (6, 0, 4)
    done: Any = facade.receive_transfer(
        **own(transfer), lines=came, loss_cause="damaged", loss_note="fell off"
    )
    assert (done.lines[0].lost, done.loss_cause, done.loss_note) == (3, "damaged", "fell off")
    assert look(stock, transfer) == (6, 1, 0)
    # Again with the same numbers: nothing happens; with others it is refused.
    assert facade.receive_transfer(**own(transfer), lines=came) == done
    with pytest.raises(InvalidTransition):
        facade.receive_transfer(**own(transfer))
    assert look(stock, transfer) == (6, 1, 0)


def test_all_of_it_may_be_lost(platform: Any) -> None:
    stock = make_stock(4)
    transfer = make_transfer(stock, 4)
    facade.send_transfer(**own(transfer))
    facade.receive_transfer(
        **own(transfer), lines=[goods(0, stock.variant_id)], loss_cause="stolen"
    )
    assert look(stock, transfer) == (0, 0, 0)


def test_cancelled_goods_go_back(platform: Any) -> None:
    stock = make_stock(10)
    first, second = make_transfer(stock, 4), make_transfer(stock, 3)
    facade.cancel_transfer(**own(first))
    with pytest.raises(InvalidTransition):
        facade.send_transfer(**own(first))
    facade.send_transfer(**own(second))
    assert look(stock, second) == (7, 0, 3)
    gone = facade.cancel_transfer(**own(second))
    assert facade.cancel_transfer(**own(second)) == gone
    assert look(stock, second) == (10, 0, 0)
    with pytest.raises(InvalidTransition):
        facade.receive_transfer(**own(second))


def test_only_what_is_free_is_sent(platform: Any) -> None:
    stock = make_stock(3)
    transfer = make_transfer(stock, 4)
    with pytest.raises(OutOfStock) as refused:
        facade.send_transfer(**own(transfer))
    assert refused.value.params["lines"][0]["available"] == "3.000"
    assert facade.transfer(transfer.id).state == "requested"


def test_wrong_input(platform: Any) -> None:
    stock = make_stock(10)
    target = make_warehouse(merchant_id=stock.merchant_id).id
    values: dict[str, Any] = {
        "merchant_id": stock.merchant_id,
        "source_id": stock.warehouse_id,
        "target_id": target,
        "lines": [goods(1, stock.variant_id)],
        "key": uuid4(),
    }
    made = facade.create_transfer(**values)
    assert facade.create_transfer(**values) == made
    with pytest.raises(KeyMismatch):
        facade.create_transfer(**{**values, "lines": [goods(2, stock.variant_id)]})
    bad: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"target_id": stock.warehouse_id}, Invalid),
        ({"target_id": make_warehouse().id}, WarehouseUnknown),
        ({"source_id": make_warehouse().id}, WarehouseUnknown),
        ({"lines": [goods(1, make_variant())]}, VariantUnknown),
        ({"lines": [goods(0, stock.variant_id)]}, Invalid),
        ({"note": "x" * 301}, Invalid),
    ]
    for change, error in bad:
        with pytest.raises(error):
            facade.create_transfer(**{**values, "key": uuid4(), **change})
    with pytest.raises(NotFound):
        facade.send_transfer(transfer_id=made.id, merchant_id=make_merchant().id)
    with pytest.raises(NotFound):
        facade.transfer(made.id, make_merchant().id)


class _Undo(Exception):
    """Ends an example's transaction."""


STEP = st.tuples(
    st.sampled_from(["send", "receive", "cancel"]), st.integers(0, 3), st.integers(0, 9)
)


def test_nothing_vanishes(platform: Any) -> None:
    """Whatever is sent, received in part, cancelled, repeated: both warehouses, what is on its
    way and what was lost add up to what there was; what is free never includes the way."""
    stock = make_stock(20)
    target = make_warehouse(merchant_id=stock.merchant_id).id
    there = make_stock(5, variant_id=stock.variant_id, warehouse_id=target)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        sizes=st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=4),
        steps=st.lists(STEP, max_size=12),
    )
    def example(sizes: list[tuple[int, bool]], steps: list[tuple[str, int, int]]) -> None:
        with suppress(_Undo), transactions.atomic():
            walk(sizes, steps)
            raise _Undo

    def walk(sizes: list[tuple[int, bool]], steps: list[tuple[str, int, int]]) -> None:
        house = stock.warehouse_id
        papers = [
            make_transfer(there, size, target_id=house)
            if back
            else make_transfer(stock, size, target_id=target)
            for size, back in sizes
        ]
        for what, number, came in steps:
            paper = papers[number % len(papers)]
            with suppress(DomainError):
                _take(what, paper, came)
            rows = list(facade.stock_of([stock.variant_id]).values())
            now = [facade.transfer(one.id) for one in papers]
            on_way = sum(one.lines[0].quantity for one in now if one.state == "sent")
            lost = sum(one.lines[0].lost for one in now)
            assert sum(row.on_hand for row in rows) + on_way + lost == 25
            assert sum(row.incoming for row in rows) == on_way
            assert facade.availability([stock.variant_id]) == {
                stock.variant_id: sum(row.on_hand for row in rows)
            }
            booked: Any = Movement.objects.aggregate(total=Sum("delta"))["total"]
            assert booked == sum(row.on_hand for row in rows)

    example()


def _take(what: str, paper: TransferInfo, came: int) -> None:
    if what == "send":
        facade.send_transfer(**own(paper))
    elif what == "cancel":
        facade.cancel_transfer(**own(paper))
    else:
        facade.receive_transfer(
            **own(paper), lines=[goods(came, paper.lines[0].variant_id)], loss_cause="lost"
        )
