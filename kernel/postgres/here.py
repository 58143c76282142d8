"""Which connection is this thread's: looked up some two hundred times for a checkout."""

import threading
from typing import Any

from django.db import connections


def keep_by_thread() -> None:
    """Keep connections in plain variables of threads. Django's own keeping follows tasks from one
    thread to another, of which we have none, and a look-up takes twenty times as long."""
    held: Any = connections
    if not isinstance(held._connections, threading.local):  # apps may be made ready more than once
        held._connections = threading.local()
