"""Memory of this process: what it shares with those forked from it, and what it gives back."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache

from django.apps import apps


def make_tables() -> None:
    """Make what Django makes of models when they are first used: it writes to all of them, which
    each forked process would do by itself, to copies of its own."""
    for model in apps.get_models():
        meta = model._meta
        _made = meta.concrete_fields, meta.related_objects, meta.default_manager
        meta.get_field(meta.pk.name)


def forget_lookups() -> None:
    """Empty the interpreter's cache of attributes: forked processes would fill it anew, and write
    to each name that they push out."""
    sys._clear_type_cache()


def give_back() -> None:
    """Return what was freed to the machine. glibc keeps most of it for this process, after a large
    piece of work for good; where there is another C library, nothing happens."""
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    found: Callable[[int], object] = getattr(ctypes.CDLL(None), "malloc_trim", _nothing)
    return found


def _nothing(_kept: int) -> None: ...
