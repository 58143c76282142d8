"""Writing audit rows, in the transaction of the change itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model

from kernel import clock, gathered, sealed_text, tenancy
from kernel import personal as personal_data
from kernel.actors import current_actor
from kernel.ids import uuid7s
from kernel.logs import request_id
from kernel.plain import AS_IT_IS, plain
from kernel.statements import packed, unpacked
from kernel.transactions import later


@dataclass(frozen=True)
class AuditTarget:
    """What was changed, where no model instance is at hand."""

    type: str
    id: UUID | None


@dataclass(frozen=True)
class Change:
    """One row to write with ``record_many``."""

    action: str
    target: "Model | AuditTarget"
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    subject: UUID | None = None
    texts: frozenset[str] = frozenset()


_COLUMNS = (
    "platform_id, id, actor_kind, actor_id, actor_person_id, actor_label, merchant_id, action, "
    "target_type, target_id, before, after, business_at, created_at, request_id"
)
_NAMES = _COLUMNS.split(", ")
_FEW = 3  # rows above this travel as two parameters
_MANY = f"""
INSERT INTO kernel_auditrecord ({_COLUMNS})
SELECT {_COLUMNS} FROM {unpacked("kernel_auditrecord")}
"""  # noqa: S608
_ROW = "(" + ", ".join(["%s"] * 10 + ["%s::jsonb", "%s::jsonb"] + ["%s"] * 3) + ")"


def record(
    action: str,
    *,
    target: Model | AuditTarget,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    personal: frozenset[str] | set[str] = frozenset(),
    subject: UUID | None = None,
    texts: frozenset[str] | set[str] = frozenset(),
) -> None:
    """Record a change of ``target`` by the current actor, with both clocks and the request id.

    ``action`` is ``context.thing.verb`` in the past. Keys named in ``personal`` are sealed for
    ``subject`` (the person they are about). Those in ``texts``, and those named as columns of free
    text of ``target``, hold what somebody wrote: they are sealed as ``target``'s own texts are, and
    opened for who reads the trail.
    """
    record_many([
        Change(
            action, target, before or {}, after or {}, frozenset(personal), subject,
            frozenset(texts),
        )
    ])  # fmt: skip


def record_many(changes: Iterable[Change]) -> None:
    """Record many changes with one statement, or with those of the whole transaction."""
    actor, platform = current_actor(), tenancy.current_id()
    # A person's name isn't kept here: the reader looks it up by id, so that erasure reaches it.
    label = "" if actor.person_id else actor.label[:120]
    times = [clock.business(), clock.system(), request_id()[:64]]
    rows: list[list[Any]] = []
    told = list(changes)
    for row_id, change in zip(uuid7s(len(told)), told, strict=True):
        target = _target(change.target)
        who = [actor.kind, actor.id, actor.person_id, label, actor.merchant_id]
        what = [change.action, target.type, target.id]
        said = [_json(change.before, change), _json(change.after, change)]
        rows.append([platform, row_id, *who, *what, *said, *times])
    gathered.write(_write, rows)


def _write(rows: Sequence[list[Any]]) -> None:
    if not rows:
        return
    if len(rows) > _FEW:
        columns = dict(zip(_NAMES, map(list, zip(*rows, strict=True)), strict=True))
        for name in ("before", "after"):
            columns[name] = list(map(orjson.Fragment, columns[name]))
        later(_MANY, packed(columns))
        return
    later(
        f"INSERT INTO kernel_auditrecord ({_COLUMNS}) VALUES {', '.join([_ROW] * len(rows))}",  # noqa: S608
        [value for row in rows for value in row],
    )


def _target(target: Model | AuditTarget) -> AuditTarget:
    if isinstance(target, AuditTarget):
        return target
    return AuditTarget(target._meta.label_lower, target.pk)


def _json(fields: Mapping[str, Any], change: Change) -> str:
    shown = {
        key: value if type(value) in AS_IT_IS else plain(value) for key, value in fields.items()
    }
    for key in change.personal & shown.keys():
        if change.subject is None:
            raise TypeError(f"{change.action}: personal fields need a subject.")
        if shown[key] not in (None, ""):
            text = shown[key] if isinstance(shown[key], str) else orjson.dumps(shown[key]).decode()
            shown[key] = personal_data.seal(change.subject, text)
    for key in _texts(change):
        if shown.get(key):
            shown[key] = sealed_text.sealed(_texts_of(change), str(shown[key]))
    return orjson.dumps(shown).decode()


def _texts(change: Change) -> frozenset[str]:
    """What is text: what the caller says, and every field that is one in the target's table."""
    if not isinstance(change.target, Model):
        return change.texts
    return change.texts | _columns(type(change.target))


@cache
def _columns(kind: type[Model]) -> frozenset[str]:
    return frozenset(field.attname for field in sealed_text.columns(kind))


def _texts_of(change: Change) -> UUID:
    if isinstance(change.target, Model):
        return sealed_text.subject_of(change.target)
    return change.target.id or tenancy.current_id()
