"""``python -m config.probe``: exit 0 when this container's web process answers."""

import http.client
import os
import sys


def main() -> int:
    """Ask ``/healthz`` on PORT; standard library only, so that it is quick."""
    port = int(os.environ.get("PORT") or 8000)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz")
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
