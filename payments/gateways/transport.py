"""One HTTP exchange with a provider, repeated under the same key while that is safe and short."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from kernel import http
from payments.gateways import breaker

log = logging.getLogger("quancheng.payments")
TIMEOUT = (3.05, 15.0)  # seconds to connect, seconds to answer
TRIES = 3
BUDGET = 8.0  # seconds after which nothing is tried again: the caller holds a lease of 60 s
PAUSE = 0.3
AGAIN = frozenset({409, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """``status`` 0: no answer came, or none that could be read. ``body`` is a JSON object, ``raw``
    what it was read from: signatures are over bytes."""

    status: int
    body: Mapping[str, Any]
    raw: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def exchange(
    party: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    data: list[tuple[str, str]] | bytes | None = None,
    json: Mapping[str, Any] | None = None,
    params: Mapping[str, str] | None = None,
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
    plain: bool = False,
) -> Answer:
    """The answer, or status 0. Safe to repeat only because the request carries its key.

    ``files``: (name, content, type) by field, sent as multipart beside ``data``.
    ``plain``: the answer may be empty or no JSON (a file). A provider that has been away lately
    isn't called at all: status 0.
    """
    began = time.monotonic()
    answer = Answer(0, {})
    if not breaker.may_call(party):
        log.warning("%s: not called, it doesn't answer at present", party)
        return answer
    problem = ""
    for number in range(TRIES):
        if number:
            time.sleep(PAUSE * 2 ** (number - 1))
        retry = True
        try:
            response = http.client(party).request(
                method, url, headers=dict(headers), data=data, json=json, params=params,
                files=files, timeout=TIMEOUT,
            )  # fmt: skip
        except requests.RequestException as error:
            log.warning("%s: no answer to %s (%s)", party, method, type(error).__name__)
            problem = type(error).__name__
        else:
            answer = Answer(
                response.status_code, _object(response), response.content, response.headers
            )
            problem = f"HTTP {response.status_code}" if response.status_code >= 500 else ""
            retry = response.status_code in AGAIN
            if response.headers.get("Stripe-Should-Retry") == "false":
                retry = False
            if not answer.body and response.ok and not plain:
                log.error("%s: an answer that isn't a JSON object", party)
                answer, retry, problem = Answer(0, {}), True, "not a JSON object"
        if not retry or time.monotonic() - began > BUDGET:
            break
    if problem:
        breaker.failed(party, problem)
    else:
        breaker.answered(party)
    return answer


def _object(response: requests.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
