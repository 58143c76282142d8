"""Escrow: held until acceptance, in parts, split to the fen, by time, by inspection."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel import clock, jobs, tenancy, transactions
from kernel.errors import Invalid, NotFound
from kernel.gathered import gathering
from payments import facade
from payments.domain.chart import Account, Code
from payments.domain.splitting import Claim, split
from payments.facade import EscrowInfo, Split
from payments.ledger import account_balances
from payments.models import Escrow
from payments.services.reserves import give_back_due
from platforms import facade as platforms
from tests.factories.payments import cny, make_paid, make_refund, make_share
from tests.factories.platforms import api_client, make_key, make_merchant

pytestmark = pytest.mark.usefixtures("books")


def opened(merchant: UUID | None = None, amount: int = 10_000, **fields: Any) -> EscrowInfo:
    merchant = merchant or make_merchant().id
    return facade.open_escrow(
        **{
            "key": uuid4(),
            "merchant_id": merchant,
            "reference": f"A-{uuid4().hex[:8]}",
            "amount": cny(amount),
            "payment_method_types": ("offline_test",),
            **fields,
        }
    )


def held(**fields: Any) -> EscrowInfo:
    info = opened(**fields)
    facade.confirm_intent(intent_id=info.intent_id, payment_method="offline_test")
    return facade.escrow(escrow_id=info.id)


def stands(merchant: UUID) -> tuple[int, int, int, int]:
    """(pending, available, reserved, owed)"""
    found = facade.balance(merchant_id=merchant, currency="CNY")
    return (
        found.pending.amount,
        found.available.amount,
        found.reserved.amount,
        found.owed.amount,
    )


def platform_has(code: str) -> int:
    account = Account(tenancy.current_id(), Code(code), "CNY")
    return account_balances([account])[account.id]


def test_planned_and_paid_in_one_transaction() -> None:
    with transactions.atomic(), gathering():
        info = held()
    assert (info.state, info.held.amount) == ("held", 10_000)
    assert [row.id for row in Escrow.objects.filter(intent_id=info.intent_id)] == [info.id]


def test_held_when_paid_and_released_when_accepted() -> None:
    info = opened()
    assert (info.state, info.held.amount) == ("awaiting_payment", 0)
    assert info.token
    with pytest.raises(facade.EscrowNotHeld):
        facade.accept_escrow(escrow_id=info.id)
    facade.confirm_intent(intent_id=info.intent_id, payment_method="offline_test")
    assert facade.escrow(escrow_id=info.id).state == "held"
    assert stands(info.merchant_id) == (10_000, 0, 0, 0)
    done = facade.accept_escrow(escrow_id=info.id)
    assert (done.state, done.released.amount, done.held.amount) == ("released", 10_000, 0)
    assert stands(info.merchant_id) == (0, 10_000, 0, 0)
    assert facade.accept_escrow(escrow_id=info.id).version == done.version


def test_an_order_of_ours_has_one_by_the_platforms_rule() -> None:
    share = make_share()
    make_paid(share)
    found = facade.escrow_for(reference=share.reference)
    assert found is not None
    assert (found.state, found.accept, found.held.amount) == ("held", "buyer", 9_500)
    facade.accept_escrow(escrow_id=found.id)
    assert stands(share.merchant_id) == (0, 9_500, 0, 0)
    assert facade.release_due() == 0


def test_parts_and_a_retry_of_a_part() -> None:
    info = held()
    first = facade.accept_escrow(escrow_id=info.id, amount=cny(3_333), before=0)
    assert (first.state, first.released.amount, first.held.amount) == ("held", 3_333, 6_667)
    again = facade.accept_escrow(escrow_id=info.id, amount=cny(3_333), before=0)
    assert again.released.amount == 3_333
    for wrong in (cny(0), cny(6_668)):
        with pytest.raises(Invalid):
            facade.accept_escrow(escrow_id=info.id, amount=wrong)
    last = facade.accept_escrow(escrow_id=info.id)
    assert (last.state, last.released.amount) == ("released", 10_000)


def test_time_runs_from_the_delivery() -> None:
    info = held(release_days=5)
    assert facade.release_due() == 0
    told = facade.deliver_escrow(escrow_id=info.id)
    assert told.release_at is not None
    assert told.release_at - told.delivered_at == timedelta(days=5)  # type: ignore[operator]
    with clock.offset(timedelta(days=4, hours=23)):
        assert facade.release_due() == 0
    with clock.offset(timedelta(days=5, seconds=1)):
        assert facade.release_due() == 1
    assert facade.escrow(escrow_id=info.id).state == "released"
    with pytest.raises(Invalid):
        facade.deliver_escrow(escrow_id=held().id, at=clock.business() + timedelta(hours=1))


def test_an_inspection_releases_its_share() -> None:
    info = held(accept="inspection", splits=[Split("tax", cny(900))])
    assert facade.deliver_escrow(escrow_id=info.id).release_at is None
    with clock.offset(timedelta(days=99)):
        assert facade.release_due() == 0
    share = Decimal("0.85")
    found = facade.inspected(escrow_id=info.id, report="I-1", released_share=share)
    assert (found.released.amount, found.held.amount) == (8_500, 1_500)
    assert facade.inspected(escrow_id=info.id, report="I-1", released_share=share) == found
    with pytest.raises(facade.InspectionGiven):
        facade.inspected(escrow_id=info.id, report="I-1", released_share=Decimal(1))
    last = facade.inspected(
        escrow_id=info.id, report="I-2", released_share=Decimal("0.9"), rest="refund"
    )
    assert last.released.amount == 9_000
    jobs.drain()
    assert facade.escrow(escrow_id=info.id).refunded.amount == 1_000
    assert facade.escrow(escrow_id=info.id).state == "released"
    assert platform_has("tax") == 810  # of what stayed sold


def test_split_between_all_that_have_a_part() -> None:
    carrier = make_merchant().id
    info = held(
        splits=[
            Split("logistics", cny(800), "cold chain", carrier),
            Split("logistics", cny(333), "port"),
            Split("tax", cny(901)),
        ]
    )
    for part in (1, 2_999, 3_500):
        facade.accept_escrow(escrow_id=info.id, amount=cny(part))
    done = facade.accept_escrow(escrow_id=info.id)
    assert [one.paid.amount for one in done.splits] == [800, 333, 901]
    assert stands(info.merchant_id) == (0, 10_000 - 800 - 333 - 901, 0, 0)
    assert stands(carrier) == (0, 800, 0, 0)
    assert (platform_has("carriage"), platform_has("tax")) == (333, 901)
    assert platform_has("split_clearing") == 0
    kinds = {one.type for one in facade.balance_transactions(merchant_id=carrier).items}
    assert kinds == {"split_received"}


def test_more_than_there_is_cannot_be_split() -> None:
    with pytest.raises(facade.InvalidSplit) as caught:
        opened(splits=[Split("tax", cny(10_001))])
    assert caught.value.field == "splits"
    with pytest.raises(NotFound):
        opened(splits=[Split("logistics", cny(1), "", uuid4())])


def test_all_given_back() -> None:
    share = make_share()
    intent = make_paid(share)
    refund = make_refund(intent, reason="no")
    facade.record_refund(refund_id=refund.id, result=facade.perform_refund(refund_id=refund.id))
    found = facade.escrow_for(reference=share.reference)
    assert found is not None
    assert (found.state, found.held.amount) == ("returned", 0)
    with pytest.raises(facade.EscrowNotHeld):
        facade.accept_escrow(escrow_id=found.id)


class TestDoor:
    def test_for_an_order_kept_elsewhere(self) -> None:
        merchant = make_merchant().id
        client = api_client(make_key(merchant_id=merchant).raw)
        body = {
            "amount": {"amount": 5_000, "currency": "CNY"},
            "reference": "ERP-1",
            "payment_method_types": ["offline_test"],
            "splits": [{"kind": "tax", "amount": {"amount": 450, "currency": "CNY"}}],
            "external_id": "E-1",
        }
        made = client.post("/escrows", body)
        assert made.status_code == 201, made.content
        token = made.json()["acceptance_token"]
        where = f"/escrows/{made.json()['id']}"
        paid = client.post(
            f"/payments/intents/{made.json()['payment']}/confirm",
            {"payment_method": "offline_test"},
        )
        assert paid.status_code == 200, paid.content
        assert client.get(where).json()["acceptance_token"] is None
        assert client.post(f"{where}/accept", {}).status_code == 404  # not the merchant's word
        guest = api_client(None)
        assert guest.post(f"{where}/accept", {"token": "x" * 32}).status_code == 404
        done = guest.post(f"{where}/accept", {"token": token})
        assert done.status_code == 200, done.content
        assert done.json()["state"] == "released"
        assert done.json()["splits"][0]["paid"]["amount"] == 450
        listed = client.get("/escrows?state=released").json()["data"]
        assert [one["id"] for one in listed] == [made.json()["id"]]

    def test_another_merchant_sees_nothing(self) -> None:
        info = held()
        other = api_client(make_key(merchant_id=make_merchant().id).raw)
        assert other.get(f"/escrows/{info.public_id}").status_code == 404
        assert other.post(f"/escrows/{info.public_id}/delivery", {}).status_code == 404
        mine = api_client(make_key(merchant_id=info.merchant_id).raw)
        inspection = {"report": "R", "released_share": "1"}
        answer = mine.post(f"/escrows/{info.public_id}/inspection", inspection)
        assert answer.status_code == 403


def test_a_reserve_is_kept_used_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    known = platforms.setting
    monkeypatch.setattr(
        platforms, "setting", lambda *a: "10" if a[1] == "reserve_percent" else known(*a)
    )
    share = make_share(10_000, 0)
    intent = make_paid(share)
    escrow = facade.escrow_for(reference=share.reference)
    assert escrow is not None
    facade.accept_escrow(escrow_id=escrow.id)
    assert stands(share.merchant_id) == (0, 9_000, 1_000, 0)
    make_refund(intent, 9_400)  # 400 more than is available
    assert stands(share.merchant_id) == (0, 0, 600, 0)
    assert give_back_due() == 0
    with clock.offset(timedelta(days=31)):
        assert give_back_due() == 1
    assert stands(share.merchant_id) == (0, 600, 0, 0)


@given(
    whole=st.integers(1, 10_000),
    wanted=st.lists(st.tuples(st.integers(1, 4_000), st.booleans()), max_size=5),
    steps=st.lists(st.tuples(st.booleans(), st.integers(1, 6_000)), max_size=8),
)
@settings(max_examples=150, deadline=None)
def test_parts_are_exact(
    whole: int, wanted: list[tuple[int, bool]], steps: list[tuple[bool, int]]
) -> None:
    """Whatever is released and refunded in whatever steps: each part sums to the release, nobody
    gets more than is due, and without refunds everybody gets exactly it."""
    room = whole
    claims = []
    for amount, follows in wanted:
        amount = min(amount, room)
        if amount:
            claims.append(Claim(amount, 0, follows))
            room -= amount
    taken = released = own = 0
    for is_refund, amount in [*steps, (False, whole)]:
        held_now = whole - taken - released
        amount = min(amount, held_now)
        if is_refund:
            taken += amount
            continue
        mine, parts = split(release=amount, held=held_now, whole=whole, taken=taken, claims=claims)
        assert mine + sum(parts) == amount
        assert mine >= 0
        for claim, part in zip(claims, parts, strict=True):
            assert 0 <= part <= max(0, claim.due(whole=whole, taken=taken))
        claims = [
            Claim(c.amount, c.paid + part, c.follows) for c, part in zip(claims, parts, strict=True)
        ]
        released, own = released + amount, own + mine
    assert released + taken == whole
    assert own + sum(c.paid for c in claims) == released
    if not taken:
        assert all(c.paid == c.amount for c in claims)
        assert own == room
