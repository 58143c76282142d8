"""The audit trail: complete, append-only, chained, and personal only as ciphertext."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connections

from kernel import audit, clock, personal, tenancy
from kernel.actors import Actor, acting
from kernel.audit import AuditTarget, Sought, entries
from kernel.audit.record import Change, record_many
from kernel.ids import uuid7
from kernel.money import Money
from kernel.records.audit import AuditChain, AuditRecord
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor


@pytest.fixture
def extend(settle: Callable[[], None]) -> Callable[[], int]:
    """Chains everything written so far."""

    def call() -> int:
        settle()
        return audit.extend_chain()

    return call


def note(number: int = 0, **more: Any) -> AuditTarget:
    target = AuditTarget("testing.thing", uuid7())
    audit.record("testing.thing.changed", target=target, after={"number": number}, **more)
    return target


def test_a_record_says_who_what_when(tenant: Tenant) -> None:
    person, merchant = uuid7(), uuid7()
    thing = uuid7()
    target = AuditTarget("testing.thing", thing)
    actor = Actor("merchant", id=uuid7(), merchant_id=merchant, person_id=person, label="Li Si")
    with acting(actor), clock.offset(timedelta(days=3)):
        audit.record(
            "testing.thing.priced",
            target=target,
            before={"price": Money(100)},
            after={"price": Money(120), "by": person},
        )
    (entry,) = audit.entries_for([thing]).items
    assert (entry.actor_kind, entry.actor_id) == ("merchant", actor.id)
    assert (entry.actor_person_id, entry.merchant_id) == (person, merchant)
    assert entry.actor_label == ""  # a person's name isn't kept
    assert entry.before == {"price": {"amount": 100, "currency": "CNY"}}
    assert entry.after["by"] == str(person)
    assert entry.business_at - entry.created_at >= timedelta(days=2, hours=23)
    (latest,) = entries(Sought(action="testing.thing.priced")).items
    assert latest == entry


def test_many_with_one_statement(tenant: Tenant, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        record_many(
            Change("testing.thing.changed", AuditTarget("testing.thing", uuid7())) for _ in "abc"
        )
    record_many([])
    assert AuditRecord.objects.count() == 3


def test_personal_fields_are_ciphertext(tenant: Tenant) -> None:
    subject = uuid7()
    note(1, before={"name": "张三", "tier": "A"}, personal={"name"}, subject=subject)
    row = AuditRecord.objects.get()
    assert row.before["tier"] == "A"
    assert "张三" not in str(row.before)
    assert personal.open_(subject, row.before["name"]) == "张三"
    with pytest.raises(TypeError, match="subject"):
        note(2, before={"name": "x"}, personal={"name"})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kernel_auditrecord SET action = 'x'",
        "DELETE FROM kernel_auditrecord",
        "UPDATE kernel_auditchain SET hash = 'x'",
        "DELETE FROM kernel_auditchain",
        "TRUNCATE kernel_auditrecord",
    ],
)
def test_the_app_role_may_only_append(tenant: Tenant, statement: str) -> None:
    note()
    with pytest.raises(DatabaseError, match="permission denied"), atomic(), cursor() as sql:
        sql.execute(statement)


@pytest.mark.race
@pytest.mark.parametrize("table", ["kernel_auditrecord", "kernel_auditchain"])
def test_even_the_owner_is_refused_as_long_as_the_trigger_stands(
    real: Tenant, owner_cursor: Any, table: str, extend: Callable[[], int]
) -> None:
    note()
    extend()
    for statement in (f"UPDATE {table} SET platform_id = platform_id", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="append-only"):
            owner_cursor.execute(statement)


def tamper(owner: Any, statement: str, *values: Any) -> None:
    """Someone with the owner's rights takes the guard away and changes history."""
    tables = ("kernel_auditrecord", "kernel_auditchain")
    for table in tables:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    owner.execute(statement, values)
    assert owner.rowcount == 1
    for table in tables:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")


def records() -> list[UUID]:
    return list(AuditRecord.objects.order_by("txid", "id").values_list("id", flat=True))


@pytest.mark.race
def test_the_chain_grows_and_verifies(real: Tenant, extend: Callable[[], int]) -> None:
    for number in range(3):
        note(number)
    assert extend() == 3
    assert extend() == 0
    note(4)
    report = audit.verify_chain()
    assert (report.ok, report.checked) == (True, 3)  # the newest isn't chained yet
    assert extend() == 1
    after = audit.verify_chain()
    assert (after.ok, after.checked) == (True, 4)
    assert after.head != report.head
    assert list(AuditChain.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]


