"""Whatever happens to stock and reservations, the books agree."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from inventory import facade
from inventory.contracts import ReservationState
from inventory.domain.allocation import StockRow, allocate, fits
from inventory.facade import CountEntry, GoodsLine, StockLine
from inventory.models import Ahead, Movement, Promise, Reservation, ReservationLine, Stock
from kernel import clock, transactions
from kernel.errors import DomainError
from tests.factories.catalog import make_product
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import make_merchant

pytestmark = pytest.mark.django_db
QUANTITY = st.decimals("0.001", "6", places=3)


class _Undo(Exception):
    """Ends an example's transaction."""


def machine(merchant: UUID, variants: list[UUID], warehouses: list[UUID]) -> Any:  # noqa: C901
    """The state machine over these goods; each example leaves nothing behind."""
    place: dict[str, Any] = {
        "variant_id": st.sampled_from(variants),
        "warehouse_id": st.sampled_from(warehouses),
    }
    lines = st.lists(
        st.builds(StockLine, st.sampled_from(variants), QUANTITY), min_size=1, max_size=3
    )

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.block = transactions.atomic()
            self.block.__enter__()
            self.late = timedelta(0)
            self.wanted: dict[UUID, list[StockLine]] = {}

        def teardown(self) -> None:
            self.block.__exit__(_Undo, _Undo(), None)

        def attempt(self, call: Any, **values: Any) -> None:
            """Refusals are fine; what they leave behind is what the invariants look at."""
            try:
                with clock.offset(self.late):
                    call(**values)
            except DomainError:
                pass

        def key(self, number: int) -> UUID:
            keys = list(self.wanted)
            return keys[number % len(keys)] if keys else uuid4()

        @rule(on_hand=st.decimals("0", "20", places=3), **place)
        def set_stock(self, **values: Any) -> None:
            self.attempt(facade.set_stock, merchant_id=merchant, **values)

        @rule(delta=st.decimals("-5", "5", places=3), **place)
        def adjust(self, **values: Any) -> None:
            self.attempt(facade.adjust_stock, merchant_id=merchant, reason="counted", **values)

        @rule(lines=lines, minutes=st.integers(-5, 60))
        def reserve(self, lines: list[StockLine], minutes: int) -> None:
            key = uuid4()
            self.wanted[key] = lines
            until = clock.business() + self.late + timedelta(minutes=minutes)
            self.attempt(facade.reserve, key=key, lines=lines, expires_at=until)

        @rule(number=st.integers(0, 9))
        def reserve_again(self, number: int) -> None:
            key = self.key(number)
            until = clock.business() + self.late + timedelta(minutes=5)
            lines = self.wanted.get(key, [])
            self.attempt(facade.reserve, key=key, lines=lines, expires_at=until)

        @rule(number=st.integers(0, 9))
        def commit(self, number: int) -> None:
            self.attempt(facade.commit_reservation, key=self.key(number))

        @rule(number=st.integers(0, 9))
        def release(self, number: int) -> None:
            self.attempt(facade.release_reservation, key=self.key(number))

        @rule(number=st.integers(0, 9), lines=lines, whole=st.booleans())
        def restock(self, number: int, lines: list[StockLine], whole: bool) -> None:
            key = self.key(number)
            back = self.wanted.get(key, lines) if whole else lines
            self.attempt(
                facade.restock,
                key=key if whole else uuid4(),
                lines=back,
                reason="returned",
                reservation=key,
            )

        @rule(quantity=QUANTITY, over=st.booleans(), times=st.integers(1, 2), **place)
        def receive(self, quantity: Decimal, over: bool, times: int, **values: Any) -> None:
            where = {"merchant_id": merchant, "warehouse_id": values["warehouse_id"]}
            wanted = [GoodsLine(Decimal(3), values["variant_id"])]
            paper = facade.create_receipt(
                reference=str(uuid4()), lines=wanted, confirm=True, **where
            )
            for _again in range(times):
                self.attempt(
                    facade.receive_goods, receipt_id=paper.id, merchant_id=merchant, delivery="1",
                    lines=[GoodsLine(quantity, values["variant_id"])], accept_over=over,
                )  # fmt: skip

        @rule(quantity=QUANTITY, came=st.decimals("0", "6", places=3), back=st.booleans(), **place)
        def transfer(self, quantity: Decimal, came: Decimal, back: bool, **values: Any) -> None:
            source = values["warehouse_id"]
            [target] = [one for one in warehouses if one != source]
            paper = facade.create_transfer(
                merchant_id=merchant, source_id=source, target_id=target,
                lines=[GoodsLine(quantity, values["variant_id"])],
            )  # fmt: skip
            own: dict[str, Any] = {"transfer_id": paper.id, "merchant_id": merchant}
            self.attempt(facade.send_transfer, **own)
            if back:
                self.attempt(facade.cancel_transfer, **own)
            self.attempt(
                facade.receive_transfer, **own, loss_cause="lost",
                lines=[GoodsLine(came, values["variant_id"])],
            )  # fmt: skip

        @rule(counted=st.decimals("0", "20", places=3), **place)
        def count(self, counted: Decimal, **values: Any) -> None:
            try:
                paper = facade.open_count(merchant_id=merchant, warehouse_id=values["warehouse_id"])
            except DomainError:
                return
            own: dict[str, Any] = {"count_id": paper.id, "merchant_id": merchant}
            entries = [CountEntry(counted, values["variant_id"])]
            self.attempt(facade.enter_counts, **own, entries=entries)
            self.attempt(facade.post_count, **own)
            self.attempt(facade.cancel_count, **own)

        @rule(low_at=st.none() | st.decimals("1", "9", places=3), **place)
        def limit(self, **values: Any) -> None:
            self.attempt(facade.set_low_at, merchant_id=merchant, **values)

        @rule(
            mode=st.sampled_from(["none", "backorder", "backorder", "preorder"]),
            most=st.none() | st.decimals("1", "9", places=3),
            variant_id=place["variant_id"],
        )
        def sell_ahead(self, mode: str, most: Decimal | None, variant_id: UUID) -> None:
            with clock.offset(self.late):
                soon = clock.today() + timedelta(days=3)
            self.attempt(
                facade.set_ahead, merchant_id=merchant, variant_id=variant_id, mode=mode,
                limit=most, lead_days=5, release_on=soon,
            )  # fmt: skip

        @rule(number=st.integers(0, 9), quantity=QUANTITY, **place)
        def lose(self, number: int, quantity: Decimal, **values: Any) -> None:
            lines = [StockLine(values["variant_id"], quantity)]
            key = self.key(number)
            self.attempt(
                facade.restock, key=uuid4(), lines=lines, reason="lost", reservation=key,
                there=False,
            )  # fmt: skip

        @invariant()
        def promised_is_what_waits(self) -> None:
            waits: dict[UUID, Decimal] = {}
            for one in Promise.objects.select_related("reservation"):
                left = one.quantity - one.filled - one.released
                waits[one.variant_id] = waits.get(one.variant_id, Decimal(0)) + left
                if one.reservation.state in (ReservationState.RELEASED, ReservationState.EXPIRED):
                    assert not left
                assert one.committed or not one.filled
            for row in Ahead.objects.all():
                assert row.promised == waits.get(row.variant_id, 0)
                assert row.mode == "none" or row.most is None or row.promised <= row.most

        @invariant()
        def what_was_wanted_was_given_or_promised(self) -> None:
            given: dict[Any, Decimal] = {}
            for line in ReservationLine.objects.all():
                place = line.reservation_id, line.variant_id
                given[place] = given.get(place, Decimal(0)) + line.quantity
            for one in Promise.objects.all():
                place = one.reservation_id, one.variant_id
                given[place] = given.get(place, Decimal(0)) + one.quantity - one.filled
            taken = (ReservationState.HELD, ReservationState.COMMITTED)
            for row in Reservation.objects.filter(state__in=taken):
                for variant, text in row.wanted.items():
                    assert given.get((row.id, UUID(variant))) == Decimal(text)

        @invariant()
        def nobody_who_paid_waits_beside_free_stock(self) -> None:
            free: dict[UUID, Decimal] = {}
            for row in Stock.objects.all():
                free[row.variant_id] = free.get(row.variant_id, Decimal(0)) + row.on_hand
                free[row.variant_id] -= row.reserved
            for one in Promise.objects.filter(committed=True):
                if one.quantity > one.filled + one.released:
                    assert not free.get(one.variant_id)

        @invariant()
        def low_is_below_the_limit(self) -> None:
            for row in Stock.objects.all():
                low = row.low_at is not None and row.on_hand - row.reserved < row.low_at
                assert (row.low_since is not None) == low

        @rule(minutes=st.integers(1, 30))
        def time_passes(self, minutes: int) -> None:
            self.late += timedelta(minutes=minutes)
            with clock.offset(self.late):
                facade.release_expired()

        @invariant()
        def movements_add_up_to_what_is_on_hand(self) -> None:
            sums = dict(
                Movement.objects.values("stock_id")
                .annotate(total=Sum("delta"))
                .values_list("stock_id", "total")
            )
            for stock_id, on_hand in Stock.objects.values_list("id", "on_hand"):
                assert sums.get(stock_id, 0) == on_hand

        @invariant()
        def reserved_is_what_is_held(self) -> None:
            held = ReservationLine.objects.filter(reservation__state=ReservationState.HELD)
            sums = dict(
                held.values("stock_id")
                .annotate(total=Sum("quantity"))
                .values_list("stock_id", "total")
            )
            for stock_id, on_hand, reserved in Stock.objects.values_list(
                "id", "on_hand", "reserved"
            ):
                assert sums.get(stock_id, 0) == reserved
                assert 0 <= reserved <= on_hand

    return Machine


