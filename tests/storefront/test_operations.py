"""How the platform runs, on a page: own queues only, each with its verdict and what to do."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys import facade as journeys
from kernel import clock, maintenance, queues, tenancy
from kernel.ids import uuid7
from kernel.queues import Queue, Verdict
from kernel.records.jobs import Job
from kernel.records.outbox import Delivery
from kernel.records.webhooks import WebhookDelivery, WebhookEndpoint
from platforms import facade as platforms
from platforms.facade import Role
from storefront.words import operations as words
from tests.factories.platforms import api_client, make_key, make_person, make_platform
from tests.factories.storefront import PASSWORD, operator, sign_in

pytestmark = pytest.mark.usefixtures("platform")
PAGE = "/operator/operations/"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def ago(**span: int) -> Any:
    return clock.system() - timedelta(**span)


def make_job(state: str, at: Any, *, clock_: str = "system") -> None:
    ended = at if state == "failed" else None
    Job.objects.create(
        kind="tests.job", state=state, clock=clock_, run_at=at, created_at=at, finished_at=ended
    )


def park(at: Any) -> None:
    Delivery.objects.create(
        handler="tests.h", event_id=uuid7(), event_type="t", aggregate_id=uuid7(), version=1,
        state="parked", next_attempt_at=at, created_at=at, updated_at=at,
    )  # fmt: skip


def send_webhook(state: str, at: Any) -> None:
    endpoint = WebhookEndpoint.objects.create(
        merchant_id=uuid7(), url="https://there.example/", sealed_secret="x", external_id=None
    )
    WebhookDelivery.objects.create(
        endpoint=endpoint, event_id=uuid7(), event_type="t", state=state, next_attempt_at=at,
        created_at=at, finished_at=at if state == "failed" else None,
    )  # fmt: skip


def by_name() -> dict[str, Queue]:
    return {one.name: one for one in [*queues.queues(), journeys.journey_queue()]}


def test_what_waits_and_how_bad_that_is() -> None:
    make_job("queued", ago(minutes=-5))
    assert by_name()["jobs"].waiting == 0, "it isn't due yet"
    early = ago(minutes=10)
    make_job("queued", early)
    found = by_name()["jobs"]
    assert (found.waiting, found.oldest, found.verdict) == (1, early, Verdict.LOOK)
    make_job("queued", ago(hours=2))
    assert by_name()["jobs"].verdict == Verdict.ACT
    send_webhook("pending", ago(minutes=-30))
    assert (by_name()["webhooks"].waiting, by_name()["webhooks"].verdict) == (1, Verdict.FINE)
    make_job("failed", ago(days=2))
    assert by_name()["jobs"].stuck == 0, "that is old news"
    send_webhook("failed", ago(hours=1))
    assert (by_name()["webhooks"].stuck, by_name()["webhooks"].verdict) == (1, Verdict.LOOK)
    park(ago(minutes=1))
    assert by_name()["deliveries"].verdict == Verdict.ACT


def test_another_platforms_queues_are_its_own() -> None:
    with tenancy.scope(make_platform()):
        park(ago(minutes=1))
        make_job("failed", ago(minutes=1))
        assert by_name()["deliveries"].stuck == 1
    assert by_name()["deliveries"].stuck == 0
    page = text(operator().see(PAGE))
    assert "parked" not in page.replace("Parked events", "")
    assert "?state=failed" not in page


def test_every_queue_has_its_words() -> None:
    assert set(words.QUEUES) == set(queues.RULES) == set(by_name())
    assert set(words.STUCK) == set(words.REMEDIES) == set(queues.RULES) - {"outbox"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("How it runs", "Act", "1 parked", "None was ever seen.", "failed in the last day",
                "Changes are refused", "manage.py maintenance off", "isn't sealed yet")),
        ("zh-hans", ("运行状况", "需处理", "1 个已停滞", "从未出现过", "个在最近一天内失败",
                     "拒绝更改", "manage.py maintenance off", "尚未封存")),
    ],
)  # fmt: skip
def test_the_page_says_what_is_wrong_and_what_to_do(language: str, said: tuple[str, ...]) -> None:
    desk = operator(language)
    park(ago(hours=3))
    make_job("failed", ago(hours=3))
    send_webhook("failed", ago(hours=3))
    maintenance.begin(note="23:30")
    page = text(desk.see(PAGE)).replace("&#x27;", "'")
    maintenance.end()
    for words_ in said:
        assert words_ in page, words_
    for there in ("/operator/events/", "/operator/jobs/?state=failed"):
        assert f'href="{desk.prefix}{there}"' in page


def test_the_seal_of_yesterday_is_fine_and_an_old_one_is_not() -> None:
    journeys.seal_chains()
    [seal] = journeys.seals()
    page = text(operator().see(PAGE))
    assert seal.day.isoformat() in page
    assert seal.audit_head[:12] in page
    assert queues.verdict_on_seal(seal.sealed_at) == Verdict.FINE
    assert queues.verdict_on_seal(seal.sealed_at - timedelta(hours=40)) == Verdict.ACT
    assert queues.verdict_on_worker(ago(seconds=5)) == Verdict.FINE
    assert queues.verdict_on_worker(ago(minutes=5)) == Verdict.ACT


def test_only_who_may_see_jobs_may_see_it() -> None:
    def staff(*permissions: str) -> Any:
        own = platforms.create_staff_role(name=permissions[0], permissions=permissions)
        person = make_person(password=PASSWORD)
        platforms.grant_role(person_id=person.id, role=Role.OPERATOR, staff_role_id=own.id)
        return sign_in(person)

    refused = staff("audit")
    assert refused.see(PAGE).status_code == 403
    assert f'href="{refused.prefix}{PAGE}"' not in text(refused.see("/operator/"))
    allowed = staff("jobs")
    assert f'href="{allowed.prefix}{PAGE}"' in text(allowed.see("/operator/"))
    assert allowed.see(PAGE).status_code == 200
    assert "/operator/attention/" not in text(allowed.see(PAGE))


def test_what_is_kept_and_how_long() -> None:
    there = operator(language="en")
    page = text(there.see(PAGE))
    told = re.sub(r"<[^>]+>", " ", page)
    for name in ("Events", "Audit rows", "Answers kept for repeated requests"):
        assert name in told, name
    assert re.search(r"Events\s+30 days", told), told
    assert re.search(r"Audit rows\s+for good", told), told
    assert "manage.py retention status" not in told
    with clock.frozen(clock.system() + timedelta(days=300)):
        assert "manage.py retention status" in text(operator(language="en").see(PAGE))


def a_keeper(*permissions: str) -> Any:
    """An operator in a role that includes only these."""
    own = platforms.create_staff_role(name=uuid7().hex, permissions=list(permissions))
    person = make_person()
    platforms.grant_role(person_id=person.id, role=Role.OPERATOR, staff_role_id=own.id)
    return person.id


def test_the_same_figures_by_api() -> None:
    make_job("queued", ago(hours=2))
    make_job("failed", ago(hours=1))
    with tenancy.scope(make_platform()):
        make_job("failed", ago(hours=1))
    reader = make_key(kind="operator", scopes=("operations:read",), person_id=a_keeper("jobs"))
    answer = api_client(reader).get("/operations")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert {one["name"] for one in found["queues"]} == set(queues.RULES)
    [jobs] = [one for one in found["queues"] if one["name"] == "jobs"]
    assert (jobs["waiting"], jobs["stuck"], jobs["verdict"]) == (1, 1, "act")
    assert found["verdict"] == "act"
    assert found["maintenance"] == {"since": None, "until": None, "verdict": "fine"}
    assert {one["name"] for one in found["kept"]} == set(words.KEPT)


def test_the_api_tells_them_to_who_may_see_them() -> None:
    def status(**key: Any) -> int:
        return int(api_client(make_key(**key)).get("/operations").status_code)

    keeper = a_keeper("jobs")
    assert status(kind="operator", person_id=keeper) == 200
    assert status(kind="operator", person_id=keeper, scopes=("orders:read",)) == 403
    assert status(kind="merchant") == status(kind="buyer") == 403
