"""The running stack, started once for all stack tests."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.processes import KINDS, MANAGE, Stack


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """Web, worker, beat and sandbox on the servers that ``make test-stack`` started.

    What they said last is shown when a test failed.
    """
    if not (os.environ.get("REDIS_URL") and os.environ.get("TEST_DATABASE_ADMIN_URL")):
        pytest.fail("stack tests need servers: make test-stack")
    subprocess.run([*MANAGE, "prepare"], check=True, timeout=120)
    found = Stack(Path(tmp_path_factory.mktemp("logs")))
    for name in KINDS:
        found.start(name)
    try:
        found.up()
        yield found
    finally:
        found.stop()
        if request.session.testsfailed:
            for name in KINDS:
                print(f"---- {name}\n{found.log(name)[-4000:]}", file=sys.__stderr__)


@pytest.fixture(scope="session")
def unblocked(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Database access of this process beside the stack's: nothing is rolled back or emptied."""
    with django_db_blocker.unblock():
        yield
