"""Commission rules, payout plans, changed bank accounts, statements, invoices, instalments."""

from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from kernel import clock, jobs, outbox
from kernel.actors import Actor, acting
from kernel.errors import Invalid
from payments import facade
from payments.contracts import FAILED, Outcome
from payments.domain.rates import Rule, choose
from payments.domain.schedule import next_run
from payments.errors_guarantee import ChangeWaits, NeedsSecondPerson, PayoutsOnHold
from payments.models import PaymentIntent, PayoutPlan
from payments.selectors.statements import payout_statement, statement
from payments.services import bank_account, debts, fee_invoices, instalments, plans, rates
from payments.services.payout import record_payout
from platforms import facade as platforms
from tests.factories.payments import (
    cny,
    make_paid,
    make_payee,
    make_payout,
    make_refund,
    make_share,
)
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.payments.test_escrow import stands
from tests.payments.test_wallets import top_up

pytestmark = pytest.mark.usefixtures("books")
NEW = {"bank": "ICBC", "holder": "江", "number": "6222 0000-1111 9999"}


def earned(merchant: UUID, amount: int = 10_000, commission: int = 500) -> str:
    share = make_share(amount, commission, merchant_id=merchant)
    make_paid(share)
    facade.schedule_availability(reference=share.reference, available_at=clock.business())
    facade.release_due()
    return share.reference


def top_up_and_forfeit(merchant: UUID, amount: int) -> facade.DepositInfo:
    payer = uuid4()
    top_up(payer, amount)
    held = facade.freeze_deposit(
        key=uuid4(), payer_id=payer, merchant_id=merchant, reference="lot", amount=cny(amount)
    )
    return facade.forfeit_deposit(deposit_id=held.id, reason="no show")


def person(merchant: UUID | None = None) -> Actor:
    kind = "merchant" if merchant else "operator"
    return Actor(kind=kind, person_id=uuid4(), merchant_id=merchant, scopes=frozenset({"*"}))


class TestCommission:
    def test_the_most_specific_wins_and_says_so(self) -> None:
        merchant = make_merchant().id

        def taken(category: str = "") -> tuple[int, str]:
            found = facade.commission_for(
                merchant_id=merchant, amount=cny(10_000), category=category
            )
            return found.amount.amount, found.level

        assert taken()[1] == "blueprint"
        facade.add_rule(rate=Decimal(6))
        facade.add_rule(rate=Decimal(4), category="fresh")
        facade.add_rule(rate=Decimal(3), category="fresh/fruit")
        assert [taken(), taken("tools"), taken("fresh/fish"), taken("fresh/fruit/pear")] == [
            (600, "platform"), (600, "platform"), (400, "category"), (300, "category"),
        ]  # fmt: skip
        assert taken("freshly")[0] == 600
        facade.add_rule(rate=Decimal(2), merchant_id=merchant)
        rule = facade.add_rule(
            rate=Decimal(1), merchant_id=merchant, category="fresh", minimum=150, currency="CNY"
        )
        assert taken("fresh/fruit") == (150, "merchant_category")
        assert taken("tools") == (200, "merchant")
        with clock.offset(timedelta(seconds=1)):
            facade.end_rule(rule_id=rule.id)
        with clock.offset(timedelta(seconds=2)):
            assert taken("fresh/fruit") == (200, "merchant")

    def test_from_and_until(self) -> None:
        begin = datetime(2026, 5, 1, tzinfo=UTC)
        rules = [
            Rule(uuid4(), None, "", Decimal(5), 0, 0, "", begin),
            Rule(uuid4(), None, "", Decimal(4), 0, 0, "", begin.replace(month=6)),
            Rule(
                uuid4(), None, "", Decimal(9), 0, 0, "USD", begin, begin.replace(month=7),
            ),
        ]  # fmt: skip

        def rate(month: int, currency: str = "CNY") -> Decimal | None:
            found = choose(
                rules, merchant_id=uuid4(), category="", currency=currency,
                at=begin.replace(month=month),
            )  # fmt: skip
            return found.rate if found else None

        assert [rate(4), rate(5), rate(6)] == [None, 5, 4]
        assert [rate(6, "USD"), rate(7, "USD")] == [9, 4]

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("rate", {"rate": Decimal(51)}),
            ("currency", {"rate": Decimal(1), "fixed": 5}),
            ("valid_from", {"rate": Decimal(1), "valid_from": datetime(2020, 1, 1, tzinfo=UTC)}),
        ],
    )
    def test_nonsense_is_refused(self, field: str, wrong: dict[str, Any]) -> None:
        with pytest.raises(Invalid) as caught:
            rates.add_rule(**wrong)
        assert caught.value.field == field


