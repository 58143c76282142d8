"""What was freed goes back to the machine; models' tables are made before processes are forked."""

import ctypes
import subprocess
import sys

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
