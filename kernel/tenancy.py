"""Which platform (租户) the running code works for.

This is the one place that sets the database session variable on which every row-level security
policy stands. Scoped managers read the same context, so each guards when the other fails.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from kernel import clock
from kernel.errors import NoPlatformInScope
from kernel.postgres import Lent

SESSION_VARIABLE = "quancheng.platform_id"
_NAME = "SELECT set_config(%s, %s, false)"


@dataclass(frozen=True)
class Tenant:
    """One platform as the machinery sees it: its database alias, clock and mode."""

    id: UUID
    code: str
    database: str = "default"
    clock_offset: timedelta = timedelta(0)
    live: bool = False
    state: str = "open"


class Directory(Protocol):
    """Where tenants are found; the platforms context provides it."""

    def by_code(self, code: str) -> Tenant | None: ...
    def by_host(self, host: str) -> Tenant | None: ...
    def by_id(self, platform_id: UUID) -> Tenant | None: ...
    def all(self) -> Iterable[Tenant]: ...


_current: ContextVar[Tenant | None] = ContextVar("current_tenant", default=None)
_directory: list[Directory] = []


def register_directory(provider: Directory) -> None:
    """Name the provider of tenants; called once, when the platforms app is ready."""
    _directory[:] = [provider]


def directory() -> Directory:
    """The registered provider of tenants."""
    if not _directory:
        raise RuntimeError("No directory of platforms is registered.")
    return _directory[0]


def current_or_none() -> Tenant | None:
    """The platform in scope, or None."""
    return _current.get()


def current() -> Tenant:
    """The platform in scope. Raises NoPlatformInScope, never guesses."""
    tenant = _current.get()
    if tenant is None:
        raise NoPlatformInScope("No platform is in scope; open kernel.tenancy.scope(tenant).")
    return tenant


def current_id() -> UUID:
    """The id of the platform in scope. Raises NoPlatformInScope."""
    return current().id


@contextmanager
def scope(tenant: Tenant) -> Iterator[Tenant]:
    """Work for ``tenant`` inside the block; scopes nest, the outer one comes back after."""
    outer = _current.get()
    token = _current.set(tenant)
    failed = True
    try:
        _tell(tenant.database, tenant)
        with clock.offset(tenant.clock_offset):
            yield tenant
        failed = False
    finally:
        _current.reset(token)
        before = outer if outer and outer.database == tenant.database else None
        _leave(tenant.database, before, failed)


def _tell(alias: str, tenant: Tenant | None) -> None:
    connection = connections[alias]
    if connection.connection is None:
        return  # a connection opened inside the scope is told when it is made
    _set(connection, str(tenant.id) if tenant else "")


def _set(connection: BaseDatabaseWrapper, value: str) -> None:
    with connection.cursor() as cursor:
        raw: Any = connection.connection
        _forget(raw)
        cursor.execute(_NAME, [SESSION_VARIABLE, value])
        _remember(raw, value)


def _forget(raw: Any) -> None:
    if isinstance(raw, Lent):
        raw.told = None


def _remember(raw: Any, value: str) -> None:
    if isinstance(raw, Lent) and raw.autocommit:
        raw.told = value


def _leave(alias: str, outer: Tenant | None, failed: bool) -> None:
    connection = connections[alias]
    if connection.connection is None:
        return
    if connection.in_atomic_block and (connection.needs_rollback or _broken(connection)):
        return  # the rollback that must follow takes the variable back to what it was
    if outer is None and not connection.in_atomic_block and _pooled(connection):
        connection.close()  # back to the pool, which lends it to nobody without ``lend``
        return
    try:
        _set(connection, str(outer.id) if outer else "")
    except Exception:  # also of what waited for the next statement
        if not (connection.in_atomic_block and _broken(connection)):
            connection.close()
        if failed and connection.in_atomic_block:
            return  # the block's own exception goes on
        raise


def _broken(connection: BaseDatabaseWrapper) -> bool:
    info: Any = getattr(connection.connection, "info", None)
    return info is not None and info.transaction_status.name == "INERROR"


def lend(alias: str, connection: Any) -> None:
    """Tell a connection (psycopg's) of the pool of ``alias``, about to be lent, that it serves the
    platform in scope, or none, whatever it served before, unless it is known to know. Fails for
    one that is dead: the pool takes another then."""
    tenant = _current.get()
    value = str(tenant.id) if tenant is not None and tenant.database == alias else ""
    if isinstance(connection, Lent) and connection.told == value and connection.silent():
        return
    _forget(connection)
    connection.execute(_NAME, [SESSION_VARIABLE, value])
    if not connection.autocommit:
        connection.commit()
    _remember(connection, value)


def _pooled(connection: BaseDatabaseWrapper) -> bool:
    return bool(connection.settings_dict.get("OPTIONS", {}).get("pool"))


def _on_connect(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    tenant = _current.get()
    if tenant is not None and connection.alias == tenant.database and not _pooled(connection):
        _set(connection, str(tenant.id))


connection_created.connect(_on_connect, dispatch_uid="kernel.tenancy")
