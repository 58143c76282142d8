"""Dataclasses as they are made here say and refuse what Python's own would."""

import dataclasses
from importlib.util import find_spec, module_from_spec
from typing import Any

import pytest


def _plain() -> Any:
    """Python's own module, as nobody changed it."""
    spec = find_spec("dataclasses")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _classes(kind: Any) -> tuple[Any, Any]:
    @kind.dataclass(frozen=True)
    class Place:
        name: str
        secret: str = kind.field(default="x", repr=False)
        inside: Any = None

    @kind.dataclass(frozen=True)
    class Town(Place):
        people: int = 0

    return Place, Town


def _outcome(call: Any) -> str:
    with pytest.raises((AttributeError, TypeError)) as raised:
        call()
    return f"{type(raised.value).__name__}: {raised.value}"


def _told(kind: Any) -> list[str]:
    place, town = _classes(kind)
    free = type("Free", (place,), {})  # of no dataclass's own: takes what isn't a field
    one, other, third = place("a"), town("b", people=3), free("c")
    third.more = 1
    looped = place("d", inside=[])
    looped.inside.append(looped)
    return [
        *map(repr, (one, other, third, looped)),
        str(third.more),
        *(_outcome(lambda it=it: setattr(it, "name", "z")) for it in (one, other, third)),
        *(_outcome(lambda it=it: delattr(it, "name")) for it in (one, other, third)),
        *(_outcome(lambda it=it: setattr(it, "else", "z")) for it in (one, other)),
        _outcome(lambda: delattr(third, "else")),
        str(one == place("a")),
        str(hash(one) == hash(place("a"))),
        place.__setattr__.__qualname__,
        place.__repr__.__qualname__,
        repr(kind.replace(other, people=4)),
    ]


def test_they_say_and_refuse_the_same() -> None:
    assert _told(dataclasses) == _told(_plain())


@pytest.mark.skipif(
    not hasattr(dataclasses, "_frozen_get_del_attr"), reason="this Python has other insides"
)
def test_they_share_their_code() -> None:
    place, town = _classes(dataclasses)
    for name in ("__setattr__", "__delattr__"):
        assert getattr(place, name).__code__ is getattr(town, name).__code__
