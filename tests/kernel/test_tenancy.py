"""The scope: set, nested, restored, forgotten by the pool, and never guessed."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections, transaction
from django.db.utils import DatabaseError

from kernel import clock, tenancy
from kernel.errors import NoPlatformInScope
from kernel.ids import uuid7
from kernel.records.idempotency import IdempotencyRecord
from kernel.tenancy import Tenant

VARIABLE = "SELECT current_setting('quancheng.platform_id', true)"


def tenant(**changes: object) -> Tenant:
    return Tenant(id=uuid7(), code="t", **changes)  # type: ignore[arg-type]


def told() -> str:
    with connections["default"].cursor() as cursor:
        cursor.execute(VARIABLE)
        return cursor.fetchone()[0] or ""


def test_nothing_in_scope_is_an_error_not_a_guess() -> None:
    with pytest.raises(NoPlatformInScope):
        tenancy.current_id()


@pytest.mark.django_db
def test_database_raises_without_a_platform() -> None:
    with tenancy.scope(tenant()):
        record = IdempotencyRecord(
            caller="c", key_hash="k", fingerprint="f", created_at=clock.system()
        )
        record.save(force_insert=True)
    with (
        pytest.raises(DatabaseError, match="no platform is in scope"),
        transaction.atomic(),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute("SELECT count(*) FROM kernel_idempotencyrecord")


@pytest.mark.django_db
def test_scopes_nest_and_come_back() -> None:
    one, two = tenant(), tenant()
    with tenancy.scope(one):
        assert told() == str(one.id)
        with tenancy.scope(two):
            assert told() == str(two.id)
            assert tenancy.current_id() == two.id
        assert told() == str(one.id)
    assert told() == ""


@pytest.mark.django_db
def test_scope_survives_a_rollback_inside() -> None:
    one = tenant()
    with tenancy.scope(one):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), tenancy.scope(tenant()):
            raise ZeroDivisionError
        assert told() == str(one.id)


@pytest.mark.django_db
def test_scope_left_while_the_transaction_is_broken() -> None:
    one, two = tenant(), tenant()
    with tenancy.scope(one):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            tenancy.scope(two),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute("SELECT 1/0")
        assert told() == str(one.id)


@pytest.mark.django_db(transaction=True)
def test_reused_connection_knows_no_platform() -> None:
    with tenancy.scope(tenant()):
        assert told() != ""
    connections["default"].close()
    assert told() == ""


@pytest.mark.django_db(transaction=True)
def test_connection_opened_inside_the_scope_is_told() -> None:
    one = tenant()
    connections["default"].close()
    with tenancy.scope(one):
        assert told() == str(one.id)
        connections["default"].close()
        assert told() == str(one.id)


def test_business_clock_follows_the_platform() -> None:
    with tenancy.scope(tenant(clock_offset=timedelta(days=30))):
        assert clock.business() - clock.system() > timedelta(days=29)
    assert clock.business() - clock.system() < timedelta(seconds=1)


def test_ids_are_ordered_and_read_back() -> None:
    from kernel.errors import NotFound
    from kernel.ids import parse_public_id, public_id

    first, second = uuid7(), uuid7()
    assert first.version == 7
    assert (first.int >> 80) <= (second.int >> 80)
    for value in (first, UUID(int=0), UUID(int=2**128 - 1)):
        assert parse_public_id("ord", public_id("ord", value)) == value
    for text in ("ord_", "prd_" + "0" * 26, "ord_" + "8" * 26, "ord_" + "u" * 26, "", "ord_\x00"):
        with pytest.raises(NotFound):
            parse_public_id("ord", text)
