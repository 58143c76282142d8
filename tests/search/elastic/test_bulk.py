"""Partial failures, refusals and back-pressure; nothing lost, nothing sent for ever."""

from typing import Any

import pytest

from search.engines.elastic.bulk import ATTEMPTS, BulkWriter, Item
from search.engines.elastic.connection import Connection
from search.errors import EngineDown, NoIndex
from tests.search.elastic.conftest import ToldServer


def items(count: int) -> list[Item]:
    return [Item(f"d{number}", 1, b'{"a":1}', number == 0) for number in range(count)]


def result(status: int, kind: str = "", reason: str = "") -> dict[str, Any]:
    error = {"error": {"type": kind, "reason": reason}} if kind else {}
    return {"index": {"status": status} | error}


@pytest.fixture
def paused() -> list[float]:
    return []


@pytest.fixture
def writer(told: ToldServer, paused: list[float]) -> BulkWriter:
    return BulkWriter(Connection(told.url), sleep=paused.append)


def test_each_item_gets_its_own_outcome(
    told: ToldServer, writer: BulkWriter, paused: list[float]
) -> None:
    refusal = "failed to parse field [f_sales] of type [double]"
    busy = iter([429, 201])

    def answer(method: str, path: str, lines: list[Any]) -> tuple[int, Any]:
        kinds = {
            "d0": lambda: result(200),
            "d1": lambda: result(409, "version_conflict_engine_exception"),
            "d2": lambda: result(400, "document_parsing_exception", refusal),
            "d3": lambda: result(next(busy), "es_rejected_execution_exception"),
        }
        return 200, {"items": [kinds[line["index"]["_id"]]() for line in lines[::2]]}

    told.answer = answer
    report = writer.write("products", items(4))
    assert (report.written, report.deleted, report.stale) == (1, 1, 1)
    assert [(one.id, one.reason) for one in report.failed] == [("d2", refusal)]
    assert told.bulks() == [["d0", "d1", "d2", "d3"], ["d3"]]
    assert "require_alias=true" in told.seen[-1][1]
    assert len(paused) == 1


def test_a_busy_server_gets_less_at_once_and_more_when_it_recovers(
    told: ToldServer, writer: BulkWriter, paused: list[float]
) -> None:
    def answer(method: str, path: str, lines: list[Any]) -> tuple[int, Any]:
        if len(lines) > 2 * 20:
            return 429, {"error": {"type": "es_rejected_execution_exception"}}
        return 200, {"items": [result(201) for _ in lines[::2]]}

    told.answer = answer
    assert writer.write("x", items(100)).written == 99
    sizes = [len(one) for one in told.bulks()]
    assert sizes[:4] == [100, 50, 25, 12]
    assert max(sizes[4:]) > 12
    assert sum(size for size in sizes if size <= 20) == 100
    assert paused[0] < paused[1] * 2


def test_a_request_too_large_is_cut_and_a_document_too_large_set_aside(
    told: ToldServer, writer: BulkWriter, paused: list[float]
) -> None:
    def answer(method: str, path: str, lines: list[Any]) -> tuple[int, Any]:
        if len(lines) > 2 or lines[0]["index"]["_id"] == "d2":
            return 413, {}
        return 200, {"items": [result(201) for _ in lines[::2]]}

    told.answer = answer
    report = writer.write("x", items(4))
    assert (report.written + report.deleted, [one.id for one in report.failed]) == (3, ["d2"])
    assert not paused


def test_an_endlessly_busy_server_is_down(
    told: ToldServer, writer: BulkWriter, paused: list[float]
) -> None:
    told.answer = lambda method, path, lines: (
        200,
        {"items": [result(429, "es_rejected_execution_exception") for _ in lines[::2]]},
    )
    with pytest.raises(EngineDown):
        writer.write("x", items(1))
    assert len(told.bulks()) == ATTEMPTS


def test_a_server_that_goes_away_between_two_requests_is_down(
    told: ToldServer, writer: BulkWriter
) -> None:
    def answer(method: str, path: str, lines: list[Any]) -> tuple[int, Any]:
        if len(told.bulks()) > 1:
            return 503, {}
        return 200, {"items": [result(201) for _ in lines[::2]]}

    told.answer = answer
    with pytest.raises(EngineDown):
        writer.write("x", items(900))


def test_writing_makes_no_index(told: ToldServer, writer: BulkWriter) -> None:
    told.answer = lambda method, path, lines: (
        200,
        {"items": [result(404, "index_not_found_exception") for _ in lines[::2]]},
    )
    with pytest.raises(NoIndex):
        writer.write("x", items(2))
