"""Event classes, and who listens to them."""

import types
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from kernel import sealed_text, tenancy
from kernel.money import Money
from kernel.plain import AS_IT_IS, plain
from kernel.quantity import Quantity
from kernel.transactions import cursor

_SIMPLE = frozenset({str, int, bool, UUID, Decimal, datetime, type(None)})


class Event:
    """Base of the frozen dataclasses in a context's ``events.py``.

    ``NAME`` is the published, versioned name (``inventory.stock.changed.v1``). Fields may be
    text, int, bool, UUID, Decimal, date, datetime, enum, Money, Quantity, and lists, tuples and
    dicts of those, and dataclasses of those. A new version is a new class with a new name;
    adding a field with a default is not a new version. ``TEXTS`` are the fields that hold what
    somebody wrote: stored sealed as the aggregate's own texts are, opened for who gets the event.
    """

    NAME: ClassVar[str] = ""
    TEXTS: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.NAME:
            return
        known = EVENTS.setdefault(cls.NAME, cls)
        if known is not cls and known.__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.__qualname__}: {cls.NAME} is {known.__qualname__}'s name.")
        EVENTS[cls.NAME] = cls

    def payload(self) -> dict[str, Any]:
        """The fields as JSON-able values."""
        found = {}
        for name in _names(type(self)):  # type: ignore[arg-type]
            value = getattr(self, name)
            found[name] = value if type(value) in AS_IT_IS else _encode(value)
        return found

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> "Event":
        """The event from stored JSON; fields unknown to this version are left out."""
        found: Event = _build(cls, opened_payload(cls, payload))
        return found


@dataclass(frozen=True)
class EventMeta:
    """What is known of an event besides its fields."""

    id: UUID
    type: str
    aggregate_type: str
    aggregate_id: UUID
    version: int
    merchant_id: UUID | None
    actor_kind: str
    actor_id: UUID | None
    business_at: datetime
    created_at: datetime
    request_id: str


@dataclass(frozen=True)
class Handler:
    """One subscription: ``name`` is stored with deliveries, so it never changes."""

    name: str
    event: type[Event]
    call: Callable[[Any, EventMeta], None]
    batch: "Batch | None" = None
    together: bool = False


@dataclass(frozen=True)
class Published:
    """An event as a batch handler gets it; ``payload`` as JSON gave it."""

    platform_id: UUID
    id: UUID
    type: str
    aggregate_type: str
    aggregate_id: UUID
    merchant_id: UUID | None
    actor_kind: str
    actor_id: UUID | None
    request_id: str
    payload: dict[str, Any]
    created_at: datetime


Batch = Callable[[Any, Sequence[Published]], None]

EVENTS: dict[str, type[Event]] = {}
HANDLERS: dict[str, Handler] = {}
E = TypeVar("E", bound=Event)
_Function = Callable[[E, EventMeta], None]


def subscribe(
    event: type[E], handler: str, *, together: bool = False
) -> Callable[[_Function[E]], _Function[E]]:
    """Register a handler: ``@subscribe(OrderPaid, handler="journeys.paid_order_ships")``.

    It runs inside the platform's scope and one transaction, at least once for each event, in
    order for each aggregate. Outside calls don't belong in it: enqueue a job. ``together``: it
    reads, inserts, and locks no row but one of its own aggregate, so it may share its transaction
    with deliveries of other events for a moment; should one of them fail, each runs alone.
    """
    if not event.NAME:
        raise TypeError(f"{event.__qualname__} has no NAME.")

    def register(function: _Function[E]) -> _Function[E]:
        known = HANDLERS.get(handler)
        if known and known.call.__qualname__ != function.__qualname__:
            raise TypeError(f"Two handlers are named {handler}.")
        HANDLERS[handler] = Handler(handler, event, function, together=together)
        return function

    return register


def subscribe_batch(events: Iterable[type[Event]], handler: str) -> Callable[[Batch], Batch]:
    """Register a handler for many events at once: ``notes(sql, published)``.

    It is called by the relay in the transaction that publishes the events, with that
    transaction's cursor (the system role's, over all platforms; the app role's where one platform
    drains), in no particular order, once for each event. It only writes down what there is to do:
    a few statements, no reading of other contexts. If it raises, its writes are undone and the
    same events are handed to it one by one as ordinary deliveries, so it never holds up others.
    """

    def register(function: Batch) -> Batch:
        for event in events:
            name = f"{handler}:{event.NAME}"
            known = HANDLERS.get(name)
            if known and known.batch and known.batch.__qualname__ != function.__qualname__:
                raise TypeError(f"Two handlers are named {handler}.")
            HANDLERS[name] = Handler(name, event, _single(function), function)
        return function

    return register


def _single(function: Batch) -> Callable[[Any, EventMeta], None]:
    def call(event: Event, meta: EventMeta) -> None:
        published = Published(
            tenancy.current_id(), meta.id, meta.type, meta.aggregate_type, meta.aggregate_id,
            meta.merchant_id, meta.actor_kind, meta.actor_id, meta.request_id, event.payload(),
            meta.created_at,
        )  # fmt: skip
        with cursor() as sql:
            function(sql, [published])

    return call


def sealed_payload(event: Event, subject: UUID) -> dict[str, Any]:
    """The payload to be stored."""
    found = event.payload()
    for name in event.TEXTS:
        found[name] = sealed_text.sealed(subject, str(found[name] or ""))
    return found


def opened_payload(kind: type[Event] | None, payload: dict[str, Any]) -> dict[str, Any]:
    """A stored payload with its texts opened; "" where its subject was erased."""
    texts = kind.TEXTS & payload.keys() if kind else frozenset()
    return payload | {name: sealed_text.opened(str(payload[name] or "")) for name in texts}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def _encode(value: Any) -> Any:
    if type(value) in _SIMPLE:
        return plain(value)
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, Money | Quantity):
        return {f.name: _encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    if isinstance(value, dict):
        return {str(plain(key)): _encode(item) for key, item in value.items()}
    return plain(value)


def _build(cls: Any, payload: dict[str, Any]) -> Any:
    values = {}
    for name, kind, required in _shape(cls):
        if name in payload:
            values[name] = _decode(kind, payload[name])
        elif required:
            raise ValueError(f"{cls.__qualname__}: {name} is missing in the stored event.")
    return cls(**values)


@cache
def _shape(cls: Any) -> tuple[tuple[str, Any, bool], ...]:
    hints = typing.get_type_hints(cls)
    return tuple(
        (f.name, hints[f.name], f.default is MISSING and f.default_factory is MISSING)
        for f in fields(cls)
    )


def _decode(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        real = [argument for argument in arguments if argument is not type(None)]
        return _decode(real[0], value) if len(real) == 1 else value
    if origin in (list, tuple, frozenset, set):
        inner = arguments[0] if arguments else Any
        return origin(_decode(inner, item) for item in value)
    if origin is dict:
        return {_decode(arguments[0], k): _decode(arguments[1], v) for k, v in value.items()}
    return _decode_plain(kind, value)


def _decode_plain(kind: Any, value: Any) -> Any:
    if kind is Money:
        return Money(value["amount"], value["currency"])
    if kind is Quantity:
        return Quantity(Decimal(value["value"]), value["unit"])
    if not isinstance(kind, type):
        return value
    if issubclass(kind, datetime | date):
        return kind.fromisoformat(value)
    if issubclass(kind, UUID | Decimal | Enum):
        return kind(value)
    if hasattr(kind, "__dataclass_fields__"):
        return _build(kind, value)
    return value
