"""Killed (SIGKILL) before and after every outside call; then the reconciler, or the caller's retry,
finishes it: nothing is lost, nothing is doubled, the books agree with the gateway and the bank."""

import re
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from kernel import clock, tenancy
from kernel.records.jobs import Job
from payments import facade, ledger
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag, Transfer
from payments.ledger.counters import counters
from payments.models import LedgerTransfer, PaymentIntent
from payments.services import webhook
from tests.factories.payments import cny, event, intent_body, make_intent, signed
from tests.factories.platforms import make_platform
from tests.payments.test_sandbox import Outside, outside, payee
from tests.zygote import Zygote

__all__ = ["outside"]
pytestmark = [
    pytest.mark.django_db(transaction=True), pytest.mark.kill, pytest.mark.slow,
]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]


class Killed:
    """Moves made by a process that may die on the way."""

    def __init__(self, zygote: Zygote) -> None:
        self.zygote = zygote

    def work(
        self, action: str, subject: UUID, *, failpoint: str = "", hours: int = 0, **more: Any
    ) -> int:
        """Another process makes the move; the signal that killed it."""
        ended = self.zygote.run(
            f"tests.payments.killed:{action}",
            scope=tenancy.current().code,
            failpoint=failpoint,
            settings={"BANK_URL": settings.BANK_URL},
            ahead=timedelta(hours=hours),
            id_=subject,
            **more,
        )
        assert ended.status == 0 or ended.signal == signal.SIGKILL, ended
        return ended.signal

    def finish(self, action: str, subject: UUID, again: str) -> None:
        """The reconciler's next round, two hours on; or the caller repeats its request."""
        if again == "reconcile":
            assert self.work("reconcile", subject, hours=2) == 0
        else:
            assert self.work(action, subject) == 0


@pytest.fixture
def killed(zygote: Zygote) -> Killed:
    return Killed(zygote)


POINTS = {
    "confirm": ["before_call", "after_create", "after_call"],
    "cancel": ["before_call", "after_call"],
    "refund": ["before_call", "after_call"],
    "payout": ["before_call", "after_call"],
    "expire": ["posted"],
    "return": ["before_call", "after_call"],  # these and what follows: test_kill_flows
    "late": ["before_call", "after_call"],
    "evidence": ["before_call", "uploaded", "after_call"],
    "chargeback": ["after_call"],
    "ledger": ["posted"],
    "invoice": ["numbered"],  # test_invoice_races
    "fapiao": ["before_call", "after_call"],
}
AGAIN = ["reconcile", "repeat"]


def test_every_failpoint_of_payments_is_here() -> None:
    found = {
        name
        for path in (ROOT / "payments").rglob("*.py")
        for name in re.findall(r'hit\("([^"]+)"\)', path.read_text())
    }
    listed = {f"payments.{action}.{point}" for action, points in POINTS.items() for point in points}
    assert found == listed


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("point", POINTS["confirm"])
def test_confirm(killed: Killed, outside: Outside, point: str, again: str) -> None:
    intent = make_intent()
    assert killed.work("confirm", intent.id, failpoint=f"payments.confirm.{point}")
    assert facade.intent(intent_id=intent.id).state == "processing"
    killed.finish("confirm", intent.id, again)
    assert facade.intent(intent_id=intent.id).state == "succeeded"
    rows = outside.get("/v1/charges?limit=100")["data"]
    assert [row["amount_captured"] for row in rows] == [10_000]


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("status", ["succeeded", "requires_action"])
def test_news_before_an_answer_that_nobody_heard(
    killed: Killed, outside: Outside, status: str, again: str
) -> None:
    """The news makes nobody ask, since our call is out; that it died is noticed all the same."""
    intent = make_intent()
    assert killed.work("confirm", intent.id, failpoint="payments.confirm.after_call")
    told = intent_body(facade.intent(intent_id=intent.id), status)
    told["id"] = PaymentIntent.objects.get(id=intent.id).gateway_id
    body = event(told, f"payment_intent.{status}")
    assert webhook.take_in(body=body, header=signed(body, secret="whsec_" + "x" * 32))
    assert not Job.objects.filter(kind="payments.refresh_intent").exists()
    killed.finish("confirm", intent.id, again)
    killed.finish("confirm", intent.id, "reconcile")  # a caller who hears of it asks no more
    assert facade.intent(intent_id=intent.id).state == "succeeded"
    row = PaymentIntent.objects.get(id=intent.id)
    assert row.gateway_fee
    assert row.next_check_at is None
    outside.agrees()


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("point", POINTS["cancel"])
def test_cancel(killed: Killed, outside: Outside, point: str, again: str) -> None:
    intent = make_intent()
    waiting = facade.confirm_intent(
        intent_id=intent.id, payment_method="pm_card_authenticationRequired"
    )
    assert waiting.state == "requires_action"
    assert killed.work("cancel", intent.id, failpoint=f"payments.cancel.{point}")
    killed.finish("cancel", intent.id, again)
    assert facade.intent(intent_id=intent.id).state == "canceled"


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("point", POINTS["refund"])
def test_refund(killed: Killed, outside: Outside, point: str, again: str) -> None:
    intent = make_intent()
    facade.confirm_intent(intent_id=intent.id, payment_method="pm_card_visa")
    assert killed.work("refund", intent.id, failpoint=f"payments.refund.{point}")
    killed.finish("refund", intent.id, again)
    [refund] = facade.refunds_page(merchant_id=None).items
    assert refund.state == "succeeded"
    rows = outside.get("/v1/refunds")["data"]
    assert [row["amount"] for row in rows] == [10_000]


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("point", POINTS["payout"])
def test_payout(killed: Killed, outside: Outside, point: str, again: str) -> None:
    merchant = payee("6222000000000000")
    payout = facade.create_payout(merchant_id=merchant, key=uuid4())
    assert killed.work("payout", payout.id, failpoint=f"payments.payout.{point}")
    assert facade.balance(merchant_id=merchant).in_transit == cny(9_000)
    killed.finish("payout", payout.id, again)
    assert facade.payout(payout_id=payout.id).state == "paid"


def test_the_worker_that_expires_holds(killed: Killed) -> None:
    """Killed after the ledger has answered and before the commit: nothing happened; the next
    round does it once."""
    with tenancy.scope(make_platform()):
        here, soon = tenancy.current_id(), clock.business() + timedelta(minutes=1)
        gateway, bank = [Account(here, code, "CNY") for code in (Code.GATEWAY, Code.BANK)]
        holds = [
            Transfer(
                id=uuid4(), debit=gateway, credit=bank, amount=cny(100), code="test",
                journal=uuid4(), flags=Flag.PENDING, expires_at=soon,
            )
            for _ in range(3)
        ]  # fmt: skip
        assert ledger.post(holds) == ["ok"] * 3
        for failpoint, code, held in (
            ("payments.expire.posted", signal.SIGKILL, 300), ("", 0, 0), ("", 0, 0),
        ):  # fmt: skip
            assert killed.work("expire", here, failpoint=failpoint, hours=1) == code
            assert counters([gateway.id])[gateway.id] == (0, 0, held, 0)
        assert LedgerTransfer.objects.count() == 6
        assert facade.trial_balance().balanced
