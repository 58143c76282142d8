"""Django's PostgreSQL, whose pool tells each connection as it is lent whom it serves."""

from typing import Any


def pool_options(size: int) -> dict[str, Any]:
    """Options of psycopg's pool: ``size`` connections at most, ten seconds' wait for one."""
    return {"min_size": 1, "max_size": size, "timeout": 10}
