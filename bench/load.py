"""A small HTTP/1.1 load client: keep-alive connections, one asyncio process, exact counts."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson


class Connection:
    """One keep-alive connection; one request at a time."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Send, and read the whole answer. Reopens the connection if the server closed it."""
        content = b"" if body is None else orjson.dumps(body)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        if body is not None:
            lines.append("Content-Type: application/json")
        if content or method != "GET":
            lines.append(f"Content-Length: {len(content)}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        raw = ("\r\n".join(lines) + "\r\n\r\n").encode() + content
        for attempt in (1, 2):
            if self.writer is None:
                self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
            try:
                self.writer.write(raw)
                return await self._answer()
            except (ConnectionError, asyncio.IncompleteReadError):
                self.writer = None
                if attempt == 2:
                    raise
        raise AssertionError

    @staticmethod
    def json(content: bytes) -> Any:
        return orjson.loads(content)

    async def _answer(self) -> tuple[int, dict[str, str], bytes]:
        assert self.reader is not None
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in rest:
            if line:
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                size = int(await self.reader.readline(), 16)
                body += await self.reader.readexactly(size)
                await self.reader.readexactly(2)
                if not size:
                    break
        else:
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close" and self.writer:
            self.writer.close()
            self.writer = None
        return int(first.split(" ")[1]), headers, body


@dataclass
class Figures:
    """What one scenario did: ``done`` rounds in ``seconds``, each latency in milliseconds."""

    name: str
    clients: int
    seconds: float = 0.0
    done: int = 0
    failed: int = 0
    requests: int = 0
    all_rounds: int = 0
    latencies: list[float] = field(default_factory=list)
    first_failure: str = ""

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "clients": self.clients,
            "per_second": round(self.rate, 1),
            "requests_per_second": round(self.requests / self.seconds, 1) if self.seconds else 0,
            "p50_ms": round(self.percentile(0.5), 2),
            "p99_ms": round(self.percentile(0.99), 2),
            "done": self.done,
            "failed": self.failed,
            "first_failure": self.first_failure,
        }


Round = Callable[[Connection, int, int], Awaitable[int]]
SPARE_ROUNDS = 20  # of each client after the window, while none has counted


async def _drive(
    figures: Figures, host: str, port: int, one_round: Round, seconds: float, warm: float
) -> None:
    started = time.perf_counter()

    async def client(number: int) -> None:
        connection = Connection(host, port)
        turn = spare = 0
        while True:
            begin = time.perf_counter()
            if begin - started >= warm + seconds:
                # A round that takes longer than the window is still measured once.
                if figures.done or spare == SPARE_ROUNDS:
                    return
                spare += 1
            try:
                count = await one_round(connection, number, turn)
            except Exception as error:
                count = 0
                figures.failed += 1
                figures.first_failure = figures.first_failure or f"{type(error).__name__}: {error}"
                if figures.failed > 50:
                    return
            turn += 1
            figures.all_rounds += 1
            if begin - started >= warm and count:
                figures.done += 1
                figures.requests += count
                figures.latencies.append((time.perf_counter() - begin) * 1000)

    await asyncio.gather(*[client(number) for number in range(figures.clients)])
    figures.seconds = max(0.0, time.perf_counter() - started - warm)


def run(
    name: str, url: str, one_round: Round, *, clients: int, seconds: float, warm: float
) -> Figures:
    """Drive ``one_round`` (which answers how many requests it made) with ``clients`` clients."""
    host, _, port = url.removeprefix("http://").partition(":")
    figures = Figures(name, clients)
    asyncio.run(_drive(figures, host, int(port), one_round, seconds, warm))
    return figures


async def _each(host: str, port: int, one_round: Round, clients: int, turns: int) -> None:
    waiting = iter(range(turns))

    async def client(number: int) -> None:
        connection = Connection(host, port)
        for turn in waiting:
            await one_round(connection, number, turn)

    await asyncio.gather(*[client(number) for number in range(clients)])


def run_each(url: str, one_round: Round, *, clients: int, turns: int) -> None:
    """Drive ``turns`` rounds, no more, with ``clients`` clients at once."""
    host, _, port = url.removeprefix("http://").partition(":")
    asyncio.run(_each(host, int(port), one_round, clients, turns))
