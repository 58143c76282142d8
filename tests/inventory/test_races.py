"""Many at once, on real PostgreSQL with real commits: nothing oversold, nothing deadlocked."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections

from inventory import facade, locks
from inventory.facade import OutOfStock, ReservationExpired, StockLine, StockSetting
from inventory.models import Movement, Reservation, ReservationLine, Stock
from inventory.services import promises
from kernel import clock, tenancy, transactions
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def at_once(calls: Sequence[Callable[[], Any]], tenant: Any) -> list[Any]:
    """What each call returned or raised, all begun together, each on its own connection."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        try:
            with tenancy.scope(tenant):
                start.wait(20)
                try:
                    results[place] = calls[place]()
                except Exception as error:
                    results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits"
    return results


def reserving(lines: list[StockLine], key: UUID | None = None) -> Callable[[], Any]:
    wanted = key or uuid4()
    until = clock.business() + timedelta(hours=1)
    return lambda: facade.reserve(key=wanted, lines=lines, expires_at=until)


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def test_twenty_buyers_and_ten_pieces(platform: Any) -> None:
    stock = make_stock(10)
    one = [StockLine(stock.variant_id, Decimal(1))]
    results = at_once([reserving(one) for _ in range(20)], platform)
    assert kinds(results) == {"ReservationInfo": 10, "OutOfStock": 10}
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 0}
    held = [result for result in results if not isinstance(result, Exception)]
    done = at_once([partial(facade.commit_reservation, key=r.key) for r in held], platform)
    assert kinds(done) == {"ReservationInfo": 10}
    row = Stock.objects.get(id=stock.id)
    assert not row.on_hand
    assert not row.reserved


def test_no_more_is_promised_than_the_limit(platform: Any) -> None:
    """Sold ahead: five lie there, five more may be promised; then eight come while some buy."""
    stock = make_stock(5)
    facade.set_ahead(
        merchant_id=stock.merchant_id, variant_id=stock.variant_id, mode="backorder",
        limit=Decimal(5), lead_days=7,
    )  # fmt: skip
    one = [StockLine(stock.variant_id, Decimal(1))]
    results = at_once([reserving(one) for _ in range(20)], platform)
    assert kinds(results) == {"ReservationInfo": 10, "OutOfStock": 10}
    assert facade.aheads([stock.variant_id])[stock.variant_id].promised == 5
    held = [result for result in results if not isinstance(result, Exception)]
    calls: list[Callable[[], Any]] = [partial(facade.commit_reservation, key=r.key) for r in held]
    calls += [partial(facade.release_reservation, key=held[0].key)]
    calls += [
        partial(
            facade.adjust_stock, merchant_id=stock.merchant_id, variant_id=stock.variant_id,
            warehouse_id=stock.warehouse_id, delta=Decimal(2), reason="received",
        )
        for _ in range(4)
    ]  # fmt: skip
    calls += [reserving(one) for _ in range(4)]
    done = at_once(calls, platform)
    odd = [r for r in done if isinstance(r, Exception)]
    assert all(isinstance(r, OutOfStock | facade.ReservationClosed) for r in odd), odd
    row = Stock.objects.get(id=stock.id)
    sold = ReservationLine.objects.filter(reservation__state="committed").count()
    assert row.on_hand == 5 + 8 - sold
    waits = [p for p in facade.promises_page(limit=100).items if p.waiting]
    assert not waits, "who paid was served"
    held_now = Reservation.objects.filter(state="held").count()
    promised = facade.aheads([stock.variant_id])[stock.variant_id].promised
    assert row.reserved + promised == held_now


