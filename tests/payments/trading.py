"""A month of trade in the running product: every flow of money through its services, over HTTP to
the sandbox's gateways and bank, day by day on a calendar of its own."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import requests
from django.conf import settings

from kernel import jobs, outbox
from payments import facade
from payments.domain import signature
from payments.facade import RefundShare
from payments.models import GatewayAccount
from payments.services import bank_credits, gateway_account, notifications, webhook
from payments.services.reconcile import reconcile
from payments.services.reconciliation import compare
from platforms import facade as platforms
from sandbox.delivery.worker import drain
from tests.factories.payments import cny, make_intent, make_share
from tests.factories.platforms import make_merchant
from tests.payments.test_providers import ALL, Shop, pay_in, scan

HERE = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 10, 1)
BANKS = ("6222000000000000", "6222000000000003", "6222000000000004", "6222000000000002")
CARDS = ("pm_card_visa",) * 12 + (
    "pm_card_unionpay", "pm_card_bypassPending", "pm_card_pendingRefund", "pm_card_refundFail",
    "pm_card_createDispute", "pm_card_createDisputeProductNotReceived",
)  # fmt: skip


class Calendar:
    """The system's clock for every thread of the test: it stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime.combine(FIRST, time(), HERE) - timedelta(hours=5)

    def now(self) -> datetime:
        self.at += timedelta(microseconds=50)
        return self.at

    def to(self, day: date, hour: int) -> None:
        self.at = max(self.at, datetime.combine(day, time(hour), HERE))

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Trading:
    """``shop`` is where the money is; ``draw`` decides what happens."""

    def __init__(self, shop: Shop, calendar: Calendar, *, seed: int, sellers: int = 4) -> None:
        self.shop, self.calendar, self.draw = shop, calendar, random.Random(seed)
        self.form = requests.Session()
        self.form.headers["Authorization"] = f"Bearer {shop.key}"
        self.form.post(f"{shop.url}/v1/webhook_endpoints", timeout=10,
                       data={"url": shop.hook.url, "enabled_events[]": "*"})  # fmt: skip
        settings.BANK_URL = f"{shop.url}/bank"
        calendar.to(FIRST, 0)  # what the accounts had before isn't of these days
        GatewayAccount.objects.update(created_at=calendar.now())
        self.sellers = [self._seller(BANKS[n % len(BANKS)]) for n in range(sellers)]
        self.person = uuid4()
        self.sold: list[tuple[date, UUID]] = []
        self.paid_orders = 0

    def _seller(self, number: str) -> UUID:
        merchant = make_merchant()
        account = platforms.BankAccount(bank="B", holder="Jiang", number=number, last4="")
        platforms.update_merchant(merchant_id=merchant.id, payout_account=account)
        return merchant.id

    def month(self, orders: int, *, days: int, after: int) -> None:
        """Trade, and then some quiet days in which the window passes over it."""
        plan = sorted(self.draw.randrange(days) for _ in range(orders))
        for number in range(days):
            day = FIRST + timedelta(days=number)
            self.calendar.to(day, 1)
            self._gateway_pays()
            self.settle()
            self.compare(day)
            for _ in range(plan.count(number)):
                self.calendar.wait(self.draw.randrange(5, max(6, 10_000 // orders)))
                self.order(day)
            self.calendar.to(day, 20)
            self.returns(day)
            self.settle()
            self.pay_out(number)
            self.settle()
        for number in range(days, days + after):
            self.compare(FIRST + timedelta(days=number))

    def compare(self, day: date) -> None:
        """At one o'clock yesterday's bills are there."""
        self.calendar.to(day, 13)
        if day > FIRST:
            compare.run_due()

    def _gateway_pays(self) -> None:
        headers = {"Authorization": f"Bearer {self.shop.key}"}
        requests.post(f"{self.shop.url}/_sandbox/payouts", timeout=30, headers=headers)

    def order(self, day: date) -> None:
        """One order, paid in some way; some over two merchants, some declined at first."""
        chosen = self.draw.sample(self.sellers, 2 if self.draw.random() < 0.15 else 1)
        shares = []
        for seller in chosen:
            amount = self.draw.randrange(100, 90_000)
            shares.append(make_share(amount, amount // 20, merchant_id=seller))
        chance = self.draw.random()
        manual = "manual" if chance < 0.08 else "automatic"
        info = make_intent(*shares, payment_method_types=ALL, capture_method=manual)
        ways: list[tuple[float, Callable[[facade.IntentInfo], Any]]] = [
            (0.08, self._authorise), (0.15, self._declined_first), (0.25, self._scan("alipay")),
            (0.35, self._scan("wechat")), (0.45, self._transfer), (0.48, self._twice),
            (0.52, self._wallet), (1, self._card),
        ]  # fmt: skip
        next(way for limit, way in ways if chance < limit)(info)
        if facade.intent(intent_id=info.id).state == "succeeded":
            self.paid_orders += 1
            self.sold.append((day, info.id))

    def _confirm(self, info: facade.IntentInfo, method: str) -> facade.IntentInfo:
        return facade.confirm_intent(
            intent_id=info.id, payment_method=method, return_url="https://shop.example/back"
        )

    def _card(self, info: facade.IntentInfo) -> None:
        self._confirm(info, self.draw.choice(CARDS))

    def _authorise(self, info: facade.IntentInfo) -> None:
        self._confirm(info, "pm_card_visa")
        part = self.draw.randrange(1, info.amount.amount + 1)
        facade.capture_intent(intent_id=info.id, amount=cny(part))

    def _declined_first(self, info: facade.IntentInfo) -> None:
        self._confirm(info, "pm_card_chargeDeclined")
        self._confirm(info, "pm_card_visa")

    def _scan(self, method: str) -> Callable[[facade.IntentInfo], None]:
        def pay(info: facade.IntentInfo) -> None:
            scan(self._confirm(info, method))
            facade.refresh_intent(intent_id=info.id)

        return pay

    def _twice(self, info: facade.IntentInfo) -> None:
        """Two codes are paid; one of the charges goes back."""
        first, second = self._confirm(info, "alipay"), self._confirm(info, "wechat")
        scan(first)
        scan(second)
        facade.refresh_intent(intent_id=info.id)

    def _transfer(self, info: facade.IntentInfo) -> None:
        """By bank, sometimes in two parts, sometimes with something over that goes back."""
        number = str(self._confirm(info, "bank_transfer").gateway_id)
        amount, over = info.amount.amount, self.draw.choice((0, 0, 700))
        if self.draw.random() < 0.3:
            pay_in(self.shop, number, amount // 2)
            amount -= amount // 2
        pay_in(self.shop, number, amount + over)
        if over:
            [credit] = facade.credits_page(only_open=True).items
            facade.return_credit(credit_id=credit.id)

    def _wallet(self, info: facade.IntentInfo) -> None:
        """A top-up by card pays part of its money, the rest is withdrawn."""
        whole = info.amount.amount + 500
        topup = facade.create_topup(
            key=uuid4(), owner_id=self.person, amount=cny(whole), payment_method_types=("card",)
        )
        self._confirm(topup, "pm_card_visa")
        bought = make_intent(
            *[make_share(s.amount.amount, s.commission.amount, merchant_id=s.merchant_id)
              for s in info.shares], payer_id=self.person, payment_method_types=("wallet",),
        )  # fmt: skip
        self._confirm(bought, "wallet")
        facade.withdraw(key=uuid4(), owner_id=self.person, amount=cny(500))
        facade.cancel_intent(intent_id=info.id)

    def returns(self, day: date) -> None:
        """Some of what was sold in the last days comes back, in full or in part."""
        for sold, intent_id in [one for one in self.sold if one[0] < day]:
            if self.draw.random() > 0.04:
                continue
            self.sold.remove((sold, intent_id))
            info = facade.intent(intent_id=intent_id)
            part = 1 if self.draw.random() < 0.4 else 2
            shares = [
                RefundShare(s.merchant_id, s.reference, cny((s.amount - s.refunded).amount // part))
                for s in info.shares
                if (s.amount - s.refunded).amount >= part
            ]
            if shares:
                facade.refund_intent(key=uuid4(), intent_id=intent_id, shares=shares)
        for dispute in facade.disputes_page(state="needs_response").items:
            text = self.draw.choice(("winning_evidence", "losing_evidence"))
            facade.answer(dispute_id=dispute.id, text=text)

    def pay_out(self, number: int) -> None:
        """What is a few days old becomes available; each week it is paid out."""
        for sold, intent_id in self.sold:
            if sold == FIRST + timedelta(days=number - 2):
                for share in facade.intent(intent_id=intent_id).shares:
                    facade.schedule_availability(reference=share.reference)
        while facade.release_due():
            pass
        if number % 4 == 3:
            for seller in self.sellers:
                if facade.balance(merchant_id=seller, currency="CNY").free.amount > 10_000:
                    with suppress(facade.PayoutsOnHold):  # its account was at fault
                        facade.create_payout(merchant_id=seller, key=uuid4())

    def settle(self) -> None:
        """What happens by itself: pushes, jobs, questions, at a few moments."""
        for seconds in (0, 60):
            self.calendar.wait(seconds)
            drain()
            self._deliver()
            outbox.drain()
            jobs.drain()
            bank_credits.poll()
            reconcile()

    def _deliver(self) -> None:
        """What was pushed reaches us as it came."""
        secrets = gateway_account.webhook_secrets()
        for sent in self.shop.hook.got:
            headers = {name.lower(): value for name, value in sent.headers.items()}
            if "stripe-signature" in headers:
                at = int(self.calendar.at.timestamp())
                header = signature.sign(secret=secrets[0], body=sent.body, at=at)
                webhook.take_in(body=sent.body, header=header)
            elif "wechatpay-signature" in headers:
                notifications.take_wechat(headers=sent.headers, body=sent.body)
        self.shop.hook.got.clear()
