"""Alipay and WeChat Pay misbehave over HTTP: each time one charge, one refund, and a ledger that
agrees with the provider."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from kernel import clock
from payments import facade as payments
from payments.domain.chart import Code
from payments.errors import WebhookRefused
from payments.models import LedgerTransfer
from payments.services import notifications
from sandbox.delivery.worker import drain
from sandbox.models import ScanTrade
from tests.factories.payments import make_refund
from tests.factories.sandbox import Received
from tests.payments.test_providers import Shop, balance, begin, scan
from tests.payments.test_providers import shop as shop

PATIENCE, LATE = (5.0, 2.0), 2.6  # seconds: enough for a busy machine, and too late

pytestmark = pytest.mark.django_db(transaction=True)
WAYS = ["alipay", "wechat"]
QUERY = {"alipay": "alipay.trade.query", "wechat": "wechat.query"}
REFUND = {"alipay": "alipay.trade.refund", "wechat": "wechat.refund"}
FIND = {"alipay": "alipay.trade.fastpay.refund.query", "wechat": "wechat.refund.query"}


def agrees(method: str) -> None:
    """One charge in the ledger, and on both sides the same money."""
    [trade] = ScanTrade.objects.exclude(transaction="")
    here = Code.ALIPAY if method == "alipay" else Code.WECHAT
    assert LedgerTransfer.objects.filter(code="charge").count() == 1
    assert balance(here) == trade.amount - trade.refunded
    assert payments.trial_balance().balanced


def take(sent: Received, method: str) -> bool:
    """What the provider pushed, as it came."""
    if method == "alipay":
        return notifications.take_alipay(form=dict(parse_qsl(sent.body.decode())))
    return notifications.take_wechat(headers=sent.headers, body=sent.body)


@pytest.mark.parametrize("method", WAYS)
@pytest.mark.parametrize("fault", ["timeout_after", "error_after", "error_before"])
def test_the_answer_to_a_paid_code_gets_lost(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, method: str, fault: str
) -> None:
    """Paid at the provider; we ask, and hear nothing. Nobody guesses; the next question tells."""
    if "timeout" in fault:
        monkeypatch.setattr("payments.gateways.transport.TIMEOUT", PATIENCE)
    info = begin(method)
    scan(info)
    more = {"seconds": LATE} if fault == "timeout_after" else {}
    shop.call("/_sandbox/faults", operation=QUERY[method], kind=fault, times=3, **more)
    before = payments.refresh_intent(intent_id=info.id)
    assert before.state == "requires_action"
    for _ in range(2):
        assert payments.refresh_intent(intent_id=info.id).state == "succeeded"
    agrees(method)


@pytest.mark.parametrize("method", WAYS)
@pytest.mark.parametrize("fault", ["timeout_after", "error_after"])
def test_a_code_is_made_once_though_the_answer_is_late(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, method: str, fault: str
) -> None:
    if "timeout" in fault:
        monkeypatch.setattr("payments.gateways.transport.TIMEOUT", PATIENCE)
    name = {"alipay": "alipay.trade.precreate", "wechat": "wechat.native"}[method]
    more = {"seconds": LATE} if fault == "timeout_after" else {}
    shop.call("/_sandbox/faults", operation=name, kind=fault, times=1, **more)
    info = begin(method)
    assert ScanTrade.objects.count() == 1, "the second call is the same trade"
    scan(info)
    assert payments.refresh_intent(intent_id=info.id).state == "succeeded"
    agrees(method)


@pytest.mark.parametrize("method", WAYS)
def test_news_before_the_answer_twice_and_the_next_day(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The push overtakes our question, comes doubled, again by ten, and once more a day later."""
    info = begin(method)
    scan(info)
    drain()
    sent = shop.hook.got[-1]
    assert take(sent, method) is True
    assert [take(sent, method) for _ in range(9)] == [False] * 9
    assert payments.refresh_intent(intent_id=info.id).state == "succeeded"
    now = clock.system
    monkeypatch.setattr(clock, "system", lambda: now() + timedelta(days=1))
    if method == "wechat":  # its signature carries a time: a stale one proves nothing
        with pytest.raises(WebhookRefused):
            take(sent, method)
    else:
        assert take(sent, method) is False
    agrees(method)


@pytest.mark.parametrize("method", WAYS)
@pytest.mark.parametrize("fault", ["timeout_after", "error_after"])
def test_one_refund_though_the_answer_gets_lost(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, method: str, fault: str
) -> None:
    if "timeout" in fault:
        monkeypatch.setattr("payments.gateways.transport.TIMEOUT", PATIENCE)
    info = begin(method)
    scan(info)
    paid = payments.refresh_intent(intent_id=info.id)
    more = {"seconds": LATE} if fault == "timeout_after" else {}
    for name in (REFUND[method], FIND[method]):
        shop.call("/_sandbox/faults", operation=name, kind=fault, times=3, **more)
    refund = make_refund(paid, 1_000)
    result = payments.perform_refund(refund_id=refund.id)
    left = payments.record_refund(refund_id=refund.id, result=result)
    assert left.state == "pending", "the money went; nobody here knows yet"
    for _ in range(4):
        result = payments.perform_refund(refund_id=refund.id)
        left = payments.record_refund(refund_id=refund.id, result=result)
    assert left.state == "succeeded"
    assert ScanTrade.objects.get().refunded == 1_000
    agrees(method)
