"""Rows of hot tables, read and written by statements that are put together once.

Building a query of the ORM costs more than PostgreSQL needs to answer it by a key. So the rows
that every cart, checkout and change touches go through here; everything else uses the ORM.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import repeat
from operator import attrgetter, is_
from typing import Any, Generic, TypeVar

import orjson
from django.db import models
from django.db.models.base import ModelState

from kernel import tenancy
from kernel.models import AggregateModel, TenantModel
from kernel.questions import Question, ask
from kernel.sealed_text import SealedText
from kernel.sql_parts import AMONG
from kernel.transactions import change, connection, cursor, later

_KEPT = frozenset({"id", "platform_id", "created_at", "version", "updated_at"})
ModelT = TypeVar("ModelT", bound=TenantModel)
AnswerT = TypeVar("AnswerT")


class Rows(Generic[ModelT]):
    """The rows of one model on the platform in scope.

    ``later``: its writes travel with the next statement, since nobody catches a constraint that
    they break before the transaction or savepoint ends (``kernel.transactions.later``)."""

    def __init__(self, model: type[ModelT], *, later: bool = False) -> None:
        self.model = model
        self.later = later
        fields = model._meta.concrete_fields
        self.names = [field.attname for field in fields]
        self.json = [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]
        self.texts = {n: field for n, field in enumerate(fields) if isinstance(field, SealedText)}
        self.table = f'"{model._meta.db_table}"'
        columns = ", ".join(f'"{field.column}"' for field in fields)
        self._select = f"SELECT {columns} FROM {self.table} WHERE platform_id = %s AND "  # noqa: S608
        self._insert = f"INSERT INTO {self.table} ({columns}) VALUES "  # noqa: S608
        self._row = "(" + ", ".join(["%s"] * len(fields)) + ")"
        self._places = {name: place for place, name in enumerate(self.names)}
        self.columns = [field.column for field in fields]
        self.relations = {field.name: field.attname for field in fields if field.is_relation}
        self._known = {*self.names, *self.relations}
        self._insert_all = (
            f"INSERT INTO {self.table} ({columns}) SELECT {columns} FROM {unpacked(self.table)}"  # noqa: S608
        )

    @cached_property
    def _defaults(self) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
        """What a new row holds: the same in each, and what is made for each by a call. Asked of
        the connection's kind, so not when loading: each process makes its own."""
        held: dict[str, Any] = {}
        made: list[tuple[str, Callable[[], Any]]] = []
        for field in self.model._meta.concrete_fields:
            if field.has_default() and callable(field.default):
                made.append((field.attname, field.default))
            else:
                held[field.attname] = field.get_default()
        return held, made

    def new(self, **values: Any) -> ModelT:
        """A row to be inserted, as the model's own way makes it, which takes five times as long.
        ``values`` by the names of columns, or by those of relations with the row that is meant."""
        row = self.model.__new__(self.model)
        row._state = ModelState()
        same, made = self._defaults
        held = row.__dict__
        held |= same
        held |= values
        for name in self.relations.keys() & values.keys():
            row._state.fields_cache[name] = other = held.pop(name)
            held[self.relations[name]] = other.pk
        if not values.keys() <= self._known:
            raise TypeError(f"{self.table} has no {sorted(values.keys() - self._known)}.")
        for name, value in made:
            if name not in values:
                held[name] = value()
        return row

    def all(self, where: str, params: Sequence[Any]) -> list[ModelT]:
        """The rows where ``where`` (SQL with %s) holds, as models."""
        return ask(self.question(where, params))[0]

    def question(self, where: str, params: Sequence[Any]) -> Question[list[ModelT]]:
        """``all``, to be asked with others."""
        return Question(self._select + where, [tenancy.current_id(), *params], self._models)

    def one(self, where: str, params: Sequence[Any], *, lock: bool = False) -> ModelT | None:
        """The one row where ``where`` holds, locked if asked for."""
        found = self.all(where + (" FOR UPDATE" if lock else ""), params)
        return found[0] if found else None

    def insert(self, rows: Iterable[ModelT], *, skip: bool = False) -> int:
        """Insert rows with one statement; aggregates are counted to version 1. How many there are
        now: all, or with ``skip`` those that break no unique constraint."""
        values: list[Any] = []
        count = 0
        for row in rows:
            values += self._values(self._checked(row), range(len(self.names)))
            count += 1
        if not count:
            return 0
        statement = self._insert + ", ".join([self._row] * count)
        if not skip:
            self._write(statement, values)
            return count
        with cursor() as sql:
            sql.execute(statement + " ON CONFLICT DO NOTHING", values)
            return int(sql.rowcount)

    def insert_all(self, rows: Iterable[ModelT], *, skip: bool = False) -> int:
        """``insert`` for hundreds of rows: they travel as two parameters, whatever their number.
        ``skip``: not those that break a unique constraint. Not for columns of bytes."""
        held = [self._checked(row) for row in rows]
        if not held:
            return 0
        packed = self._packed(held, range(len(self.names)))
        if not skip:
            self._write(self._insert_all, packed)
            return len(held)
        with cursor() as sql:
            sql.execute(self._insert_all + " ON CONFLICT DO NOTHING", packed)
            return int(sql.rowcount)

    def update_all(self, rows: Sequence[ModelT], *names: str) -> None:
        """Write these columns of locked rows, with their version and time, by one statement."""
        if not rows:
            return
        if issubclass(self.model, AggregateModel):
            for row in rows:
                row.touch()  # type: ignore[attr-defined]
            names = (*names, "version", "updated_at")
        places = [self._places[name] for name in names]
        written = [self.columns[place] for place in places]
        changes = ", ".join(f'"{column}" = n."{column}"' for column in written)
        packed = self._packed(rows, [self._places["id"], *places])
        self._write(
            f"UPDATE {self.table} AS t SET {changes} "  # noqa: S608
            f"FROM {unpacked(self.table)} AS n "
            f"WHERE t.platform_id = %s AND t.id {AMONG} AND t.id = n.id",
            [*packed, tenancy.current_id(), [row.id for row in rows]],
            rows=len(rows),
        )

    def _models(self, rows: list[Any]) -> list[ModelT]:
        alias = connection().alias
        found = []
        for values in rows:
            row = self.model.__new__(self.model)
            state = row._state = ModelState()
            state.adding, state.db = False, alias
            row.__dict__.update(zip(self.names, self._read(values), strict=True))
            found.append(row)
        return found

    def _checked(self, row: ModelT) -> ModelT:
        if row.platform_id != tenancy.current_id():
            raise RuntimeError(f"{row!r} belongs to another platform than the one in scope.")
        if isinstance(row, AggregateModel) and row.version == 0:
            row.touch()
        row._state.adding = False
        return row

    def _packed(self, rows: Sequence[ModelT], places: Sequence[int]) -> list[str]:
        held: dict[str, Sequence[Any]] = {}
        for place in places:
            field = self.texts.get(place)
            read = field.sealed if field else attrgetter(self.names[place])
            held[str(self.columns[place])] = list(map(read, rows))
        return packed(held)

    def update(self, row: ModelT, *names: str) -> None:
        """Write these columns of a locked row, and its version and time."""
        if isinstance(row, AggregateModel):
            row.touch()
            names = (*names, "version", "updated_at")
        changes = ", ".join(f'"{self.columns[self._places[name]]}" = %s' for name in names)
        values = self._values(row, [self._places[name] for name in names])
        self._write(
            f"UPDATE {self.table} SET {changes} WHERE platform_id = %s AND id = %s",  # noqa: S608
            [*values, tenancy.current_id(), row.id],
        )

    def _write(self, statement: str, values: Sequence[Any], *, rows: int | None = None) -> None:
        run = later if self.later else change
        run(statement, values, rows=rows)

    def save(self, row: ModelT) -> None:
        """Write all columns of a locked row, and its version and time."""
        self.update(row, *(name for name in self.names if name not in _KEPT))

    def _read(self, row: tuple[Any, ...]) -> list[Any]:
        values = list(row)
        for place in self.json:
            values[place] = _parsed(values[place])
        for place, field in self.texts.items():
            values[place] = field.stored(values[place])
        return values

    def _values(self, row: ModelT, places: Iterable[int]) -> list[Any]:
        return [
            self.texts[place].sealed(row)
            if place in self.texts
            else self._plain(getattr(row, self.names[place]), place)
            for place in places
        ]

    def _plain(self, value: Any, place: int) -> Any:
        if place in self.json:
            return None if value is None else orjson.dumps(value).decode()
        return value.value if isinstance(value, Enum) else value


