"""SIGKILL before and after every commit and every outside call of becoming a merchant.

Afterwards the sweeper carries on; then there is one merchant, one owner and one agreement at most,
or none of it.
"""

import signal
from typing import Any

import pytest

from certification import facade as certification
from certification.models import Contract
from journeys import facade as journeys
from journeys.engine import DEFINITIONS
from journeys.engine.sweep import sweep
from journeys.facade import ApplicationState as S
from journeys.models import Journey, MerchantApplication
from kernel import clock
from platforms import facade as platforms
from platforms.models import Membership, Merchant
from tests.factories.onboarding import applicant, draft, handed_in, need_level, take_applications
from tests.factories.platforms import make_merchant
from tests.zygote import Zygote

pytestmark = [
    pytest.mark.kill,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
POINTS = list(DEFINITIONS["onboarding"].failpoints())
CITY = "city"


def settle() -> None:
    """Let the dead one's lease run out and carry on until nothing is left to do."""
    for _ in range(12):
        Journey.objects.filter(state__in=["running", "undoing"]).update(
            lease_until=clock.system(), next_run_at=clock.system()
        )
        if not sweep():
            return
    raise AssertionError("the journey doesn't come to an end")


def test_every_step_has_its_points() -> None:
    steps = {point.split(".")[1] for point in POINTS}
    assert steps == {"identity", "agreement", "review", "open", "turn", "begin"}


@pytest.mark.parametrize("point", POINTS)
def test_killed_there(point: str, zygote: Zygote, platform: Any) -> None:
    step, turned = point.split(".")[1], ".undo." in point or ".turn." in point
    take_applications()
    if step == "identity":
        need_level("verified")
    elif step in ("agreement", "turn", "begin"):
        certification.load_contract_templates()
        make_merchant(slug=CITY)
        take_applications(agreement={"party": CITY})
    person = applicant()
    if step == "open":
        info = handed_in(person.id)
        call = "journeys.facade:approve_application"
        more: dict[str, Any] = {"application_id": info.id}
    else:
        info = draft(person.id)
        call, more = "journeys.facade:submit_application", {"person_id": person.id}
    ended = zygote.run(
        call,
        scope=platform.code,
        failpoint=point,
        broken="certification.facade:contract_state" if turned else "",
        **more,
    )
    assert ended.signal == signal.SIGKILL, f"{point} was never reached: {ended}"
    settle()
    check(person, step, turned=turned)
    if step != "open" and MerchantApplication.objects.get().state == S.DRAFT:
        journeys.submit_application(person_id=person.id)
        check(person, step, turned=turned)


def check(person: platforms.PersonInfo, step: str, *, turned: bool) -> None:
    """Handed in wholly, closed wholly, or not handed in."""
    row = MerchantApplication.objects.get()
    merchants = Merchant.objects.exclude(slug=CITY)
    owners = Membership.objects.filter(person_id=person.id, role="merchant_owner")
    journey = Journey.objects.filter(kind="onboarding").first()
    agreements = [str(one.state) for one in Contract.objects.all()]
    if row.state == S.DRAFT:
        assert journey is None
        assert not merchants.exists()
        assert not owners.exists()
        return
    assert journey is not None
    assert merchants.count() == 1
    assert merchants.get().id == row.merchant_id
    if row.state == S.CLOSED:
        assert turned
        assert journey.state == "undone"
        assert merchants.get().state == "closed"
        assert not owners.exists()
        assert set(agreements) <= {"withdrawn"}
        return
    assert journey.state == "waiting"
    assert owners.count() == 1
    state, merchant = {
        "identity": (S.SUBMITTED, "applied"),
        "review": (S.IN_REVIEW, "in_review"),
        "open": (S.APPROVED, "approved"),
    }.get(step, (S.SUBMITTED, "applied"))
    if step == "open" and row.state == S.IN_REVIEW:
        state, merchant = S.IN_REVIEW, "in_review"  # killed before the decision was kept
    assert (row.state, merchants.get().state) == (state, merchant)
    if step in ("agreement", "turn", "begin"):
        assert agreements == ["signing"]
