"""Killed (SIGKILL) before and after every outside call; then the reconciler, or the caller's retry,
finishes it: nothing is lost, nothing is doubled, the books agree with the gateway and the bank."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connections

from kernel import tenancy
from payments import facade
from tests.factories.payments import cny, make_intent
from tests.payments.test_sandbox import Outside, outside, payee

__all__ = ["outside"]
pytestmark = [
    pytest.mark.django_db(transaction=True), pytest.mark.kill, pytest.mark.slow,
]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).parent / "killed.py"


def work(action: str, subject: UUID, *, failpoint: str = "", hours: int = 0) -> int:
    """Another process makes the move; its exit code."""
    urls = {
        "DATABASE_URL": "default",
        "DATABASE_SYSTEM_URL": "system",
        "DATABASE_OWNER_URL": "owner",
        "SANDBOX_DATABASE_URL": "sandbox",
    }
    environment = os.environ | {
        name: address(connections[alias].settings_dict) for name, alias in urls.items()
    }
    environment |= {"QC_FAILPOINT": failpoint, "BANK_URL": settings.BANK_URL}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
    here = tenancy.current()
    command = [sys.executable, str(SCRIPT), str(here.id), here.code, action, str(subject)]
    done = subprocess.run(
        [*command, str(hours)], env=environment, cwd=ROOT, check=False, timeout=120,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode in (0, -9), done.stderr
    return done.returncode


def address(values: dict[str, Any]) -> str:
    who = f"{values['USER']}:{quote(values['PASSWORD'], safe='')}"
    if not str(values["HOST"]).startswith("/"):
        return f"postgresql://{who}@{values['HOST']}:{values['PORT']}/{values['NAME']}"
    port = f"&port={values['PORT']}" if values["PORT"] else ""
    return f"postgresql://{who}@/{values['NAME']}?host={quote(values['HOST'], safe='')}{port}"


POINTS = {
    "confirm": ["before_call", "after_create", "after_call"],
    "cancel": ["before_call", "after_call"],
    "refund": ["before_call", "after_call"],
    "payout": ["before_call", "after_call"],
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
def test_confirm(outside: Outside, point: str, again: str) -> None:
    intent = make_intent()
    assert work("confirm", intent.id, failpoint=f"payments.confirm.{point}") == -9
    assert facade.intent(intent_id=intent.id).state == "processing"
    finish("confirm", intent.id, again)
    assert facade.intent(intent_id=intent.id).state == "succeeded"
    rows = outside.get("/v1/charges?limit=100")["data"]
    assert [row["amount_captured"] for row in rows] == [10_000]


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("point", POINTS["cancel"])
def test_cancel(outside: Outside, point: str, again: str) -> None:
    intent = make_intent()
    waiting = facade.confirm_intent(
        intent_id=intent.id, payment_method="pm_card_authenticationRequired"
    )
    assert waiting.state == "requires_action"
    assert work("cancel", intent.id, failpoint=f"payments.cancel.{point}") == -9
    finish("cancel", intent.id, again)
    assert facade.intent(intent_id=intent.id).state == "canceled"


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("point", POINTS["refund"])
def test_refund(outside: Outside, point: str, again: str) -> None:
    intent = make_intent()
    facade.confirm_intent(intent_id=intent.id, payment_method="pm_card_visa")
    assert work("refund", intent.id, failpoint=f"payments.refund.{point}") == -9
    finish("refund", intent.id, again)
    [refund] = facade.refunds_page(merchant_id=None).items
    assert refund.state == "succeeded"
    rows = outside.get("/v1/refunds")["data"]
    assert [row["amount"] for row in rows] == [10_000]


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("point", POINTS["payout"])
def test_payout(outside: Outside, point: str, again: str) -> None:
    merchant = payee("6222000000000000")
    payout = facade.create_payout(merchant_id=merchant, key=uuid4())
    assert work("payout", payout.id, failpoint=f"payments.payout.{point}") == -9
    assert facade.balance(merchant_id=merchant).in_transit == cny(9_000)
    finish("payout", payout.id, again)
    assert facade.payout(payout_id=payout.id).state == "paid"


def finish(action: str, subject: UUID, again: str) -> None:
    """The reconciler's next round, two hours on; or the caller repeats its request."""
    if again == "reconcile":
        assert work("reconcile", subject, hours=2) == 0
    else:
        assert work(action, subject) == 0
