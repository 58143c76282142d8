"""The ledger's function: every result code, chains, pending transfers, and who may write."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connection, transaction

from kernel import clock, tenancy
from kernel.money import Money
from payments import ledger
from payments.domain.chart import Account, Code
from payments.ledger import Flag, Transfer
from payments.ledger.counters import counters as read_counters
from payments.ledger.expiry import expire_due
from payments.models import LedgerAccount, LedgerFailure, LedgerTransfer
from tests.factories.platforms import make_platform

pytestmark = pytest.mark.usefixtures("books")
MERCHANT = UUID(int=7)


def gateway(currency: str = "CNY") -> Account:
    return Account(tenancy.current_id(), Code.GATEWAY, currency)


def pending(owner: UUID = MERCHANT) -> Account:
    return Account(tenancy.current_id(), Code.MERCHANT_PENDING, "CNY", owner)


def available(owner: UUID = MERCHANT) -> Account:
    return Account(tenancy.current_id(), Code.MERCHANT_AVAILABLE, "CNY", owner)


def move(
    debit: Account, credit: Account, amount: int = 100, currency: str = "CNY", **fields: Any
) -> Transfer:
    values = {
        "id": uuid4(), "debit": debit, "credit": credit, "amount": Money(amount, currency),
        "code": "test", "journal": UUID(int=1), **fields,
    }  # fmt: skip
    return Transfer(**values)


def counters(account: Account) -> tuple[int, int, int, int]:
    dpo, cpo, dpe, cpe = read_counters([account.id])[account.id]
    return dpe, dpo, cpe, cpo


def fund(amount: int = 1000) -> None:
    assert ledger.post([move(gateway(), pending(), amount)]) == ["ok"]


def test_a_transfer_moves_both_counters() -> None:
    fund(250)
    assert counters(gateway()) == (0, 250, 0, 0)
    assert counters(pending()) == (0, 0, 0, 250)


def test_same_id_is_the_same_transfer() -> None:
    first = move(gateway(), pending())
    assert ledger.post([first]) == ["ok"]
    assert ledger.post([first]) == ["exists"]
    assert ledger.post([first, first]) == ["exists", "exists"]
    for what, changed in {
        "flags": move(gateway(), pending(), 101, id=first.id, flags=Flag.PENDING),
        "pending_id": move(
            gateway(), pending(), id=first.id, pending_id=UUID(int=3), flags=Flag.NONE
        ),
        "expires_at": move(gateway(), pending(), id=first.id, expires_at=clock.business()),
        "debit_account": move(available(), pending(), id=first.id),
        "credit_account": move(gateway(), available(), id=first.id),
        "amount": move(gateway(), pending(), 101, id=first.id, code="other"),
        "currency": move(gateway(), pending(), currency="USD", id=first.id),
        "code": move(gateway(), pending(), id=first.id, code="other", reference="ord_2"),
        "merchant": move(gateway(), pending(), id=first.id, merchant_id=MERCHANT),
        "reference": move(gateway(), pending(), id=first.id, reference="ord_2"),
        "document": move(gateway(), pending(), id=first.id, document="pay_2"),
    }.items():
        assert ledger.post([changed]) == [f"exists_with_different_{what}"]
        fresh = move(gateway(), pending(), id=uuid4())
        twice = [fresh, replace(changed, id=fresh.id)]
        assert ledger.post(twice) == ["ok", f"exists_with_different_{what}"]
    assert counters(pending()) == (0, 0, 0, 1_200)


def test_same_id_twice_in_a_batch() -> None:
    first = move(gateway(), pending())
    other = move(gateway(), pending(), 5, id=first.id)
    assert ledger.post([first, first, other]) == ["ok", "exists", "exists_with_different_amount"]
    assert counters(pending()) == (0, 0, 0, 100)


def test_limits_hold_and_a_failed_id_stays_failed() -> None:
    fund(100)
    too_much = move(pending(), available(), 101)
    assert ledger.post([too_much]) == ["exceeds_credits"]
    fund(1000)
    assert ledger.post([too_much]) == ["id_already_failed"]
    assert LedgerFailure.objects.get(id=too_much.id).result == "exceeds_credits"
    assert ledger.post([move(pending(), available(), 101)]) == ["ok"]
    owed = Account(tenancy.current_id(), Code.MERCHANT_OWED, "CNY", MERCHANT)
    assert ledger.post([move(available(), owed, 1)]) == ["exceeds_debits"]


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"amount": 0}, "amount_must_be_positive"),
        ({"amount": -5}, "amount_must_be_positive"),
        ({"amount": 5, "currency": "USD"}, "currency_must_match"),
        ({"flags": Flag.PENDING | Flag.POST}, "flags_not_valid"),
        ({"flags": Flag.POST}, "flags_not_valid"),
        ({"flags": Flag.EXPIRE}, "flags_not_valid"),
        ({"pending_id": UUID(int=9)}, "flags_not_valid"),
        ({"flags": Flag.POST, "pending_id": UUID(int=9)}, "pending_transfer_not_found"),
    ],
)
def test_bad_transfers(changes: dict[str, Any], result: str) -> None:
    assert ledger.post([move(gateway(), pending(), **({"amount": 5} | changes))]) == [result]
    assert not LedgerTransfer.objects.exists()


def test_accounts_must_differ_and_exist() -> None:
    assert ledger.post([move(gateway(), gateway())]) == ["accounts_must_be_different"]
    results = ledger.post([move(gateway(), pending(UUID(int=1)))], open_accounts=False)
    assert results == ["credit_account_not_found"]
    fund()
    results = ledger.post([move(pending(UUID(int=1)), gateway())], open_accounts=False)
    assert results == ["debit_account_not_found"]


def test_pending_then_post_in_part() -> None:
    fund(1000)
    hold = move(pending(), available(), 600, flags=Flag.PENDING)
    assert ledger.post([hold]) == ["ok"]
    assert counters(pending()) == (600, 0, 0, 1000)
    assert ledger.post([move(pending(), available(), 401)]) == ["exceeds_credits"]
    other = move(pending(), gateway(), 10, flags=Flag.POST, pending_id=hold.id)
    assert ledger.post([other]) == ["pending_transfer_has_different_accounts"]
    more = move(pending(), available(), 601, flags=Flag.POST, pending_id=hold.id)
    assert ledger.post([more]) == ["exceeds_pending_transfer_amount"]
    part = move(pending(), available(), 200, flags=Flag.POST, pending_id=hold.id)
    assert ledger.post([part]) == ["ok"]
    assert counters(pending()) == (0, 200, 0, 1000)
    assert counters(available()) == (0, 0, 0, 200)
    void = move(pending(), available(), 600, flags=Flag.VOID, pending_id=hold.id)
    assert ledger.post([void]) == ["pending_transfer_already_posted"]
    posted = move(pending(), available(), 5, flags=Flag.POST, pending_id=part.id)
    assert ledger.post([posted]) == ["pending_transfer_not_pending"]


def test_pending_then_void() -> None:
    fund(1000)
    hold = move(pending(), available(), 600, flags=Flag.PENDING)
    void = move(pending(), available(), 600, flags=Flag.VOID, pending_id=hold.id)
    short = move(pending(), available(), 599, flags=Flag.VOID, pending_id=hold.id)
    again = move(pending(), available(), 600, flags=Flag.POST, pending_id=hold.id)
    assert ledger.post([hold, short, void, void, again]) == [
        "ok", "pending_transfer_has_different_amount", "ok", "exists",
        "pending_transfer_already_voided",
    ]  # fmt: skip
    assert counters(pending()) == (0, 0, 0, 1000)


def test_a_chain_stands_or_falls_together() -> None:
    fund(100)
    good = move(pending(), available(), 60).linked()
    bad = move(pending(), available(), 60).linked()
    last = move(gateway(), pending(), 1)
    after = move(gateway(), pending(), 3)
    assert ledger.post([good, bad, last, after]) == [
        "linked_event_failed", "exceeds_credits", "linked_event_failed", "ok",
    ]  # fmt: skip
    assert counters(pending()) == (0, 0, 0, 103)
    assert ledger.post([good, move(pending(), available(), 40)]) == ["ok", "ok"]


def test_a_broken_chain_gives_back_what_it_resolved() -> None:
    fund(100)
    hold = move(pending(), available(), 60, flags=Flag.PENDING)
    assert ledger.post([hold]) == ["ok"]
    void = move(pending(), available(), 60, flags=Flag.VOID, pending_id=hold.id)
    bad = move(pending(), available(), 999)
    post = move(pending(), available(), 60, flags=Flag.POST, pending_id=hold.id)
    assert ledger.post([void.linked(), bad, post]) == [
        "linked_event_failed", "exceeds_credits", "ok",
    ]  # fmt: skip
    assert counters(pending()) == (0, 60, 0, 100)


def test_an_open_chain_and_a_repeated_chain() -> None:
    first, second = move(gateway(), pending()).linked(), move(gateway(), pending())
    assert ledger.post([first, second.linked()]) == [
        "linked_event_failed", "linked_event_chain_open",
    ]  # fmt: skip
    assert ledger.post([first, second]) == ["ok", "ok"]
    assert ledger.post([first, second]) == ["exists", "exists"]


def test_expiry(monkeypatch: pytest.MonkeyPatch) -> None:
    fund(100)
    soon = clock.business() + timedelta(minutes=1)
    hold = move(pending(), available(), 60, flags=Flag.PENDING, expires_at=soon)
    early = move(pending(), available(), 60, flags=Flag.VOID | Flag.EXPIRE, pending_id=hold.id)
    assert ledger.post([hold, early]) == ["ok", "pending_transfer_not_expired"]
    assert expire_due() == 0
    with clock.offset(timedelta(minutes=2)):
        late = move(pending(), available(), 60, flags=Flag.POST, pending_id=hold.id)
        assert ledger.post([late]) == ["pending_transfer_expired"]
        assert expire_due() == 1
        assert expire_due() == 0
        assert ledger.post([move(pending(), available(), 1, flags=Flag.POST, pending_id=hold.id)])
    assert counters(pending()) == (0, 0, 0, 100)


@pytest.mark.parametrize("richer_first", [True, False])
def test_what_a_lone_transfer_changed_is_taken_back(richer_first: bool) -> None:
    """Of two limited accounts the first is changed before the second, or the id, refuses."""
    first, second = sorted((pending(), available()), key=lambda account: account.id)
    debit, credit = (second, first) if richer_first else (first, second)
    assert ledger.post([move(gateway(), debit, 50)]) == ["ok"]
    too_much = move(debit, credit, 51)
    assert ledger.post([too_much]) == ["exceeds_credits"]
    assert counters(debit) == (0, 0, 0, 50)
    assert counters(credit) == (0, 0, 0, 0)
    fund_more = move(gateway(), debit, 50)
    assert ledger.post([fund_more]) == ["ok"]
    assert ledger.post([too_much]) == ["id_already_failed"]
    assert ledger.post([replace(fund_more, debit=debit, credit=credit)]) == [
        "exists_with_different_debit_account"
    ]
    assert counters(debit) == (0, 0, 0, 100)
    assert counters(credit) == (0, 0, 0, 0)


def test_overflow_is_refused_not_raised() -> None:
    for _ in range(90):
        assert ledger.post([move(gateway(), pending(), 10**17)]) == ["ok"]
    assert ledger.post([move(gateway(), pending(), 10**17)]) == ["overflows"]


def test_post_all_raises_and_names_the_cause() -> None:
    with pytest.raises(ledger.LedgerRefused) as caught:
        ledger.post_all([move(gateway(), pending(), 5), move(pending(), available(), 6)])
    assert caught.value.result == "exceeds_credits"
    assert not LedgerTransfer.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger_account (platform_id, id, currency, code, debits_pending,"
        " debits_posted, credits_pending, credits_posted, debits_must_not_exceed_credits,"
        " credits_must_not_exceed_debits, created_at)"
        " VALUES (kernel_current_platform(), gen_random_uuid(), 'CNY', 'x', 0, 0, 0, 0, false,"
        " false, '2026-01-01')",
        "UPDATE ledger_account SET credits_posted = 10",
        "DELETE FROM ledger_account",
        "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer",
        "UPDATE ledger_transfer SET amount = 1",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer",
        "DELETE FROM ledger_failure",
        "UPDATE ledger_link SET hash = ''",
    ],
)
def test_the_application_cannot_write_around_the_function(statement: str) -> None:
    fund()
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(statement)


def test_even_the_owner_cannot_change_transfers(owner_cursor: Any) -> None:
    for statement in (
        "UPDATE ledger_transfer SET amount = 1",
        "DELETE FROM ledger_transfer",
        "DELETE FROM ledger_account",
    ):
        with pytest.raises(Exception, match="append-only"):
            owner_cursor.execute(statement)


def test_another_platforms_accounts_are_out_of_reach() -> None:
    fund(100)
    mine = pending()
    theirs = make_platform()
    with tenancy.scope(theirs):
        there = Account(theirs.id, Code.MERCHANT_AVAILABLE, "CNY", MERCHANT)
        # Their platform's function doesn't see the account, however it is named.
        results = ledger.post([move(mine, there, 10)], open_accounts=False)
        assert results == ["debit_account_not_found"]
        assert not LedgerAccount.objects.exists()
    assert counters(mine) == (0, 0, 0, 100)


def test_without_a_platform_the_function_refuses(books: Any) -> None:
    clear = "set_config('quancheng.platform_id', '', true)"
    with (
        pytest.raises(Exception, match="no platform is in scope"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(
            f"WITH c AS MATERIALIZED (SELECT {clear} AS x) SELECT x, "
            "ledger_post('[]', '[]', '2026-01-01', '2026-01-01') FROM c"
        )


def test_tampering_is_seen_by_the_trial_balance() -> None:
    fund(100)
    trial = ledger.trial_balance()
    assert trial.balanced
    assert {(row.code, row.debits_posted, row.credits_posted) for row in trial.rows} == {
        ("gateway", 100, 0),
        ("merchant_pending", 0, 100),
    }
