"""A child process that doesn't outlive the supervisor, even one killed without warning."""

import os
import signal
import threading
import time

VARIABLE = "SUPERVISED"  # set by the supervisor for its children; not for people
GRACE = 5.0
_watching: set[int] = set()


def leave_with_parent() -> None:
    """When this process was started by the supervisor: end soon after its parent ends."""
    if os.environ.get(VARIABLE) != "1" or os.getpid() in _watching:
        return
    if not _watching:
        os.register_at_fork(after_in_child=leave_with_parent)  # threads don't survive a fork
    _watching.add(os.getpid())
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        # The alarm ends the process even where an orderly end got stuck.
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()
