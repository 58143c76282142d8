"""Partitions of times gone by, made and taken away by the owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from kernel.ids import floor

EACH = {
    "kernel_outboxevent": (
        "CREATE UNIQUE INDEX {0}_order ON {0} (platform_id, aggregate_id, version)"
    ),
}


class Past:
    """``first`` of each table begins two hours ago; ``cut`` makes a partition before it."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.tables: dict[str, str] = {}
        owner.execute(
            "SELECT d.name, high FROM kernel_partitioned d JOIN kernel_partition p "
            "ON p.partition = d.name || '_first'"
        )
        for name, high in owner.fetchall():
            self.tables[name] = high
        self.begins = floor(datetime.now(UTC) - timedelta(hours=2))
        for name, high in self.tables.items():
            self._move(name, f"'{self.begins}'", high)

    def cut(self, name: str, start: datetime, end: datetime) -> str:
        """A partition for this time; its name."""
        child = f"{name}_past{start:%Y%m%d%H}"
        self.owner.execute(
            f"CREATE TABLE {child} PARTITION OF {name} "
            f"FOR VALUES FROM ('{floor(start)}') TO ('{floor(end)}')"
        )
        self.owner.execute(f"ALTER TABLE {child} ENABLE ROW LEVEL SECURITY")
        if name in EACH:
            self.owner.execute(EACH[name].format(child))
        return child

    def partitions(self, name: str) -> set[str]:
        """The table's partitions but the first and the rest."""
        self.owner.execute(
            "SELECT partition FROM kernel_partition WHERE name = %s AND NOT rest "
            "AND partition <> %s || '_first'",
            [name, name],
        )
        return {row[0] for row in self.owner.fetchall()}

    def end(self) -> None:
        """Everything as the migrations left it, but for the rows."""
        for name, high in self.tables.items():
            self.owner.execute(f"TRUNCATE {name} CASCADE")
            self.owner.execute(
                "SELECT partition FROM kernel_partition WHERE name = %s AND high <= %s",
                [name, self.begins],
            )
            for (child,) in self.owner.fetchall():
                self.owner.execute(f"DROP TABLE {child}")
            self._move(name, "MINVALUE", high)

    def _move(self, name: str, low: str, high: Any) -> None:
        self.owner.execute(f"TRUNCATE {name} CASCADE")
        self.owner.execute(f"ALTER TABLE {name} DETACH PARTITION {name}_first")
        self.owner.execute(
            f"ALTER TABLE {name} ATTACH PARTITION {name}_first "
            f"FOR VALUES FROM ({low}) TO ('{high}')"
        )


@contextmanager
def past_of(owner: Any) -> Iterator[Past]:
    """The past, and the present as it was afterwards."""
    found = Past(owner)
    try:
        yield found
    finally:
        found.end()
