"""What ``manage.py operations`` tells of a deployment, also when figures are missing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client

from config import database_figures, operations, recent
from config.backup import last
from journeys import facade as journeys
from kernel import clock, maintenance, tenancy
from kernel.queues import Verdict, worst
from kernel.records.jobs import Job
from tests.factories.platforms import make_platform


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path
    yield tmp_path
    maintenance.end()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time, to be moved by a test."""
    held = [datetime(2026, 11, 29, 12, 5, tzinfo=UTC)]
    monkeypatch.setattr(clock, "system", lambda: held[0])
    return held


def told(*words: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("operations", *words, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def figures(part: str) -> dict[str, operations.Figure]:
    return {one.name: one for one in operations.PARTS[part]()}


def test_what_is_not_known_weighs_nothing() -> None:
    assert worst([]) == Verdict.FINE
    assert worst([Verdict.UNKNOWN]) == Verdict.UNKNOWN
    assert worst([Verdict.FINE, Verdict.UNKNOWN]) == Verdict.FINE
    assert worst([Verdict.LOOK, Verdict.ACT, Verdict.UNKNOWN]) == Verdict.ACT


@pytest.mark.parametrize(
    ("passed", "said"),
    [(0, "0s"), (45, "45s"), (60, "1m"), (3723, "1h 2m"), (86_400 * 3 + 60, "3d"), (-5, "0s")],
)
def test_spans(passed: int, said: str) -> None:
    assert operations.span(timedelta(seconds=passed)) == said


def test_processes_add_up_and_hours_pass(now: list[datetime], folder: Path) -> None:
    one, two = recent.Recent(), recent.Recent()
    assert recent.by_route(recent.HOUR) is None
    one.note("GET cart/", 200, 0.1)
    two.note("GET cart/", 500, 0.3)
    two.note("POST cart/", 404, 0.1)
    for process in (one, two):
        process.flush()
    found = recent.by_route(recent.HOUR)
    assert found is not None
    cart = found["GET cart/"]
    assert (cart.count, cart.failed, cart.refused, cart.longest) == (2, 1, 0, 0.3)
    assert cart.mean == pytest.approx(0.2)
    assert found["POST cart/"].refused == 1
    now[0] += timedelta(minutes=90)
    one.note("GET cart/", 200, 0.1)
    one.flush()
    assert recent.by_route(recent.HOUR) == {"GET cart/": recent.Figures(1, 0, 0, 0.1, 0.1)}
    assert recent.by_route(recent.DAY)["GET cart/"].count == 3  # type: ignore[index]
    now[0] += timedelta(hours=26)
    one.note("GET cart/", 200, 0.1)
    one.flush()
    assert len(list((folder / "metrics" / "recent").iterdir())) == 1
    assert recent.by_route(recent.DAY)["GET cart/"].count == 1  # type: ignore[index]


def test_a_failure_is_written_soon(now: list[datetime]) -> None:
    process = recent.Recent()
    process.note("GET a/", 200, 0.1)
    assert recent.by_route(recent.HOUR) is None
    process.written -= recent.WRITE_FAILED
    process.note("GET a/", 500, 0.1)
    assert recent.by_route(recent.HOUR)["GET a/"].failed == 1  # type: ignore[index]


def test_a_torn_file_or_a_full_disk_loses_figures_only(
    now: list[datetime], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = recent.Recent()
    process.note("GET a/", 200, 0.1)
    process.flush()
    (folder / "metrics" / "recent" / "1-torn.json").write_text('{"17')
    assert set(recent.by_route(recent.HOUR) or {}) == {"GET a/"}

    def full(*_args: Any, **_more: Any) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Path, "write_text", full)
    process.note("GET a/", 200, 0.1)
    process.flush()
    said: list[str] = []
    last.remember(folder, now[0].isoformat(), said.append)
    assert "whole" in said[0]


def test_old_files_that_can_not_be_removed_fail_no_request(
    now: list[datetime], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = recent.Recent()
    process.note("GET a/", 200, 0.1)

    def refuse(*_args: Any, **_more: Any) -> None:
        raise PermissionError("not yours")

    now[0] += timedelta(hours=27)
    with monkeypatch.context() as changed:
        changed.setattr(Path, "unlink", refuse)
        process.note("GET a/", 200, 0.1)
    process.flush()
    assert recent.by_route(recent.HOUR)["GET a/"].count == 1  # type: ignore[index]


@pytest.mark.django_db
def test_requests_are_counted_as_they_are_answered(client: Client, platform: Any) -> None:
    client.get(f"/p/{platform.code}/no/such/page/")
    client.get(f"/p/{platform.code}/")
    recent.OWN.flush()
    assert recent.by_route(recent.HOUR)["GET /"].count >= 1  # type: ignore[index]
    assert recent.by_route(recent.HOUR)["GET (none)"].refused >= 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("failed", "of", "hour", "day"),
    [(0, 100, "fine", "fine"), (1, 100, "look", "look"), (6, 100, "act", "look"),
     (6, 1000, "look", "look")],
)  # fmt: skip
def test_how_bad_failures_are(failed: int, of: int, hour: str, day: str) -> None:
    process = recent.Recent()
    for number in range(of):
        process.note("GET a/", 500 if number < failed else 200, 0.01)
    process.flush()
    found = figures("requests")
    assert found["requests, last hour"].verdict == hour
    assert found["requests, last day"].verdict == day
    assert bool(found["requests, last hour"].rows) == bool(failed)


def test_slow_addresses_are_those_asked_often() -> None:
    process = recent.Recent()
    for _ in range(5):
        process.note("GET slow/", 200, 2.0)
    process.note("GET once/", 200, 60.0)
    process.flush()
    [found] = operations.PARTS["slowest addresses"]()
    assert (found.verdict, found.data["slow"]) == (Verdict.LOOK, ["GET slow/"])


def test_backups_grow_old(now: list[datetime], folder: Path) -> None:
    def verdict() -> Verdict:
        return figures("backup")["backup"].verdict

    assert verdict() == Verdict.LOOK
    last.remember(folder / "b", now[0].isoformat(), print)
    assert verdict() == Verdict.FINE
    now[0] += timedelta(hours=30)
    assert verdict() == Verdict.LOOK
    now[0] += timedelta(days=8)
    assert (verdict(), figures("backup")["backup"].remedy[:11]) == (Verdict.ACT, "make backup")


@pytest.mark.django_db(transaction=True)
def test_all_platforms_are_added_up_and_the_bad_ones_named(platform: Any) -> None:
    other = make_platform()
    moment = clock.system() - timedelta(hours=3)
    with tenancy.scope(other):
        Job.objects.create(
            kind="tests.job", state="failed", run_at=moment, created_at=moment, finished_at=moment
        )
    journeys.seal_chains()
    text, code = told()
    assert code == 1, "no worker runs"
    assert "ACT        worker: none was ever seen" in text
    assert f"{other.code}: 0 waiting, 1 stuck" in text
    assert f"{platform.code}: 0 waiting" not in text
    for name in ("maintenance: open", "database default", "backup: none is known"):
        assert name in text, name
    # Which tables are the largest depends on what ran before.
    assert any(model._meta.db_table in text for model in apps.get_models())
    assert journeys.seals()[0].ledger_head in text
    packed = json.loads(told("--json")[0])
    jobs = next(one for one in packed["figures"] if one["name"] == "jobs")
    assert (jobs["verdict"], jobs["data"]["platforms"]) == ("look", [other.code])
    assert packed["verdict"] == "act"
    maintenance.begin(note="x")
    assert figures("maintenance")["maintenance"].verdict == Verdict.LOOK


@pytest.mark.django_db(transaction=True)
def test_slow_statements_where_postgresql_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = operations.PARTS["slow statements"]()
    assert (found.verdict, "CREATE EXTENSION" in found.remedy) == (Verdict.UNKNOWN, True)
    kept = [database_figures.Statement("SELECT a FROM b", 9, 1500.0, 3000.0)]
    monkeypatch.setattr(database_figures, "slow_statements", lambda shard: kept)
    [found] = operations.PARTS["slow statements"]()
    assert (found.verdict, "1500 ms" in found.rows[0]) == (Verdict.LOOK, True)


@pytest.mark.django_db(transaction=True)
def test_the_statements_of_this_database_that_ran_several_times(
    monkeypatch: pytest.MonkeyPatch, owner_cursor: psycopg.Cursor[tuple[Any, ...]]
) -> None:
    """The extension's columns stand in a table of that name."""
    monkeypatch.setattr(database_figures, "_EXTENSION", "SELECT 'public'")
    owner_cursor.execute(
        "CREATE TABLE pg_stat_statements AS SELECT d.oid AS dbid, q.* FROM pg_database d, "
        "(VALUES (E'SELECT  a\\n FROM b', 9, 12.5::float8, 80::float8), "
        "('SELECT once', 1, 900, 900), ('ALTER ROLE x PASSWORD y', 9, 900, 900)) "
        "AS q(query, calls, mean_exec_time, max_exec_time) WHERE datname = current_database(); "
        "GRANT SELECT ON pg_stat_statements TO PUBLIC"
    )
    try:
        found = database_figures.slow_statements("default")
    finally:
        owner_cursor.execute("DROP TABLE pg_stat_statements")
    assert found == [database_figures.Statement("SELECT a FROM b", 9, 12.5, 80.0)]


@pytest.mark.django_db(transaction=True)
def test_an_extension_that_is_not_loaded_is_no_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch, owner_cursor: psycopg.Cursor[tuple[Any, ...]]
) -> None:
    """CREATE EXTENSION without shared_preload_libraries: every read of the view is refused."""
    monkeypatch.setattr(database_figures, "_EXTENSION", "SELECT 'public'")
    owner_cursor.execute(
        "CREATE FUNCTION not_loaded() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'must be loaded via shared_preload_libraries' USING ERRCODE = '55000'; END $$; "
        "CREATE VIEW pg_stat_statements AS SELECT d.oid AS dbid, 'SELECT 1' AS query, not_loaded() "
        "AS calls, 1.0::float8 AS mean_exec_time, 1.0::float8 AS max_exec_time FROM pg_database d; "
        "GRANT SELECT ON pg_stat_statements TO PUBLIC"
    )
    try:
        [found] = operations.PARTS["slow statements"]()
    finally:
        owner_cursor.execute("DROP VIEW pg_stat_statements; DROP FUNCTION not_loaded()")
    assert found.verdict == Verdict.UNKNOWN
    assert "shared_preload_libraries" in found.remedy


def test_without_a_database_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any) -> Any:
        raise OperationalError("nobody there")

    for name in ("_worker", "_queues", "_seals", "_databases", "_statements"):
        part = next(key for key, call in operations.PARTS.items() if call.__name__ == name)
        monkeypatch.setitem(operations.PARTS, part, away)
    text, code = told()
    assert code == 1
    assert "ACT        queues: can't be read (OperationalError)" in text
    assert "maintenance: open" in text
    assert "no web process of this machine has counted any yet" in text
    assert "nobody there" not in text
