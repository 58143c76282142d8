"""What follows on a platform that trades: money, searches, deliveries, jobs and chains."""

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from journeys import facade as journeys
from kernel import clock, jobs, outbox
from kernel.actors import Actor, acting
from kernel.audit.chain import extend_chain
from kernel.ids import public_id
from kernel.jobs.schedule import ensure_schedule
from kernel.models import TenantModel
from kernel.money import Money
from kernel.records.outbox import Delivery
from kernel.system_role import system_cursor
from kernel.transactions import atomic
from kernel.webhooks import sender
from payments import facade as payments
from payments import ledger
from payments.domain.chart import Account, Code
from payments.ledger.chain import extend_ledger_chain
from search.models import Change, DocumentVector
from tests.factories.guarantee import make_guarantee_rows
from tests.factories.invoices import make_invoice_rows
from tests.factories.payments import (
    make_intent,
    make_share,
    make_ways_to_pay,
)
from tests.factories.platforms import (
    api_client,
)
from tests.factories.reconciliation import make_reconciled
from tests.factories.search_tuning import make_tuning_rows
from tests.tenancy.prefixes import PREFIXES

if TYPE_CHECKING:
    from tests.tenancy.town import Town


def money(town: "Town") -> None:
    """A merchant's own payment, a payout, a transfer that the ledger refused; a buyer's deposit."""
    merchant = town.ids["mer"]
    topup = payments.create_topup(
        key=uuid4(), owner_id=town.ids["per"], amount=Money(3_000, "CNY"),
        payment_method_types=("offline_test",),
    )  # fmt: skip
    payments.confirm_intent(intent_id=topup.id, payment_method="offline_test")
    deposit = payments.freeze_deposit(
        key=uuid4(), payer_id=town.ids["per"], merchant_id=merchant, reference="lot-1",
        amount=Money(1_000, "CNY"),
    )  # fmt: skip
    town.ids["dep"] = deposit.id
    town.ids |= make_ways_to_pay(person_id=town.ids["per"])
    share = make_share(10_000, 0, merchant_id=merchant)
    intent = make_intent(share, external_id=town.external, merchant_id=merchant)
    payments.confirm_intent(intent_id=intent.id, payment_method="offline_test")
    payments.schedule_availability(reference=share.reference, available_at=clock.business())
    payments.release_due()
    payout = payments.create_payout(merchant_id=merchant, amount=Money(100, "CNY"), key=uuid4())
    town.ids |= {"pay": intent.id, "pot": payout.id}
    town.ids |= make_guarantee_rows(
        merchant_id=merchant, person_id=town.ids["per"], external=town.external
    )
    town.ids |= make_invoice_rows(
        intent_id=intent.id, merchant_id=merchant, person_id=town.ids["per"], external=town.external
    )
    books = [
        Account(town.tenant.id, code, "CNY", merchant)
        for code in (Code.MERCHANT_PENDING, Code.MERCHANT_TRANSIT)
    ]
    refused = ledger.Transfer(
        id=uuid4(), debit=books[0], credit=books[1], amount=Money(10**12, "CNY"), code="test",
        journal=uuid4(),
    )  # fmt: skip
    assert ledger.post([refused]) == ["exceeds_credits"]
    town.ids["acc"] = books[0].id
    payments.raise_ledger_alarm("check", "planted")
    with acting(Actor(kind="operator", person_id=town.ids["per"])):
        entry = payments.propose_entry(
            key=uuid4(), name="Fee", reason="The bank took it.",
            debit=payments.EntrySide("suspense"), credit=payments.EntrySide("bank"),
            amount=Money(5, "CNY"),
        )  # fmt: skip
    town.ids["men"] = entry.id
    make_reconciled(public_id("pay", intent.id))


def search(town: "Town") -> None:
    """An operator's tuning, counted queries, saved searches."""
    made = make_tuning_rows(
        product_id=town.ids["prd"], person_id=town.ids["per"], merchant_id=town.ids["mer"]
    )
    town.ids |= {"srl": made.rule, "syn": made.synonym, "srd": made.redirect, "sav": made.saved}
    DocumentVector.objects.create(
        doc_type="product", document=public_id("prd", town.ids["prd"]), version=1, text="茶",
        changed_at=clock.system(),
    )  # fmt: skip


def work(town: "Town") -> None:
    """Events delivered (one parked), webhooks sent, jobs done and waiting, chains made."""
    for key in town.keys.values():
        assert api_client(key).get("/platform").status_code == 200  # keys keep when they were used
    api_client(town.keys["merchant"]).post("/warehouses", {"names": {"en": "Second"}})
    for _ in range(2):
        outbox.drain()
        jobs.drain(quiet=True)
        sender.drain()
    with system_cursor("default") as sql:
        ensure_schedule(sql, [town.tenant])
    with atomic():
        town.ids["job"] = jobs.enqueue(
            "payments.refresh_intent", {"intent_id": str(town.ids["pay"])},
            run_at=clock.system() + timedelta(days=9), merchant_id=town.ids["mer"],
        )  # fmt: skip
    parked = Delivery.objects.filter(event_type="marketplace.order.paid.v1").latest("id")
    Delivery.objects.filter(id=parked.id).update(state="parked", error="for the operator")
    town.ids["dlv"] = parked.id
    stumbled, _made = Change.objects.update_or_create(
        kind="product", ref_id=town.ids["prd"],
        defaults={"state": Change.State.SET_ASIDE, "since": clock.system(), "attempts": 2,
                  "due_at": clock.system() + timedelta(hours=1), "error": "for the operator"},
    )  # fmt: skip
    town.ids["sch"] = stumbled.id
    # Chains take only what no running transaction of this server can come before.
    waiting, end = [extend_chain, extend_ledger_chain], time.monotonic() + 120
    while waiting := [extend for extend in waiting if not extend()]:
        assert time.monotonic() < end, waiting
        time.sleep(0.05)
    assert journeys.seal_chains() is not None


def remember(town: "Town", models: Iterable[type[TenantModel]]) -> None:
    """The ids that weren't noted on the way: each kind's latest row."""
    labels = {model._meta.label: model for model in models}
    for prefix, label in PREFIXES.items():
        if prefix not in town.ids:
            town.ids[prefix] = labels[label].objects.latest("id").id
