"""Writing in bulk: external versions, retries with back-off, less at once when the server asks.

What becomes of an item: written or deleted; *stale* (409: the index knows this version or a later
one); *failed* for good (the server refuses the document itself: set aside with its reason); or
"not now" (429, 5xx), which is sent again, later and less at once. When "not now" doesn't end, the
whole batch is EngineDown: sending all of it again is harmless, versions see to that.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from elasticsearch import ApiError, Elasticsearch

from search.contracts import Failure, WriteReport
from search.engines.elastic.connection import DOWN, Connection, Patience
from search.errors import EngineDown, NoIndex

logger = logging.getLogger(__name__)

MOST_ITEMS = 500
MOST_BYTES = 8 * 1024 * 1024
ATTEMPTS = 5
FIRST_PAUSE = 0.2  # seconds; doubled each time, with jitter
LONGEST_PAUSE = 5.0
REASON_LENGTH = 300


@dataclass(frozen=True)
class Item:
    """One operation, ready to be sent: ``body`` is JSON."""

    id: str
    version: int
    body: bytes
    deletion: bool = False

    def lines(self) -> tuple[bytes, bytes]:
        meta = {"_id": self.id, "version": self.version, "version_type": "external"}
        return orjson.dumps({"index": meta}), self.body


@dataclass
class _Tally:
    written: int = 0
    deleted: int = 0
    stale: int = 0
    failed: list[Failure] = field(default_factory=list)


class _TooLarge(Exception):
    """The server takes less at once (413)."""


class BulkWriter:
    """Sends items to one index or alias. Remembers how much the server can take."""

    def __init__(
        self, connection: Connection, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._connection = connection
        self._sleep = sleep
        self._most = MOST_ITEMS

    def write(self, alias: str, items: Sequence[Item]) -> WriteReport:
        """Send all of them to an alias: only that can't be made by writing to it.

        Several items of one id are sent in their order. Raises EngineDown and NoIndex.
        """
        tally = _Tally()
        waiting = list(items)
        attempt = 0
        while waiting:
            chunk = self._chunk(waiting)
            try:
                again = self._send(alias, chunk, tally)
            except _TooLarge:
                self._most = len(chunk) // 2
                continue
            waiting = again + waiting[len(chunk) :]
            if not again:
                attempt = 0
                self._most = min(MOST_ITEMS, self._most + max(1, self._most // 4))
                continue
            attempt = attempt + 1 if len(again) == len(chunk) else 1
            if attempt >= ATTEMPTS:
                raise EngineDown()
            self._most = max(1, len(chunk) // 2)
            self._sleep(_pause(attempt))
        return WriteReport(tally.written, tally.deleted, tally.stale, tuple(tally.failed))

    def _chunk(self, waiting: Sequence[Item]) -> list[Item]:
        chunk: list[Item] = []
        size = 0
        for item in waiting[: self._most]:
            size += len(item.body) + 100
            if chunk and size > MOST_BYTES:
                break
            chunk.append(item)
        return chunk

    def _send(self, alias: str, chunk: list[Item], tally: _Tally) -> list[Item]:
        """Send one request; what is to be sent again."""
        lines: Any = [line for item in chunk for line in item.lines()]

        def send(client: Elasticsearch) -> Any:
            return client.bulk(index=alias, operations=lines, require_alias=True).body

        try:
            answer = self._connection.call(send, Patience.WRITE)
        except EngineDown as down:
            if isinstance(down.__cause__, ApiError) and down.__cause__.status_code == 429:
                return chunk
            raise
        except ApiError as error:
            if error.status_code != 413:
                raise
            if len(chunk) > 1:
                raise _TooLarge from error
            _set_aside(tally, chunk[0], "the document is larger than the server accepts")
            return []
        return [
            item
            for item, result in zip(chunk, answer["items"], strict=True)
            if _again(item, next(iter(result.values())), tally)
        ]


def _again(item: Item, result: dict[str, Any], tally: _Tally) -> bool:
    """Take down what became of an item; whether to send it again."""
    status = int(result.get("status", 500))
    if status < 300:
        if item.deletion:
            tally.deleted += 1
        else:
            tally.written += 1
        return False
    if status == 409:
        tally.stale += 1
        return False
    error = result.get("error") or {}
    kind = error.get("type", "") if isinstance(error, dict) else str(error)
    if kind == "index_not_found_exception":
        raise NoIndex()
    if status in DOWN or status >= 500 or kind == "cluster_block_exception":
        return True
    _set_aside(tally, item, _reason(error))
    return False


def _set_aside(tally: _Tally, item: Item, reason: str) -> None:
    logger.warning("Document %s can't be indexed: %s", item.id, reason)
    tally.failed.append(Failure(item.id, item.version, reason))


def _reason(error: Any) -> str:
    """The innermost cause: it names the field."""
    parts = []
    while isinstance(error, dict):
        parts.append(str(error.get("reason", "")))
        error = error.get("caused_by")
    return ": ".join(part for part in parts if part)[:REASON_LENGTH]


def _pause(attempt: int) -> float:
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempt - 1))
    return longest * (0.5 + random.random() / 2)  # noqa: S311 - only spreads the retries
