"""Running pyHanko's coroutines from synchronous code."""

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result, without an event loop: ours never wait for anything, and what they
    call (the database, a key store) must not believe itself in one."""
    try:
        work.send(None)
    except StopIteration as done:
        found: T = done.value
        return found
    work.close()
    raise RuntimeError("A step of signing waited for something outside; none may.")
