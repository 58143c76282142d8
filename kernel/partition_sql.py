"""Migration operations for tables that are cut by time (``kernel/sql/partitions.sql``)."""

from pathlib import Path
from typing import Any

from kernel.tenant_sql import SqlOperation, access_sql, role

SQL = Path(__file__).parent / "sql" / "partitions.sql"
FUNCTIONS = (
    "kernel_uuid_floor(timestamptz)",
    "kernel_uuid_moment(uuid)",
    "kernel_make_partitions(text)",
    "kernel_drop_partition(text, interval, boolean)",
    "kernel_partition_table(text, text, integer, interval, text[], text)",
)
_FOR_SYSTEM = FUNCTIONS[2:4]
_READABLE = ("kernel_partitioned", "kernel_partition", "kernel_partitiondropped")


def install_sql() -> str:
    """The tables of rules and the functions; only the system role may make and drop."""
    app, system = role("app"), role("system")
    parts = [SQL.read_text()]
    parts += [f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;" for name in FUNCTIONS]
    parts += [f"GRANT EXECUTE ON FUNCTION {name} TO {system};" for name in _FOR_SYSTEM]
    parts += [f"GRANT SELECT ON {name} TO {app}, {system};" for name in _READABLE]
    return "\n".join(parts)


class InstallPartitions(SqlOperation):
    """What partitioned tables stand on."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        schema_editor.execute(install_sql(), params=None)

    def describe(self) -> str:
        return "Install the functions that make and drop partitions"


class PartitionedTable(SqlOperation):
    """Cut a tenant table by the time in its ids; what is there becomes the first partition.

    ``unit``, ``ahead``, ``least``, ``each`` and ``carry`` as in ``kernel_partitioned``; ``app`` and
    ``system`` as in ``TenantTable``. Constraints that lack the id must be gone before, or are kept
    for each partition alone by ``each``.
    """

    reversible = False

    def __init__(
        self,
        name: str,
        *,
        unit: str,
        ahead: int,
        least: str,
        each: tuple[str, ...] = (),
        carry: str = "",
        after: str = "",
        app: str = "SELECT, INSERT, UPDATE, DELETE",
        system: str = "",
    ) -> None:
        self.name = name
        self.options: dict[str, Any] = {
            "unit": unit, "ahead": ahead, "least": least, "each": each, "carry": carry,
            "after": after, "app": app, "system": system,
        }  # fmt: skip

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.name], self.options

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not self._allowed(app_label, schema_editor, model):
            return
        table, told = model._meta.db_table, self.options
        schema_editor.execute(
            "SELECT kernel_partition_table(%s, %s, %s, %s::interval, %s::text[], %s)",
            [table, told["unit"], told["ahead"], told["least"], list(told["each"]), told["carry"]],
        )
        for statement in access_sql(table, app=told["app"], system=told["system"]):
            schema_editor.execute(statement)
        if told["after"]:
            schema_editor.execute(told["after"], params=None)

    def describe(self) -> str:
        return f"Cut {self.name} by time"


class PartitionHold(SqlOperation):
    """A reason for which partitions of a table stay: SQL over the bounds $1 and $2, true while."""

    reversible = False

    def __init__(self, table: str, reason: str, question: str) -> None:
        self.table, self.reason, self.question = table, reason, question

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.table, self.reason, self.question], {}

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        if schema_editor.connection.alias == "sandbox":
            return
        schema_editor.execute(
            "INSERT INTO kernel_partitionhold VALUES (%s, %s, %s)",
            [self.table, self.reason, self.question],
        )

    def describe(self) -> str:
        return f"Keep partitions of {self.table}: {self.reason}"
