"""A child process that doesn't outlive the supervisor, even one killed without warning."""

import os
import signal
import threading
import time

VARIABLE = "SUPERVISED"  # set by the supervisor for its children; not for people
GRACE = 5.0
_watching: list[bool] = []


def leave_with_parent() -> None:
    """When this process was started by the supervisor: end soon after its parent ends."""
    if os.environ.get(VARIABLE) != "1" or _watching:
        return
    _watching.append(True)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(1)

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()
