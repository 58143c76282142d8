"""A search server made of answers: each test says what the next requests are told."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest

Answer = tuple[int, Any]
ELASTICSEARCH = {"version": {"number": "9.2.0"}, "tagline": "You Know, for Search"}
OPENSEARCH = {"version": {"number": "3.8.0", "distribution": "opensearch"}}


class ToldServer:
    """``answer(method, path, lines)`` says what to answer; ``seen`` is what was asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, list[Any], dict[str, str]]] = []
        self.info: Answer = (200, ELASTICSEARCH)
        self.product_header = True
        self.answer: Callable[[str, str, list[Any]], Answer] = lambda method, path, lines: (200, {})
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                lines = [orjson.loads(line) for line in raw.splitlines() if line]
                path = self.path.split("?")[0]
                outer.seen.append((self.command, self.path, lines, dict(self.headers.items())))
                told = outer.info if path == "/" else outer.answer(self.command, path, lines)
                status, body = told
                sent = orjson.dumps(body)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                if outer.product_header:
                    self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("content-length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

            def log_message(self, *args: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def bulks(self) -> list[list[str]]:
        """The ids of each bulk request, in order."""
        return [
            [line["index"]["_id"] for line in lines[::2]]
            for _, path, lines, _ in self.seen
            if path.split("?")[0].endswith("/_bulk")
        ]


@pytest.fixture
def told() -> Iterator[ToldServer]:
    server = ToldServer()
    yield server
    server.close()
