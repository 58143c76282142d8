"""Idempotency-Key: one effect and one answer for each key of each caller, whatever happens."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from django.http import HttpResponse

from kernel import clock, partitions, tenancy
from kernel.api import idempotency
from kernel.ids import moment_of
from kernel.records.idempotency import IdempotencyRecord
from kernel.records.jobs import Job
from tests.factories.platforms import ApiClient, api_client, make_key, make_platform
from tests.kernel import idempotent_routes
from tests.kernel.idempotent_routes import Gate

pytestmark = [
    pytest.mark.urls("tests.kernel.idempotent_routes"),
    pytest.mark.django_db(transaction=True),
]
both = pytest.mark.parametrize("path", ["/inside", "/outside", "/either"])


@pytest.fixture(autouse=True)
def forgotten() -> None:
    idempotent_routes.TOKENS.clear()
    idempotent_routes.GATE[:] = [Gate()]


@pytest.fixture
def seller(platform: Any) -> ApiClient:
    found = api_client(make_key())
    found.client.raise_request_exception = False
    return found


def send(client: ApiClient, path: str, what: str = "done", *, key: str = "k", **more: Any) -> Any:
    """One request; ``more`` are the body's other fields."""
    return client.post(path, {"what": what, **more}, idempotency_key=key)


def effects() -> int:
    """How often a handler's work was committed."""
    return Job.objects.filter(kind="tests.tried").count()


def replayed(answer: Any) -> bool:
    return bool(answer.headers.get("Idempotent-Replayed") == "true")


def later(by: timedelta) -> Any:
    """A block in which so much time has passed."""
    return clock.frozen(clock.system() + by)


@pytest.fixture
def waiting(seller: ApiClient, platform: Any) -> Iterator[Callable[[str], threading.Thread]]:
    """Sends a request (key ``k``) in a thread and returns when its handler is at work."""
    threads: list[threading.Thread] = []

    def begin(path: str) -> threading.Thread:
        def run() -> None:
            try:
                assert send(seller, path, "wait").status_code == 201
            finally:
                connections.close_all()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        assert idempotent_routes.GATE[0].entered.wait(20)
        return threads[-1]

    yield begin
    idempotent_routes.GATE[0].open.set()
    for thread in threads:
        thread.join(120)


@both
def test_the_same_answer_comes_again(seller: ApiClient, path: str) -> None:
    first, again = send(seller, path), send(seller, path)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (replayed(first), replayed(again)) == (False, True)
    assert first.content == again.content
    for header in ("ETag", "Content-Type"):
        assert first.headers[header] == again.headers[header]
    assert first.headers["ETag"] == '"v7"'
    assert effects() == 1


@both
def test_without_a_key_each_request_counts(seller: ApiClient, path: str) -> None:
    for _ in range(2):
        answer = seller.client.post(
            f"/p/{seller.code}/api/v1{path}",
            "{}",
            content_type="application/json",
            headers={"Authorization": f"Bearer {seller.raw_key}"},
        )
        assert answer.status_code == 201
    assert effects() == 2
    assert IdempotencyRecord.objects.count() == 0


@both
def test_another_body_or_address_is_refused(seller: ApiClient, path: str) -> None:
    first = send(seller, path, mail="a@people.example")
    other = "/outside" if path == "/inside" else "/inside"
    for answer in (send(seller, path, mail="b@people.example"), send(seller, other),
                   seller.post(path, {"what": "done", "mail": "a@people.example"},
                               idempotency_key="k", query={"fields": "id"})):  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert effects() == 1
    assert send(seller, path, mail="a@people.example").content == first.content