class TestPlans:
    def test_when_it_runs(self) -> None:
        zone = ZoneInfo("Asia/Shanghai")
        now = datetime(2026, 5, 6, 1, 30, tzinfo=zone)  # a Wednesday

        def of(interval: str, day: int = 1) -> str:
            found = next_run(interval=interval, day=day, after=now, zone=zone)
            return f"{found:%m-%d %H}" if found else ""

        assert [of("manual"), of("daily"), of("weekly"), of("weekly", 3), of("monthly", 6)] == [
            "", "05-06 02", "05-11 02", "05-06 02", "05-06 02",
        ]  # fmt: skip
        assert of("monthly", 28) == "05-28 02"

    def test_pays_what_has_been_there_long_enough(self) -> None:
        merchant = make_payee()
        earned(merchant)
        plans.set_plan(merchant_id=merchant, interval="daily", hold_days=2, minimum=100)
        assert plans.run_due() == 0
        with clock.offset(timedelta(days=1)):
            assert plans.run_due() == 0  # too fresh
        with clock.offset(timedelta(days=2, hours=12)):
            earned(merchant, 4_000, 0)
            assert plans.run_due() == 1
            assert plans.run_due() == 0
        assert stands(merchant) == (0, 4_000, 0, 0)
        assert facade.payouts_page(merchant_id=merchant).items[0].amount == cny(9_500)

    def test_refused_by_the_bank(self) -> None:
        merchant = make_payee()
        earned(merchant)
        plans.set_plan(merchant_id=merchant, interval="monthly")
        first = make_payout(merchant, 1_000)
        record_payout(payout_id=first.id, outcome=Outcome(FAILED, code="processing_error"))
        plan = plans.plan(merchant_id=merchant)
        assert plan.next_run_at is not None
        assert plan.next_run_at - clock.business() < timedelta(days=1, minutes=1)
        second = make_payout(merchant, 1_000)
        record_payout(payout_id=second.id, outcome=Outcome(FAILED, code="account_closed"))
        assert stands(merchant)[1] == 9_500
        with pytest.raises(PayoutsOnHold) as caught:
            make_payout(merchant)
        assert caught.value.params["reason"] == "account"

    def test_debts_are_set_off(self) -> None:
        merchant = make_payee()
        reference = earned(merchant, 10_000, 0)
        make_payout(merchant)
        intent = facade.intent_for(
            reference=PaymentIntent.objects.get(shares__reference=reference).reference
        )
        refund = make_refund(intent, 3_000)
        facade.record_refund(refund_id=refund.id, result=facade.perform_refund(refund_id=refund.id))
        assert debts.recover() == 0
        assert stands(merchant) == (0, 0, 0, 3_000)
        deposit = top_up_and_forfeit(merchant, 2_000)
        assert deposit.state == "forfeited"
        assert debts.recover() == 1
        assert stands(merchant) == (0, 0, 0, 1_000)


class TestBankAccount:
    def test_two_people_and_a_rest(self) -> None:
        merchant = make_payee()
        earned(merchant)
        with pytest.raises(platforms.AccountNeedsConfirmation):
            platforms.update_merchant(
                merchant_id=merchant,
                payout_account=platforms.BankAccount("ICBC", "江", "62220000", ""),
            )
        one, two = person(merchant), person(merchant)
        with acting(one):
            change = bank_account.propose(merchant_id=merchant, **NEW)
            with pytest.raises(ChangeWaits):
                bank_account.propose(merchant_id=merchant, **NEW)
            with pytest.raises(NeedsSecondPerson):
                bank_account.confirm(change_id=change.id)
        key = Actor(kind="merchant", id=uuid4(), merchant_id=merchant, scopes=frozenset({"*"}))
        with acting(key), pytest.raises(NeedsSecondPerson):
            bank_account.confirm(change_id=change.id)
        old = platforms.payout_account(merchant)
        assert old is not None
        assert old.last4 == "4321"
        with acting(two):
            assert bank_account.confirm(change_id=change.id).state == "confirmed"
            assert bank_account.confirm(change_id=change.id).state == "confirmed"
        new = platforms.payout_account(merchant)
        assert new is not None
        assert (new.bank, new.number, new.last4) == ("ICBC", "6222000011119999", "9999")
        with pytest.raises(PayoutsOnHold):
            make_payout(merchant)
        with clock.offset(timedelta(days=3, minutes=1)):
            make_payout(merchant)

    def test_refused_or_taken_back(self) -> None:
        merchant = make_payee()
        one = person(merchant)
        with acting(one):
            mine = bank_account.propose(merchant_id=merchant, **NEW)
            assert bank_account.refuse(change_id=mine.id, reason="").state == "withdrawn"
            other = bank_account.propose(merchant_id=merchant, **NEW)
        with acting(person()):
            assert bank_account.refuse(change_id=other.id, reason="no").state == "refused"
        with pytest.raises(Invalid):
            bank_account.propose(merchant_id=merchant, **{**NEW, "number": "123"})

    def test_the_door(self) -> None:
        merchant = make_payee()
        client = api_client(make_key(merchant_id=merchant).raw)
        made = client.post("/payout-account-changes", NEW)
        assert made.status_code == 201, made.content
        assert "6222" not in made.content.decode()
        where = f"/payout-account-changes/{made.json()['id']}"
        assert client.post(f"{where}/confirm").status_code == 409
        other = api_client(make_key(merchant_id=make_merchant().id).raw)
        assert other.post(f"{where}/confirm").status_code == 404
        operator = api_client(make_key(kind="operator").raw)
        assert operator.post(f"{where}/confirm").json()["state"] == "confirmed"
        plan = client.get("/payout-plan").json()
        assert plan["pause"] == "changed_account"
        wrong = client.put("/payout-plan", {"interval": "weekly", "day": 9})
        assert wrong.json()["errors"][0]["field"] == "day"


