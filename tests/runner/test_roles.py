"""The tests themselves run with no more rights than production code has."""

import psycopg
import pytest
from django.db import ProgrammingError, connection, connections


@pytest.mark.django_db
@pytest.mark.parametrize(("alias", "role"), [("default", "app"), ("system", "system")])
def test_runs_without_special_rights(alias: str, role: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, "
            "pg_has_role(current_user, 'qc_test_owner', 'member'), "
            "pg_has_role(current_user, 'qc_test_definer', 'member') "
            "FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (f"qc_test_{role}", *([False] * 6))


@pytest.mark.django_db
def test_app_owns_nothing_and_makes_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole "
            "AND relnamespace = 'public'::regnamespace"
        )
        assert cursor.fetchone() == (0,)
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("CREATE TABLE mine (id int)")


@pytest.mark.django_db
def test_app_may_not_truncate() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
            "'public'::regnamespace AND has_table_privilege(oid, 'TRUNCATE')"
        )
        assert cursor.fetchall() == []


def test_owner_may_hand_functions_to_the_definer(
    owner_cursor: "psycopg.Cursor[tuple[object, ...]]",
) -> None:
    owner_cursor.execute("GRANT CREATE ON SCHEMA public TO qc_test_definer")
    owner_cursor.execute("CREATE FUNCTION given() RETURNS int LANGUAGE sql RETURN 1")
    owner_cursor.execute("ALTER FUNCTION given() OWNER TO qc_test_definer")
    owner_cursor.execute("REVOKE CREATE ON SCHEMA public FROM qc_test_definer")
    owner_cursor.execute("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'given'")
    assert owner_cursor.fetchone() == ("qc_test_definer",)
    owner_cursor.execute("DROP FUNCTION given()")
