"""The two platforms side by side, and the proof that the other one stayed as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from certification.api import verification
from kernel import ratelimit
from kernel.ids import public_id
from tests import database
from tests.factories.sandbox import receiving, serving
from tests.tenancy.town import MODELS, Town, build

FINGERPRINT = " UNION ALL ".join(
    f"SELECT '{table}', count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY id)), '')"
    f" FROM {table} t WHERE platform_id = %(platform)s"
    for table in sorted(model._meta.db_table for model in MODELS)
)

# Notes each table in which a row of B is written, in the transaction that writes it: what is undone
# leaves no note. Asked after each test, where checksums of all rows would take long.
WATCH = """
CREATE SCHEMA watch;
CREATE TABLE watch.written (at_table text NOT NULL);
CREATE FUNCTION watch.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_OP <> 'DELETE' AND NEW.platform_id = '{platform}'
       OR TG_OP <> 'INSERT' AND OLD.platform_id = '{platform}' THEN
        INSERT INTO watch.written VALUES (TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$;
"""
ON_TABLE = """
CREATE TRIGGER watched AFTER INSERT OR UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION watch.note('{table}')
"""

# As they are written when events are dropped, which nothing here is old enough for.
HEADS = """
INSERT INTO kernel_eventhead (platform_id, id, version)
SELECT platform_id, aggregate_id, max(version) FROM kernel_outboxevent GROUP BY 1, 2
"""


@dataclass
class Towns:
    """``a`` is whose callers act; ``b`` is whose rows must stay unseen and unchanged."""

    a: Town
    b: Town
    owner: "psycopg.Cursor[tuple[Any, ...]]"

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Writing to B's rows is noted, see ``written``."""
        self.owner.execute(WATCH.format(platform=self.b.tenant.id).encode())
        for model in MODELS:
            self.owner.execute(ON_TABLE.format(table=model._meta.db_table).encode())
        try:
            yield
        finally:
            connections["default"].close()  # may hold a lock if a test failed
            self.owner.execute(b"DROP SCHEMA watch CASCADE")

    def written(self) -> set[str]:
        """The tables in which rows of B were written since this was asked."""
        self.owner.execute(b"DELETE FROM watch.written RETURNING at_table")
        return {row[0] for row in self.owner.fetchall()}

    def fingerprint(self) -> dict[str, str]:
        """A checksum of all of B's rows, table by table, as the owner sees them."""
        self.owner.execute(FINGERPRINT.encode(), {"platform": self.b.tenant.id})
        return dict(self.owner.fetchall())

    @contextmanager
    def without_policies(self) -> Iterator[None]:
        """Row-level security off on every tenant table, and on again whatever happens."""
        tables = [model._meta.db_table for model in MODELS]
        try:
            for table in tables:
                self.owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())
            yield
        finally:
            connections["default"].close()  # may hold a lock if the block failed
            for table in tables:
                self.owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY".encode())

    def ids_of_b(self) -> set[str]:
        """The ids of all of B's rows, as the 26 characters behind a prefix."""
        found: set[str] = set()
        for model in MODELS:
            self.owner.execute(
                f"SELECT id FROM {model._meta.db_table} WHERE platform_id = %s".encode(),
                [self.b.tenant.id],
            )
            found |= {public_id("ids", row[0])[4:] for row in self.owner.fetchall()}
        return found


@contextmanager
def standing() -> Iterator[Towns]:
    """Both platforms, built and committed; every table is emptied afterwards."""
    url = database.role_url("owner", str(connections["owner"].settings_dict["NAME"]))
    cleaner = database.Cleaner(*database.cleaned_urls())
    with (
        pytest.MonkeyPatch.context() as patch,
        psycopg.connect(url, autocommit=True) as connection,
        serving() as gateway,
        receiving() as receiver,
    ):
        patch.setattr(settings, "WEBHOOK_ALLOW_PRIVATE", True)
        patch.setattr(settings, "API_RATE_LIMITS", {"key": 10**6, "guest": 10**6})
        patch.setattr(verification, "PER_MINUTE", 10**6)
        patch.setattr(settings, "BANK_URL", f"{gateway}/bank")
        ratelimit.reset_process()
        try:
            a, b = build(gateway, receiver.url), build(gateway, receiver.url)
            towns = Towns(a, b, connection.cursor())
            towns.owner.execute(HEADS.encode())
            with towns.watched():
                yield towns
        finally:
            connections.close_all()
            cleaner.clean()
            cleaner.close()
            ratelimit.reset_process()