@pytest.mark.race
def test_verification_names_a_changed_row(
    real: Tenant, owner_cursor: Any, extend: Callable[[], int]
) -> None:
    for number in range(4):
        note(number)
    extend()
    victim = records()[2]
    tamper(
        owner_cursor,
        "UPDATE kernel_auditrecord SET after = '{\"number\": 7}' WHERE id = %s",
        victim,
    )
    report = audit.verify_chain()
    assert (report.ok, report.record, report.reason) == (False, victim, "the row was changed")
    assert report.checked == 2


@pytest.mark.race
def test_verification_names_a_row_taken_away(
    real: Tenant, owner_cursor: Any, extend: Callable[[], int]
) -> None:
    for number in range(3):
        note(number)
    extend()
    victim = records()[1]
    tamper(owner_cursor, "DELETE FROM kernel_auditrecord WHERE id = %s", victim)
    report = audit.verify_chain()
    assert (report.ok, report.record) == (False, victim)
    assert report.reason == "the row was taken away"


@pytest.mark.race
def test_verification_finds_a_row_slipped_in(
    real: Tenant, owner_cursor: Any, extend: Callable[[], int]
) -> None:
    for number in range(3):
        note(number)
    extend()
    slipped = uuid7()
    columns = [f.column for f in AuditRecord._meta.local_fields if f.column != "id"]
    names = ", ".join(f'"{column}"' for column in columns)
    tamper(
        owner_cursor,
        f"INSERT INTO kernel_auditrecord (id, {names}) "
        f"SELECT %s, {names} FROM kernel_auditrecord WHERE id = %s",
        slipped,
        records()[0],
    )
    report = audit.verify_chain()
    assert (report.ok, report.record) == (False, slipped)
    assert "slipped in" in report.reason


@pytest.mark.race
def test_verification_finds_a_missing_link(
    real: Tenant, owner_cursor: Any, extend: Callable[[], int]
) -> None:
    for number in range(3):
        note(number)
    extend()
    tamper(owner_cursor, "DELETE FROM kernel_auditchain WHERE seq = 2")
    report = audit.verify_chain()
    assert (report.ok, report.record, report.checked) == (False, records()[2], 1)


@pytest.mark.race
def test_erasing_a_person_leaves_the_chain_valid(real: Tenant, extend: Callable[[], int]) -> None:
    subject = uuid7()
    note(1, before={"name": "张三"}, personal={"name"}, subject=subject)
    note(2)
    extend()
    assert personal.erase(subject)
    assert audit.verify_chain().ok
    sealed = AuditRecord.objects.get(id=records()[0]).before["name"]
    assert personal.open_(subject, sealed) is None


@pytest.mark.race
def test_a_row_of_a_running_transaction_holds_the_chain_back(
    real: Tenant, extend: Callable[[], int]
) -> None:
    """A takes its number first and commits last: nothing is chained ahead of it, nothing lost."""
    begun, finish = threading.Event(), threading.Event()

    def late() -> None:
        with tenancy.scope(real), atomic():
            note(1)
            begun.set()
            finish.wait(10)
        connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    assert begun.wait(10)
    note(2)
    assert audit.extend_chain() == 0
    finish.set()
    thread.join()
    assert extend() == 2
    assert audit.verify_chain().ok
    numbers = [AuditRecord.objects.get(id=found).after["number"] for found in records()]
    assert numbers == [1, 2]


@pytest.mark.race
def test_two_chainers_make_one_chain(real: Tenant, settle: Callable[[], None]) -> None:
    for number in range(50):
        note(number)

    settle()

    def chain() -> None:
        with tenancy.scope(real):
            audit.extend_chain()
        connections.close_all()

    threads = [threading.Thread(target=chain) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    report = audit.verify_chain()
    assert (report.ok, report.checked) == (True, 50)


@pytest.mark.race
def test_each_platform_has_a_chain_of_its_own(
    platforms: Any, real: Tenant, extend: Callable[[], int]
) -> None:
    note(1)
    with tenancy.scope(platforms.add()):
        note(1)
        assert extend() == 1
        assert audit.verify_chain().checked == 1
    assert audit.verify_chain().checked == 0
    assert extend() == 1
