"""The hot reads use their index, as the app role, under the policies, on two big platforms."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet

from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.money import Money
from kernel.transactions import atomic, cursor
from payments import ledger
from payments.domain.chart import Account, Code
from payments.domain.transfer import Transfer
from payments.models import (
    Attempt,
    IntentShare,
    LedgerAccount,
    LedgerTransfer,
    PaymentIntent,
    Payout,
    Refund,
)
from tests.factories.platforms import make_platform

MANY = 3000
MERCHANT = UUID(int=1)


def fill(wanted: bool) -> None:
    """Rows of many merchants; with ``wanted``, also those that are looked for."""
    now, here = clock.system(), tenancy.current_id()
    times = {"created_at": now, "updated_at": now}
    intents: list[Any] = []
    shares: list[Any] = []
    attempts: list[Any] = []
    refunds: list[Any] = []
    payouts: list[Any] = []
    transfers: list[Transfer] = []
    gateway = Account(here, Code.GATEWAY, "CNY")
    for number in range(MANY):
        hit = wanted and number % 1000 == 0
        merchant = MERCHANT if hit else uuid7()
        due = now - timedelta(seconds=1) if hit else None
        intent = PaymentIntent(
            id=uuid7(), key=uuid7(), merchant_id=merchant, reference=f"ogr_{number}", amount=5,
            currency="CNY", gateway="card", gateway_id=f"pi_{number}", next_check_at=due, **times,
        )  # fmt: skip
        intents.append(intent)
        shares.append(
            IntentShare(
                intent=intent, place=0, merchant_id=merchant, reference=f"ord_{number}",
                currency="CNY", amount=5, captured=True, available_at=due,
            )
        )  # fmt: skip
        attempts.append(Attempt(intent=intent, payment_method="x", created_at=now))
        refunds.append(
            Refund(
                intent=intent, key=uuid7(), merchant_id=merchant, amount=1, currency="CNY",
                gateway="card", gateway_id=f"re_{number}", next_check_at=due, **times,
            )
        )  # fmt: skip
        payouts.append(
            Payout(
                key=uuid7(), merchant_id=merchant, amount=1, currency="CNY", destination_sealed="",
                destination_last4="", next_check_at=due, **times,
            )
        )  # fmt: skip
        transfers.append(
            Transfer(
                id=uuid4(), debit=gateway,
                credit=Account(here, Code.MERCHANT_PENDING, "CNY", merchant),
                amount=Money(5, "CNY"), code="charge", journal=intent.id, merchant_id=merchant,
            )
        )  # fmt: skip
    for model, rows in (
        (PaymentIntent, intents), (IntentShare, shares), (Attempt, attempts), (Refund, refunds),
        (Payout, payouts),
    ):  # fmt: skip
        model.objects.bulk_create(rows)
    with atomic():
        assert set(ledger.post(transfers)) == {"ok"}


@pytest.fixture
def big(transactional_db: None, owner_cursor: Any) -> Iterator[None]:
    tenants = [make_platform(), make_platform()]
    for place, tenant in enumerate(tenants):
        with tenancy.scope(tenant):
            fill(wanted=place == 1)
    owner_cursor.execute(
        "ANALYZE payments_paymentintent, payments_intentshare, payments_attempt, payments_refund, "
        "payments_payout, ledger_account, ledger_transfer"
    )
    with tenancy.scope(tenants[1]):
        yield


def plan(rows: "QuerySet[Any, Any]") -> str:
    sql, params = rows.query.sql_with_params()
    with cursor() as run:
        run.execute("EXPLAIN " + sql, params)
        return "\n".join(row[0] for row in run.fetchall())


def test_hot_reads_use_their_index(big: None) -> None:
    now = clock.system()
    intents = PaymentIntent.objects.all()
    movements = LedgerTransfer.objects.filter(merchant_id=MERCHANT)
    due = {"next_check_at__lte": now}
    expected: dict[str, QuerySet[Any, Any]] = {
        "payments_intent_key": intents.filter(key=uuid7()),
        "payments_intent_reference": intents.filter(reference="ogr_7"),
        "payments_intent_gateway": intents.filter(gateway="card", gateway_id="pi_7"),
        "payments_intent_list": intents.filter(merchant_id=MERCHANT).order_by("-id")[:21],
        "payments_intent_due": intents.filter(**due).order_by("next_check_at", "id")[:50],
        "payments_share_place": IntentShare.objects.filter(intent_id=uuid7()).order_by("place"),
        "payments_share_reference": IntentShare.objects.filter(reference="ord_7"),
        "payments_share_due": IntentShare.objects.filter(
            captured=True, released_at__isnull=True, available_at__lte=now
        ).order_by("available_at", "id")[:200],
        "payments_attempt_one": Attempt.objects.filter(intent_id=uuid7(), state="in_flight"),
        "payments_refund_gateway": Refund.objects.filter(gateway_id="re_7"),
        "payments_refund_list": Refund.objects.filter(merchant_id=MERCHANT).order_by("-id")[:21],
        "payments_refund_due": Refund.objects.filter(**due).order_by("next_check_at", "id")[:50],
        "payments_payout_list": Payout.objects.filter(merchant_id=MERCHANT).order_by("-id")[:21],
        "payments_payout_due": Payout.objects.filter(**due).order_by("next_check_at", "id")[:50],
        "ledger_account_name": LedgerAccount.objects.filter(owner=MERCHANT),
        "ledger_account_pkey": LedgerAccount.objects.filter(id=uuid7()),
        "ledger_transfer_merchant": movements.order_by("-created_at", "-id")[:21],
    }
    for name, rows in expected.items():
        found = plan(rows)
        assert "Seq Scan" not in found, f"{name}\n{found}"
        assert name in found, f"{name}\n{found}"
