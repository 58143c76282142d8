"""A child process that doesn't outlive the supervisor, even one killed without warning."""

import os
import signal
import threading
import time

VARIABLE = "SUPERVISED"  # the parent's number, set by it for its children; not for people
GRACE = 5.0
_watching: set[int] = set()


def leave_with_parent() -> None:
    """When this process was started by the supervisor: end soon after its parent ends.

    Who the parent is was said by itself: by the time that a process which loads for seconds asks,
    the parent may have ended already.
    """
    parent = os.environ.get(VARIABLE, "")
    if not parent.isdecimal() or os.getpid() in _watching:
        return
    if not _watching:
        os.register_at_fork(after_in_child=leave_with_parent)  # threads don't survive a fork
    _watching.add(os.getpid())
    os.environ[VARIABLE] = str(os.getpid())  # whoever is started from here has this one as parent

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(0.5)
        # The alarm ends the process even where an orderly end got stuck.
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()
