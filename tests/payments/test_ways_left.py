"""News and questions about a way to pay that the buyer left, or that was given up."""

from dataclasses import replace

import pytest

from payments import facade
from payments.contracts import ALIPAY, CANCELED, CARD
from payments.services.reconcile import reconcile
from tests.factories.payments import make_intent
from tests.payments.intent_model import ASKS, BEFORE, CODE, OK, Provider


def test_the_end_of_a_way_that_was_left_is_not_the_end_of_the_payment(
    two_ways: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The buyer left the bank's page for a code. The sweep closes the card's payment, and the
    gateway tells so by a webhook, while the buyer scans."""
    providers = {CARD: Provider(CARD), ALIPAY: Provider(ALIPAY)}
    monkeypatch.setattr("payments.services.gateway_account.gateway_for", providers.__getitem__)
    intent = make_intent(payment_method_types=(CARD, ALIPAY))
    facade.confirm_intent(intent_id=intent.id, payment_method=ASKS)
    facade.confirm_intent(intent_id=intent.id, payment_method=CODE)
    reconcile()
    [closed] = providers[CARD].news
    assert closed.state == CANCELED
    told = replace(closed.outcome(), gateway=CARD)
    assert facade.record_confirm(intent_id=intent.id, result=told.as_dict()).state == (
        "requires_action"
    )
    [code] = providers[ALIPAY].payments.values()
    providers[ALIPAY].decide(code, pays=True)
    assert facade.refresh_intent(intent_id=intent.id).state == "succeeded"
    assert facade.trial_balance().balanced


def test_what_was_given_up_is_not_collected_by_a_question(
    two_ways: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The confirmation never arrived, nor did the cancellation; then somebody looks."""
    card = Provider(CARD)
    monkeypatch.setattr("payments.services.gateway_account.gateway_for", {CARD: card}.__getitem__)
    intent = make_intent()
    card.faults = ["", BEFORE, BEFORE]
    facade.confirm_intent(intent_id=intent.id, payment_method=OK)
    facade.cancel_intent(intent_id=intent.id)
    facade.refresh_intent(intent_id=intent.id)
    assert card.balance == 0
    assert facade.cancel_intent(intent_id=intent.id).state == "canceled"
