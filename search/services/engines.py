"""The engine of this process: chosen by the settings, made when it is first asked for."""

import os
import threading

from django.conf import settings

from search.engines.base import Engine

_lock = threading.Lock()
_made: dict[int, Engine] = {}


def engine() -> Engine:
    """This process's engine; one for all threads. A forked child makes its own."""
    found = _made.get(os.getpid())
    if found is None:
        with _lock:
            found = _made.get(os.getpid())
            if found is None:
                found = _made[os.getpid()] = make()
    return found


def make() -> Engine:
    """A new engine, as the settings say. Nothing is opened or asked yet."""
    if settings.SEARCH_URL:
        from search.engines.elastic.engine import ElasticEngine

        made: Engine = ElasticEngine()
    else:
        from search.engines.embedded.engine import EmbeddedEngine

        made = EmbeddedEngine(settings.SEARCH_DIR)
    if settings.SEARCH_MEANING:
        from search.meaning.embedder import embedder
        from search.meaning.hybrid import Hybrid

        made = Hybrid(made, embedder(settings.SEARCH_MEANING))
    return made


def use(one: Engine | None) -> None:
    """Let this process use another engine; None: the one of the settings again. For tests."""
    if one is None:
        _made.pop(os.getpid(), None)
    else:
        _made[os.getpid()] = one
