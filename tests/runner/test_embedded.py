"""The embedded PostgreSQL: private, careful, and able to follow a crash."""

import os
import shutil
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import psycopg
import pytest

from config.embedded import roles, user
from config.embedded.address import LONGEST_SOCKET_PATH, connection_url, socket_dir
from config.embedded.postgres import CannotStart, Server
from config.embedded.roles import LOGIN_ROLES, bootstrap_roles
from config.embedded.secrets import kept_secret
from config.supervisor import Interrupted
from tests.runner.machine import wait

FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "20"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    place = tmp_path / "data"
    place.mkdir()
    for folder in [place, *place.parents]:
        # pytest's own temporary folders are closed to others; the product itself never opens
        # anything above DATA_DIR.
        if folder.stat().st_uid == os.geteuid() and str(folder).startswith("/tmp/pytest-"):
            folder.chmod(folder.stat().st_mode | 0o011)
    found = Server(place, settings=FAST)
    found.start()
    yield found
    found.stop()


def bootstrap(server: Server) -> None:
    passwords = {r: kept_secret(server.data_dir, f"postgres_quancheng_{r}") for r in LOGIN_ROLES}
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        bootstrap_roles(admin, passwords=passwords)


def test_only_the_owner_gets_near_it(server: Server) -> None:
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    for secret in (server.data_dir / "secrets").iterdir():
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    process = psutil.Process(server.running_pid())
    assert process.uids().real != 0
    assert [c for c in process.net_connections() if c.laddr and c.family != 1] == []


