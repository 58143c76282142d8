"""Rows of what every payment goes through, by statements that are put together once.

Building a query of the ORM costs more than PostgreSQL needs to answer it by a key; everything that
isn't asked for with each payment uses the ORM.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import orjson
from django.db import models

from sandbox import database

ModelT = TypeVar("ModelT", bound=models.Model)


class Rows(Generic[ModelT]):
    """The rows of one model. What is inserted or changed goes with the next statement of the
    transaction, so a broken constraint is told at its end."""

    def __init__(self, model: type[ModelT]) -> None:
        self.model = model
        fields = model._meta.concrete_fields
        self.names = [field.attname for field in fields]
        self._json = {f.attname for f in fields if isinstance(f, models.JSONField)}
        self._columns = {field.attname: field.column for field in fields}
        self._new = [f.attname for f in fields if not isinstance(f, models.AutoField)]
        self._table = model._meta.db_table
        self._select = f'SELECT {self.columns("t")} FROM "{self._table}" t WHERE '  # noqa: S608
        into = ", ".join(f'"{self._columns[name]}"' for name in self._new)
        values = ", ".join(["%s"] * len(self._new))
        self._insert = f'INSERT INTO "{self._table}" ({into}) VALUES ({values})'  # noqa: S608

    def columns(self, alias: str) -> str:
        """All columns of the table that goes by ``alias``, as ``read`` takes them."""
        return ", ".join(f'{alias}."{column}"' for column in self._columns.values())

    def question(self, where: str, params: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """The statement of ``all``, to be asked with others."""
        return self._select + where, params

    def all(self, where: str, params: Sequence[Any]) -> list[ModelT]:
        """The rows where ``where`` (SQL with %s) holds."""
        return [self.read(row) for row in database.rows(self.question(where, params))[0]]

    def one(self, where: str, params: Sequence[Any], *, lock: bool = False) -> ModelT | None:
        """The one row where ``where`` holds, locked if asked for."""
        found = self.all(where + (" FOR UPDATE" if lock else ""), params)
        return found[0] if found else None

    def read(self, row: Sequence[Any]) -> ModelT:
        """A row as the database answers it."""
        values = [
            orjson.loads(value) if name in self._json and isinstance(value, str) else value
            for name, value in zip(self.names, row, strict=True)
        ]
        return self.model.from_db(database.ALIAS, self.names, values)

    def insert(self, row: ModelT) -> ModelT:
        """Insert a row that has its key, or whose key nobody needs."""
        database.later(self._insert, self._values(row, self._new))
        row._state.adding, row._state.db = False, database.ALIAS
        return row

    def insert_numbered(self, row: ModelT) -> ModelT:
        """Insert a row now, whose key the database gives."""
        values = self._values(row, self._new)
        row.pk = database.rows((f"{self._insert} RETURNING id", values))[0][0][0]
        row._state.adding, row._state.db = False, database.ALIAS
        return row

    def update(self, row: ModelT, *names: str) -> None:
        """Write these columns of a locked row; all of them if none is named."""
        chosen = names or tuple(name for name in self.names if name != "id")
        changes = ", ".join(f'"{self._columns[name]}" = %s' for name in chosen)
        statement = f'UPDATE "{self._table}" SET {changes} WHERE id = %s'  # noqa: S608
        database.later(statement, [*self._values(row, chosen), row.pk])

    def _values(self, row: ModelT, names: Sequence[str]) -> list[Any]:
        return [self._plain(name, getattr(row, name)) for name in names]

    def _plain(self, name: str, value: Any) -> Any:
        if name in self._json:
            return None if value is None else orjson.dumps(value).decode()
        return str(value) if isinstance(value, models.TextChoices) else value
