"""Migration operations that make a table a tenant's: key, foreign keys, policies, grants."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.migrations.operations.base import Operation

# Who asks each row's policy asks this once a statement. Written as an expression it becomes part
# of the statement's plan, where a call of PL/pgSQL would cost several microseconds each time.
CURRENT_PLATFORM = """
CREATE OR REPLACE FUNCTION kernel_no_platform() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'no platform is in scope' USING ERRCODE = 'QC001';
END $$;
CREATE OR REPLACE FUNCTION kernel_current_platform() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('quancheng.platform_id', true), ''),
  kernel_no_platform())::uuid;
"""
SQL = Path(__file__).parent / "sql"
GRANTS = "GRANT USAGE ON SCHEMA public TO {app}, {system}, {definer};"


def role(name: str) -> str:
    """The quoted database role that plays ``app``, ``owner``, ``system`` or ``definer``."""
    return '"' + settings.DATABASE_ROLES[name].replace('"', '""') + '"'


class SqlOperation(Operation):
    """Statements beside the models; they leave Django's state of them alone."""

    reversible = True
    reduces_to_sql = True
    elidable = False

    def state_forwards(self, app_label: str, state: Any) -> None:
        return None

    def database_backwards(self, *args: Any) -> None:
        return None  # the table itself goes, and its policies and grants with it

    def _allowed(self, app_label: str, schema_editor: Any, model: Any) -> bool:
        return bool(self.allow_migrate_model(schema_editor.connection.alias, model))


class SystemFunction(SqlOperation):
    """A function from ``kernel/sql`` that does as the owner what the system role alone may ask."""

    def __init__(self, file: str, name: str) -> None:
        self.file, self.name = file, name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.file, self.name], {}

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        schema_editor.execute((SQL / self.file).read_text(), params=None)
        schema_editor.execute(f"REVOKE ALL ON FUNCTION {self.name} FROM PUBLIC")
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {self.name} TO {role('system')}")

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {self.name}")

    def describe(self) -> str:
        return f"Install {self.name}"


class InstallTenancy(SqlOperation):
    """The function on which every policy stands; first operation of the first migration."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        schema_editor.execute(CURRENT_PLATFORM)
        schema_editor.execute(
            GRANTS.format(app=role("app"), system=role("system"), definer=role("definer"))
        )

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        schema_editor.execute("DROP FUNCTION IF EXISTS kernel_current_platform()")
        schema_editor.execute("DROP FUNCTION IF EXISTS kernel_no_platform()")

    def describe(self) -> str:
        return "Install the function that names the platform in scope"


class TenantTable(SqlOperation):
    """All that a tenant table needs, after its model was created.

    ``app`` and ``system`` are the privileges of the two roles (``system=""``: none).
    """

    def __init__(
        self, name: str, *, app: str = "SELECT, INSERT, UPDATE, DELETE", system: str = ""
    ) -> None:
        self.name = name
        self.app = app
        self.system = system

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.name], {"app": self.app, "system": self.system}

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not self._allowed(app_label, schema_editor, model):
            return
        table = model._meta.db_table
        run = schema_editor.execute
        run(
            f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_pkey", '
            f'ADD CONSTRAINT "{table}_pkey" PRIMARY KEY (platform_id, id)'
        )
        for field in model._meta.local_fields:
            for statement in foreign_key_sql(table, field):
                run(statement)
        for statement in access_sql(table, app=self.app, system=self.system):
            run(statement)

    def describe(self) -> str:
        return f"Make {self.name} a tenant's table"


class TenantForeignKeys(SqlOperation):
    """The composite constraint of foreign keys that a later migration adds."""

    def __init__(self, name: str, *fields: str) -> None:
        self.name = name
        self.fields = fields

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.name, *self.fields], {}

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not self._allowed(app_label, schema_editor, model):
            return
        for name in self.fields:
            for statement in foreign_key_sql(model._meta.db_table, model._meta.get_field(name)):
                schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Back the foreign keys of {self.name} by their platform"


class GlobalTable(SqlOperation):
    """A control table, not a tenant's: only the grants named here."""

    def __init__(self, name: str, *, app: str = "SELECT", system: str = "SELECT") -> None:
        self.name = name
        self.app = app
        self.system = system

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.name], {"app": self.app, "system": self.system}

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not self._allowed(app_label, schema_editor, model):
            return
        for who, privileges in (("app", self.app), ("system", self.system)):
            if privileges:
                schema_editor.execute(
                    f'GRANT {privileges} ON "{model._meta.db_table}" TO {role(who)}'
                )

    def describe(self) -> str:
        return f"Grant what is needed on {self.name}"


def access_sql(table: str, *, app: str, system: str) -> list[str]:
    """The policies of a tenant table, and what the two roles may do with it."""
    found = [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'CREATE POLICY tenant ON "{table}" FOR ALL TO {role("app")}, {role("definer")} '
        "USING (platform_id = (SELECT kernel_current_platform())) "
        "WITH CHECK (platform_id = (SELECT kernel_current_platform()))",
    ]
    if app:
        found.append(f'GRANT {app} ON "{table}" TO {role("app")}')
    if system:
        found += [
            f'CREATE POLICY across ON "{table}" FOR ALL TO {role("system")} '
            "USING (true) WITH CHECK (true)",
            f'GRANT {system} ON "{table}" TO {role("system")}',
        ]
    return found


def foreign_key_sql(table: str, field: Any) -> list[str]:
    """The composite foreign key for ``field``, if it points to a tenant table."""
    related = getattr(field, "related_model", None)
    if not isinstance(field, models.ForeignKey) or related is None:
        return []
    if not any(f.column == "platform_id" for f in related._meta.local_fields):
        return []
    name = f"{table}_{field.column}_platform_fk"[:63]
    return [
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" '
        f'FOREIGN KEY (platform_id, "{field.column}") '
        f'REFERENCES "{related._meta.db_table}" (platform_id, id)'
    ]
