"""Frozen dataclasses without compiling, for each, what is the same in all.

``dataclasses`` writes the source of six functions for a class and compiles it. Of some 700 classes
that was a fifth of a start. The two that refuse changes, and the one that shows a value, need no
source: here they are what that source would say. Python 3.13 has other insides, and is left alone.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

_INSIDES: Any = dataclasses


def make_lean() -> None:
    """Have every frozen dataclass that is made from now on share its code."""
    if hasattr(_INSIDES, "_frozen_get_del_attr"):
        _INSIDES._frozen_get_del_attr = _refusing
        _INSIDES._repr_fn = _showing


def _refusing(cls: Any, fields: Any, _globals: Any) -> tuple[Callable[..., None], ...]:
    names = frozenset([field.name for field in fields])

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __setattr__, __delattr__


def _showing(fields: Any, _globals: Any) -> Callable[[Any], str]:
    names = [field.name for field in fields]

    def __repr__(self: Any) -> str:
        shown = ", ".join([f"{name}={getattr(self, name)!r}" for name in names])
        return f"{self.__class__.__qualname__}({shown})"

    made: Callable[[Any], str] = _INSIDES._recursive_repr(__repr__)
    return made
