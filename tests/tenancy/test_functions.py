"""Every function in the database: no platform in scope, or another one's ids, and nothing."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connections, transaction

from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.transactions import atomic, cursor
from payments.domain.chart import Account, Code
from tests.tenancy.towns import Towns


def call(statement: str, *values: Any) -> Any:
    """The function's rows, committed."""
    with atomic(), cursor() as sql:
        sql.execute(statement, values)
        return sql.fetchall()


def post(transfers: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> list[str]:
    now = clock.system()
    [(found,)] = call(
        "SELECT ledger_post(%s::jsonb, %s::jsonb, %s, %s)",
        json.dumps(transfers), json.dumps(accounts), now, now,
    )  # fmt: skip
    result: list[str] = found
    return result


def transfer(debit: UUID, credit: UUID, **changes: Any) -> dict[str, Any]:
    values = {
        "id": uuid4(), "debit": debit, "credit": credit, "amount": 1, "currency": "CNY",
        "code": "test", "flags": 0, "pending_id": None, "expires_at": None, "journal": uuid4(),
        "merchant_id": None, "reference": "", "document": "",
    } | changes  # fmt: skip
    return {key: str(v) if isinstance(v, UUID) else v for key, v in values.items()}


def without_platform(towns: Towns) -> dict[str, Callable[[], Any]]:
    """A call of each function with B's ids; by the function's name."""
    b = towns.b.tenant.id
    books = [Account(b, code, "CNY").id for code in (Code.GATEWAY, Code.BANK)]
    key = str(towns.b.keys["operator"]).split("_")[3][:12]
    return {
        "kernel_current_platform": lambda: call("SELECT kernel_current_platform()"),
        "kernel_analyze_grown": lambda: call("SELECT kernel_analyze_grown()"),
        "kernel_no_platform": lambda: call("SELECT kernel_no_platform()"),
        "kernel_refuse_change": lambda: call("SELECT kernel_refuse_change()"),
        "kernel_uuid_floor": lambda: call("SELECT kernel_uuid_floor(now())"),
        "kernel_uuid_moment": lambda: call("SELECT kernel_uuid_moment(%s)", b),
        "kernel_make_partitions": lambda: call("SELECT kernel_make_partitions('kernel_job')"),
        "kernel_drop_partition": lambda: call(
            "SELECT * FROM kernel_drop_partition('kernel_auditrecord', '0', false)"
        ),
        "kernel_partition_table": lambda: call(
            "SELECT kernel_partition_table('kernel_job', 'day', 1, '1 day', '{}', '')"
        ),
        "ledger_post": lambda: post([transfer(*books)], []),
        "ledger_post_batch": lambda: call(
            "SELECT ledger_post_batch(%s, %s::jsonb, '[]', now(), now())",
            b,
            json.dumps([transfer(*books)]),
        ),
        "ledger_post_single": lambda: call(
            "SELECT ledger_post_single(%s, %s::jsonb, now(), now())",
            b,
            json.dumps(transfer(*books)),
        ),
        "platforms_find_key": lambda: call("SELECT * FROM platforms_find_key(%s, %s)", b, key),
    }


def functions(towns: Towns) -> set[str]:
    towns.owner.execute(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = 'public'"
    )
    return {row[0] for row in towns.owner.fetchall()}


def test_every_function_is_tried_here(towns: Towns) -> None:
    assert functions(towns) == set(without_platform(towns))


def test_without_a_platform_every_function_refuses(towns: Towns) -> None:
    others = {
        "kernel_refuse_change": "trigger function",
        # Not for the app role, whatever the scope.
        "ledger_post_batch": "permission denied for function",
        "ledger_post_single": "permission denied for function",
        "kernel_analyze_grown": "permission denied for function",
        "kernel_uuid_floor": "permission denied for function",
        "kernel_uuid_moment": "permission denied for function",
        "kernel_make_partitions": "permission denied for function",
        "kernel_drop_partition": "permission denied for function",
        "kernel_partition_table": "permission denied for function",
    }
    for name, use in without_platform(towns).items():
        words = others.get(name, "no platform is in scope")
        with pytest.raises(DatabaseError, match=words):
            use()


def test_a_key_is_found_on_its_own_platform_only(towns: Towns) -> None:
    tries = without_platform(towns)
    with tenancy.scope(towns.a.tenant):
        assert tries["platforms_find_key"]() == []
    with tenancy.scope(towns.b.tenant):
        assert len(tries["platforms_find_key"]()) == 1


def test_the_platform_is_the_one_in_scope(towns: Towns) -> None:
    with tenancy.scope(towns.a.tenant):
        assert call("SELECT kernel_current_platform()") == [(towns.a.tenant.id,)]


def test_the_ledger_knows_no_account_or_transfer_of_another(towns: Towns) -> None:
    a, b = towns.a.tenant.id, towns.b.tenant.id
    ours = [Account(a, code, "CNY").id for code in (Code.GATEWAY, Code.BANK)]
    theirs = [Account(b, code, "CNY").id for code in (Code.GATEWAY, Code.BANK)]
    opened = [
        {"id": str(one), "currency": "CNY", "code": "bank", "owner": str(uuid7()),
         "limit_debits": False, "limit_credits": False}
        for one in ours
    ]  # fmt: skip
    towns.owner.execute("SELECT id, journal FROM ledger_transfer WHERE platform_id = %s", [b])
    row = towns.owner.fetchone()
    assert row is not None
    with tenancy.scope(towns.a.tenant):
        post([], opened)
        assert post([transfer(theirs[0], theirs[1])], []) == ["debit_account_not_found"]
        assert post([transfer(theirs[0], ours[1])], []) == ["debit_account_not_found"]
        assert post([transfer(ours[0], theirs[1])], []) == ["credit_account_not_found"]
        # B's transfer can be neither posted nor voided, and its id isn't taken here.
        for flag in (4, 8):
            settled = transfer(*ours, flags=flag, pending_id=row[0])
            assert post([settled], []) == ["pending_transfer_not_found"]
        assert post([transfer(*ours, id=row[0])], []) == ["ok"]
        # Naming B's account to be opened opens one of A's, which A then has for itself. Undone,
        # or A's own list of accounts would show an id that is also B's.
        named = [dict(opened[0], id=str(theirs[0]), owner=str(uuid7()))]
        with atomic():
            assert post([transfer(ours[0], theirs[0])], named) == ["ok"]
            transaction.set_rollback(True)
    assert connections["default"].in_atomic_block is False


def test_a_definer_has_no_more_than_its_callers(towns: Towns) -> None:
    """The ledger's definer stands under the same policies as the app role."""
    towns.owner.execute(
        "SELECT r.rolname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner "
        "WHERE p.proname = 'ledger_post' AND p.prosecdef "
        "AND NOT r.rolsuper AND NOT r.rolbypassrls AND NOT r.rolcanlogin"
    )
    assert towns.owner.fetchone() is not None
