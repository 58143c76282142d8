"""Web and the worker of one machine, forked from a process that has loaded the product.

What is loaded is the greater part of either's memory and of its start. Forked processes share it:
they come up at once, and so does the one that replaces a dead one. The process that forks does
nothing else: no thread, connection or cache of its own is ever copied.
"""

import sys
from contextlib import suppress
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured
from setproctitle import setproctitle

from config import web
from config.ahead import GO, LOAD
from config.embedded.parent import leave_with_parent
from config.supervisor import BROKEN, Child, Supervisor

PATIENCE = 28.0  # seconds for children to end: the worker's own, and less than the supervisor's


def run() -> None:
    """Load when told on standard input, wait there for the word that the schema is ready, then keep
    both running until SIGTERM. Raises SystemExit with BROKEN when one of them had ended meanwhile.
    """
    setproctitle("quancheng product")
    with suppress(ImproperlyConfigured):  # the supervisor says it, and ends
        import_module("config.settings")
    word = _word()
    if word not in (LOAD, GO):
        return  # the supervisor is gone, or mustn't start
    web.share_figures()
    import_module("config.loaded")
    worker = import_module("kernel.management.commands.worker")
    leave_with_parent()
    if (_word() if word == LOAD else word) != GO:
        return  # the supervisor is gone, or couldn't prepare
    import_module("config.wsgi")  # looks for static files
    children = [Child("web", call=web.serve_product), Child("worker", call=worker.run)]
    supervisor = Supervisor(children, server=None, say=_say, patience=PATIENCE)
    supervisor.listen()
    try:
        supervisor.start()
        supervisor.watch()
    finally:  # also where no more process can be forked: who is left would be waited for in vain
        supervisor.stop()
    if any(child.failures for child in children):
        sys.exit(BROKEN)


def _word() -> str:
    return sys.stdin.readline().strip()


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # the supervisor's own output
