"""Payout plans that begin later or rest, and the platform's terms for paying in parts."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel import clock
from kernel.errors import Conflict, Invalid
from payments import facade
from payments.services import plans
from tests.factories.payments import cny, make_paid, make_payee, make_share
from tests.factories.platforms import api_client, make_key, make_merchant

pytestmark = pytest.mark.usefixtures("books")
DAY = timedelta(days=1)
TERMS: dict[str, Any] = {
    "first_percent": 20,
    "most_parts": 3,
    "longest_days": 60,
    "most_grace_days": 7,
}


def plan_of(*amounts: int, days: int = 30, **fields: Any) -> facade.InstalmentPlanInfo:
    now = clock.business()
    return facade.open_plan(
        **{
            "key": uuid4(), "merchant_id": make_merchant().id, "reference": f"O-{uuid4().hex[:8]}",
            "amount": cny(sum(amounts)),
            "parts": [(cny(one), now + days * place * DAY) for place, one in enumerate(amounts)],
            **fields,
        }
    )  # fmt: skip


def test_a_plan_begins_on_its_day_and_not_before() -> None:
    merchant = make_merchant().id
    begin = clock.business() + 10 * DAY
    facade.set_payout_plan(merchant_id=merchant, interval="weekly", day=2)
    info = facade.set_payout_plan(
        merchant_id=merchant, interval="daily", minimum=500, hold_days=3, valid_from=begin
    )
    assert (info.interval, info.upcoming and info.upcoming.interval) == ("weekly", "daily")
    plans.run_due()
    assert facade.payout_plan(merchant_id=merchant).interval == "weekly"
    with clock.offset(11 * DAY):
        plans.run_due()
        now = facade.payout_plan(merchant_id=merchant)
        assert (now.interval, now.minimum, now.hold_days) == ("daily", cny(500), 3)
        assert now.upcoming is None
        assert plans.apply_due() == 0
    facade.set_payout_plan(merchant_id=merchant, interval="monthly", valid_from=begin)
    assert facade.set_payout_plan(merchant_id=merchant, interval="manual").upcoming is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"interval": "hourly"}, "interval"),
        ({"interval": "weekly", "day": 8}, "day"),
        ({"minimum": -1}, "minimum"),
        ({"hold_days": 91}, "hold_days"),
        ({"valid_from": timedelta(0)}, "valid_from"),
        ({"valid_from": timedelta(days=400)}, "valid_from"),
    ],
)
def test_bad_plans_are_told_why(fields: dict[str, Any], field: str) -> None:
    if "valid_from" in fields:
        fields = {"valid_from": clock.business() + fields["valid_from"]}
    with pytest.raises(Invalid) as caught:
        facade.set_payout_plan(**{"merchant_id": make_merchant().id, "interval": "daily", **fields})
    assert caught.value.problems[0].field == field


def test_an_operators_hold_stops_payouts_until_it_is_ended() -> None:
    merchant = make_payee()
    share = make_share(10_000, 0, merchant_id=merchant)
    make_paid(share)
    escrow = facade.escrow_for(reference=share.reference)
    assert escrow is not None
    facade.accept_escrow(escrow_id=escrow.id)
    facade.hold_payouts(merchant_id=merchant, reason="open investigation")
    with pytest.raises(facade.PayoutsOnHold):
        facade.create_payout(merchant_id=merchant, amount=cny(1_000), key=uuid4())
    plans.hold(merchant)  # another bank account doesn't end it
    assert facade.payout_plan(merchant_id=merchant).pause == "operator"
    with clock.offset(4 * DAY):  # the new account has rested
        assert facade.resume_payouts(merchant_id=merchant).pause == ""
        facade.create_payout(merchant_id=merchant, amount=cny(1_000), key=uuid4())
    plans.hold(merchant)
    with pytest.raises(Conflict):
        facade.resume_payouts(merchant_id=merchant)
    for wrong in ({"reason": " "}, {"reason": "x", "until": clock.business()}):
        with pytest.raises(Invalid):
            facade.hold_payouts(merchant_id=merchant, **wrong)


@pytest.mark.parametrize("first", ["operator", "account"])
def test_an_operators_hold_ends_no_rest_of_the_account(first: str) -> None:
    merchant = make_payee()
    if first == "account":
        plans.hold(merchant)
    facade.hold_payouts(merchant_id=merchant, reason="open investigation")
    if first == "operator":
        plans.hold(merchant)
    assert facade.payout_plan(merchant_id=merchant).pause == "operator"
    left = facade.resume_payouts(merchant_id=merchant)
    assert (left.pause, left.paused_until is None) == ("changed_account", False)
    with pytest.raises(facade.PayoutsOnHold):
        facade.create_payout(merchant_id=merchant, amount=cny(1_000), key=uuid4())


def test_a_hold_that_runs_out_leaves_the_accounts_rest() -> None:
    merchant = make_payee()
    plans.hold(merchant)
    facade.hold_payouts(merchant_id=merchant, reason="a day", until=clock.business() + DAY)
    with clock.offset(2 * DAY):
        assert facade.payout_plan(merchant_id=merchant).pause == "changed_account"
    with clock.offset(4 * DAY):
        assert facade.payout_plan(merchant_id=merchant).pause == ""


def test_terms_hold_from_their_day_on_for_new_plans() -> None:
    key = uuid4()
    before = plan_of(100, 900, days=90, key=key, grace_days=30, reference="O-1")
    later = facade.set_instalment_terms(**TERMS, valid_from=clock.business() + DAY)
    assert (later.holds, later.upcoming) == (False, True)
    plan_of(100, 900, days=90)
    with clock.offset(2 * DAY):
        plan_of(200, 400, 400)
        again = facade.open_plan(
            key=key, merchant_id=before.merchant_id, reference="O-1", amount=cny(1_000),
            parts=[(one.amount, one.due_at) for one in before.instalments], grace_days=30,
        )  # fmt: skip
        assert again.id == before.id, "a retry isn't a new plan"
        for amounts, more, field in (
            ((250, 250, 250, 250), {"days": 10}, "instalments"),
            ((199, 801), {}, "instalments.0.amount"),
            ((500, 500), {"days": 61}, "instalments.1.due_at"),
            ((500, 500), {"grace_days": 8}, "grace_days"),
        ):
            with pytest.raises(Invalid) as caught:
                plan_of(*amounts, **more)
            assert caught.value.problems[0].field == field
        [only] = facade.instalment_terms_page().items
        assert only.holds


def test_the_door() -> None:
    merchant = make_merchant()
    operator = api_client(make_key(kind="operator"))
    shop = api_client(make_key(merchant_id=merchant.id))
    bad = operator.post("/instalment-terms", {**TERMS, "most_parts": 1})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "most_parts")
    assert shop.post("/instalment-terms", TERMS).status_code in (403, 404)
    begin = (clock.business() + 5 * DAY).isoformat()
    made = operator.post("/instalment-terms", {**TERMS, "valid_from": begin}).json()
    assert [one["id"] for one in shop.get("/instalment-terms").json()["data"]] == [made["id"]]
    assert operator.delete(f"/instalment-terms/{made['id']}").status_code == 204
    held = operator.post("/instalment-terms", TERMS).json()
    assert held["holds"]
    assert operator.delete(f"/instalment-terms/{held['id']}").status_code == 422
    whose = merchant.public_id
    plan = {"interval": "daily", "merchant": whose, "valid_from": begin}
    assert operator.put("/payout-plan", plan).json()["upcoming"]["interval"] == "daily"
    assert shop.get("/payout-plan").json()["upcoming"]["interval"] == "daily"
    hold = {"merchant": whose, "reason": "check"}
    assert shop.post("/payout-plan/hold", hold).status_code in (403, 404)
    assert operator.post("/payout-plan/hold", hold).json()["pause"] == "operator"
    assert operator.post("/payout-plan/resume", {"merchant": whose}).json()["pause"] is None
