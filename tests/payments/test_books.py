"""Manual entries with four eyes, statements, exchange, alarms."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.test import Client

from kernel import clock, tenancy
from kernel.actors import Actor, acting
from kernel.audit import entries_for
from kernel.errors import Forbidden, Invalid, InvalidTransition
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import atomic
from payments import facade, ledger
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag, Transfer
from payments.errors import EntryRefused, InsufficientBalance, KeyReused, SamePerson
from payments.facade import AlarmKind, EntrySide
from payments.ledger import watch
from payments.ledger.chain import extend_ledger_chain
from payments.models import LedgerTransfer, ManualEntry
from tests.factories.payments import cny, make_available, make_share
from tests.factories.platforms import (
    api_client,
    make_key,
    make_merchant,
    make_person,
    make_platform,
)

ANNA, BERT = UUID(int=101), UUID(int=102)


@contextmanager
def operator(person: UUID | None) -> Iterator[None]:
    with acting(Actor(kind="operator", person_id=person)):
        yield


def propose(**changes: Any) -> facade.EntryInfo:
    values: dict[str, Any] = {
        "key": uuid4(), "name": "Bank fee of April", "reason": "On the bank's statement.",
        "debit": EntrySide("suspense"), "credit": EntrySide("bank"), "amount": cny(200),
    }  # fmt: skip
    return facade.propose_entry(**(values | changes))


def moved(code: Code, owner: UUID | None = None, currency: str = "CNY") -> int:
    account = Account(tenancy.current_id(), code, currency, owner)
    return ledger.account_balances([account])[account.id]


def test_two_people_book_an_entry(books: Any) -> None:
    key = uuid4()
    with operator(ANNA):
        entry = propose(key=key)
        assert propose(key=key) == entry
        with pytest.raises(KeyReused):
            propose(key=key, amount=cny(201))
        with pytest.raises(SamePerson):
            facade.approve_entry(entry_id=entry.id)
    assert not LedgerTransfer.objects.exists()
    for nobody in (Actor(kind="operator"), Actor(kind="merchant", person_id=BERT)):
        with acting(nobody), pytest.raises(Forbidden):
            facade.approve_entry(entry_id=entry.id)
    with operator(BERT):
        booked = facade.approve_entry(entry_id=entry.id, note="Seen.")
        again = facade.approve_entry(entry_id=entry.id)
        assert (booked.state, booked.decided_by, again) == ("approved", BERT, booked)
        with pytest.raises(InvalidTransition):
            facade.reject_entry(entry_id=entry.id, note="No")
    assert (moved(Code.SUSPENSE), moved(Code.BANK)) == (-200, -200)
    [line] = LedgerTransfer.objects.all()
    assert (line.code, line.document, line.journal) == ("manual", entry.public_id, entry.id)
    actions = {one.action for one in entries_for([entry.id], limit=9).items}
    assert actions == {"payments.manual_entry.proposed", "payments.manual_entry.approved"}


def test_even_the_database_wants_another_person(books: Any) -> None:
    with operator(ANNA):
        entry = propose()
    with pytest.raises(IntegrityError, match="four_eyes"), atomic():
        ManualEntry.objects.filter(id=entry.id).update(state="approved", decided_by=ANNA)


def test_what_the_ledger_refuses_stays_proposed(transactional_db: None) -> None:
    with tenancy.scope(make_platform()):
        merchant = make_merchant().id
        with operator(ANNA):
            entry = propose(debit=EntrySide("merchant_available", merchant), amount=cny(9_000))
        with operator(BERT):
            with pytest.raises(EntryRefused) as refused:
                facade.approve_entry(entry_id=entry.id)
            assert refused.value.params == {"result": "exceeds_credits"}
            assert facade.entry(entry.id).state == "proposed"
            make_available(make_share(10_000, 500, merchant_id=merchant))
            assert facade.approve_entry(entry_id=entry.id).state == "approved"
        assert moved(Code.MERCHANT_AVAILABLE, merchant) == 500
        assert facade.trial_balance().balanced


def test_rejecting_and_taking_back(books: Any) -> None:
    with operator(ANNA):
        first, second = propose(), propose()
        with pytest.raises(Invalid) as refused:
            facade.reject_entry(entry_id=first.id, note=" ")
        assert refused.value.field == "note"
        assert facade.reject_entry(entry_id=first.id, note="Mine was wrong").state == "withdrawn"
    with operator(BERT):
        assert facade.reject_entry(entry_id=second.id, note="Not so").state == "rejected"
    assert not LedgerTransfer.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": cny(0)}, "amount"),
        ({"name": " "}, "name"),
        ({"reason": ""}, "reason"),
        ({"debit": EntrySide("petty")}, "debit.code"),
        ({"debit": EntrySide("wallet")}, "debit.owner"),
        ({"credit": EntrySide("bank", ANNA)}, "credit.owner"),
        ({"credit": EntrySide("suspense")}, "credit"),
    ],
)
def test_a_bad_entry_names_its_field(books: Any, changes: dict[str, Any], field: str) -> None:
    with operator(ANNA), pytest.raises(Invalid) as refused:
        propose(**changes)
    assert refused.value.field == field


def test_a_statement_adds_up(books: Any) -> None:
    merchant = uuid4()
    start = clock.system()
    for number in range(3):
        with clock.frozen(start + timedelta(days=number)):
            make_available(make_share(1_000, 100, merchant_id=merchant))
    account = Account(books.id, Code.MERCHANT_PENDING, "CNY", merchant)
    other = Account(books.id, Code.MERCHANT_AVAILABLE, "CNY", merchant)
    hold = Transfer(uuid4(), other, account, cny(50), "test", uuid4(), Flag.PENDING)
    assert ledger.post([hold]) == ["ok"]
    whole = facade.statement(account.id)
    assert [line.amount.amount for line in whole.lines].count(-900) == 3
    assert (whole.opening, whole.closing, whole.lines[-1].balance) == (cny(0), cny(0), cny(0))
    # In pages, whatever their size, the same lines with the same balances.
    for size in (1, 2, 4):
        lines: list[facade.StatementLine] = []
        cursor = None
        while True:
            page = facade.statement(account.id, cursor=cursor, limit=size)
            lines += page.lines
            cursor = page.next_cursor
            if not page.has_more:
                break
        assert lines == list(whole.lines)
    middle = facade.statement(
        other.id, since=start + timedelta(hours=12), until=start + timedelta(hours=36)
    )
    assert (middle.opening, middle.closing) == (cny(900), cny(1_800))
    assert [line.amount for line in middle.lines] == [cny(900)]
    assert middle.account.held == cny(50)
    gateway = Account(books.id, Code.OFFLINE, "CNY")  # a striped account, on the debit side
    assert facade.statement(gateway.id).closing == cny(3_000)


def test_a_merchant_reads_its_own_accounts_alone(books: Any) -> None:
    mine, other = make_merchant().id, make_merchant().id
    for merchant in (mine, other):
        make_available(make_share(1_000, 100, merchant_id=merchant))
    client = api_client(make_key(merchant_id=mine))
    rows = client.get("/ledger/accounts").json()["data"]
    assert {row["code"] for row in rows} == {"merchant_pending", "merchant_available"}
    found = client.get(f"/ledger/accounts/{rows[0]['id']}/statement").json()
    assert found["closing"] == rows[0]["balance"]
    theirs = api_client(make_key(merchant_id=other)).get("/ledger/accounts").json()["data"][0]
    assert client.get(f"/ledger/accounts/{theirs['id']}/statement").status_code == 404
    assert client.get("/ledger/trial-balance").status_code in (403, 404)
    person = make_person(role="operator")
    operators = api_client(make_key(kind="operator", person_id=person.id))
    assert operators.get("/ledger/trial-balance").json()["balanced"] is True
    answer = operators.post(
        "/ledger/entries",
        {
            "name": "x", "reason": "y", "debit": {"code": "wallet", "owner": "nobody"},
            "credit": {"code": "bank"}, "amount": {"amount": 5, "currency": "CNY"},
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert "debit.owner" in answer.content.decode()


def test_exchange_goes_by_linked_pairs(books: Any) -> None:
    owner, key = uuid4(), uuid4()
    topup = facade.create_topup(
        key=uuid4(), owner_id=owner, amount=cny(7_000), payment_method_types=("offline_test",)
    )
    facade.confirm_intent(intent_id=topup.id, payment_method="offline_test")
    with pytest.raises(InsufficientBalance):
        facade.exchange(key=key, owner_id=owner, sold=cny(7_001), bought=Money(1_000, "USD"))
    for _ in range(2):
        facade.exchange(key=key, owner_id=owner, sold=cny(7_000), bought=Money(980, "USD"))
    with pytest.raises(KeyReused):
        facade.exchange(key=key, owner_id=owner, sold=cny(7_000), bought=Money(981, "USD"))
    assert (moved(Code.WALLET, owner), moved(Code.WALLET, owner, "USD")) == (0, 980)
    assert (moved(Code.LIQUIDITY), moved(Code.LIQUIDITY, currency="USD")) == (7_000, -980)
    movements = facade.wallet_movements_page(owner_id=owner).items
    assert {"exchange_out", "exchange_in"} < {one.type for one in movements}


def test_an_exchange_is_proposed_by_one_operator_and_booked_by_another(books: Any) -> None:
    owner = uuid4()
    topup = facade.create_topup(
        key=uuid4(), owner_id=owner, amount=cny(7_200), payment_method_types=("offline_test",)
    )
    facade.confirm_intent(intent_id=topup.id, payment_method="offline_test")
    people = [make_person(role="operator") for _ in range(2)]
    anna, bert = [api_client(make_key(kind="operator", person_id=one.id)) for one in people]
    body: dict[str, Any] = {
        "wallet": public_id("wal", owner), "reason": "Agreed.", "reference": "fx-1",
        "sold": {"amount": 7_200, "currency": "CNY"},
        "bought": {"amount": 1_000, "currency": "USD"},
    }  # fmt: skip
    for wrong, field in (
        ({"bought": {"amount": 1, "currency": "CNY"}}, "bought"),
        ({"bought": {"amount": 1, "currency": "QQQ"}}, "unknown_currency"),
        ({"sold": {"amount": 0, "currency": "CNY"}}, "amount"),
    ):
        answer = anna.post("/ledger/exchanges", body | wrong)
        assert (answer.status_code, field in answer.content.decode()) == (422, True)
    merchant = api_client(make_key(merchant_id=make_merchant().id))
    assert merchant.post("/ledger/exchanges", body).status_code in (403, 404)
    made = anna.post("/ledger/exchanges", body).json()
    assert (made["state"], made["bought"]["amount"]) == ("proposed", 1_000)
    assert moved(Code.WALLET, owner, "USD") == 0
    assert anna.post(f"/ledger/entries/{made['id']}/approve", {}).status_code == 403
    for _ in range(2):
        assert bert.post(f"/ledger/entries/{made['id']}/approve", {}).json()["state"] == "approved"
    assert (moved(Code.WALLET, owner), moved(Code.WALLET, owner, "USD")) == (0, 1_000)
    assert (moved(Code.LIQUIDITY), moved(Code.LIQUIDITY, currency="USD")) == (7_200, -1_000)
    more = anna.post("/ledger/exchanges", body).json()
    refused = bert.post(f"/ledger/entries/{more['id']}/approve", {})
    assert (refused.status_code, "exceeds_credits" in refused.content.decode()) == (409, True)


def test_a_tripped_check_and_wrong_sums_are_alarms(
    transactional_db: None,
    owner_cursor: Any,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    settle: Callable[[], None],
) -> None:
    with tenancy.scope(make_platform()) as here:
        accounts = [
            Account(here.id, Code.GATEWAY, "CNY"),
            Account(here.id, Code.WALLET, "CNY", ANNA),
        ]
        move = Transfer(uuid4(), accounts[0], accounts[1], cny(77), "test", uuid4())
        owner_cursor.execute(
            "ALTER TABLE ledger_account ADD CONSTRAINT planted CHECK (credits_posted <> 77)"
        )
        try:
            with pytest.raises(IntegrityError, match="planted"):
                ledger.post_all([move])
        finally:
            owner_cursor.execute("ALTER TABLE ledger_account DROP CONSTRAINT planted")
        [alarm] = facade.open_alarms()
        assert (alarm.kind, "planted" in alarm.detail) == (AlarmKind.CHECK, True)
        told = client.get("/readyz").json()["checks"]["ledger"]
        assert (told["ok"], told["alarms"]) == (False, {"check": 1})
        facade.acknowledge_alarm(alarm_id=alarm.id, note="A test.")
        ledger.post_all([move])
        watch.check_sums()
        assert client.get("/readyz").json()["checks"]["ledger"]["ok"] is True
        owner_cursor.execute("UPDATE ledger_stripe SET debits_posted = debits_posted + 1")
        assert watch.check_sums()
        assert watch.recount()
        assert {one.kind for one in facade.open_alarms()} == {"sums", "counters"}
        owner_cursor.execute("UPDATE ledger_stripe SET debits_posted = debits_posted - 1")
        assert not watch.check_sums()
        assert not watch.recount()
        monkeypatch.setattr(watch, "BEHIND", timedelta(0))
        assert watch.check_chain()
        settle()
        assert extend_ledger_chain() == 1
        assert not watch.check_chain()
        assert facade.open_alarms() == []
