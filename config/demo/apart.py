"""``python -m config.demo.apart``: the demo played to its end beside whatever else runs here.

It has a folder and ports of its own, and none of the caller's settings, so that it leaves a running
demo and every database alone; the folder is removed.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

COMMAND = (sys.executable, str(Path(__file__).parents[2] / "manage.py"), "demo", "--check")
KEPT = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"}


def main() -> int:
    """The exit code of the demo; it hears SIGTERM and Ctrl-C itself, and is waited for."""
    with tempfile.TemporaryDirectory(prefix="quancheng-demo-") as folder:
        demo = subprocess.Popen(COMMAND, env=_environment(folder), start_new_session=True)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda heard, _frame: demo.send_signal(heard))
        return demo.wait()


def _environment(folder: str) -> dict[str, str]:
    here = ("127.0.0.1", 0)
    with socket.create_server(here) as web, socket.create_server(here) as gateway:
        ports = {"PORT": web.getsockname()[1], "GATEWAY_PORT": gateway.getsockname()[1]}
    return {
        **{name: value for name, value in os.environ.items() if name in KEPT},
        **{name: str(port) for name, port in ports.items()},
        "DATA_DIR": folder,
        "PYTHONUNBUFFERED": "1",  # so that a log shows how far it is
    }


if __name__ == "__main__":
    sys.exit(main())