def test_every_connection_needs_its_password(server: Server) -> None:
    bootstrap(server)
    url = connection_url(server.data_dir, role="app", database="quancheng")
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT current_user, current_setting('server_encoding'), "
            "(SELECT datlocale FROM pg_database WHERE datname = current_database())"
        ).fetchone()
        assert row == ("quancheng_app", "UTF8", "C.UTF-8")
    for role in (*LOGIN_ROLES, "admin"):
        wrong = connection_url(server.data_dir, role=role, database="quancheng")
        wrong = wrong.replace(kept_secret(server.data_dir, f"postgres_quancheng_{role}"), "guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    for role in ("app", "system", "owner"):
        other = connection_url(server.data_dir, role=role, database="sandbox")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(other)


def test_one_that_was_told_to_stop_while_it_was_made(tmp_path: Path, server: Server) -> None:
    """Nothing of it goes on beside the next start, nor does what a killed one left stop that."""
    found = Server(server.data_dir.parent / "other", settings=FAST)
    found.data_dir.mkdir()

    groups: list[int] = []

    def begun() -> bool:
        groups.extend(makers(found))
        return bool(groups)

    with pytest.raises(Interrupted), interrupted_when(begun):
        found.start()
    assert groups
    wait(lambda: not alive(groups[0]), seconds=1)
    left = found.home / "18.draft" / "base"
    left.mkdir(parents=True, exist_ok=True)
    with patch.object(shutil, "rmtree"):  # as while somebody writes to it
        found.start()
    found.stop()


@contextmanager
def interrupted_when(met: Callable[[], bool]) -> Iterator[None]:
    """As by the supervisor's ears, once it is so."""

    def interrupt() -> None:
        try:
            wait(met, seconds=60)
        finally:
            os.kill(os.getpid(), signal.SIGUSR1)

    def hear(number: int, frame: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, hear)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        signal.signal(signal.SIGUSR1, before)


def makers(server: Server) -> list[int]:
    """The groups of processes that are making its folder: initdb, with the server that fills it."""
    return [
        one.pid for one in psutil.process_iter(["cmdline"])
        if f"-D {server.home}/18." in " ".join(one.info["cmdline"] or [])
        and len(alive(one.pid)) > 1
    ]  # fmt: skip


def alive(group: int) -> list[int]:
    found = [one for one in psutil.process_iter(["status"]) if one.info["status"] != "zombie"]
    return [one.pid for one in found if group_of(one.pid) == group]


def group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def test_bootstrap_again_changes_nothing(server: Server) -> None:
    bootstrap(server)
    query = (
        "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb "
        "FROM pg_roles WHERE rolname LIKE 'quancheng%' ORDER BY 1"
    )
    with psycopg.connect(server.admin_url) as admin:
        before = admin.execute(query).fetchall()
    bootstrap(server)
    with psycopg.connect(server.admin_url) as admin:
        assert admin.execute(query).fetchall() == before
    assert [row for row in before if any(row[1:3]) and row[0] != "quancheng_admin"] == []
    assert [row[0] for row in before if not row[3]] == ["quancheng_definer"]


def test_a_bootstrap_that_was_told_to_stop(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives its lock back, and nothing hides why it ended."""

    def make_roles(admin: Any, **more: Any) -> None:
        admin.execute("SELECT pg_sleep(600)")

    def sleeps() -> bool:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        with psycopg.connect(server.admin_url) as admin:
            return admin.execute(query).fetchone() == (1,)

    with monkeypatch.context() as patched:
        patched.setattr(roles, "make_roles", make_roles)
        with pytest.raises(Interrupted), interrupted_when(sleeps):
            bootstrap(server)
    bootstrap(server)


def test_a_bootstrap_that_was_told_to_stop_before_it_waited_for_an_answer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection can't be asked anything more; that doesn't hide why it ended either."""

    def make_roles(admin: Any, **more: Any) -> None:
        admin.pgconn.send_query(b"SELECT pg_sleep(0.2)")
        raise Interrupted

    with monkeypatch.context() as patched:
        patched.setattr(roles, "make_roles", make_roles)
        with pytest.raises(Interrupted):
            bootstrap(server)
    bootstrap(server)


def test_a_killed_server_starts_again_with_its_data(server: Server) -> None:
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute("CREATE TABLE kept AS SELECT 7 AS n")
    pid = server.running_pid()
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert server.process
    server.process.wait(10)
    assert not server.alive()
    assert (server.data / "postmaster.pid").exists()
    server.start()
    with psycopg.connect(server.admin_url) as admin:
        assert admin.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_reused_process_id_is_not_taken_for_the_server(server: Server) -> None:
    server.stop()
    other = subprocess.Popen(["sleep", "60"])
    try:
        (server.data / "postmaster.pid").write_text(f"{other.pid}\n{server.data}\n")
        assert server.running_pid() is None
        server.start()
        assert other.poll() is None
        assert server.running_pid() not in {None, other.pid}
    finally:
        other.kill()
        other.wait()


def test_a_running_server_is_found_again_and_stopped(server: Server) -> None:
    second = Server(server.data_dir, settings=FAST)
    second.start()
    assert second.process is None
    assert second.running_pid() == server.running_pid()
    second.stop()
    assert server.process
    assert server.process.wait(10) == 0
    assert not (server.data / "postmaster.pid").exists()


def test_a_long_path_gets_a_short_socket_folder(tmp_path: Path) -> None:
    short, long = Path("/srv/q"), tmp_path / ("deep" * 30)
    assert socket_dir(short) == short / "postgres" / "run"
    place = socket_dir(long)
    assert place == socket_dir(long)
    assert len(str(place / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH
    assert place != socket_dir(long / "other")


def test_the_address_needs_no_server(tmp_path: Path) -> None:
    first = connection_url(tmp_path, role="app", database="quancheng")
    assert first == connection_url(tmp_path, role="app", database="quancheng")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["secrets"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another user")
def test_root_opens_nothing_above_its_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data = closed / "data"
    with pytest.raises(CannotStart, match="Set DATA_DIR to a place"):
        Server(data).start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another user")
def test_root_without_an_unprivileged_user_is_told(tmp_path: Path) -> None:
    with (
        patch.object(user, "CANDIDATES", ("no-such-user",)),
        pytest.raises(CannotStart, match="Start as an ordinary user"),
    ):
        Server(tmp_path).start()


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    first = kept_secret(tmp_path, "one")
    assert len(first) >= 48
    assert kept_secret(tmp_path, "one") == first
    assert kept_secret(tmp_path, "two") != first
    (tmp_path / "secrets" / "one").chmod(0o644)
    kept_secret(tmp_path, "one")
    assert stat.S_IMODE((tmp_path / "secrets" / "one").stat().st_mode) == 0o600


def test_stop_leaves_no_process(server: Server) -> None:
    pid = server.running_pid()
    assert pid
    server.stop()
    assert not psutil.pid_exists(pid)
