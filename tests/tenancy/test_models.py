"""Every model: another platform's rows can't be read, changed, deleted or written."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connections
from django.db.models import QuerySet

from kernel import tenancy
from kernel.errors import NoPlatformInScope
from kernel.models import TenantModel
from tests.tenancy.town import MODELS
from tests.tenancy.towns import Towns
from tests.tenancy.walk import changes, reads, saves, target, writes

each = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


@pytest.fixture
def in_a(towns: Towns) -> Iterator[Towns]:
    """A's scope, for the whole test."""
    with tenancy.scope(towns.a.tenant):
        yield towns


def unscoped(model: type[TenantModel]) -> "QuerySet[Any, Any]":
    """All rows of a table as far as the ORM is concerned."""
    return QuerySet(model, using="default")


def test_no_table_is_empty(towns: Towns) -> None:
    empty = [table for table, mark in towns.fingerprint().items() if mark.startswith("0:")]
    assert empty == []


def test_a_written_row_of_b_is_noticed(towns: Towns) -> None:
    towns.owner.execute(
        b"SELECT tgrelid::regclass::text FROM pg_trigger"
        b" WHERE tgname = 'watched' AND tgenabled = 'O' AND tgparentid = 0"
    )
    assert {row[0] for row in towns.owner.fetchall()} == {m._meta.db_table for m in MODELS}
    same = b"UPDATE platforms_person SET id = id WHERE platform_id = %s"
    with towns.owner.connection.transaction(force_rollback=True):
        towns.owner.execute(same, [towns.a.tenant.id])
        assert towns.written() == set()
        towns.owner.execute(same, [towns.b.tenant.id])
        assert towns.written() == {"platforms_person"}


@each
def test_scoped_and_under_policies(in_a: Towns, model: type[TenantModel]) -> None:
    there = target(in_a, model)
    rows: Any = model.objects.all()
    assert reads(in_a, rows, there) == []
    assert changes(in_a, rows, there) == []
    assert writes(in_a, model) == []
    assert saves(in_a, model) == []


def test_policies_alone_hold(in_a: Towns) -> None:
    leaks = {}
    for model in MODELS:
        there, rows = target(in_a, model), unscoped(model)
        leaks[model._meta.label] = [*reads(in_a, rows, there), *changes(in_a, rows, there)]
    assert {label: found for label, found in leaks.items() if found} == {}


def test_scoping_alone_holds(no_policies: None, in_a: Towns) -> None:
    # The walk would see what isn't scoped: with the policies off, B's rows are there.
    assert unscoped(MODELS[0]).filter(platform_id=in_a.b.tenant.id).exists()
    leaks = {}
    for model in MODELS:
        there = target(in_a, model)
        rows: Any = model.objects.all()
        leaks[model._meta.label] = [
            *reads(in_a, rows, there), *changes(in_a, rows, there), *saves(in_a, model),
        ]  # fmt: skip
    assert {label: found for label, found in leaks.items() if found} == {}


@each
def test_without_a_platform_everything_raises(towns: Towns, model: type[TenantModel]) -> None:
    there = target(towns, model)
    for use in (
        lambda: model.objects.all(),
        lambda: model.objects.filter(id=there).delete(),
        lambda: model(id=there).save(),
        lambda: model(id=there, platform_id=towns.b.tenant.id).save(),
        lambda: model(id=there, platform_id=towns.b.tenant.id).delete(),
    ):
        with pytest.raises(NoPlatformInScope):
            use()
    table = model._meta.db_table
    for statement in (
        f"SELECT * FROM {table}",
        f"SELECT count(*) FROM {table}",
        f"UPDATE {table} SET id = id",
        f"DELETE FROM {table}",
        f"INSERT INTO {table} (platform_id, id) VALUES ('{towns.b.tenant.id}', '{there}')",
    ):
        with (
            pytest.raises(DatabaseError, match=r"no platform is in scope|permission denied|append"),
            connections["default"].cursor() as sql,
        ):
            sql.execute(statement)
