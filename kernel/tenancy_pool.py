"""The connection pool's part of tenancy: what comes back to the pool forgets its platform."""

from typing import Any

VARIABLE = "quancheng.platform_id"


def forget_platform(connection: Any) -> None:
    """Clear the session variable before the pool lends the connection to anyone else."""
    connection.execute("SELECT set_config(%s, '', false)", [VARIABLE])
    if not connection.autocommit:
        connection.commit()


def pool_options(size: int) -> dict[str, Any]:
    """Options of psycopg's pool: ``size`` connections at most, ten seconds' wait for one."""
    return {"min_size": 1, "max_size": size, "timeout": 10, "reset": forget_platform}
