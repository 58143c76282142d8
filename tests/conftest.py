"""What every test stands on: a real database reached as the app role, and a platform in scope."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests import database

database.prepare_environment()  # before anything reads the settings


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings now, so that pytest-django finds them and sets Django up.

    The variable isn't passed on: parallel workers would read the settings before their names.
    """
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
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


@pytest.fixture
def owner_cursor(django_db_setup: None) -> Iterator["psycopg.Cursor[tuple[Any, ...]]"]:
    """The owner's own connection (autocommit): sees every platform's rows, may change tables."""
    from django.db import connections

    url = database.role_url("owner", str(connections["owner"].settings_dict["NAME"]))
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def platform(db: None) -> Iterator[Any]:
    """An open platform, in scope for the whole test."""
    from kernel import tenancy
    from tests.factories.platforms import make_platform

    tenant = make_platform()
    with tenancy.scope(tenant):
        yield tenant
