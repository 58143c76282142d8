"""What happens before processes serve: translations, static files, logs, and clean tables."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.core.management import CommandError
from django.test import override_settings

from config import logs as config_logs
from config import serving, unprepared
from config.embedded.postgres import CannotStart
from config.preparing import collect_static, compile_locales, pending_migrations
from config.supervisor import Supervisor
from config.unprepared import anything_unprepared, make_partitions
from kernel import logs
from tests.runner.machine import free_ports

ROOT = Path(__file__).resolve().parents[2]
Cursor = psycopg.Cursor[tuple[object, ...]]
PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Cart"
msgstr "购物车"
"""


def test_translations_are_compiled_when_newer(tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO)
    with override_settings(ROOT=tmp_path):
        assert compile_locales() == 1
        assert compile_locales() == 0
        later = (folder / "django.mo").stat().st_mtime + 5
        os.utime(folder / "django.po", (later, later))
        assert compile_locales() == 1
    import gettext

    with (folder / "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Cart") == "购物车"


def test_translations_are_compiled_before_the_product_is_loaded(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    """Django reads them with its models: what is compiled later, a process doesn't learn."""
    done: list[str] = []
    settings.DATA_DIR, (settings.PORT, settings.GATEWAY_PORT) = tmp_path, free_ports()

    def bring_up(*args: Any) -> None:
        raise CannotStart("far enough")

    monkeypatch.setattr(serving, "stale_locales", lambda: [tmp_path / "django.po"])
    monkeypatch.setattr("config.preparing.compile_locales", lambda: done.append("compiled"))
    monkeypatch.setattr(Supervisor, "load", lambda self: done.append("loading"))
    monkeypatch.setattr(Supervisor, "listen", lambda self: None)
    monkeypatch.setattr(serving, "_bring_up", bring_up)
    with pytest.raises(CommandError, match="far enough"):
        serving.serve(say=lambda text: None)
    assert done == ["compiled", "loading"]


def test_a_broken_translation_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "shop" / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO + '\nmsgid "One\n')
    with (
        override_settings(ROOT=tmp_path),
        pytest.raises(CommandError, match=r"shop/locale/zh_Hans/LC_MESSAGES/django\.po"),
    ):
        compile_locales()


def _translated(message: Message) -> bool:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(texts) and all(texts)


def test_our_own_translation_files_are_sound(tmp_path: Path) -> None:
    """Every one compiles, has nothing fuzzy and nothing left out."""
    sources = sorted(ROOT.glob("*/locale/*/LC_MESSAGES/*.po"))
    assert sources
    problems = []
    for source in sources:
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
        problems += [
            f"{source.relative_to(ROOT)}: {message.id}"
            for message in catalogue
            if message.id and (message.fuzzy or not _translated(message))
        ]
    assert problems == []


def test_static_files_are_collected_once(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=tmp_path / "static"):
        assert collect_static()
        assert not collect_static()
    assert (tmp_path / "static" / ".stamp").exists()


@pytest.mark.django_db
def test_the_test_database_is_migrated() -> None:
    assert pending_migrations("default") == []
    assert pending_migrations("sandbox") == []


def test_whether_anything_is_unprepared_is_told_without_the_product(
    owner_cursor: Cursor, settings: Any, tmp_path: Path
) -> None:
    """As Django's own look tells it: a migration that isn't applied, static files that changed."""
    settings.STATIC_ROOT = tmp_path / "static"
    assert anything_unprepared()
    collect_static()
    assert not anything_unprepared()
    which = "FROM django_migrations WHERE app = 'kernel' AND name = '0001_initial'"
    owner_cursor.execute(f"SELECT applied {which}".encode())
    applied = owner_cursor.fetchone()
    assert applied is not None
    owner_cursor.execute(f"DELETE {which}".encode())
    try:
        assert anything_unprepared()
    finally:
        owner_cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('kernel', '0001_initial', %s)",
            applied,
        )
    settings.STORAGES = settings.STORAGES | {"more": {"BACKEND": "none"}}
    assert anything_unprepared()


def format_one(style: str, **extra: Any) -> str:
    record = logging.LogRecord("shop", logging.WARNING, "", 1, "Late by %s s", (3,), None)
    for name, value in extra.items():
        setattr(record, name, value)
    return config_logs.formatter(style=style).format(record)


def test_a_log_line_is_one_json_object_with_the_request() -> None:
    token = logs.set_request_id("req_1")
    try:
        line = format_one("json", fields={"path": "/购物车"})
    finally:
        logs.reset_request_id(token)
    assert "\n" not in line
    found = json.loads(line)
    assert found["event"] == "Late by 3 s"
    assert (found["level"], found["logger"], found["request_id"]) == ("warning", "shop", "req_1")
    assert found["path"] == "/购物车"
    assert found["timestamp"].endswith("Z")


def test_a_log_line_on_a_terminal_is_readable() -> None:
    assert "Late by 3 s" in format_one("text")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_committed_rows_are_gone_for_the_next_test(turn: int, owner_cursor: Cursor) -> None:
    """Each turn finds an empty table and leaves a row; rows made by migrations stay."""
    owner_cursor.execute("SELECT count(*) FROM kernel_workerbeat")
    assert owner_cursor.fetchone() == (0,)
    owner_cursor.execute("SELECT count(*) > 0 FROM django_content_type")
    assert owner_cursor.fetchone() == (True,)
    owner_cursor.execute(
        "INSERT INTO kernel_workerbeat (id, host, pid, started_at, beat_at) "
        "VALUES (gen_random_uuid(), 'x', 1, '2026-01-01', '2026-01-01')"
    )


def test_every_start_makes_the_partitions_to_come(owner_cursor: Cursor) -> None:
    owner_cursor.execute(
        "SELECT p.partition FROM kernel_partition p JOIN kernel_partitioned d ON d.name = p.name "
        "WHERE d.unit = 'day' AND p.high IS NOT NULL ORDER BY p.high DESC LIMIT 2"
    )
    lacking = {str(row[0]) for row in owner_cursor.fetchall()}
    for name in lacking:
        owner_cursor.execute(f"DROP TABLE {name}".encode())
    statements = "SELECT name FROM pg_prepared_statements"
    with unprepared._connected("owner") as connection:
        for _turn in range(10):  # a pooler may give each a server of its own
            connection.execute("SELECT 1 WHERE 1 = %s", [1])
        assert connection.execute(statements).fetchall() == []
    make_partitions()
    make_partitions()
    owner_cursor.execute("SELECT partition FROM kernel_partition")
    assert lacking <= {str(row[0]) for row in owner_cursor.fetchall()}
