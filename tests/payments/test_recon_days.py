"""A day compared in the running product: statements kept, exceptions queued, settled, resolved."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kernel import clock, tenancy
from kernel.actors import Actor, acting
from kernel.errors import Invalid, InvalidTransition
from kernel.ids import public_id
from kernel.money import Money
from payments import facade, ledger
from payments.domain import postings
from payments.domain.postings import Book, SharePosting
from payments.errors import DayNotOver, NeedsEntry, StatementUnreadable
from payments.services import gateway_account
from payments.services.reconciliation import compare

DAY = date(2026, 5, 4)
NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)  # noon in Shanghai
NEXT = NOON + timedelta(days=1)


def charge(amount: int = 10_000, fee: int = 320) -> UUID:
    """A captured payment, as the ledger has it."""
    intent, book = uuid4(), Book(tenancy.current_id(), "CNY")
    share = SharePosting(0, uuid4(), "ord_1", amount, 500)
    ledger.post_all(
        [
            *postings.capture(book, intent_id=intent, gateway="card", shares=[share]),
            postings.gateway_fee(book, intent_id=intent, gateway="card", fee=fee),
        ]
    )
    return intent


def gateway_file(*rows: str, day: date = DAY) -> bytes:
    head = f"#quancheng-statement,1,gateway,acct_1,{day},{day},Asia/Shanghai"
    columns = "id,kind,source,document,amount,fee,net,currency,merchant,created,payout,arrival"
    return "\n".join([head, columns, *rows, ""]).encode()


def bank_file(*rows: str, day: date = DAY) -> bytes:
    head = f"#quancheng-statement,1,bank,acct_1,{day},{day},Asia/Shanghai"
    columns = "id,kind,amount,currency,balance_after,counterparty,reference,date"
    return "\n".join([head, columns, *rows, ""]).encode()


def row(intent: UUID, amount: int = 10_000, fee: int = 320, id: str = "txn_1") -> str:
    at = "2026-05-04T12:00:03+08:00"
    net = amount - fee
    document = public_id("pay", intent)
    return f"{id},charge,ch_1,{document},{amount},{fee},{net},CNY,,{at},,"


_seconds = itertools.count(1)


def take(side: str, data: bytes) -> None:
    """Each a second later: the newest statement of a day counts."""
    with clock.frozen(NEXT + timedelta(seconds=next(_seconds))):
        facade.take_statement(side=side, data=data)


def run(day: date = DAY) -> Any:
    with clock.frozen(NEXT):
        return facade.reconcile_day(day=day, fetch=False)


def exceptions(**filters: Any) -> list[Any]:
    return list(facade.recon_exceptions_page(**filters).items)


@pytest.fixture
def paid(books: Any) -> Iterator[UUID]:
    with clock.frozen(NOON):
        yield charge()


def test_a_day_on_which_all_agree_is_clean(paid: UUID) -> None:
    take("gateway", gateway_file(row(paid)))
    take("bank", bank_file())
    found = run()
    assert (found.state, found.open, found.matched, found.absent) == ("clean", 0, 1, ())
    assert found.figures["ledger"] == {"rows": 1, "totals": {"CNY": 10_000}}
    assert facade.recon_days_page().items[0].day == DAY


def test_without_a_statement_a_day_is_incomplete_and_nothing_is_alleged(paid: UUID) -> None:
    take("bank", bank_file())
    found = run()
    assert (found.state, found.absent) == ("incomplete", ("gateway",))
    assert exceptions() == []


def test_an_exception_is_queued_once_and_settled_by_a_late_row(paid: UUID) -> None:
    take("bank", bank_file())
    take("gateway", gateway_file())
    for _ in range(2):
        assert run().state == "exceptions"
    [one] = exceptions(state="open")
    assert (one.kind, one.where, one.document) == ("missing", "gateway", public_id("pay", paid))
    assert one.rows[0]["amount"] == 10_000
    take("gateway", gateway_file(row(paid)))  # the gateway corrects its statement
    assert run().state == "clean"
    [one] = exceptions()
    assert (one.state, one.resolution) == ("settled", "")
    take("gateway", gateway_file("", row(paid, amount=9_999)))
    assert run().state == "exceptions"
    assert {one.kind for one in exceptions(state="open")} == {"amount"}


ANNA, BERT = UUID(int=101), UUID(int=102)


def book(one: Any, *, debit: str, credit: str, amount: int, reference: str = "") -> Any:
    """A manual entry for an exception, by two people."""
    with acting(Actor(kind="operator", person_id=ANNA)):
        made = facade.propose_entry(
            key=uuid4(), name="Correction", reason="See the statement.",
            debit=facade.EntrySide(debit), credit=facade.EntrySide(credit),
            amount=Money(amount, "CNY"), reference=reference or one.public_id,
        )  # fmt: skip
    with acting(Actor(kind="operator", person_id=BERT)):
        return facade.approve_entry(entry_id=made.id)


def test_money_is_put_right_by_an_entry_of_two_people_alone(books: Any) -> None:
    """The gateway tells of a payment that the ledger lacks."""
    lost = uuid4()
    take("bank", bank_file())
    take("gateway", gateway_file(row(lost)))
    with clock.frozen(NEXT + timedelta(days=3)):
        facade.take_statement(side="gateway", data=gateway_file(row(lost)))
        facade.reconcile_day(day=DAY, fetch=False)
        [one] = exceptions(state="open")
        assert (one.kind, one.where, one.ways) == ("missing", "ledger", ("entry",))
        ask = {"exception_id": one.id, "note": "booked by hand"}
        for way in ("note", "counterparty"):
            with pytest.raises(NeedsEntry):
                facade.resolve_exception(**ask, resolution=way)
        other = book(one, debit="suspense", credit="bank", amount=1, reference="bank-04")
        with acting(Actor(kind="operator", person_id=ANNA)):
            waits = facade.propose_entry(
                key=uuid4(), name="Wrong", reason="-", debit=facade.EntrySide("gateway"),
                credit=facade.EntrySide("suspense"), amount=Money(5, "CNY"),
                reference=one.public_id,
            )  # fmt: skip
        unknown = public_id("men", uuid4())
        for entry in (other.public_id, waits.public_id, unknown):  # unrelated, unapproved, none
            with pytest.raises(Invalid):
                facade.resolve_exception(**ask, resolution="entry", entry=entry)
        entry = book(one, debit="gateway", credit="suspense", amount=10_000)
        fee = book(one, debit="gateway_fee", credit="gateway", amount=320)
        done = facade.resolve_exception(**ask, resolution="entry", entry=entry.public_id)
        assert (done.state, done.entry) == ("resolved", entry.public_id)
        assert {made.id for made in facade.correcting_entries(one.id)} == {
            waits.id, entry.id, fee.id,
        }  # fmt: skip
        assert facade.recon_day(day=DAY).state == "clean"
        assert facade.reconcile_day(day=DAY, fetch=False).open == 0
        # The entries tell what was missing, so the sheet has no disagreement left about it.
        [told] = [m for m in facade.day_sheet(day=DAY).movements if m.family == "charge"]
        assert (told.state, told.ledger[0].amount, told.ledger[0].fee) == (
            "matched", Money(10_000, "CNY"), Money(320, "CNY"),
        )  # fmt: skip
        with pytest.raises(Invalid):  # dealt with: nobody books for it again
            book(one, debit="gateway", credit="suspense", amount=10_000)
        with pytest.raises(InvalidTransition):
            facade.resolve_exception(**ask, resolution="counterparty")


@pytest.mark.parametrize("apart", [timedelta(seconds=-1), timedelta(seconds=1)])
def test_a_double_booking_is_reversed_by_an_entry_and_settles_itself(
    paid: UUID, apart: timedelta
) -> None:
    """Whichever of the two was booked first: the one without a fee is the extra one."""
    take("bank", bank_file())
    take("gateway", gateway_file(row(paid)))
    with clock.frozen(NOON + apart):
        book_twice = Book(tenancy.current_id(), "CNY")
        share = SharePosting(0, uuid4(), "ord_1", 10_000, 500)
        again = [
            *postings.capture(book_twice, intent_id=uuid4(), gateway="card", shares=[share]),
        ]
        document = public_id("pay", paid)
        ledger.post_all([replace(one, document=document) for one in again])
    assert run().state == "exceptions"
    [one] = exceptions(state="open")
    assert (one.kind, one.where, one.amount.amount) == ("doubled", "ledger", 10_000)
    with clock.frozen(NEXT):
        book(one, debit="suspense", credit="gateway", amount=10_000)
    assert run().state == "clean"
    assert exceptions()[0].state == "settled"


def test_an_exception_of_others_is_resolved_with_a_note(paid: UUID) -> None:
    take("bank", bank_file())
    take("gateway", gateway_file())
    run()
    [one] = exceptions(kind="missing")
    ask = {"exception_id": one.id}
    with pytest.raises(Invalid):
        facade.resolve_exception(**ask, resolution="note", note=" ")
    with pytest.raises(Invalid):
        facade.resolve_exception(**ask, resolution="entry", note="booked")
    with clock.frozen(NEXT):
        done = facade.resolve_exception(**ask, resolution="note", note="in tomorrow's file")
    again = facade.resolve_exception(**ask, resolution="note", note="in tomorrow's file")
    assert again == done
    with pytest.raises(InvalidTransition):
        facade.resolve_exception(**ask, resolution="note", note="other")
    assert run().state == "clean"  # what somebody decided stays decided


def test_a_settlement_is_booked_by_its_own_name_and_arrives(paid: UUID) -> None:
    at = "2026-05-04T12:30:00+08:00"
    out = f"txn_2,payout,po_9,,-9680,0,-9680,CNY,,{at},po_9,2026-05-04"
    take("gateway", gateway_file(row(paid), out))
    take("bank", bank_file())
    with clock.frozen(NOON + timedelta(hours=1)):
        ledger_before = facade.trial_balance()
    assert "settlement" not in {r.code for r in ledger_before.rows}
    run()
    take("bank", bank_file("ben_1,settlement,9680,CNY,9680,acct_1,PAYOUT po_9,2026-05-04"))
    for _ in range(2):
        found = run()
    balances = {r.code: r.debits_posted - r.credits_posted for r in facade.trial_balance().rows}
    assert (balances["gateway"], balances["settlement"], balances["bank"]) == (0, 0, 9_680)
    assert found.state in ("clean", "exceptions")


def test_a_statement_is_kept_once_and_refused_with_row_and_field(books: Any) -> None:
    take("bank", bank_file())
    take("bank", bank_file())
    assert len(facade.recon_statements_page().items) == 1
    [kept] = facade.recon_statements_page(side="bank").items
    assert facade.statement_bytes(statement_id=kept.id) == bank_file()
    with pytest.raises(StatementUnreadable) as caught:
        take("bank", bank_file("ben_1,payout,1.5,CNY,,,,2026-05-04"))
    assert caught.value.problems[0].field == "amount"
    assert caught.value.params["row"] == 3
    with pytest.raises(Invalid):
        take("ledger", bank_file())


def test_a_day_must_be_over(books: Any) -> None:
    with clock.frozen(NOON), pytest.raises(DayNotOver):
        facade.reconcile_day(day=DAY)


def test_the_daily_job_fetches_until_a_day_is_complete(
    paid: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    answers: dict[str, bytes | None] = {"gateway": None, "bank": bank_file()}

    def answer(side: str) -> Any:
        def fetch(day: date, zone: Any) -> bytes | None:
            calls.append(side)
            return answers[side] if day == DAY else None

        return fetch

    monkeypatch.setattr(gateway_account, "configured_at", lambda: NOON)
    monkeypatch.setattr(gateway_account, "is_configured", lambda: True)
    monkeypatch.setattr(gateway_account, "fetch_gateway_statement", answer("gateway"))
    monkeypatch.setattr(gateway_account, "fetch_bank_statement", answer("bank"))
    with clock.frozen(NEXT):
        assert compare.run_due() == {"days": 1}
        assert facade.recon_day(day=DAY).absent == ("gateway",)
        answers["gateway"] = gateway_file(row(paid))
        assert compare.run_due() == {"days": 1}
        assert facade.recon_day(day=DAY).state == "clean"
        before = len(calls)
        assert compare.run_due() == {"days": 0}
        assert len(calls) == before
