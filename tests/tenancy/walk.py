"""What nobody may do to another platform's rows, tried on one model after the other."""

from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import F, QuerySet

from kernel.ids import uuid7
from kernel.models import TenantModel
from kernel.transactions import atomic, cursor
from tests.tenancy.towns import Towns

Rows = QuerySet[Any, Any]
GUARDED = ("row-level security policy", "permission denied", "append-only")


class Undone(Exception):
    """Takes a change back that should not have been possible, so that the walk can go on."""


def refused(change: Any) -> bool:
    """Whether the database refuses the change or finds no row for it; undone in any case."""
    try:
        with atomic():
            changed = change()
            raise Undone
    except Undone:
        return bool(changed == 0)
    except DatabaseError as error:
        if not any(words in str(error) for words in GUARDED):
            raise
        return True


def target(towns: Towns, model: type[TenantModel]) -> UUID:
    """The id of a row of B, and of no row of A."""
    table = model._meta.db_table
    towns.owner.execute(
        f"SELECT id FROM {table} b WHERE platform_id = %s AND NOT EXISTS "
        f"(SELECT FROM {table} a WHERE a.platform_id = %s AND a.id = b.id) LIMIT 1".encode(),
        [towns.b.tenant.id, towns.a.tenant.id],
    )
    row = towns.owner.fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


def reads(towns: Towns, rows: Rows, there: UUID) -> list[str]:
    """In A's scope: what could be read of B, by name; and whether A's own rows were read."""
    a, b = towns.a.tenant.id, towns.b.tenant.id
    found = []
    if set(rows.order_by().values_list("platform_id", flat=True).distinct()) != {a}:
        found.append("list")
    if rows.filter(id=there).exists():
        found.append("by id")
    if rows.filter(platform_id=b).exists():
        found.append("by platform")
    if rows.filter(platform_id=b).count():
        found.append("count")
    if rows.in_bulk([there]):
        found.append("in bulk")
    return found


def changes(towns: Towns, rows: Rows, there: UUID) -> list[str]:
    """In A's scope: what could be changed of B, by name; all of it undone."""
    model = rows.model
    field = next(f for f in model._meta.concrete_fields if f.name not in ("id", "platform_id"))
    same = {field.attname: F(field.attname)}
    theirs = rows.filter(platform_id=towns.b.tenant.id)
    tries = {
        "update": lambda: rows.filter(id=there).update(**same),
        "update all": lambda: theirs.update(**same),
        "delete": lambda: rows.filter(id=there)._raw_delete("default"),
        "delete all": lambda: theirs._raw_delete("default"),
    }
    return [name for name, change in tries.items() if not refused(change)]


def writes(towns: Towns, model: type[TenantModel]) -> list[str]:
    """In A's scope: whether the database lets a row of B be written, by name; all undone."""
    table, b = model._meta.db_table, towns.b.tenant.id
    columns = [f.column for f in model._meta.concrete_fields]
    copied = ", ".join(f'"{c}"' for c in columns)
    chosen = ", ".join(
        "%(id)s" if c == "id" else "%(b)s" if c == "platform_id" else f'"{c}"' for c in columns
    )

    def insert() -> int:
        with cursor() as sql:
            sql.execute(
                f"INSERT INTO {table} ({copied}) SELECT {chosen} FROM {table} LIMIT 1",
                {"id": uuid7(), "b": b},
            )
            return int(sql.rowcount)

    def give_away() -> int:
        with cursor() as sql:
            sql.execute(f"UPDATE {table} SET platform_id = %s", [b])
            return int(sql.rowcount)

    tries = {"insert": insert, "give away": give_away}
    return [name for name, change in tries.items() if not refused(change)]


def saves(towns: Towns, model: type[TenantModel]) -> list[str]:
    """In A's scope: whether a model instance of B can be saved or deleted, by name."""
    manager: Any = model.objects
    found = []
    for name in ("save", "insert", "delete"):
        row = manager.first()
        row.platform_id = towns.b.tenant.id
        try:
            with atomic():
                if name == "delete":
                    row.id = target(towns, model)
                    row.delete()
                elif name == "insert":
                    row.id = uuid7()
                    row.save(force_insert=True)
                else:
                    row.save()
                found.append(name)
                raise Undone
        except Undone:
            continue
        except RuntimeError as error:
            if "another platform" not in str(error):
                raise
    return found
