"""Rule 1, read off the database itself: no tenant table lacks any part of its guard."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connections

from kernel.models import TenantModel

pytestmark = pytest.mark.django_db(databases=["default", "owner", "system"])
TABLES = sorted(
    model._meta.db_table
    for model in apps.get_models()
    if issubclass(model, TenantModel) and model._meta.managed and not model._meta.proxy
)
# Not a tenant's: Django's own, and the directory by which tenants are found.
CONTROL_PREFIXES = ("django_", "auth_", "sandbox_")
CONTROL_MODELS = {
    model._meta.db_table for model in apps.get_models() if getattr(model, "control", False)
}
# How tables are cut by time: the owner alone writes them, from migrations and in its functions.
CONTROL_MODELS |= {"kernel_partitioned", "kernel_partitionhold", "kernel_partitiondropped"}


def rows(sql: str, *args: Any) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql, args)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def test_there_are_tenant_tables() -> None:
    assert len(TABLES) > 25


def test_every_other_table_is_a_known_control_table() -> None:
    found = {name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname='public'")}
    partitions = {name for (name,) in rows("SELECT inhrelid::regclass::text FROM pg_inherits")}
    strangers = {
        name
        for name in found - set(TABLES) - CONTROL_MODELS - partitions
        if not name.startswith(CONTROL_PREFIXES)
    }
    assert strangers == set()


@pytest.mark.parametrize("table", TABLES)
def test_guard_is_complete(table: str) -> None:
    [(secured,)] = rows("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    assert secured, "row-level security is off"
    policies = rows(
        "SELECT policyname, roles::text, qual, with_check FROM pg_policies WHERE tablename = %s",
        table,
    )
    tenant = [p for p in policies if p[0] == "tenant"]
    assert tenant, "no tenant policy"
    for text in tenant[0][2:4]:
        assert "kernel_current_platform" in text
        assert "SELECT" in text, "the function must be called through a scalar subquery"
    for name, roles, *_rest in policies:
        assert name == "tenant" or "app" not in roles, f"policy {name} opens rows to the app role"
    keys = rows(
        "SELECT c.conname, c.contype::text, a.attname FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "WHERE c.conrelid = %s::regclass AND c.contype IN ('p', 'u', 'f')",
        table,
    )
    assert any(kind == "p" for _, kind, _ in keys), "no primary key"
    for name, _kind, first in keys:
        assert first == "platform_id", f"{name} doesn't start with platform_id"
    unique = rows(
        "SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i "
        "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] "
        "WHERE i.indrelid = %s::regclass AND i.indisunique",
        table,
    )
    for name, first in unique:
        assert first == "platform_id", f"unique index {name} doesn't start with platform_id"


@pytest.mark.parametrize("table", TABLES)
def test_app_can_neither_truncate_nor_own(table: str) -> None:
    [(truncate, owner)] = rows(
        "SELECT has_table_privilege(%s, %s, 'TRUNCATE'), tableowner FROM pg_tables "
        "WHERE tablename = %s",
        _app_role(),
        table,
        table,
    )
    assert not truncate
    assert owner != _app_role()


def test_definer_functions_are_pinned() -> None:
    functions = rows(
        "SELECT p.proname, p.proconfig::text, r.rolname, r.rolsuper, r.rolbypassrls FROM pg_proc p "
        "JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner "
        "WHERE n.nspname = 'public' AND p.prosecdef"
    )
    assert functions, "the ledger's function should be one"
    for name, settings, owner, superuser, bypass in functions:
        assert "search_path" in (settings or ""), f"{name} doesn't pin search_path"
        assert (superuser, bypass) == (False, False), f"{name} belongs to {owner}"


def _app_role() -> str:
    return str(connections["default"].settings_dict["USER"])
