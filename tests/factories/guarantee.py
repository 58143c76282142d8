"""Escrow, disputes and merchants' terms for tests, made through the facade."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from kernel import clock, tenancy
from kernel.actors import Actor, acting
from kernel.money import Money
from kernel.transactions import atomic
from payments import facade
from payments.domain.postings import Book
from payments.services import fee_invoices, reserves


def make_guarantee_rows(*, merchant_id: UUID, person_id: UUID, external: str) -> dict[str, UUID]:
    """A row in every table of this part; ids by public prefix."""
    rule = facade.add_rule(rate=Decimal("3.5"), merchant_id=merchant_id, category="fresh")
    escrow = facade.open_escrow(
        key=uuid4(),
        merchant_id=merchant_id,
        reference=f"A-{uuid4().hex[:8]}",
        amount=Money(9_000, "CNY"),
        splits=[facade.Split("tax", Money(800, "CNY"))],
        payment_method_types=("offline_test",),
        payer_id=person_id,
        external_id=external,
    )
    facade.confirm_intent(intent_id=escrow.intent_id, payment_method="offline_test")
    dispute = facade.open_complaint(
        key=uuid4(), escrow_id=escrow.id, reason="damaged", amount=Money(100, "CNY")
    )
    shown = facade.add_evidence(
        dispute_id=dispute.id, side="buyer", text="wet", file=b"%PDF-1.7 x", name="a.pdf"
    )
    with atomic():
        reserves.keep(
            Book(tenancy.current_id(), "CNY"), merchant_id=merchant_id, cause=reserves.ROLLING,
            source_id=uuid4(), amount=1, reference="", document="",
        )  # fmt: skip
    facade.set_payout_plan(merchant_id=merchant_id, interval="manual")
    with acting(Actor(kind="operator", person_id=person_id, scopes=frozenset({"*"}))):
        change = facade.propose_account(
            merchant_id=merchant_id, bank="中国银行", holder="王芳", number="6222020000000018"
        )
    plan = facade.open_plan(
        key=uuid4(),
        merchant_id=merchant_id,
        reference=f"O-{uuid4().hex[:8]}",
        amount=Money(100, "CNY"),
        parts=[
            (Money(30, "CNY"), clock.business()),
            (Money(70, "CNY"), clock.business() + timedelta(days=30)),
        ],
        external_id=external,
    )
    told = facade.report_inspection(
        escrow_id=escrow.id, report="CCIC-1", result="failed", document_sha256="a" * 64
    )
    terms = facade.set_instalment_terms(
        first_percent=0, most_parts=36, longest_days=365, most_grace_days=90,
        valid_from=clock.business() + timedelta(days=30),
    )  # fmt: skip
    this_month = clock.today().replace(day=1)
    fee_invoices.issue(month=this_month)
    [invoice] = facade.fee_invoices_page(merchant_id=merchant_id).items
    return {
        "bac": change.id,
        "fin": invoice.id,
        "ins": plan.id,
        "cmr": rule.id,
        "eni": told.id,
        "esc": escrow.id,
        "itm": terms.id,
        "dsp": dispute.id,
        "dev": shown.evidence[0].id,
    }
