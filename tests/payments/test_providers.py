"""Alipay, WeChat Pay and bank transfers against the sandbox over HTTP: one charge, whatever happens
on the way, and a ledger that agrees with the provider."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import requests

from kernel import clock, jobs, tenancy
from kernel.ids import public_id
from payments import facade as payments
from payments.domain.chart import Account, Code
from payments.domain.reconciliation import Side, parse
from payments.domain.reconciliation.movements import place
from payments.errors import CreditNotOpen, ProviderUnavailable, WebhookRefused
from payments.gateways import breaker
from payments.ledger.balances import account_balances
from payments.models import Attempt, BankCredit, LateCharge, PaymentIntent, ProviderHealth
from payments.selectors.ledger_statement import ledger_statement
from payments.services import bank_credits, notifications, probe, provider_account
from payments.services.reconcile import reconcile
from sandbox import clock as sandbox_clock
from sandbox.bank import statements as bank_statements
from sandbox.delivery.worker import drain
from sandbox.models import BankBalance, ScanTrade
from tests.factories.payments import make_bank_transfers, make_intent, make_refund, rsa_keys
from tests.factories.sandbox import Receiver, make_account, receiving, serving
from tests.factories.world import connect

pytestmark = pytest.mark.django_db(transaction=True)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ALL = ("card", "alipay", "wechat", "bank_transfer", "offline_test")


@dataclass
class Shop:
    """The sandbox's address and key, and where it pushes to."""

    url: str
    key: str
    hook: Receiver

    def call(self, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = requests.post(f"{self.url}{path}", json=body, headers=headers, timeout=10)
        assert answer.status_code < 300, answer.text
        return answer.json()


@pytest.fixture
def shop(books: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A platform that takes everything."""
    turn = itertools.cycle(range(2, 5))
    monkeypatch.setattr("sandbox.scan.keys.new_pair", lambda: rsa_keys(next(turn)))
    with serving() as url, receiving() as hook:
        found = Shop(url, make_account(), hook)
        connect(url, found.key)
        use_alipay(found)
        use_wechat(found)
        make_bank_transfers(f"{url}/bank", found.key)
        yield found


def use_alipay(shop: Shop) -> None:
    app = shop.call("/_sandbox/alipay", public_key=rsa_keys()[1])
    payments.configure_provider(
        name="alipay",
        config={
            "app_id": app["app_id"],
            "gateway": app["gateway"],
            "notify_url": shop.hook.url,
            "seller_id": app["seller_id"],
            "alipay_public_key": app["alipay_public_key"],
        },
        secrets={"private_key": rsa_keys()[0]},
    )


def use_wechat(shop: Shop, mode: str = "certificate") -> str:
    merchant = shop.call("/_sandbox/wechat", public_key=rsa_keys()[1], mode=mode)
    names = ("mchid", "appid", "serial_no", "base_url", "public_key_id", "public_key")
    payments.configure_provider(
        name="wechat",
        config={**{name: merchant[name] for name in names}, "notify_url": shop.hook.url},
        secrets={"private_key": rsa_keys()[0], "apiv3_key": merchant["apiv3_key"]},
    )
    return str(merchant["mchid"])


def balance(code: Code) -> int:
    from kernel import tenancy

    account = Account(tenancy.current_id(), code, "CNY")
    return int(account_balances([account])[account.id])


def scan(info: payments.IntentInfo, do: str = "pay") -> None:
    assert requests.post(info.qr, data={do: "1"}, timeout=10).status_code == 200


def begin(method: str, **fields: Any) -> payments.IntentInfo:
    intent = make_intent(payment_method_types=ALL, **fields)
    return payments.confirm_intent(intent_id=intent.id, payment_method=method)


def deliver(shop: Shop, method: str, *, times: int = 1) -> list[bool]:
    """Hand what the provider pushed to us, as the web server would."""
    drain()
    sent = shop.hook.got[-1]
    if method == "alipay":
        from urllib.parse import parse_qsl

        form = dict(parse_qsl(sent.body.decode()))
        return [notifications.take_alipay(form=form) for _ in range(times)]
    return [notifications.take_wechat(headers=sent.headers, body=sent.body) for _ in range(times)]


@pytest.mark.parametrize("method", ["alipay", "wechat"])
def test_paid_by_a_code_and_refunded(shop: Shop, method: str) -> None:
    info = begin(method)
    assert (info.state, info.qr[:7]) == ("requires_action", "http://")
    assert payments.refresh_intent(intent_id=info.id).state == "requires_action"
    scan(info)
    assert payments.refresh_intent(intent_id=info.id).state == "succeeded"
    assert deliver(shop, method, times=2) == [True, False], "known already, and only once"
    assert balance(Code.ALIPAY if method == "alipay" else Code.WECHAT) == info.amount.amount
    refund = make_refund(payments.intent(intent_id=info.id), 1_000)
    result = payments.perform_refund(refund_id=refund.id)
    done = payments.record_refund(refund_id=refund.id, result=result)
    assert done.state == "succeeded"
    assert ScanTrade.objects.get(number=Attempt.objects.get().provider_id).refunded == 1_000
    assert balance(Code.ALIPAY if method == "alipay" else Code.WECHAT) == info.amount.amount - 1_000


@pytest.mark.parametrize("method", ["alipay", "wechat"])
def test_the_notification_alone_settles_it(shop: Shop, method: str) -> None:
    """The buyer's page is closed and nobody asks: what the provider pushes is enough."""
    info = begin(method)
    scan(info)
    assert deliver(shop, method, times=10) == [True] + [False] * 9
    assert payments.intent(intent_id=info.id).state == "succeeded"


def test_a_touched_notification_is_refused(shop: Shop) -> None:
    info = begin("wechat")
    scan(info)
    drain()
    sent = shop.hook.got[-1]
    for headers, body in [
        (sent.headers, sent.body.replace(b"TRANSACTION", b"TRANSACTIOM")),
        ({**sent.headers, "Wechatpay-Timestamp": "1700000000"}, sent.body),
        ({**sent.headers, "Wechatpay-Serial": "ABC123"}, sent.body),
    ]:
        with pytest.raises(WebhookRefused):
            notifications.take_wechat(headers=headers, body=body)
    assert payments.intent(intent_id=info.id).state == "requires_action"


def test_wechats_certificate_rotates_and_its_public_key_works(shop: Shop) -> None:
    mchid = use_wechat(shop)
    assert begin("wechat").state == "requires_action"
    shop.call(f"/_sandbox/wechat/{mchid}/rotate")
    assert begin("wechat").state == "requires_action"
    use_wechat(shop, "public_key")
    assert begin("wechat").state == "requires_action"
    assert provider_account.provider(name="wechat").secrets == ("private_key", "apiv3_key")


@pytest.mark.parametrize("fault", ["error_before", "error_after"])
def test_no_answer_is_asked_again(shop: Shop, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    for operation in ("alipay.trade.precreate", "wechat.native"):
        shop.call("/_sandbox/faults", operation=operation, kind=fault, times=3)
    for method in ("alipay", "wechat"):
        info = begin(method)
        assert info.state == "processing", "nobody knows, and nobody guesses"
        found = payments.refresh_intent(intent_id=info.id)
        assert (found.state, bool(found.qr)) == ("requires_action", True)
        scan(found)
        assert payments.refresh_intent(intent_id=info.id).state == "succeeded"


def test_a_declined_code_leaves_the_payment_open(shop: Shop) -> None:
    info = begin("alipay")
    scan(info, "decline")
    assert payments.refresh_intent(intent_id=info.id).state == "requires_payment_method"
    again = payments.confirm_intent(intent_id=info.id, payment_method="wechat")
    scan(again)
    assert payments.refresh_intent(intent_id=info.id).state == "succeeded"


def test_two_ways_racing_charge_once(shop: Shop) -> None:
    first = begin("alipay")
    second = payments.confirm_intent(intent_id=first.id, payment_method="wechat")
    assert second.qr != first.qr
    scan(first)
    scan(second)
    assert payments.refresh_intent(intent_id=first.id).state == "succeeded"
    info = payments.intent(intent_id=first.id)
    assert info.gateway == "wechat"
    reconcile()  # the attempt that was left can't be closed any more: it was paid
    late = LateCharge.objects.get()
    assert (late.gateway, late.amount) == ("alipay", info.amount.amount)
    jobs.drain()
    late.refresh_from_db()
    assert late.state == "returned"
    assert ScanTrade.objects.get(number=late.provider_id).refunded == late.amount
    assert (balance(Code.UNCLAIMED), balance(Code.ALIPAY)) == (0, 0)
    assert balance(Code.WECHAT) == info.amount.amount


def test_a_code_paid_after_the_payment_was_given_up_goes_back(shop: Shop) -> None:
    info = begin("wechat")
    left = payments.confirm_intent(intent_id=info.id, payment_method="alipay")
    scan(info)
    payments.cancel_intent(intent_id=info.id)
    assert deliver(shop, "wechat") == [True]
    jobs.drain()
    assert LateCharge.objects.get().state == "returned"
    assert (balance(Code.UNCLAIMED), balance(Code.WECHAT)) == (0, 0)
    assert left.qr


def test_the_breaker_opens_and_closes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    breaker._well.clear()
    monkeypatch.setattr(breaker, "REMEMBERED", 0)
    shop.call("/_sandbox/faults", operation="wechat.native", kind="error_before", times=15)
    for _ in range(5):
        assert begin("wechat").state == "processing"
    [health] = payments.health()
    assert (health.name, health.open, health.reason) == ("wechat", True, "HTTP 500")
    with pytest.raises(ProviderUnavailable):
        begin("wechat")
    ways = {way.type: way.available for way in payments.ways(currency="CNY")}
    assert (ways["wechat"], ways["alipay"]) == (False, True)
    monkeypatch.setattr(clock, "system", _later(clock.system))
    assert begin("wechat").state == "requires_action", "one caller tries, and it answers"
    assert payments.health() == []


def test_a_provider_that_is_back_is_noticed_without_a_buyer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaker._well.clear()
    shop.call("/_sandbox/faults", operation="alipay.trade.query", kind="error_before", times=3)
    for name in ("alipay", "wechat", "card"):
        for _ in range(9):  # the last four had begun before it opened: the pause stays the first
            breaker.failed(name, "HTTP 500")
    # This process knew of nothing: others saw the failures.
    stale = time.monotonic() - 60
    breaker._well.update({(tenancy.current_id(), name): stale for name in ("card", "wechat")})
    assert probe.probe_away() == 0, "not before the pause is over"
    monkeypatch.setattr(clock, "system", _later(clock.system))
    assert probe.probe_away() == 3
    assert [one.name for one in payments.health()] == ["alipay"], "it refused three times"


def test_what_waits_for_a_provider_that_is_away_is_asked_about_when_it_is_back(shop: Shop) -> None:
    """The pause between two looks doesn't grow while nobody could be asked."""
    breaker._well.clear()
    info = begin("alipay")
    scan(info)
    for _ in range(breaker.THRESHOLD):
        breaker.failed("alipay", "HTTP 500")
    due = clock.system() - timedelta(seconds=1)
    PaymentIntent.objects.update(next_check_at=due)
    for _look in range(3):
        assert reconcile()["intents"] == 0
    assert PaymentIntent.objects.get().next_check_at == due
    ProviderHealth.objects.update(open_until=clock.system())
    assert reconcile()["intents"] == 1
    assert payments.intent(intent_id=info.id).state == "succeeded"


def _later(system: Any) -> Any:
    from datetime import timedelta

    return lambda: system() + timedelta(seconds=31)


def pay_in(shop: Shop, account: str, amount: int, **more: str) -> None:
    fields = {"payer_name": "王芳", "payer_account": "6222020000004321", **more}
    shop.call("/bank/v1/credits", account=account, amount=amount, **fields)
    bank_credits.poll()


def number_of(info: payments.IntentInfo) -> str:
    assert info.gateway_id
    return info.gateway_id


def test_a_transfer_in_two_parts_with_something_over(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = begin("bank_transfer")
    assert info.state == "requires_action"
    assert "number" in info.qr
    pay_in(shop, number_of(info), 4_000)
    assert payments.credited(intent_id=info.id).amount == 4_000  # type: ignore[union-attr]
    assert payments.intent(intent_id=info.id).state == "requires_action"
    pay_in(shop, number_of(info), 6_500)
    assert payments.intent(intent_id=info.id).state == "succeeded"
    states = {c.amount: (c.state, c.used) for c in BankCredit.objects.all()}
    assert states == {4_000: ("matched", 4_000), 6_500: ("overpaid", 6_000)}
    assert (balance(Code.UNCLAIMED), balance(Code.BANK)) == (500, 10_500)
    over = BankCredit.objects.get(amount=6_500)
    info_ = payments.credit(credit_id=over.id)
    assert (info_.suggestion, info_.left.amount, info_.payer) == ("return", 500, "王芳 ••••4321")
    payments.return_credit(credit_id=over.id)
    over.refresh_from_db()
    assert (over.state, over.returned) == ("returned", 500)
    assert (balance(Code.UNCLAIMED), balance(Code.BANK)) == (0, 10_000)
    with pytest.raises(CreditNotOpen):
        payments.return_credit(credit_id=over.id)
    refund = make_refund(payments.intent(intent_id=info.id))
    result = payments.perform_refund(refund_id=refund.id)
    assert payments.record_refund(refund_id=refund.id, result=result).state == "succeeded"
    assert (balance(Code.UNCLAIMED), balance(Code.BANK)) == (0, 0)
    purse = BankBalance.objects.get(currency="CNY")
    assert purse.amount == 10_000_000_000, "the bank's own books agree"
    assert told_by_bank(purse, monkeypatch) == told_by_ledger()


def told_by_bank(purse: BankBalance, monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str, int]]:
    """Movements as reconciliation reads them from the bank's statement of today."""
    call: Any = SimpleNamespace(account=purse.owner)
    day = sandbox_clock.now().astimezone(SHANGHAI).date()
    tomorrow = sandbox_clock.now() + timedelta(days=1)
    monkeypatch.setattr(sandbox_clock, "now", lambda: tomorrow)
    body = bank_statements.of_day(call, day.isoformat(), "Asia/Shanghai")
    found = parse(bank_statements.as_csv(body).encode(), Side.BANK)
    return {(place(row)[0], place(row)[2], row.amount) for row in found.rows}


def told_by_ledger() -> set[tuple[str, str, int]]:
    today = clock.system().astimezone(SHANGHAI).date()
    rows = ledger_statement(today, today, SHANGHAI).rows
    return {(place(row)[0], place(row)[2], row.amount) for row in rows}


def test_a_transfer_that_nobody_knows_is_matched_by_hand(shop: Shop) -> None:
    info = begin("bank_transfer", external_id="A-1007", merchant_id=uuid4())
    pay_in(shop, "6228480000009999", 10_000, remittance="order A-1007, thanks")
    row = BankCredit.objects.get()
    found = payments.credit(credit_id=row.id)
    assert (found.state, found.reason) == ("unmatched", "unknown_account")
    assert (found.suggestion, found.suggested) == ("match", info.id)
    payments.match_credit(credit_id=row.id, intent_id=info.id)
    assert payments.intent(intent_id=info.id).state == "succeeded"
    with pytest.raises(CreditNotOpen):
        payments.match_credit(credit_id=row.id, intent_id=info.id)
    bank_credits.poll()
    assert BankCredit.objects.count() == 1
    pay_in(shop, number_of(info), 10_000)
    late = BankCredit.objects.order_by("-id")[0]
    assert (late.state, late.reason) == ("unmatched", "already_paid")
    assert balance(Code.UNCLAIMED) == 10_000
    assert public_id("bcr", late.id).startswith("bcr_")
