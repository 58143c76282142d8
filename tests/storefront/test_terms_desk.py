"""The operator's desk of terms: commission rules, payout plans, what is paid in parts."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from kernel import clock
from payments import facade as payments
from tests.factories.payments import cny
from tests.factories.platforms import make_merchant
from tests.factories.storefront import operator, owner_of

pytestmark = pytest.mark.usefixtures("platform")
DESK, NEW = "/operator/terms/", "/operator/terms/new/"
RULE = {
    "rate": "2.5", "fixed": "1.00", "minimum": "", "merchant": "", "category": "fresh/fruit",
    "valid_from": "", "valid_until": "", "note": "Spring",
}  # fmt: skip


def test_a_rule_is_made_and_ended() -> None:
    anna = operator()
    wrong = {
        "rate": "51", "merchant": "nobody", "fixed": "-1", "minimum": "x",
        "valid_from": "2001-01-01T00:00",
    }  # fmt: skip
    for name, value in wrong.items():
        answer = anna.send(NEW, **RULE | {name: value})
        assert answer.status_code == 422
        assert f'id="id_{name}_error"' in answer.content.decode(), name
    assert list(payments.rules_page().items) == []
    anna.send(NEW, **RULE)
    [rule] = payments.rules_page().items
    assert (rule.rate, rule.fixed, rule.currency) == (Decimal("2.5"), 100, "CNY")
    page = anna.see(DESK).content.decode()
    assert "fresh/fruit" in page
    assert "Spring" in page
    end = f"{DESK}{rule.public_id}/end/"
    anna.send(end, page=DESK)
    [ended] = payments.rules_page().items
    assert ended.valid_until is not None
    assert end not in anna.see(DESK).content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_plans_are_shown_to_operators_alone(language: str) -> None:
    merchant, now = make_merchant(), clock.business()
    payments.add_rule(rate=Decimal(3), merchant_id=merchant.id, minimum=50, currency="CNY")
    payments.set_payout_plan(merchant_id=merchant.id, interval="weekly", day=2)
    payments.open_plan(
        key=uuid4(), merchant_id=merchant.id, reference="O-77", amount=cny(1_000),
        parts=[(cny(300), now), (cny(700), now + timedelta(days=30))],
        payment_method_types=("offline_test",),
    )  # fmt: skip
    anna = operator(language)
    page = anna.see(DESK).content.decode()
    for text in ("O-77", "Every week" if language == "en" else "每周", "3 %"):
        assert text in page
    assert "O-77" not in anna.see(DESK, state="completed").content.decode()
    assert "O-77" in anna.see(DESK, state="nonsense").content.decode()
    assert owner_of(merchant, language).see(DESK).status_code == 403
