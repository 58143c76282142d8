"""Named points at which a test kills the process, as a crash would.

``QC_FAILPOINT=checkout.pay.call.after`` kills there; with ``QC_FAILPOINT_ONCE=<file>`` only the
first process that gets there dies (the file is made just before); the restarted one goes on.
"""

import os
import signal
from pathlib import Path

_NAME = os.environ.get("QC_FAILPOINT", "")
_ONCE = os.environ.get("QC_FAILPOINT_ONCE", "")


def hit(name: str) -> None:
    """Die here by SIGKILL if the environment names this point."""
    if not _NAME or name != _NAME:
        return
    if _ONCE:
        try:
            Path(_ONCE).touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
