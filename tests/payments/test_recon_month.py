"""A month of orders through the product reconciles to zero exceptions from our own ledger; faults
drawn into the same month's files are named. ``RECON_ORDERS=5000`` for the long run,
``RECON_SEED=n`` for one draw."""

import os
import time
from datetime import date, timedelta

import pytest
from django.conf import settings

from bench.recon import faults
from bench.recon.world import Month
from kernel import clock
from payments import facade
from payments.domain.reconciliation import Row, Side, parse, reconcile, write_csv
from payments.models import ReconDay
from payments.selectors.ledger_statement import ledger_statement, rows_of
from payments.services.reconciliation.compare import RULES
from payments.services.reconciliation.sides import named, side_of
from tests.payments.test_providers import Shop
from tests.payments.test_providers import shop as shop
from tests.payments.trading import FIRST, HERE, Calendar, Trading

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
# A card's gateway isn't told the merchant, and bookings may come some days late.
KINDS = [kind for kind in faults.KINDS if kind not in ("merchant", "day")]
SEEDS = [int(os.environ["RECON_SEED"])] if os.environ.get("RECON_SEED") else range(1, 21)
ORDERS = int(os.environ.get("RECON_ORDERS", "24"))


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    found = Calendar()
    monkeypatch.setattr(settings, "BANK_URL", settings.BANK_URL)
    monkeypatch.setattr(clock, "system", found.now)
    return found


def test_a_month_through_the_product_has_no_exception(calendar: Calendar, shop: Shop) -> None:
    began = time.monotonic()
    trading = Trading(shop, calendar, seed=1)
    trading.month(ORDERS, days=31 if ORDERS > 500 else 8, after=13)
    for one in facade.recon_exceptions_page(limit=100).items:  # told when it fails
        print(one.day, one.kind, one.where, one.document, one.expected, one.found, one.rows)
    print(f"{trading.paid_orders} orders, {time.monotonic() - began:.0f} s")
    assert list(facade.recon_exceptions_page().items) == []
    assert set(ReconDay.objects.values_list("state", flat=True)) == {"clean"}
    assert facade.trial_balance().balanced
    month = as_files(calendar.at.astimezone(HERE).date() - timedelta(days=1))
    assert told(month) == []
    for seed in SEEDS:
        changed, planted = faults.plant(month, seed, kinds=KINDS)
        assert planted
        assert faults.misses(planted, told(changed)) == [], f"RECON_SEED={seed}"


def told(month: Month) -> list[dict[str, object]]:
    """What the comparison says of the files, by the rules of the running product."""
    sides = [parse(getattr(month, side.value), side) for side in Side]
    return [one.as_dict() for one in reconcile(*sides, rules=RULES).findings]


def as_files(last: date) -> Month:
    """What the three sides told of the month, as the files that anybody can compare."""
    sides = [named(side_of(side, FIRST, last, HERE)) for side in (Side.GATEWAY, Side.BANK)]
    head = ("acct", FIRST, last, HERE)
    books = ledger_statement(FIRST, last + timedelta(days=1), HERE)
    gateway, bank = ([_cells(row) for row in one.rows] for one in sides)
    return Month(
        gateway=write_csv(Side.GATEWAY, head, gateway),
        ledger=write_csv(Side.LEDGER, head, rows_of(books)),
        bank=write_csv(Side.BANK, head, bank),
    )


def _cells(row: Row) -> list[object]:
    if row.side is Side.BANK:
        return [row.id, row.kind, row.amount, row.currency, "", row.party, row.source, row.day]
    kind = {"settlement": "payout", "settlement_failure": "payout_failure"}.get(row.kind, row.kind)
    at = row.at.isoformat(timespec="seconds") if row.at else ""
    net = row.amount - row.fee if row.net is None else row.net
    return [
        row.id, kind, row.source, row.document, row.amount, row.fee, net, row.currency, row.party,
        at, row.batch, row.arrival or "",
    ]  # fmt: skip
