"""Working as the system role: over all platforms of one database, on listed tables only."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django.db.backends.utils import CursorWrapper


def shards() -> list[str]:
    """The databases that platforms live in."""
    return list(settings.SHARDS)


def alias(shard: str) -> str:
    """The alias under which the system role reaches a database."""
    return "system" if shard == "default" else f"{shard}_system"


@contextmanager
def system_cursor(shard: str) -> Iterator[CursorWrapper]:
    """A cursor in one transaction of the system role."""
    name = alias(shard)
    with transaction.atomic(using=name), connections[name].cursor() as cursor:
        yield cursor


@contextmanager
def asking_cursor(shard: str) -> Iterator[CursorWrapper]:
    """A cursor of the system role outside of any transaction: for one question that is asked often,
    one round trip instead of three."""
    with connections[alias(shard)].cursor() as cursor:
        yield cursor


def mend_connections() -> None:
    """Drop this thread's broken connections, so that the next use opens new ones."""
    close_old_connections()


def close_connections() -> None:
    """Close this thread's connections; threads do so when they end."""
    connections.close_all()
