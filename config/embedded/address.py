"""Where the embedded server is reached. Settings need no more of it, and nothing else is loaded."""

import hashlib
import os
from pathlib import Path
from urllib.parse import quote

from config.embedded.secrets import kept_secret

LONGEST_SOCKET_PATH = 100  # bytes; macOS allows 103, Linux 107


def socket_dir(data_dir: Path) -> Path:
    """The folder of the server's socket: always the same one for the same DATA_DIR."""
    inside = data_dir / "postgres" / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH:
        return inside
    return Path("/tmp") / f"qc-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"  # noqa: S108


def connection_url(data_dir: Path, *, role: str, database: str) -> str:
    """The address for ``role`` (app, owner, system, sandbox, admin); starts nothing."""
    user = f"quancheng_{role}"
    password = kept_secret(data_dir, f"postgres_{user}")
    host = quote(str(socket_dir(data_dir)), safe="")
    return f"postgresql://{user}:{quote(password, safe='')}@/{database}?host={host}"
