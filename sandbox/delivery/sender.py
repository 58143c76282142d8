"""One attempt to push: send, write down what came back, plan the next."""

import random
import threading
import time
from dataclasses import dataclass

import requests

from sandbox import clock, conf, database
from sandbox.models import Channel, Delivery, DeliveryState

from . import manners, queue, signing

_local = threading.local()
_RECORD = """
WITH logged AS (
  INSERT INTO sandbox_deliveryattempt
    (delivery_id, at, status, milliseconds, answer, error, next_at)
  VALUES (%(id)s, %(at)s, %(status)s, %(took)s, %(answer)s, %(error)s, %(next)s)
)
UPDATE sandbox_delivery SET attempts = attempts + 1, lease_until = NULL,
  state = CASE state WHEN 'succeeded' THEN state ELSE %(state)s END,
  next_at = coalesce(%(next)s, next_at)
WHERE id = %(id)s
"""


@dataclass(frozen=True)
class Outcome:
    status: int | None
    answer: str
    error: str
    milliseconds: int

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def _session() -> requests.Session:
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        _local.session.trust_env = False
    session: requests.Session = _local.session
    return session


def send(number: int) -> bool:
    """Make one attempt for a claimed push. True if it was taken (2xx)."""
    return deliver(Delivery.objects.select_related("endpoint").get(pk=number))


def deliver(row: Delivery) -> bool:
    """``send`` for a push that is at hand, with its endpoint."""
    if not row.endpoint.enabled:
        outcome = Outcome(None, "", "The endpoint is disabled or deleted.", 0)
    else:
        outcome = _post(row)
    manner = manners.manner_of(row)
    good = outcome.good
    if manner is not None:
        good = outcome.status is not None and manner.good(outcome.status, outcome.answer)
    _record(row, outcome, good=good)
    return good


def send_now(numbers: list[int]) -> None:
    """Push these before going on, unless another already does."""
    for number in numbers:
        if queue.claim_one(number):
            send(number)


def _post(row: Delivery) -> Outcome:
    body = row.body.encode()
    sent_headers = _headers(row, body) | {"User-Agent": "Sandbox/1.0"}
    began = time.monotonic()
    timeout = float(conf.get("WEBHOOK_TIMEOUT"))
    try:
        with _session().post(
            row.endpoint.url,
            data=body,
            headers=sent_headers,
            timeout=(min(timeout, 3.05), timeout),
            allow_redirects=False,
            stream=True,
        ) as response:
            text = next(response.iter_content(400), b"").decode("utf-8", "replace")
            return Outcome(response.status_code, _clean(text), "", _since(began))
    except (requests.RequestException, ValueError, UnicodeError) as error:
        return Outcome(None, "", _clean(f"{type(error).__name__}: {error}"), _since(began))


def _headers(row: Delivery, body: bytes) -> dict[str, str]:
    stamp = clock.unix()
    manner = manners.manner_of(row)
    if manner is not None:
        return manner.headers(row, stamp, body) | {"Content-Type": manner.content_type}
    signed = signing.headers(
        secret=row.endpoint.secret, message_id=row.subject, timestamp=stamp, body=body
    )
    if row.endpoint.channel != Channel.GATEWAY:
        del signed["Stripe-Signature"]
    return signed | {"Content-Type": "application/json; charset=utf-8"}


def _clean(text: str) -> str:
    return text.replace("\0", "")[:400]


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _record(row: Delivery, outcome: Outcome, *, good: bool) -> None:
    """In one statement; it is ours by its lease."""
    state, following = DeliveryState.SUCCEEDED, None
    if not good:
        retries = manners.retries_of(row)
        if row.attempts >= len(retries) or not row.endpoint.enabled:
            state = DeliveryState.FAILED
        else:
            state = DeliveryState.PENDING
            pause = float(retries[row.attempts])
            following = clock.after(pause * random.uniform(1.0, 1.1))  # noqa: S311
    database.execute(
        _RECORD,
        {
            "id": row.pk,
            "state": str(state),
            "next": following,
            "at": clock.now(),
            "status": outcome.status,
            "took": outcome.milliseconds,
            "answer": outcome.answer,
            "error": outcome.error,
        },
    )