def test_opposite_orders_of_lines_do_not_deadlock(platform: Any) -> None:
    merchant = make_merchant().id
    product = make_product(merchant_id=merchant, variants=4)
    warehouse = make_warehouse(merchant_id=merchant).id
    variants = [variant.id for variant in product.variants]
    for variant in variants:
        make_stock(100, variant_id=variant, warehouse_id=warehouse)
    there = [StockLine(variant, Decimal(1)) for variant in variants]
    back = there[::-1]
    batch = [
        StockSetting(warehouse, variant_id=v, delta=Decimal(1), reason="found") for v in variants
    ]
    calls = [reserving(there if n % 2 else back) for n in range(16)]
    calls += [
        partial(facade.write_stock, merchant_id=merchant, settings=order)
        for order in (batch, batch[::-1], batch, batch[::-1])
    ]
    results = at_once(calls, platform)
    assert kinds(results) == {"ReservationInfo": 16, "list": 4}
    assert set(facade.availability(variants).values()) == {Decimal(88)}


@pytest.mark.parametrize("way", ["release", "commit", "restock"])
def test_settings_are_locked_in_one_order(platform: Any, way: str) -> None:
    """A purchase holds one variant and was promised another: whoever changes both settings at the
    same moment waits for it, or it for them, but never both."""
    merchant = make_merchant().id
    lying, absent = sorted(v.id for v in make_product(merchant_id=merchant, variants=2).variants)
    make_stock(5, variant_id=lying, warehouse_id=make_warehouse(merchant_id=merchant).id)
    for variant in (lying, absent):
        facade.set_ahead(merchant_id=merchant, variant_id=variant, mode="backorder", lead_days=7)
    key = uuid4()
    lines = [StockLine(variant, Decimal(1)) for variant in (lying, absent)]
    reserving(lines, key)()
    if way == "restock":
        facade.commit_reservation(key=key)
    first_locked = threading.Event()

    def settings() -> None:
        with transactions.atomic():
            locks.ahead([lying])
            first_locked.set()
            until = time.monotonic() + 60
            while not _somebody_waits() and time.monotonic() < until:
                time.sleep(0.02)
            locks.ahead([absent])

    def purchase() -> None:
        assert first_locked.wait(60)
        if way == "release":
            facade.release_reservation(key=key)
        elif way == "commit":
            facade.commit_reservation(key=key)
        else:
            facade.restock(key=uuid4(), lines=lines, reason="undone", reservation=key)

    assert at_once([settings, purchase], platform) == [None, None]


