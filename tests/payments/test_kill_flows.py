"""Killed (SIGKILL) in the newer flows: between the ledger's answer and the commit, and around every
outside call. Nothing half happened; repeated, it happens once; the books agree with who holds the
money."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests

from kernel import clock, jobs, outbox
from payments import facade
from payments.domain.chart import Code
from payments.models import BankCredit, Deposit, Dispute, LateCharge, LedgerTransfer
from payments.services import bank_credits, chargebacks, instalments
from payments.services.reconcile import reconcile
from sandbox.models import Dispute as TheirDispute
from sandbox.models import Fapiao as TheirFapiao
from sandbox.models import ScanTrade, StoredFile
from tests.factories.payments import cny, make_intent, make_share
from tests.factories.platforms import make_merchant
from tests.payments.test_fapiao import invoiced, stands
from tests.payments.test_fapiao import issuer as issuer
from tests.payments.test_kill import Killed
from tests.payments.test_kill import killed as killed
from tests.payments.test_providers import Shop, balance, begin, number_of, scan
from tests.payments.test_providers import shop as shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill, pytest.mark.slow]


def rows() -> list[tuple[Any, ...]]:
    """Everything the ledger holds."""
    found = facade.trial_balance()
    assert found.balanced, found.problems
    counted = [(r.code, r.currency, r.owner, r.debits_posted, r.credits_posted, r.debits_pending,
                r.credits_pending) for r in found.rows]  # fmt: skip
    return [row for row in counted if any(row[3:])]


def dies_once(killed: Killed, action: str, subject: UUID, **more: Any) -> None:
    """Killed before the commit nothing is booked; then it is, once, however often it is asked."""
    before = rows()
    assert killed.work(action, subject, failpoint="payments.ledger.posted", **more)
    assert rows() == before
    assert killed.work(action, subject, **more) == 0
    after, count = rows(), LedgerTransfer.objects.count()
    assert after != before
    assert killed.work(action, subject, **more) == 0
    assert (rows(), LedgerTransfer.objects.count()) == (after, count)


def test_wallets_and_deposits(killed: Killed, books: Any) -> None:
    owner, merchant = uuid4(), make_merchant().id
    top = facade.create_topup(
        key=uuid4(), owner_id=owner, amount=cny(20_000), payment_method_types=("offline_test",)
    )
    dies_once(killed, "topup", top.id)
    bought = make_intent(payer_id=owner, payment_method_types=("wallet",))
    dies_once(killed, "wallet", bought.id)
    assert facade.intent(intent_id=bought.id).state == "succeeded"
    dies_once(killed, "freeze", owner, merchant_id=merchant)
    dies_once(killed, "give_back", Deposit.objects.get().id)
    second = facade.freeze_deposit(
        key=uuid4(), payer_id=owner, merchant_id=merchant, reference="lot-2", amount=cny(2_000)
    )
    dies_once(killed, "forfeit", second.id)
    dies_once(killed, "withdraw", owner)
    jobs.drain()
    [wallet] = facade.wallet_balances(owner_id=owner)
    assert (wallet.available, wallet.frozen) == (cny(5_500), cny(0))
    assert facade.balance(merchant_id=merchant, currency="CNY").available == cny(500)


def test_instalments(killed: Killed, books: Any) -> None:
    now, merchant = clock.business(), make_merchant().id
    plan = facade.open_plan(
        key=uuid4(), merchant_id=merchant, reference="O-1", amount=cny(10_001),
        parts=[(cny(3_000), now), (cny(7_001), now + timedelta(days=30))],
        on_default="forfeit", payment_method_types=("offline_test",),
    )  # fmt: skip
    dies_once(killed, "instalment", plan.instalments[0].intent_id)
    outbox.drain()
    assert facade.instalment_plan(plan_id=plan.id).paid == cny(3_000)
    dies_once(killed, "default", plan.instalments[1].intent_id)
    assert instalments.instalment_plan(plan_id=plan.id).state == "defaulted"
    assert facade.balance(merchant_id=merchant, currency="CNY").pending == cny(0)


def pays_in(shop: Shop, account: str, amount: int) -> None:
    shop.call("/bank/v1/credits", account=account, amount=amount, payer_name="王芳",
              payer_account="6222020000004321")  # fmt: skip


@pytest.mark.parametrize("point", ["before_call", "after_call"])
def test_bank_credits_and_their_return(killed: Killed, shop: Shop, point: str) -> None:
    info = begin("bank_transfer")
    pays_in(shop, number_of(info), info.amount.amount + 700)
    dies_once(killed, "poll", info.id)
    assert facade.intent(intent_id=info.id).state == "succeeded"
    credit = BankCredit.objects.get()
    assert (credit.state, balance(Code.UNCLAIMED)) == ("overpaid", 700)
    bank_credits.prepare_return(credit_id=credit.id)
    assert killed.work("return_credit", credit.id, failpoint=f"payments.return.{point}")
    dies_once(killed, "return_credit", credit.id)
    credit.refresh_from_db()
    assert (credit.state, balance(Code.UNCLAIMED), balance(Code.BANK)) == ("returned", 0, 10_000)
    assert bank_holds(shop) == 10_000_000_000 + 10_000


def bank_holds(shop: Shop) -> int:
    headers = {"Authorization": f"Bearer {shop.key}"}
    found = requests.get(f"{shop.url}/bank/v1/balance", headers=headers, timeout=10).json()
    data = found.get("data", found)
    if isinstance(data, dict):
        return int(data["CNY"])
    return next(int(one["amount"]) for one in data if one["currency"] == "CNY")


@pytest.mark.parametrize("point", ["before_call", "after_call"])
def test_a_charge_that_came_too_late(killed: Killed, shop: Shop, point: str) -> None:
    first = begin("alipay")
    second = facade.confirm_intent(intent_id=first.id, payment_method="wechat")
    scan(first)
    scan(second)
    facade.refresh_intent(intent_id=first.id)
    reconcile()
    late = LateCharge.objects.get()
    assert killed.work("return_late", late.id, failpoint=f"payments.late.{point}")
    dies_once(killed, "return_late", late.id)
    late.refresh_from_db()
    assert (late.state, balance(Code.UNCLAIMED), balance(Code.ALIPAY)) == ("returned", 0, 0)
    assert ScanTrade.objects.get(number=late.provider_id).refunded == late.amount


def charged_back(shop: Shop) -> tuple[facade.IntentInfo, str]:
    """A card whose holder complains at once; what the gateway calls the dispute."""
    intent = make_intent(make_share(10_000, 500, merchant_id=make_merchant().id))
    info = facade.confirm_intent(intent_id=intent.id, payment_method="pm_card_createDispute")
    assert info.state == "succeeded"
    return info, str(TheirDispute.objects.get().pk)


def gateway_holds(shop: Shop) -> int:
    found = requests.get(f"{shop.url}/v1/balance", auth=(shop.key, ""), timeout=10).json()
    parts = [*found["available"], *found["pending"]]
    return int(sum(part["amount"] for part in parts if part["currency"] == "cny"))


@pytest.mark.parametrize("text", ["winning_evidence", "losing_evidence"])
@pytest.mark.parametrize("point", ["before_call", "uploaded", "after_call"])
def test_a_chargeback_over_the_gateway(killed: Killed, shop: Shop, text: str, point: str) -> None:
    """From the buyer's bank to its decision; the ledger agrees with the gateway at every step."""
    opening = gateway_holds(shop)
    info, name = charged_back(shop)
    merchant = info.shares[0].merchant_id
    if point == "after_call":
        again = killed.work("chargeback", info.id, failpoint="payments.chargeback.after_call",
                            gateway_id=name)  # fmt: skip
        assert again
    dies_once(killed, "chargeback", info.id, gateway_id=name)
    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.amount, dispute.fee) == ("needs_response", 10_000, 1_500)
    assert balance(Code.GATEWAY) == gateway_holds(shop) - opening
    assert balance(Code.CONTESTED) == 10_000
    facade.add_evidence(
        dispute_id=dispute.id, side="merchant", file=b"%PDF-1.7", name="a.pdf", about="receipt"
    )
    facade.answer(dispute_id=dispute.id, text=text)
    assert killed.work("evidence", dispute.id, failpoint=f"payments.evidence.{point}")
    if point == "after_call":  # the gateway has decided, and nobody here knows
        assert TheirDispute.objects.get().status in ("won", "lost")
    dispute.refresh_from_db()
    assert dispute.state == "under_review"
    dies_once(killed, "evidence", dispute.id)
    dispute.refresh_from_db()
    [file] = StoredFile.objects.all()
    assert TheirDispute.objects.get().evidence["receipt"] == file.pk, "uploaded once"
    won = text == "winning_evidence"
    assert dispute.state == ("won" if won else "lost")
    assert balance(Code.GATEWAY) == gateway_holds(shop) - opening
    assert balance(Code.CONTESTED) == 0
    stands = facade.balance(merchant_id=merchant, currency="CNY")
    assert stands.pending == cny(9_500 if won else 0)
    assert stands.free == cny(0 if won else -1_500), "the fee of a lost one is the merchant's"
    assert chargebacks.refresh(name) is not None


@pytest.mark.parametrize("point", ["before_call", "after_call"])
def test_a_statutory_invoice(killed: Killed, issuer: None, point: str) -> None:
    invoice = invoiced()
    row = stands(invoice)
    assert killed.work("fapiao", row.id, failpoint=f"payments.fapiao.{point}")
    assert TheirFapiao.objects.count() == (point == "after_call")
    assert (stands(invoice).state, stands(invoice).number) == ("pending", "")
    for _ in range(2):
        assert killed.work("fapiao", row.id) == 0
    assert (stands(invoice).state, stands(invoice).number) == (
        "issued", TheirFapiao.objects.get().number
    )  # fmt: skip
