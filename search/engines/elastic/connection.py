"""The way to the search server: addresses, credentials, time limits, and what failure means.

``SEARCH_URL`` names one or more nodes, separated by commas, each
``https://user:password@host:9200/prefix``. The server says itself whether it is Elasticsearch or
OpenSearch. Each call has a time limit by its ``Patience``; a server that doesn't answer, answers
429 or 5xx, or refuses the credentials, is ``EngineDown``: callers fall back, nothing waits long.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import orjson
from elastic_transport import (
    ConnectionError as NoConnection,
)
from elastic_transport import (
    HttpHeaders,
    NodeConfig,
    TransportError,
    Urllib3HttpNode,
)
from elasticsearch import ApiError, Elasticsearch, NotFoundError

from kernel import transactions
from search.engines.elastic.breaker import Breaker
from search.engines.elastic.node import PlainJsonNode
from search.errors import EngineDown, NoIndex

logger = logging.getLogger(__name__)
T = TypeVar("T")
# Answers that mean "not now" or "not you" rather than "not like this".
DOWN = frozenset({401, 403, 408, 429, 500, 502, 503, 504})


class Patience(Enum):
    """How long a call may take, in seconds."""

    PROBE = 1.0
    READ = 2.0
    WRITE = 30.0
    ADMIN = 60.0


@dataclass(frozen=True)
class Server:
    """Who answers: ``elasticsearch`` or ``opensearch``, and its version."""

    distribution: str
    version: str

    @property
    def opensearch(self) -> bool:
        return self.distribution == "opensearch"


class Connection:
    """A lazily made client for one process; may be used from many threads."""

    def __init__(
        self,
        url: str,
        *,
        ca_certs: str = "",
        api_key: str = "",
        connections: int = 10,
        breaker: Breaker | None = None,
    ) -> None:
        self._urls = [part.strip() for part in url.split(",") if part.strip()]
        self._ca_certs = ca_certs
        self._api_key = api_key
        self._connections = connections
        self._breaker = breaker or Breaker()
        self._lock = threading.Lock()
        self._client: Elasticsearch | None = None
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        """Who answers; asks once. Raises EngineDown."""
        self.call(lambda client: None, Patience.PROBE)
        assert self._server is not None
        return self._server

    def call(self, what: Callable[[Elasticsearch], T], patience: Patience = Patience.READ) -> T:
        """Run ``what`` with a client of that patience. Raises EngineDown and NoIndex; other
        refusals (a request that the server finds wrong) stay ``ApiError``."""
        transactions.assert_outside_transaction("A call to the search server")
        if not self._breaker.allows():
            raise EngineDown()
        try:
            client = self._connected().options(request_timeout=patience.value)
            result = what(client)
        except TransportError as error:
            self._breaker.failed()
            logger.warning("Search server doesn't answer: %s", type(error).__name__)
            raise EngineDown() from error
        except NotFoundError as error:
            self._breaker.succeeded()
            if _missing_index(error):
                raise NoIndex() from error
            raise
        except ApiError as error:
            if error.status_code not in DOWN:
                self._breaker.succeeded()
                raise
            if error.status_code != 429:  # it lives, and asks for less
                self._breaker.failed()
            logger.warning("Search server answers %s: %s", error.status_code, error.error)
            raise EngineDown() from error
        self._breaker.succeeded()
        return result

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _connected(self) -> Elasticsearch:
        with self._lock:
            if self._client is None:
                self._server = self._ask()
                self._client = self._make(self._server)
            return self._client

    def _make(self, server: Server) -> Elasticsearch:
        options: dict[str, Any] = {"node_class": PlainJsonNode} if server.opensearch else {}
        if self._api_key:
            options["api_key"] = self._api_key
        return Elasticsearch(
            self._nodes(),
            # Another node is tried at once; waiting and trying again is the callers' decision.
            max_retries=len(self._urls) - 1,
            retry_on_timeout=False,
            retry_on_status=(502, 503, 504),
            dead_node_backoff_factor=0.5,
            max_dead_node_backoff=5,
            **options,
        )

    def _nodes(self) -> list[NodeConfig]:
        return [self._node(url) for url in self._urls]

    def _node(self, url: str) -> NodeConfig:
        parts = urlsplit(url)
        headers = HttpHeaders()
        if parts.username and not self._api_key:
            from elastic_transport.client_utils import basic_auth_to_header

            account = (unquote(parts.username), unquote(parts.password or ""))
            headers["authorization"] = basic_auth_to_header(account)
        secure = parts.scheme == "https"
        return NodeConfig(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port or (443 if secure else 9200),
            path_prefix=parts.path.rstrip("/"),
            headers=headers,
            connections_per_node=self._connections,
            request_timeout=Patience.READ.value,
            http_compress=False,
            verify_certs=True if secure else None,
            ca_certs=(self._ca_certs or None) if secure else None,
        )

    def _ask(self) -> Server:
        """``GET /`` in plain JSON, which both kinds answer; the first node that does counts."""
        problem: Exception | None = None
        for config in self._nodes():
            headers = HttpHeaders(config.headers)
            headers["accept"] = "application/json"
            if self._api_key:
                headers["authorization"] = f"ApiKey {self._api_key}"
            node = Urllib3HttpNode(config)
            try:
                meta, body = node.perform_request(
                    "GET", "/", headers=headers, request_timeout=Patience.PROBE.value
                )
            except TransportError as error:
                problem = error
                continue
            finally:
                node.close()
            if meta.status == 200:
                return _server(body)
            problem = NoConnection(f"GET / answered {meta.status}")
        raise problem or NoConnection("SEARCH_URL names no server")


def _server(body: bytes) -> Server:
    try:
        told = orjson.loads(body)
        version = told["version"]
        return Server(
            str(version.get("distribution", "elasticsearch")), str(version.get("number", ""))
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoConnection("what answers is no search server") from error


def _missing_index(error: NotFoundError) -> bool:
    kind = ""
    if isinstance(error.body, dict) and isinstance(error.body.get("error"), dict):
        kind = str(error.body["error"].get("type", ""))
    return kind in {"index_not_found_exception", "aliases_not_found_exception"}
