"""What was freed goes back to the machine; models' tables are made before processes are forked."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from kernel import memory

FREED = """
import gc
from kernel.memory import give_back

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

pieces = [bytes(700) for _ in range(100_000)]  # larger than what Python keeps for itself
last = bytes(700)  # above them, so that the C library can't give them back by itself
del pieces
gc.collect()
before = resident()
give_back()
print(before - resident())
"""


LOADED = """
import gc, os, stat, threading
import config.wsgi
from django.db import connections
from kernel import ids, tenancy
from kernel.postgres import base

numbers = [int(name) for name in os.listdir("/proc/self/fd")]
known = [os.fstat(one).st_mode for one in numbers if os.path.exists(f"/proc/self/fd/{one}")]
print(
    [one.name for one in threading.enumerate()], list(connections.all(initialized_only=True)),
    base._POOLS, sum(map(stat.S_ISSOCK, known)), ids._last, tenancy.current_or_none(),
    gc.isenabled(), gc.get_freeze_count() > 100_000,
)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_what_is_loaded_before_the_fork_can_be_shared(tmp_path: Path) -> None:
    """No thread, connection, tenant or id that was begun: each copy would go on with the same."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=settings.ROOT, stdin=subprocess.DEVNULL,
        env=os.environ | {"DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "['MainThread'] [] {} 0 [0, 0] None True True"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc, and glibc")
def test_what_was_freed_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FREED], cwd=settings.ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 50_000_000


def test_where_there_is_nothing_to_call(monkeypatch: pytest.MonkeyPatch) -> None:
    memory._trim.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    try:
        memory.give_back()
    finally:
        memory._trim.cache_clear()


def test_tables_are_made_for_every_model() -> None:
    memory.make_tables()
    memory.forget_lookups()
    for model in apps.get_models():
        assert {"fields", "concrete_fields", "related_objects", "_relation_tree"} <= set(
            vars(model._meta)
        )
