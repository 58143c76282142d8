"""Free text (自由文本): sealed as it is written, opened as it is read.

Whatever people type may name somebody, so a reason, note or message is a ``SealedText``: the
attribute holds plain text, the column ciphertext (``kernel.personal``) that says whose it is, as do
texts in audit rows and events. Plain text can't get into the column: what goes round ``save()``,
such as ``update()``, is refused. A column can't be searched; ``values()`` gives what ``opened``
takes.
"""

import logging
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.query_utils import DeferredAttribute

from kernel import personal
from kernel.transactions import atomic, cursor

log = logging.getLogger("kernel.sealed_text")
PREFIX = "s1."
FILE_MARK = b"\x00s1\x00"  # no text, PDF or archive begins so
BATCH = 200


class Stored(str):
    """Text as a column holds it."""

    __slots__ = ()


def sealed(subject: UUID, text: str) -> str:
    """Ciphertext that names its subject; "" for no text, and for a subject whose data were erased:
    nothing more is kept of them."""
    try:
        return f"{PREFIX}{subject.hex}.{personal.seal(subject, text)}" if text else ""
    except personal.SubjectErased:
        return ""


def opened(text: str) -> str:
    """The plain text; "" after erasure. What isn't sealed comes as it is."""
    found = _parts(text)
    if found is None:
        return str(text)
    personal.prefetch_expected()
    return personal.open_(*found) or ""


def sealed_file(subject: UUID, data: bytes) -> bytes:
    """A file's bytes, sealed for who or what it is of."""
    return FILE_MARK + personal.seal_data(subject, data)


def opened_file(subject: UUID, stored: bytes) -> bytes:
    """The plain bytes; none after erasure. A file that isn't sealed comes as it is."""
    if not stored.startswith(FILE_MARK):
        return stored
    return personal.open_data(subject, stored[len(FILE_MARK) :]) or b""


def subject_of(row: models.Model) -> UUID:
    """Under whom the row's texts are sealed: the first that is set of the columns that its class
    names in ``TEXTS_OF``, the person's before the row's own id."""
    for column in getattr(row, "TEXTS_OF", ()):
        found: UUID | None = getattr(row, column)
        if found is not None:
            return found
    own: UUID = row.pk
    return own


def _parts(text: str) -> tuple[UUID, str] | None:
    start = len(PREFIX)
    if not text.startswith(PREFIX) or text[start + 32 : start + 33] != ".":
        return None
    try:
        return UUID(text[start : start + 32]), text[start + 33 :]
    except ValueError:
        return None


class _Opened(DeferredAttribute):
    """The attribute: plain text, opened once when it is asked for."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        name, kept = self.field.attname, instance.__dict__
        if name not in kept:
            return super().__get__(instance, cls)  # deferred: loads it and comes back here
        if not isinstance(kept[name], Stored):
            return kept[name]
        cached = f"_{name}_opened"
        if cached not in kept:
            kept[cached] = opened(kept[name])
        return kept[cached]

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__.pop(f"_{self.field.attname}_opened", None)
        instance.__dict__[self.field.attname] = value


class SealedText(models.TextField):  # type: ignore[type-arg]
    """A column of free text, sealed for ``subject_of`` its row."""

    descriptor_class = _Opened

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "blank": True, "default": ""})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {k: v for k, v in kwargs.items() if k not in ("blank", "default")}

    def sealed(self, row: models.Model) -> str:
        """What the column is to hold of the row's text."""
        held = row.__dict__.get(self.attname) or ""
        if not held or isinstance(held, Stored):
            return Stored(held)
        return Stored(sealed(subject_of(row), str(held)))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return self.sealed(model_instance)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return self.stored(value)

    def stored(self, value: str | None) -> Stored:
        """A column's value as read; its key is fetched together with those of other rows."""
        found = _parts(value or "")
        if found:
            personal.expect(found[0])
        return Stored(value or "")

    def get_prep_value(self, value: Any) -> Any:
        if value and not isinstance(value, Stored):
            raise TypeError(f"{self.model.__name__}.{self.attname} is sealed: only save() sets it.")
        return str(value or "")


def columns(model: type[models.Model]) -> list[SealedText]:
    """The model's sealed texts."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedText)]


def seal_plain() -> dict[str, int]:
    """Seal what stood in these columns of the platform in scope before they were sealed: how many
    rows of which table. May be stopped anywhere and begun again."""
    done: dict[str, int] = {}
    for model in apps.get_models():
        fields = columns(model)
        for field in fields if fields and _may_change(model) else ():
            count = 0
            while rows := _seal_batch(model, field):
                count += rows
            if count:
                done[f"{model._meta.label_lower}.{field.attname}"] = count
    if done:
        log.info("sealed what stood in clear: %s", done)
    return done


def _may_change(model: type[models.Model]) -> bool:
    """Rows that are only ever added stay as they are."""
    with cursor() as sql:
        sql.execute("SELECT has_table_privilege(%s, 'UPDATE')", [model._meta.db_table])
        return bool(sql.fetchone()[0])


def _seal_batch(model: Any, field: SealedText) -> int:
    name = field.attname
    plain = ~Q(**{name: ""}) & ~Q(**{f"{name}__startswith": Stored(PREFIX)})
    with atomic():
        rows = list(model.objects.select_for_update().filter(plain).order_by("id")[:BATCH])
        for row in rows:
            setattr(row, name, str(row.__dict__[name]))
            # Not through save(): what the row says hasn't changed, so its version stays.
            model.objects.filter(id=row.id).update(**{name: field.sealed(row)})
    return len(rows)
