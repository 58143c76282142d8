"""Who answers, how OpenSearch is spoken to, and how fast a dead server is known to be dead."""

import socket

import pytest
from elasticsearch import BadRequestError

from search.engines.elastic.breaker import Breaker
from search.engines.elastic.connection import Connection
from search.errors import EngineDown, NoIndex
from tests.search.elastic.conftest import OPENSEARCH, ToldServer

MISSING = (404, {"error": {"type": "index_not_found_exception"}, "status": 404})


def refused() -> str:
    """An address where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_elasticsearch_gets_its_own_media_type(told: ToldServer) -> None:
    connection = Connection(told.url)
    assert not connection.server.opensearch
    connection.call(lambda client: client.search(index="x"))
    assert "vnd.elasticsearch" in told.seen[-1][3]["accept"]


def test_opensearch_gets_plain_json_and_needs_no_product_header(told: ToldServer) -> None:
    told.info, told.product_header = (200, OPENSEARCH), False
    connection = Connection(told.url)
    assert connection.server.opensearch
    connection.call(lambda client: client.bulk(index="x", operations=[{"index": {}}, {"a": 1}]))
    _, _, lines, headers = told.seen[-1]
    assert headers["content-type"] == "application/x-ndjson"
    assert headers["accept"] == "application/json"
    assert lines == [{"index": {}}, {"a": 1}]


def test_credentials_and_path_of_the_address_are_used(told: ToldServer) -> None:
    told.answer = lambda method, path, lines: (200, {})
    address = told.url.replace("http://", "http://shop:p%40ss@") + "/cluster"
    told.info = (404, {})  # the address has a path of its own
    told.answer = lambda method, path, lines: (200, {"version": {"number": "8.19.5"}})
    Connection(address).call(lambda client: client.search(index="x"))
    assert {path.split("?")[0] for _, path, _, _ in told.seen} == {
        "/cluster/",
        "/cluster/x/_search",
    }
    assert {headers["authorization"] for *_, headers in told.seen} == {"Basic c2hvcDpwQHNz"}


def test_another_node_is_asked_when_the_first_is_gone(told: ToldServer) -> None:
    connection = Connection(f"{refused()},{told.url}")
    for _ in range(3):
        connection.call(lambda client: client.search(index="x"))
    assert len(told.seen) == 4


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_a_server_that_cannot_answer_now_is_down(told: ToldServer, status: int) -> None:
    told.answer = lambda method, path, lines: (status, {"error": {"type": "busy"}})
    with pytest.raises(EngineDown):
        Connection(told.url).call(lambda client: client.search(index="x"))


def test_a_missing_index_and_a_wrong_request_are_told_apart(told: ToldServer) -> None:
    connection = Connection(told.url)
    told.answer = lambda method, path, lines: MISSING
    with pytest.raises(NoIndex):
        connection.call(lambda client: client.search(index="x"))
    told.answer = lambda method, path, lines: (400, {"error": {"type": "parsing_exception"}})
    for _ in range(5):  # our own mistakes never open the circuit
        with pytest.raises(BadRequestError):
            connection.call(lambda client: client.search(index="x"))


def test_a_dead_server_is_left_alone_until_one_caller_finds_it_back(told: ToldServer) -> None:
    time = [0.0]
    breaker = Breaker(failures=3, pause=2.0, now=lambda: time[0])
    connection = Connection(told.url, breaker=breaker)
    told.answer = lambda method, path, lines: (503, {})

    def ask() -> None:
        connection.call(lambda client: client.search(index="x"))

    for _ in range(10):
        with pytest.raises(EngineDown):
            ask()
    assert len(told.seen) == 1 + 3  # who are you, and three tries
    time[0] = 2.5
    with pytest.raises(EngineDown):
        ask()
    with pytest.raises(EngineDown):
        ask()
    assert len(told.seen) == 1 + 4
    told.answer = lambda method, path, lines: (200, {})
    time[0] = 5.0
    for _ in range(3):
        ask()
    assert len(told.seen) == 1 + 7


def test_something_else_that_listens_is_no_search_server(told: ToldServer) -> None:
    told.info = (200, ["hello"])
    with pytest.raises(EngineDown):
        _ = Connection(told.url).server
