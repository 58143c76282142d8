"""One transaction: the caller's if there is one, else our own."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from kernel.transactions import atomic, in_transaction


def together() -> AbstractContextManager[Any]:
    """No savepoint inside the caller's transaction: what raises there, all of it falls."""
    return nullcontext() if in_transaction() else atomic()
