"""PostgreSQL: for each database three roles (app, owner, system), and the sandbox's own database.

``default`` is the app role on the first database. ``DATABASE_SHARDS=east,west`` adds
``DATABASE_EAST_URL``, ``DATABASE_EAST_OWNER_URL`` and ``DATABASE_EAST_SYSTEM_URL`` and so on.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env

from .base import DATA_DIR

POOL_SIZE = env.integer("DATABASE_POOL_SIZE", 8)
# A statement is prepared by the server when a connection runs it the so-manieth time; planning
# costs more than running most of them. 0 turns it off, for a pooler that can't keep them.
PREPARE = env.integer("DATABASE_PREPARE", 2)
PREPARED = {"server_side_binding": True, "prepare_threshold": PREPARE - 1} if PREPARE > 0 else {}


def _embedded(role: str, database: str = "quancheng") -> str:
    from config.embedded.address import connection_url

    return connection_url(DATA_DIR, role=role, database=database)


def _alias(prefix: str, role: str, *, pool: bool) -> dict[str, Any]:
    name = f"{prefix}_{role.upper()}_URL" if role != "app" else f"{prefix}_URL"
    url = env.text(name)
    if not url and prefix == "DATABASE" and not env.text("DATABASE_URL"):
        url = _embedded(role)
    if not url:
        raise ImproperlyConfigured(f"{name} must be set too; see .env.example.")
    entry = env.database(url, name)
    entry["CONN_MAX_AGE"] = 0 if pool else None
    entry["CONN_HEALTH_CHECKS"] = True  # a restarted server costs no request; the pool sees to it
    entry["DISABLE_SERVER_SIDE_CURSORS"] = False
    if role != "owner":
        entry["OPTIONS"] |= PREPARED  # type: ignore[operator]
    if pool:
        from kernel.postgres import pool_options

        entry["OPTIONS"]["pool"] = pool_options(POOL_SIZE)  # type: ignore[index]
    return entry


def _aliases() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for shard in ["", *env.words("DATABASE_SHARDS")]:
        prefix = f"DATABASE_{shard.upper()}" if shard else "DATABASE"
        name = shard or "default"
        found[name] = _alias(prefix, "app", pool=POOL_SIZE > 0)
        found["owner" if not shard else f"{shard}_owner"] = _alias(prefix, "owner", pool=False)
        found["system" if not shard else f"{shard}_system"] = _alias(prefix, "system", pool=False)
    return found


DATABASES = _aliases()
SHARDS = ["default", *env.words("DATABASE_SHARDS")]
SANDBOX_DATABASE_URL = env.text("SANDBOX_DATABASE_URL") or (
    _embedded("sandbox", "sandbox") if not env.text("DATABASE_URL") else ""
)
if SANDBOX_DATABASE_URL:
    DATABASES["sandbox"] = env.database(SANDBOX_DATABASE_URL, "SANDBOX_DATABASE_URL")
    DATABASES["sandbox"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    DATABASES["sandbox"]["OPTIONS"] |= PREPARED
DATABASE_ROUTERS = ["kernel.routing.Router"]
# The role names that migrations grant to; they are read from the addresses above.
DATABASE_ROLES = {
    "app": str(DATABASES["default"]["USER"]),
    "owner": str(DATABASES["owner"]["USER"]),
    "system": str(DATABASES["system"]["USER"]),
    "definer": env.text("DATABASE_DEFINER_ROLE", "quancheng_definer"),
}
