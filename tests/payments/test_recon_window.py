"""Day after day: the days that are compared move on, and nothing false stays behind."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kernel import clock
from payments import facade
from payments.domain.reconciliation import Side, parse, reconcile
from tests.payments.test_recon_days import (
    DAY,
    NEXT,
    NOON,
    bank_file,
    charge,
    exceptions,
    gateway_file,
    row,
    run,
    take,
)

OUT = "txn_2,payout,po_9,,-9680,0,-9680,CNY,,2026-05-04T12:30:00+08:00,po_9,2026-05-05"
IN = "ben_1,settlement,9680,CNY,9680,acct_1,PAYOUT po_9,2026-05-05"
Lines = Callable[[date], list[str]]


@pytest.fixture
def paid(books: Any) -> UUID:
    with clock.frozen(NOON):
        return charge()


def file(side: str, day: date, *rows: str, at: datetime) -> None:
    data = (gateway_file if side == "gateway" else bank_file)(*rows, day=day)
    with clock.frozen(at):
        facade.take_statement(side=side, data=data)


def live(gateway: Lines, bank: Lines, *, days: int, late: int = 1) -> None:
    """Each day's statements come ``late`` days after it, and then it is compared."""
    for number in range(days):
        day = DAY + timedelta(days=number)
        at = NOON + timedelta(days=number + late)
        file("gateway", day, *gateway(day), at=at)
        file("bank", day, *bank(day), at=at)
        with clock.frozen(at + timedelta(seconds=1)):
            found = facade.reconcile_day(day=day, fetch=False)
        assert (found.state, exceptions()) == ("clean", []), day


@pytest.mark.parametrize("late", [1, 3])
def test_a_settlement_stays_whole_when_the_window_passes_over_it(paid: UUID, late: int) -> None:
    def gateway(day: date) -> list[str]:
        return [row(paid), OUT] if day == DAY else []

    live(gateway, lambda day: [IN] * (day == date(2026, 5, 5)), days=28, late=late)


def test_a_statement_handed_in_weeks_later_raises_nothing_afterwards(paid: UUID) -> None:
    """Our booking is as late as the statement it is made from."""
    late = NOON + timedelta(days=20)
    for side, rows in (("gateway", (row(paid), OUT)), ("bank", ())):
        file(side, DAY, *rows, at=late)
    file("bank", DAY + timedelta(days=1), IN, at=late)
    with clock.frozen(late):
        facade.reconcile_day(day=DAY + timedelta(days=1), fetch=False)
    for number in range(16, 60):
        day = DAY + timedelta(days=number)
        at = max(late, NOON + timedelta(days=number + 1))
        file("gateway", day, at=at)
        file("bank", day, at=at)
        with clock.frozen(at):
            facade.reconcile_day(day=day, fetch=False)
    assert exceptions() == []
    balances = {r.code: r.debits_posted - r.credits_posted for r in facade.trial_balance().rows}
    assert (balances["gateway"], balances["settlement"], balances["bank"]) == (0, 0, 9_680)


def test_a_day_follows_what_a_later_day_finds_about_it(paid: UUID) -> None:
    """Found, settled and found again by the runs of other days: its light and count go along."""
    other = DAY + timedelta(days=1)
    take("gateway", gateway_file(row(paid)))
    take("bank", bank_file())
    assert run().state == "clean"

    def of_the_first(*rows: str) -> tuple[str, int]:
        take("gateway", gateway_file(*rows))
        at = NEXT + timedelta(days=1)
        with clock.frozen(at):
            facade.reconcile_day(day=other, fetch=False)
        found = facade.recon_day(day=DAY)
        return found.state, found.open

    take("gateway", gateway_file(day=other))
    take("bank", bank_file(day=other))
    assert of_the_first() == ("exceptions", 1)
    assert of_the_first("", row(paid)) == ("clean", 0)
    assert of_the_first("", row(paid, amount=9_999)) == ("exceptions", 1)
    assert of_the_first("", "", row(paid)) == ("clean", 0)
    assert of_the_first("", "", row(paid, amount=9_999)) == ("exceptions", 1), "opened again"
    [again] = exceptions(state="open")
    assert again.kind == "amount"
    assert facade.recon_day(day=other).state == "clean"


@pytest.mark.parametrize(
    ("back", "faults"),
    [
        ("ben_2,return,700,CNY,,,pot_1,2026-05-05", []),
        ("ben_2,return,699,CNY,,,pot_1,2026-05-05", [("amount", "bank")]),
        ("ben_2,return,-700,CNY,,,pot_1,2026-05-05", [("sign", "bank")]),
        ("ben_2,return,700,USD,,,pot_1,2026-05-05", [("currency", "bank")]),
        (
            "ben_2,return,300,CNY,,,pot_1,2026-05-05\nben_3,return,400,CNY,,,pot_1,2026-05-05",
            [("split_payout", "bank")],
        ),
        (
            "ben_2,return,700,CNY,,,pot_1,2026-05-05\nben_3,return,700,CNY,,,pot_1,2026-05-05",
            [("doubled", "bank")],
        ),
    ],
)
def test_a_payout_that_bounced_is_not_booked_and_must_be_the_same_money(
    back: str, faults: list[tuple[str, str]]
) -> None:
    head = b"#quancheng-statement,1,ledger,a,2026-05-01,2026-05-20,Asia/Shanghai\n"
    none = head + b"id,account,kind,document,source,amount,fee,currency,party,created\n"
    out = bank_file("ben_1,payout,-700,CNY,,,pot_1,2026-05-04", *back.split("\n"))
    bank = out.replace(b"2026-05-04,2026-05-04", b"2026-05-01,2026-05-20", 1)
    outcome = reconcile(parse(none, Side.LEDGER), parse(bank, Side.BANK))
    assert [(one.fault.value, one.where) for one in outcome.findings] == faults