@both
@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none(seller: ApiClient, path: str, key: str) -> None:
    answer = seller.post(path, {}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert effects() == 0


@pytest.mark.parametrize(("path", "longest"), [("/inside", 1), ("/outside", 60)])
def test_in_flight(seller: ApiClient, waiting: Any, path: str, longest: int) -> None:
    thread = waiting(path)
    answer = send(seller, path, "wait")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_in_flight")
    assert 1 <= int(answer.headers["Retry-After"]) <= longest
    if longest > 1:
        assert int(answer.headers["Retry-After"]) > 50
    assert send(seller, path, key="another").status_code == 201, "only this key waits"
    idempotent_routes.GATE[0].open.set()
    thread.join(120)
    answer = send(seller, path, "wait")
    assert (answer.status_code, replayed(answer)) == (201, True)
    assert effects() == 2


def test_another_body_in_flight_is_refused(seller: ApiClient, waiting: Any) -> None:
    waiting("/outside")
    answer = send(seller, "/outside", "wait", mail="b@people.example")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")


def test_a_lease_that_ran_out_is_taken_over(seller: ApiClient, waiting: Any) -> None:
    """The retry works under the first one's token; whoever ends first has answered, here the
    retry, while the first one is still at work."""
    thread = waiting("/outside")
    assert send(seller, "/outside", "wait").status_code == 409
    idempotent_routes.GATE.insert(0, Gate())
    idempotent_routes.GATE[0].open.set()
    with later(timedelta(seconds=61)):
        answer = send(seller, "/outside", "wait")
    assert (answer.status_code, replayed(answer)) == (201, False)
    first, second = idempotent_routes.TOKENS
    assert first == second
    idempotent_routes.GATE[1].open.set()
    thread.join(120)
    kept = send(seller, "/outside", "wait")
    assert (replayed(kept), kept.content) == (True, answer.content)


def test_who_fails_late_does_not_take_the_kept_answer_back(seller: ApiClient) -> None:
    answer = send(seller, "/outside")
    record = IdempotencyRecord.objects.get()
    caller = idempotency.Caller(record.caller, "k", record.fingerprint)
    idempotency.finish(caller, record.id, HttpResponse(b"{}", status=500))
    idempotency.finish(caller, record.id, HttpResponse(b"{}", status=402))
    assert send(seller, "/outside").content == answer.content


@pytest.mark.parametrize("what", ["refuse", "conflict", "later"])
def test_a_refusal_inside_leaves_nothing(seller: ApiClient, what: str) -> None:
    for _ in range(2):
        answer = send(seller, "/inside", what)
        assert answer.status_code in (402, 409, 429)
        assert not replayed(answer)
    assert (effects(), IdempotencyRecord.objects.count()) == (0, 0)
    assert send(seller, "/inside").status_code == 201
    assert effects() == 1


def test_a_refusal_outside_is_kept(seller: ApiClient) -> None:
    first, again = (send(seller, "/outside", "refuse") for _ in range(2))
    assert (first.status_code, again.status_code) == (402, 402)
    assert (replayed(first), replayed(again)) == (False, True)
    assert first.content == again.content
    assert again.headers["Content-Type"] == "application/problem+json"
    assert effects() == 1


def test_the_request_says_whether_it_calls_outside(seller: ApiClient) -> None:
    assert send(seller, "/either", "refuse").status_code == 402
    assert (effects(), IdempotencyRecord.objects.count()) == (0, 0)
    assert send(seller, "/either", "refuse", mail="a@people.example").status_code == 402
    assert (effects(), IdempotencyRecord.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("what", "status"), [("break", 500), ("away", 503), ("conflict", 409), ("later", 429)]
)
def test_a_passing_failure_outside_gives_the_lease_back(
    seller: ApiClient, what: str, status: int
) -> None:
    for attempt in (1, 2):
        answer = send(seller, "/outside", what)
        assert (answer.status_code, replayed(answer)) == (status, False)
        assert effects() == attempt
    assert len(set(idempotent_routes.TOKENS)) == 1
    assert IdempotencyRecord.objects.get().state == "running"


@pytest.mark.parametrize("what", ["break", "away"])
def test_a_failure_inside_leaves_nothing(seller: ApiClient, what: str) -> None:
    assert send(seller, "/inside", what).status_code >= 500
    assert (effects(), IdempotencyRecord.objects.count()) == (0, 0)
    assert send(seller, "/inside").status_code == 201


@both
def test_after_a_day_the_key_is_new(seller: ApiClient, path: str) -> None:
    """Whether or not the old record has been swept away."""
    first = send(seller, path)
    with later(timedelta(hours=23, minutes=59)):
        assert send(seller, path).content == first.content
    with later(timedelta(hours=24, minutes=1)):
        second = send(seller, path, mail="other@people.example")
        assert (second.status_code, replayed(second)) == (201, False)
        assert second.content != first.content
        again = send(seller, path, mail="other@people.example")
        assert (replayed(again), again.content) == (True, second.content)
    assert effects() == 2
    assert IdempotencyRecord.objects.count() == 1
    assert len(set(idempotent_routes.TOKENS)) == 2


@both
@pytest.mark.race
def test_a_key_is_one_on_both_sides_of_midnight(seller: ApiClient, path: str) -> None:
    """Kept answers lie in a partition a day, so no constraint sees both: the key's lock does."""
    partitions.make("default")
    midnight = clock.system().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    step, keys = timedelta(milliseconds=1), [uuid4().hex for _ in range(8)]
    for key in keys:
        barrier = threading.Barrier(2)
        answers: list[Any] = []

        def ask(at: datetime, key: str = key, both: Any = barrier, told: Any = answers) -> None:
            try:
                both.wait(60)
                with clock.frozen(at):
                    told.append(send(seller, path, key=key))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=ask, args=[midnight + by]) for by in (-step, step)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert sorted(answer.status_code for answer in answers) in ([201, 201], [201, 409])
    assert effects() == len(keys)
    days = {moment_of(row.id).date() for row in IdempotencyRecord.objects.all()}
    with clock.frozen(midnight + timedelta(hours=3)):
        again = [send(seller, path, key=key) for key in keys]
    assert [replayed(answer) for answer in again] == [True] * len(keys)
    assert IdempotencyRecord.objects.count() == len(keys)
    assert days <= {midnight.date(), (midnight - step).date()}


