"""Starts the process that loads the product before its supervisor has loaded even its settings.

What that takes is the greater part of a start, and the supervisor's own fifth of a second of it may
pass beside. So this knows the standard library only, and the process waits for the word that the
supervisor may start at all: until then it reads no more than its settings.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from config.embedded.parent import VARIABLE

LOAD = "load"  # the word that the supervisor has begun, and that translations are compiled
GO = "go"  # the word that the schema is ready, too
# glibc gives each thread a heap of its own, up to eight a processor, and gives little of them back:
# the index's writer alone left 60 MiB in them. Threads of Python seldom allocate at once.
ARENAS = {"MALLOC_ARENA_MAX": "2"}
_started: list["subprocess.Popen[bytes]"] = []


def can_share() -> bool:
    """Whether processes that serve may be forked from one that has loaded the product: macOS's
    libraries forbid it, and what sends traces has threads."""
    traced = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    return sys.platform.startswith("linux") and not traced


def launch(
    command: Sequence[str], environment: Mapping[str, str], *, told: bool
) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, since Ctrl-C is the supervisor's to hear; with
    ``told`` it hears words on standard input."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE if told else subprocess.DEVNULL,
        env={**ARENAS, **os.environ, **environment, VARIABLE: str(os.getpid())},
        start_new_session=True,
    )


def start(manage: str) -> None:
    """Start it, if there is to be one. It ends by itself when this process does."""
    if can_share():
        _started.append(launch([sys.executable, manage, "product"], {}, told=True))


def started() -> "subprocess.Popen[bytes] | None":
    """The one that was started, to whoever asks first."""
    return _started.pop() if _started else None