def test_the_books_agree(platform: Any) -> None:
    merchant = make_merchant().id
    product = make_product(merchant_id=merchant, variants=2, unit="TNE")
    warehouses = [make_warehouse(merchant_id=merchant, priority=n).id for n in range(2)]
    run_state_machine_as_test(
        machine(merchant, [variant.id for variant in product.variants], warehouses),
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_allocation_by_hand() -> None:
    variant, merchant = uuid4(), uuid4()
    rows = [
        StockRow(
            UUID(int=n), variant, uuid4(), merchant, "C62", Decimal(has), Decimal(0), order, on
        )
        for n, (has, order, on) in enumerate([(2, 2, True), (3, 1, True), (9, 0, False)])
    ]
    shares, missing = allocate(rows, {variant: Decimal(4)})
    taken = [(share.row.id.int, share.quantity) for share in shares]
    assert taken == [(1, Decimal(3)), (0, Decimal(1))]
    assert missing == []
    _shares, missing = allocate(rows, {variant: Decimal(6)})
    assert [(short.wanted, short.available) for short in missing] == [(Decimal(6), Decimal(5))]


def test_figures_that_fit() -> None:
    assert fits(Decimal("0.001"))
    assert fits(Decimal("-5.000"))
    for bad in (Decimal("0.0001"), Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 12, 1, 1.0):
        assert not fits(bad)
