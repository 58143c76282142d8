"""What every test stands on: a real database reached as the app role, and a platform in scope."""

import fcntl
import gc
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import psycopg
import pytest

from tests import database

if TYPE_CHECKING:
    from tests.zygote import Zygote

TENANCY = Path(__file__).parent / "tenancy"
gc.disable()  # until all is loaded: looking for garbage meanwhile takes a third of the time
database.prepare_environment()  # before anything reads the settings
# No test fails because the machine is busy.
hypothesis.settings.register_profile(
    "steady", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings now, so that pytest-django finds them and sets Django up.

    The variable isn't passed on: parallel workers would read the settings before their names.
    """
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    # The sandbox's server in this process has a thread for each request: all share connections.
    settings.DATABASES["sandbox"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    settings.DATABASES["sandbox"]["OPTIONS"] |= {"pool": {"min_size": 0, "max_size": 60}}
    settings.SEARCH_QUERY_LOG_SECONDS = 0  # written when a test says so
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    os.environ.pop("DJANGO_SETTINGS_MODULE")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database", action="store_true", help="run only the tests that use the database"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Database tests may use the aliases of all roles that the product uses at run time."""
    if config.getoption("only_database"):
        rest = [item for item in items if "django_db_setup" not in _fixtures(item)]
        items[:] = [item for item in items if "django_db_setup" in _fixtures(item)]
        config.hook.pytest_deselected(items=rest)
    for item in items:
        marker = item.get_closest_marker("django_db")
        wanted = {"db", "transactional_db"} & _fixtures(item)
        if marker is None and not wanted:
            continue
        options: dict[str, Any] = dict(marker.kwargs) if marker else {}
        options.setdefault("databases", sorted(database.aliases()))
        item.add_marker(pytest.mark.django_db(**options), append=False)
    # Long work first, so that no process is alone with it at the end.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow and TENANCY not in item.path.parents)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector needn't look through it in every test."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """As ``loadfile``, but one process has all tenancy tests: the two platforms that they stand
    on take long to build."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):  # type: ignore[misc]  # untyped
        def _split_scope(self, nodeid: str) -> str:
            here = "tests/tenancy/"
            return here if nodeid.startswith(here) else super()._split_scope(nodeid)

    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


def _fixtures(item: pytest.Item) -> set[str]:
    names = set(getattr(item, "fixturenames", ()))
    return names | ({"django_db_setup"} if item.get_closest_marker("django_db") else set())


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Migrated databases for this process, and a way to empty them that the app role lacks."""
    from django.test import TransactionTestCase

    with django_db_blocker.unblock():
        database.make_databases(rebuild=request.config.getvalue("create_db"))
    cleaner = database.Cleaner(*database.cleaned_urls())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: cleaner.clean())
        yield
    cleaner.close()
    with django_db_blocker.unblock():
        database.drop_databases()


@pytest.fixture(scope="session", autouse=True)
def compiled_translations() -> None:
    """Answers and pages are read in both languages, so the translations are compiled first."""
    from django.utils.translation import trans_real

    from config.preparing import compile_locales

    # Parallel test processes share the files.
    with (Path(os.environ["QC_TEST_DATA_DIR"]) / "locales.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compile_locales()
    trans_real._translations.clear()  # type: ignore[attr-defined]


@pytest.fixture
def owner_cursor(django_db_setup: None) -> Iterator["psycopg.Cursor[tuple[Any, ...]]"]:
    """The owner's own connection (autocommit): sees every platform's rows, may change tables."""
    from django.db import connections

    url = database.role_url("owner", str(connections["owner"].settings_dict["NAME"]))
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def settle() -> Callable[[], None]:
    """Waits until no transaction that began before now still runs, on this server.

    Feeds and chains show only what lies below every running transaction, and the server's other
    databases have transactions too.
    """

    def wait() -> None:
        from kernel.transactions import atomic, cursor

        end = time.monotonic() + 120
        with atomic(), cursor() as sql:
            sql.execute("SELECT pg_current_xact_id()::text::bigint")
            mine = sql.fetchone()[0]
        while True:
            with cursor() as sql:
                sql.execute(
                    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s", [mine]
                )
                if sql.fetchone()[0]:
                    return
            assert time.monotonic() < end, "another transaction on this server doesn't end"
            time.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def zygote(django_db_setup: None) -> Iterator["Zygote"]:
    """A process with the product loaded, whose children may be killed; one for the whole run."""
    from tests.zygote import Zygote

    made = Zygote()
    yield made
    made.close()


@pytest.fixture
def platform(db: None) -> Iterator[Any]:
    """An open platform, in scope for the whole test."""
    from kernel import tenancy
    from tests.factories.platforms import make_platform

    tenant = make_platform()
    with tenancy.scope(tenant):
        yield tenant


@pytest.fixture(autouse=True)
def steady_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's platform is read once however slow the machine is: statements are counted."""
    from platforms import selectors

    monkeypatch.setattr(selectors, "KEEP_SECONDS", 600.0)