class TestStatements:
    def test_every_order_and_the_sums_tie(self) -> None:
        merchant = make_payee()
        one = earned(merchant)
        escrow = facade.open_escrow(
            key=uuid4(), merchant_id=merchant, reference="B-1", amount=cny(8_000),
            splits=[facade.Split("tax", cny(700)), facade.Split("logistics", cny(300))],
            payment_method_types=("offline_test",),
        )  # fmt: skip
        facade.confirm_intent(intent_id=escrow.intent_id, payment_method="offline_test")
        facade.accept_escrow(escrow_id=escrow.id)
        intent = facade.intent(intent_id=PaymentIntent.objects.get(shares__reference=one).id)
        refund = make_refund(intent, 4_000)
        facade.record_refund(refund_id=refund.id, result=facade.perform_refund(refund_id=refund.id))
        found = statement(merchant_id=merchant, currency="CNY")
        assert found.tied
        lines = {line.reference: line for line in found.lines}
        first = lines[one]
        assert (first.gross, first.refund, first.commission, first.net) == (
            cny(10_000), cny(4_000), cny(300), cny(5_700),
        )  # fmt: skip
        second = lines["B-1"]
        assert (second.tax, second.carriage) == (cny(700), cny(300))
        has = stands(merchant)
        assert found.total.net == cny(has[0] + has[1] + has[2] - has[3])
        later = clock.business() + timedelta(days=1)
        assert statement(merchant_id=merchant, currency="CNY", since=later).lines == ()

    def test_a_payout_is_made_of_what_came_since_the_last(self) -> None:
        merchant = make_payee()
        earned(merchant)
        first = make_payout(merchant, 9_000)
        two = earned(merchant, 3_000, 0)
        second = make_payout(merchant, 3_400)
        one = payout_statement(payout_id=first.id)
        assert (one.opening, one.amount, one.closing, one.tied) == (
            cny(0), cny(9_000), cny(500), True,
        )  # fmt: skip
        then = payout_statement(payout_id=second.id)
        assert (then.opening, then.closing, then.tied) == (cny(500), cny(100), True)
        assert [(line.reference, line.amount) for line in then.lines] == [(two, cny(3_000))]

    def test_as_files(self) -> None:
        merchant = make_payee()
        share = make_share(1_234, 34, merchant_id=merchant, reference="=cmd()")
        make_paid(share)
        client = api_client(make_key(merchant_id=merchant).raw)
        told = client.get("/statements").json()
        assert (told["tied"], told["total"]["net"]["amount"]) == (True, 1_200)
        text = b64decode(client.get("/statements/file").json()["content"]).decode("utf-8-sig")
        assert "'=cmd()" in text
        assert "12.34" in text
        file = client.get("/statements/file?format=xlsx").json()
        assert file["name"] == "statement.xlsx"
        sheet = load_workbook(BytesIO(b64decode(file["content"]))).active
        assert sheet is not None
        assert [cell.value for cell in sheet[2]][:2] == ["'=cmd()", 12.34]
        earned(merchant)
        payout = make_payout(merchant)
        answer = client.get(f"/payouts/{payout.public_id}/statement/file?format=xlsx")
        assert load_workbook(BytesIO(b64decode(answer.json()["content"]))).sheetnames == [
            "payout", "orders",
        ]  # fmt: skip

    def test_fees_are_invoiced_once_a_month(self) -> None:
        merchant = make_payee()
        with clock.frozen(datetime(2031, 5, 31, 12, tzinfo=UTC)):
            earned(merchant)
        with clock.frozen(datetime(2031, 6, 2, tzinfo=UTC)):
            earned(merchant, 1_000, 100)
            assert fee_invoices.issue_due() == 1
            assert fee_invoices.issue_due() == 0
        [invoice] = fee_invoices.fee_invoices_page(merchant_id=merchant).items
        assert (invoice.total, invoice.month) == (cny(500), date(2031, 5, 1))
        assert invoice.lines == (("commission", cny(500)),)


