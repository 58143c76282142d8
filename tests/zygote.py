"""A process that dies on purpose: loads the product once, then forks a child for each task.

``Zygote`` is the test's side; run as a module it is the process itself. The child makes the call
in the platform's scope and is killed at the failpoint, or ends. One JSON task a line in, one
answer out: how the child ended, and what it said if it failed.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Ended:
    """``signal`` that killed the child (0: none), its exit ``status`` and last words."""

    signal: int
    status: int
    said: str


class Zygote:
    """The process that forks the ones to be killed."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ, DJANGO_SETTINGS_MODULE="config.settings"),
            cwd=ROOT,
        )
        assert self._answer() == {"ready": True}

    def run(
        self,
        call: str,
        *,
        scope: str = "",
        failpoint: str = "",
        broken: str = "",
        settings: Mapping[str, str] | None = None,
        ahead: timedelta = timedelta(),
        **arguments: Any,
    ) -> Ended:
        """``call`` ("module:function") with ``arguments``, in the scope of the platform's code
        if one is given, with the clock ``ahead``; ``broken`` names a function that refuses."""
        task = {
            "call": call,
            "platform": scope,
            "failpoint": failpoint,
            "broken": broken,
            "settings": dict(settings or {}),
            "ahead": ahead.total_seconds(),
            "ids": [name for name, value in arguments.items() if isinstance(value, UUID)],
            "arguments": {
                name: str(value) if isinstance(value, UUID) else value
                for name, value in arguments.items()
            },
        }
        assert self.process.stdin
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        return Ended(**self._answer())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the zygote has died"
        found: dict[str, Any] = json.loads(line)
        return found


def _child(task: dict[str, Any]) -> None:
    from django.conf import settings
    from django.db import connections

    from kernel import clock, failpoints, tenancy

    connections.close_all()
    failpoints._NAME = task["failpoint"]
    for name, value in task["settings"].items():
        setattr(settings, name, value)
    if task["broken"]:
        _break(task["broken"])
    module, _, name = task["call"].partition(":")
    function = getattr(importlib.import_module(module), name)
    arguments = {
        name: UUID(value) if name in task["ids"] else value
        for name, value in task["arguments"].items()
    }
    with clock.frozen(clock.system() + timedelta(seconds=task["ahead"])):
        if not task["platform"]:
            function(**arguments)
            return
        tenant = tenancy.directory().by_code(task["platform"])
        assert tenant is not None, "the platform isn't in the directory"
        with tenancy.scope(tenant):
            function(**arguments)


def _break(place: str) -> None:
    """Make a function refuse, so that a journey turns round."""
    from kernel.errors import Conflict

    def refuse(**arguments: object) -> None:
        raise Conflict("broken by the test")

    module, _, name = place.partition(":")
    setattr(importlib.import_module(module), name, refuse)


def _fork(task: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            _child(task)
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}"[:4000].encode())
            os._exit(3)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, errors="replace") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    return {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "status": os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1,
        "said": said,
    }


def main() -> None:
    import django

    django.setup()
    gc.freeze()  # children share these pages
    from django.db import connections

    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        connections.close_all()
        print(json.dumps(_fork(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
