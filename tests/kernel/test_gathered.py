"""Audit rows and events of a transaction, written together at its end."""

from contextlib import suppress

import pytest
from django.db import DatabaseError, connections
from django.test.utils import CaptureQueriesContext

from kernel import audit, outbox, tenancy
from kernel.actors import Actor, acting
from kernel.audit import AuditTarget
from kernel.errors import Invalid
from kernel.gathered import forget, gathering, remember, remembered
from kernel.ids import uuid7
from kernel.outbox import AggregateRef
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor
from tests.kernel.listening import Changed, thing, versions


def change(aggregate: AggregateRef, number: int) -> None:
    audit.record("testing.thing.changed", target=AuditTarget("testing.thing", aggregate.id))
    outbox.append(Changed(number), aggregate=aggregate)


def told(aggregate: AggregateRef) -> tuple[list[int], int]:
    """The numbers of its events by version, and how many audit rows it has."""
    events = OutboxEvent.objects.filter(aggregate_id=aggregate.id).order_by("version")
    rows = AuditRecord.objects.filter(target_id=aggregate.id)
    return [event.payload["number"] for event in events], rows.count()


def test_one_statement_for_each_kind_at_the_end(tenant: Tenant) -> None:
    one, two = thing(), thing()
    with atomic():
        change(one, 1)
    with CaptureQueriesContext(connections["default"]) as asked, atomic(), gathering():
        change(one, 2)
        with atomic(), gathering():  # as in a service that is called
            change(two, 1)
        change(one, 3)
        assert told(one) == ([1], 1)
    written = [query["sql"] for query in asked if "INSERT" in query["sql"]]
    assert len(written) == 2
    assert told(one) == ([1, 2, 3], 3)
    assert (told(two), versions(two)) == (([1], 1), [1])


def test_each_says_who_caused_it(tenant: Tenant) -> None:
    one, person = thing(), uuid7()
    with atomic(), gathering():
        change(one, 1)
        with acting(Actor("buyer", person_id=person)):
            change(one, 2)
        change(one, 3)
    rows = OutboxEvent.objects.filter(aggregate_id=one.id).order_by("version")
    assert [row.actor_id for row in rows] == [None, person, None]
    trail = AuditRecord.objects.filter(target_id=one.id).order_by("id")
    assert [row.actor_person_id for row in trail] == [None, person, None]


def _refused(aggregate: AggregateRef, *, read: bool) -> None:
    with atomic():
        change(aggregate, 2)
        if read:  # written before, and undone with the rest
            assert len(audit.entries_for([aggregate.id]).items) == 2
        change(aggregate, 3)
        raise Invalid("no")


@pytest.mark.parametrize("read", [False, True])
def test_what_a_savepoint_undoes_is_not_told(tenant: Tenant, read: bool) -> None:
    one = thing()
    with atomic(), gathering():
        change(one, 1)
        with pytest.raises(Invalid):
            _refused(one, read=read)
        change(one, 4)
    assert told(one) == ([1, 4], 2)


def test_what_is_undone_without_an_exception_is_not_told(tenant: Tenant) -> None:
    one = thing()
    with atomic(), gathering():
        change(one, 1)
        with atomic():
            change(one, 2)
            with suppress(Invalid), atomic(savepoint=False):
                raise Invalid("no")
        change(one, 3)
    assert told(one) == ([1, 3], 2)


def _swallowed(aggregate: AggregateRef) -> None:
    with atomic(), cursor() as sql:
        change(aggregate, 2)
        with suppress(DatabaseError):
            sql.execute("SELECT 1/0")


def test_what_the_database_refuses_to_keep_is_not_told(tenant: Tenant) -> None:
    one = thing()
    with atomic(), gathering():
        change(one, 1)
        with pytest.raises(DatabaseError, match="aborted"):
            _swallowed(one)
        change(one, 3)
    assert told(one) == ([1, 3], 2)


def test_an_exception_leaves_nothing_for_the_next(tenant: Tenant) -> None:
    one, two = thing(), thing()
    with pytest.raises(Invalid), gathering():
        _refused(one, read=False)
    with atomic(), gathering():
        change(two, 1)
    assert told(one) == ([], 0)
    assert told(two) == ([1], 1)


def test_a_reader_inside_sees_what_was_told(tenant: Tenant) -> None:
    one = thing()
    with atomic(), gathering():
        change(one, 1)
        assert len(audit.entries_for([one.id]).items) == 1
        change(one, 2)
    assert told(one) == ([1, 2], 2)


def test_what_was_made_is_remembered_until_the_end_of_the_block(tenant: Tenant) -> None:
    one = thing()
    with atomic(), gathering():
        remember(AggregateRef, one.id, one)
        with atomic():
            assert remembered(AggregateRef, one.id) is one
        assert remembered(AuditTarget, one.id) is None
        forget(AuditTarget)
        assert remembered(AggregateRef, one.id) is one
        forget(AggregateRef)
        assert remembered(AggregateRef, one.id) is None
        remember(AggregateRef, one.id, one)
    assert remembered(AggregateRef, one.id) is None
    remember(AggregateRef, one.id, one)  # nothing is, outside of a block
    assert remembered(AggregateRef, one.id) is None


def test_nothing_is_remembered_of_what_a_savepoint_undid(tenant: Tenant) -> None:
    one = thing()
    with atomic(), gathering():
        with suppress(Invalid), atomic():
            remember(AggregateRef, one.id, one)
            raise Invalid
        assert remembered(AggregateRef, one.id) is None


def test_nothing_is_remembered_for_another_platform(tenant: Tenant) -> None:
    one = thing()
    with atomic(), gathering():
        remember(AggregateRef, one.id, one)
        with tenancy.scope(Tenant(uuid7(), "another")):
            assert remembered(AggregateRef, one.id) is None
