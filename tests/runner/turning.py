"""A WSGI application that says by which thread it was asked; below ``/hold`` after a file is
there."""

import os
import threading
import time
from pathlib import Path
from typing import Any


def application(environ: Any, start_response: Any) -> list[bytes]:
    path = environ["PATH_INFO"]
    place = Path(os.environ["TURNING"])
    if path.startswith("/hold/"):
        (place / path.rpartition("/")[2]).touch()
        while not (place / "go").exists():
            time.sleep(0.005)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(threading.get_ident()).encode()]
