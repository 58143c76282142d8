"""Each flow of docs/ledger.md: the accounts after every step, and the gateway's own balance."""

import json
import time
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
import responses
from django.conf import settings

from kernel import clock
from payments import facade
from payments.facade import RefundShare
from payments.ledger.chain import extend_ledger_chain, verify_ledger_chain
from payments.models import LedgerTransfer
from tests.factories.payments import GATEWAY, cny, make_intent, make_payee, make_share

BANK = f"{settings.BANK_URL}/v1/transfers"


class FakeGateway:
    """Just enough of a gateway, and a bank, to have balances of their own."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.balance = self.paid_out = 0
        self.amounts: dict[str, int] = {}
        self.bank_says = "paid"
        self.refund_says = "succeeded"
        payments = f"{GATEWAY}/v1/payment_intents"
        mock.add_callback("POST", payments, callback=self._create)
        mock.add_callback("POST", f"{payments}/pi_1/confirm", callback=self._confirm)
        mock.add_callback("POST", f"{GATEWAY}/v1/refunds", callback=self._refund)
        mock.add_callback("POST", BANK, callback=self._transfer)

    def _create(self, request: Any) -> Any:
        amount = int(dict(parse_qsl(request.body))["amount"])
        self.amounts["pi_1"] = amount
        return self._payment("requires_payment_method", 0)

    def _confirm(self, request: Any) -> Any:
        self.balance += self.amounts["pi_1"]
        return self._payment("succeeded", self.amounts["pi_1"])

    def _payment(self, status: str, received: int) -> Any:
        body = {"id": "pi_1", "object": "payment_intent", "status": status, "currency": "cny",
                "amount_received": received, "last_payment_error": None}  # fmt: skip
        return 200, {}, json.dumps(body)

    def _refund(self, request: Any) -> Any:
        sent = dict(parse_qsl(request.body))
        if self.refund_says == "succeeded":
            self.balance -= int(sent["amount"])
        body = {"id": "re_1", "object": "refund", "status": self.refund_says, "currency": "cny",
                "amount": int(sent["amount"])}  # fmt: skip
        return 200, {}, json.dumps(body)

    def _transfer(self, request: Any) -> Any:
        sent = json.loads(request.body)
        if self.bank_says == "paid":
            self.paid_out += sent["amount"]
        body = {"id": "btr_1", "object": "bank_transfer", "status": self.bank_says,
                "amount": sent["amount"], "currency": "CNY"}  # fmt: skip
        return 201, {}, json.dumps(body)


class Trade:
    """One order of 100.00 with 5.00 commission, step by step."""

    def __init__(self, gateway: FakeGateway, *, subsidy: int = 0) -> None:
        self.gateway = gateway
        self.merchant: UUID = make_payee()
        self.share = make_share(10_000 - subsidy, 500, merchant_id=self.merchant, subsidy=subsidy)
        self.intent = make_intent(self.share)
        self.payout: facade.PayoutInfo | None = None

    def charge(self) -> None:
        facade.confirm_intent(intent_id=self.intent.id, payment_method="pm_card_visa")

    def release(self) -> None:
        facade.schedule_availability(reference=self.share.reference)
        with clock.offset(timedelta(days=30)):
            assert facade.release_due() == 1

    def start_payout(self) -> None:
        self.payout = facade.create_payout(merchant_id=self.merchant, key=self.intent.id)

    def send_payout(self) -> None:
        assert self.payout is not None
        facade.send_payout(payout_id=self.payout.id)

    def refund(self) -> None:
        part = RefundShare(self.merchant, self.share.reference, cny(4_000))
        facade.refund_intent(key=self.merchant, intent_id=self.intent.id, shares=[part])

    def refund_comes_back(self) -> None:
        refund = facade.refunds_page(merchant_id=None).items[0]
        self.gateway.balance += 4_000
        result = {"status": "failed", "code": "expired_card"}
        facade.record_refund(refund_id=refund.id, result=result)

    def balances(self) -> dict[str, int]:
        """Posted debits less credits by account code, zeros left out."""
        found: Counter[str] = Counter()
        trial = facade.trial_balance()
        assert trial.balanced, trial.problems
        for row in trial.rows:
            found[row.code] += row.debits_posted - row.credits_posted
        assert sum(found.values()) == 0
        assert found["gateway"] == self.gateway.balance
        assert found["bank"] == -self.gateway.paid_out
        return {code: amount for code, amount in found.items() if amount}


CHARGED = {"gateway": 10_000, "merchant_pending": -9_500, "commission": -500}
RELEASED = {"gateway": 10_000, "merchant_available": -9_500, "commission": -500}
TRANSIT = {"gateway": 10_000, "merchant_transit": -9_500, "commission": -500}
PAID = {"gateway": 10_000, "bank": -9_500, "commission": -500}
FLOWS: dict[str, list[tuple[str, dict[str, int]]]] = {
    "payout": [
        ("charge", CHARGED),
        ("release", RELEASED),
        ("start_payout", TRANSIT),
        ("send_payout", PAID),
    ],
    "failed payout": [
        ("charge", CHARGED),
        ("release", RELEASED),
        ("start_payout", TRANSIT),
        ("bank refuses", TRANSIT),
        ("send_payout", RELEASED),
    ],
    "refund before availability": [
        ("charge", CHARGED),
        ("refund", {"gateway": 6_000, "merchant_pending": -5_700, "commission": -300}),
        ("refund_comes_back", CHARGED),
        ("release", RELEASED),
    ],
    "refund before, then release": [
        ("charge", CHARGED),
        ("refund", {"gateway": 6_000, "merchant_pending": -5_700, "commission": -300}),
        ("release", {"gateway": 6_000, "merchant_available": -5_700, "commission": -300}),
        ("refund_comes_back", RELEASED),
    ],
    "refund after availability": [
        ("charge", CHARGED),
        ("release", RELEASED),
        ("refund", {"gateway": 6_000, "merchant_available": -5_700, "commission": -300}),
        ("refund_comes_back", RELEASED),
    ],
    "refund after payout": [
        ("charge", CHARGED),
        ("release", RELEASED),
        ("start_payout", TRANSIT),
        ("send_payout", PAID),
        ("refund", {"gateway": 6_000, "bank": -9_500, "merchant_owed": 3_800, "commission": -300}),
    ],
    "subsidised, refunded before availability": [
        ("charge", {**CHARGED, "gateway": 8_000, "subsidy": 2_000}),
        (
            "refund",
            {"gateway": 4_000, "merchant_pending": -4_750, "commission": -250, "subsidy": 1_000},
        ),
        ("refund_comes_back", {**CHARGED, "gateway": 8_000, "subsidy": 2_000}),
        ("release", {**RELEASED, "gateway": 8_000, "subsidy": 2_000}),
    ],
    "subsidised, refunded after payout": [
        ("charge", {**CHARGED, "gateway": 8_000, "subsidy": 2_000}),
        ("release", {**RELEASED, "gateway": 8_000, "subsidy": 2_000}),
        ("start_payout", {**TRANSIT, "gateway": 8_000, "subsidy": 2_000}),
        ("send_payout", {**PAID, "gateway": 8_000, "subsidy": 2_000}),
        (
            "refund",
            {
                "gateway": 4_000,
                "bank": -9_500,
                "merchant_owed": 4_750,
                "commission": -250,
                "subsidy": 1_000,
            },
        ),
    ],
    "refused refund": [
        ("charge", CHARGED),
        ("gateway refuses", CHARGED),
        ("refund", CHARGED),
    ],
}


@pytest.mark.parametrize("name", FLOWS)
def test_flow(name: str, platform: Any) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        gateway = FakeGateway(mock)
        trade = Trade(gateway, subsidy=2_000 if name.startswith("subsidised") else 0)
        for step, expected in FLOWS[name]:
            if step == "bank refuses":
                gateway.bank_says = "failed"
            elif step == "gateway refuses":
                gateway.refund_says = "failed"
            else:
                getattr(trade, step)()
            assert trade.balances() == expected, step


def test_every_code_of_the_flows_is_documented() -> None:
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text()
    domain = Path(__file__).parents[2] / "payments" / "domain"
    source = "".join((domain / f).read_text() for f in ("postings.py", "postings_guarantee.py"))
    for code in (
        "charge", "commission", "release", "owed_recovered", "payout", "payout_paid",
        "payout_failure", "refund", "commission_refund", "refund_failure", "commission_restored",
        "subsidy", "subsidy_returned", "subsidy_restored",
    ):  # fmt: skip
        assert f'"{code}"' in source
        assert f"`{code}`" in text


def chain_up_to(count: int) -> None:
    """Transfers are chained once every transaction on the server that is older has ended."""
    end = time.monotonic() + 120
    while verify_ledger_chain().checked < count and time.monotonic() < end:
        extend_ledger_chain()
        time.sleep(0.05)
    assert verify_ledger_chain().checked == count


@pytest.mark.django_db(transaction=True)
def test_the_chain_names_a_transfer_that_was_touched(owner_cursor: Any) -> None:
    from kernel import tenancy
    from tests.factories.payments import make_paid
    from tests.factories.platforms import make_platform

    with tenancy.scope(make_platform()):
        for _ in range(3):
            make_paid()
        chain_up_to(6)
        assert extend_ledger_chain() == 0
        assert verify_ledger_chain().ok
        make_paid()
        chain_up_to(8)
        report = verify_ledger_chain()
        assert (report.ok, report.checked) == (True, 8)
        touched = LedgerTransfer.objects.order_by("txid", "id")[3]
        owner_cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER append_only")
        try:
            owner_cursor.execute(
                "UPDATE ledger_transfer SET amount = amount + 1 WHERE id = %s", [touched.id]
            )
        finally:
            owner_cursor.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER append_only")
        report = verify_ledger_chain()
        assert (report.ok, report.record) == (False, touched.id)
        trial = facade.trial_balance()
        assert not trial.balanced
        assert "differ from the transfers" in trial.problems[0]
