"""The connection wrapper that ``ENGINE`` names."""

from functools import partial
from typing import Any

from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool

from kernel import tenancy

_POOLS: dict[str, "ConnectionPool[Any]"] = base.DatabaseWrapper._connection_pools  # type: ignore[attr-defined]


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's checks a connection as it is lent, by one round trip. Here the same round trip
    names the platform in scope, or none: so what a connection served before is nobody's matter."""

    @property
    def pool(self) -> "ConnectionPool[Any] | None":
        """The pool of this alias in this process; None where connections aren't pooled."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if not options:
            return None
        if self.alias not in _POOLS:
            made: ConnectionPool[Any] = ConnectionPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,  # at first use
                configure=self._configure_connection,  # type: ignore[attr-defined]
                check=partial(tenancy.lend, self.alias),
                **options,
            )
            _POOLS.setdefault(self.alias, made)  # another thread's, if that was first
        return _POOLS[self.alias]