def test_promised_goods_come_to_a_new_shelf_while_the_purchase_is_undone(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first goods of a variant fill a promise after the one who undoes the purchase has locked
    the shelves that there were, and before the promises."""
    merchant = make_merchant().id
    variant = make_product(merchant_id=merchant).variants[0].id
    shelf = make_warehouse(merchant_id=merchant).id
    facade.set_ahead(merchant_id=merchant, variant_id=variant, mode="backorder", lead_days=7)
    key, lines = uuid4(), [StockLine(variant, Decimal(2))]
    reserving(lines, key)()
    facade.commit_reservation(key=key)
    receive = partial(
        facade.adjust_stock, merchant_id=merchant, variant_id=variant, warehouse_id=shelf,
        delta=Decimal(5), reason="received",
    )  # fmt: skip
    lock, calls = promises.held_with_all, []

    def locked(*given: Any) -> Any:
        found = lock(*given)
        calls.append(given)
        if len(calls) == 1:
            assert kinds(at_once([receive], platform)) == {"StockInfo": 1}
        return found

    monkeypatch.setattr(promises, "held_with_all", locked)
    facade.restock(key=uuid4(), lines=lines, reason="undone", reservation=key)

    row = Stock.objects.get(variant_id=variant)
    assert row.on_hand == 5
    assert row.reserved == 0
    assert facade.aheads([variant])[variant].promised == 0
    assert Reservation.objects.get(key=key).state == "released"
    assert len(calls) == 2


def _somebody_waits() -> bool:
    """Whether another transaction waits for this one."""
    with transactions.cursor() as sql:
        sql.execute(
            "SELECT EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted"
            " AND pg_backend_pid() = ANY(pg_blocking_pids(l.pid)))"
        )
        return bool(sql.fetchone()[0])


def test_one_key_many_times_holds_once(platform: Any) -> None:
    stock, key = make_stock(10), uuid4()
    lines = [StockLine(stock.variant_id, Decimal(3))]
    results = at_once([reserving(lines, key) for _ in range(10)], platform)
    assert kinds(results) == {"ReservationInfo": 10}
    assert len({result.id for result in results}) == 1
    assert facade.availability([stock.variant_id]) == {stock.variant_id: 7}
    assert ReservationLine.objects.count() == 1
    at_once([lambda: facade.commit_reservation(key=key) for _ in range(8)], platform)
    at_once(
        [lambda: facade.restock(key=key, lines=lines, reason="undone") for _ in range(8)], platform
    )
    row = Stock.objects.get(id=stock.id)
    assert (row.on_hand, row.reserved) == (Decimal(10), Decimal(0))


def test_commit_release_and_sweep_at_once(platform: Any) -> None:
    stock = make_stock(20)
    keys = [uuid4() for _ in range(6)]
    for key in keys:
        facade.reserve(
            key=key,
            lines=[StockLine(stock.variant_id, Decimal(2))],
            expires_at=clock.business() - timedelta(seconds=1),
        )
    calls: list[Callable[[], Any]] = [facade.release_expired, facade.release_expired]
    for key in keys:
        calls.append(partial(facade.commit_reservation, key=key))
        calls.append(partial(facade.release_reservation, key=key))
    results = at_once(calls, platform)
    unexpected = [
        result
        for result in results
        if isinstance(result, Exception)
        and not isinstance(result, facade.ReservationClosed | ReservationExpired | OutOfStock)
    ]
    assert unexpected == []
    states = Counter(str(found.state) for found in facade.reservations_page(limit=50).items)
    row = Stock.objects.get(id=stock.id)
    assert row.reserved == 2 * states["held"]
    assert row.on_hand == 20 - 2 * states["committed"]


def test_first_stock_of_a_variant_set_twice_at_once(platform: Any) -> None:
    merchant = make_merchant().id
    variant = make_product(merchant_id=merchant).variants[0].id
    warehouse = make_warehouse(merchant_id=merchant).id
    results = at_once(
        [
            lambda: facade.adjust_stock(
                merchant_id=merchant,
                variant_id=variant,
                warehouse_id=warehouse,
                delta=Decimal(1),
                reason="received",
            )
            for _ in range(8)
        ],
        platform,
    )
    assert kinds(results) == {"StockInfo": 8}
    assert facade.availability([variant]) == {variant: 8}


def test_a_row_that_somebody_else_made_is_changed_beside_a_new_one(platform: Any) -> None:
    merchant = make_merchant()
    product = make_product(merchant_id=merchant.id, variants=2)
    warehouse = make_warehouse(merchant_id=merchant.id).id
    first, second = (variant.id for variant in product.variants)
    made = threading.Event()

    def put(**amounts: int) -> Any:
        ids = {"first": first, "second": second}
        return facade.put_stock(
            merchant_id=merchant.id,
            settings=[
                StockSetting(warehouse, variant_id=ids[name], on_hand=Decimal(amount))
                for name, amount in amounts.items()
            ],
        )

    def before() -> Any:
        with transactions.atomic():
            found = put(first=5)
            made.set()
            time.sleep(0.3)  # the other one asks for the same row meanwhile
        return found

    def after() -> Any:
        made.wait(20)
        return put(first=7, second=3)

    assert at_once([before, after], platform) == [[True], [True, True]]
    rows = Movement.objects.order_by("id")
    moved = [(row.variant_id, int(row.delta), int(row.on_hand)) for row in rows]
    assert moved == [(first, 5, 5), (first, 2, 7), (second, 3, 3)]
    assert dict(Stock.objects.values_list("variant_id", "version")) == {first: 2, second: 1}