class TestInstalments:
    def opened(self, **fields: Any) -> facade.InstalmentPlanInfo:
        now = clock.business()
        return instalments.open_plan(
            **{
                "key": uuid4(),
                "merchant_id": make_merchant().id,
                "reference": "O-1",
                "amount": cny(10_001),
                "parts": [(cny(3_000), now), (cny(7_001), now + timedelta(days=30))],
                "payment_method_types": ("offline_test",),
                **fields,
            }
        )

    def pay(self, plan: facade.InstalmentPlanInfo, place: int) -> None:
        facade.confirm_intent(
            intent_id=plan.instalments[place].intent_id, payment_method="offline_test"
        )
        outbox.drain()

    def test_deposit_now_and_the_rest_later(self) -> None:
        facade.add_rule(rate=Decimal("3.33"))
        plan = self.opened()
        self.pay(plan, 0)
        now = instalments.instalment_plan(plan_id=plan.id)
        assert ([one.state for one in now.instalments], now.paid) == (["paid", "due"], cny(3_000))
        assert instalments.look() == {"reminded": 0, "overdue": 0, "defaulted": 0}
        with clock.offset(timedelta(days=28)):
            assert instalments.look()["reminded"] == 1
            assert instalments.look()["reminded"] == 0
        self.pay(plan, 1)
        assert instalments.instalment_plan(plan_id=plan.id).state == "completed"
        shares = [
            facade.intent(intent_id=one.intent_id).shares[0].commission.amount
            for one in plan.instalments
        ]
        assert sum(shares) == 333

    @pytest.mark.parametrize(
        ("rule", "stays"), [("keep", (2_850, 0)), ("forfeit", (0, 2_850)), ("refund", (0, 0))]
    )
    def test_not_paid_in_time(self, rule: str, stays: tuple[int, int]) -> None:
        facade.add_rule(rate=Decimal(5))
        plan = self.opened(on_default=rule)
        self.pay(plan, 0)
        with clock.offset(timedelta(days=31)):
            assert instalments.look()["overdue"] == 1
            assert instalments.look()["defaulted"] == 0
        with clock.offset(timedelta(days=33, minutes=1)):
            assert instalments.look()["defaulted"] == 1
            assert instalments.look()["defaulted"] == 0
        jobs.drain()
        after = instalments.instalment_plan(plan_id=plan.id)
        assert (after.state, after.instalments[1].state) == ("defaulted", "ended")
        assert facade.intent(intent_id=plan.instalments[1].intent_id).state == "canceled"
        assert stands(plan.merchant_id)[:2] == stays

    @pytest.mark.parametrize(
        ("sums", "days", "field"),
        [
            ([5_000, 5_000], [0, 30], "instalments"),
            ([5_000, 5_001], [30, 30], "instalments.1.due_at"),
            ([10_001, 0], [0, 30], "instalments.1.amount"),
            ([10_001], [0], "instalments"),
        ],
    )
    def test_nonsense_is_refused(self, sums: list[int], days: list[int], field: str) -> None:
        now = clock.business()
        with pytest.raises(Invalid) as caught:
            self.opened(
                parts=[
                    (cny(one), now + timedelta(days=day))
                    for one, day in zip(sums, days, strict=True)
                ]
            )
        assert caught.value.field == field

    def test_the_door(self) -> None:
        merchant = make_merchant().id
        client = api_client(make_key(merchant_id=merchant).raw)
        later = (clock.business() + timedelta(days=9)).isoformat()
        body = {
            "amount": {"amount": 100, "currency": "CNY"},
            "reference": "O-9",
            "payment_method_types": ["offline_test"],
            "instalments": [
                {
                    "amount": {"amount": 30, "currency": "CNY"},
                    "due_at": clock.business().isoformat(),
                },
                {"amount": {"amount": 70, "currency": "CNY"}, "due_at": later},
            ],
        }
        made = client.post("/instalment-plans", body)
        assert made.status_code == 201, made.content
        where = f"/instalment-plans/{made.json()['id']}"
        assert made.json()["acceptance_token"]
        other = api_client(make_key(merchant_id=make_merchant().id).raw)
        assert other.get(where).status_code == 404
        assert client.post(f"{where}/cancel").json()["state"] == "canceled"
        states = [one["state"] for one in client.get(where).json()["instalments"]]
        assert states == ["ended", "ended"]


def test_a_pause_is_over_by_itself() -> None:
    merchant = make_payee()
    plans.hold(merchant)
    assert plans.paused(merchant) is not None
    with clock.offset(timedelta(days=4)):
        assert plans.paused(merchant) is None
    assert PayoutPlan.objects.get(merchant_id=merchant).pause == "changed_account"