def test_after_a_day_an_abandoned_lease_is_new(seller: ApiClient) -> None:
    assert send(seller, "/outside", "break").status_code == 500
    with later(timedelta(hours=24, minutes=1)):
        assert send(seller, "/outside").status_code == 201
    first, second = idempotent_routes.TOKENS
    assert first != second


@both
def test_callers_do_not_meet(platform: Any, path: str) -> None:
    """The same key of two merchants, two guests and another platform is five keys."""
    callers: list[tuple[ApiClient, dict[str, str]]] = [
        (api_client(make_key()), {}),
        (api_client(make_key()), {}),
        (api_client(), {"Cart-Token": "one"}),
        (api_client(), {"Cart-Token": "two"}),
        (api_client(), {"Order-Token": "three"}),
        (api_client(), {"Order-Token": "four"}),
    ]
    answers = [
        client.post(path, {}, headers=headers, idempotency_key="k") for client, headers in callers
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert not any(replayed(answer) for answer in answers)
    assert len({answer.content for answer in answers}) == len(callers) == effects()
    for (client, headers), answer in zip(callers, answers, strict=True):
        same = client.post(path, {}, headers=headers, idempotency_key="k")
        assert (replayed(same), same.content) == (True, answer.content)
    other = make_platform()
    with tenancy.scope(other):
        answer = api_client().post(path, {}, headers={"Cart-Token": "one"}, idempotency_key="k")
        assert (answer.status_code, replayed(answer)) == (201, False)


@both
def test_a_newcomers_key_must_be_unguessable(platform: Any, path: str) -> None:
    """A guest with no secret yet is known by the key alone: nobody hits on another's new cart."""
    for key, status in (("k", 422), ("1" * 15, 422), (uuid4().hex, 201)):
        answer = send(api_client(), path, key=key)
        assert answer.status_code == status
        if status == 422:
            assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert effects() == 1


def test_platforms_do_not_wait_for_each_other(platform: Any) -> None:
    """The lock of a key in flight is the platform's own."""
    caller = idempotency.Caller("guest:", "k", "")
    here = caller.lock
    with tenancy.scope(make_platform()):
        assert caller.lock != here


@both
def test_sealed_at_rest(
    seller: ApiClient, owner_cursor: "psycopg.Cursor[tuple[Any, ...]]", path: str
) -> None:
    """No column of the row tells the answer, the body, the key or the caller's secrets."""
    guest, token, key = api_client(), f"cart_{uuid4().hex}", f"{uuid4().hex}@people.example"
    mail = f"{uuid4().hex}@people.example"
    answers = [
        guest.post(path, {"mail": mail}, headers={"Cart-Token": token}, idempotency_key=key),
        seller.post(path, {"mail": mail}, idempotency_key=key),
    ]
    owner_cursor.execute("SELECT * FROM kernel_idempotencyrecord")
    rows = owner_cursor.fetchall()
    assert len(rows) == 2
    plain = b"\x00".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for row in rows
        for value in row
    )
    secrets = [mail, token, key, str(seller.raw_key), "people.example"]
    secrets += [answer.json()["secret"] for answer in answers]
    for secret in secrets:
        assert secret.encode() not in plain
    body = json.dumps({"mail": mail}).encode()
    content = f"POST /p/{guest.code}/api/v1{path}\x00".encode() + body
    guess = hashlib.sha256(content).hexdigest()
    assert guess.encode() not in plain, "a short body could be found by trying"