def packed(columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """The parameters of ``unpacked``: what all rows have in common is told once."""
    common: dict[str, Any] = {}
    each: dict[str, Sequence[Any]] = {}
    for name, values in columns.items():
        if _alike(values):
            common[name] = values[0]
        else:
            each[name] = values
    rows = [dict(zip(each, row, strict=True)) for row in zip(*each.values(), strict=True)]
    if not each:
        rows = [{} for _value in next(iter(columns.values()))]
    return [orjson.dumps(one, default=str).decode() for one in (common, rows)]


def unpacked(table: str) -> str:
    """The rows of ``packed``, with the columns of this table, for FROM."""
    return f"json_populate_recordset(json_populate_record(NULL::{table}, %s::json), %s::json)"


def _alike(values: Sequence[Any]) -> bool:
    """Whether they are one and the same, or all empty: what only equals may be written otherwise
    (1 and true in JSON)."""
    first = values[0]
    if all(map(is_, values, repeat(first))):
        return True
    return type(first) in (dict, list) and not any(values) and len(set(map(type, values))) == 1


class Columns:
    """Some columns of a model's rows on the platform in scope, without making models of them."""

    def __init__(self, model: type[TenantModel], *names: str) -> None:
        fields = [model._meta.get_field(name) for name in names]
        self.names = names
        self._reading = [
            (name, field.stored if isinstance(field, SealedText) else _parsed)
            for name, field in zip(names, fields, strict=True)
            if isinstance(field, SealedText | models.JSONField)
        ]
        columns = ", ".join(f'"{field.column}"' for field in fields)  # type: ignore[union-attr]
        self._select = f'SELECT {columns} FROM "{model._meta.db_table}" WHERE platform_id = %s AND '  # noqa: S608

    def all(self, where: str, params: Sequence[Any]) -> list[dict[str, Any]]:
        """The rows where ``where`` (SQL with %s) holds, each by the names of its fields."""
        return ask(self.question(where, params, list))[0]

    def question(
        self, where: str, params: Sequence[Any], made: Callable[[list[dict[str, Any]]], AnswerT]
    ) -> Question[AnswerT]:
        """What ``made`` makes of ``all``, to be asked with others."""
        statement = self._select + where
        return Question(
            statement, [tenancy.current_id(), *params], lambda rows: made(self._named(rows))
        )

    def _named(self, rows: list[Any]) -> list[dict[str, Any]]:
        found = [dict(zip(self.names, row, strict=True)) for row in rows]
        for row in found:
            for name, read in self._reading:
                row[name] = read(row[name])
        return found

    def one(self, where: str, params: Sequence[Any]) -> dict[str, Any] | None:
        """The one row where ``where`` holds."""
        found = self.all(where, params)
        return found[0] if found else None


def _parsed(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value
