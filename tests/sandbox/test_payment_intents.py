"""Payments through the official client: the ways a payment can go."""

from typing import Any

import pytest
import requests
import stripe

Client = Any  # the official client; its types make every field optional


def pay(gateway: Client, method: str = "pm_card_visa", **more: Any) -> Any:
    params = {"amount": 5000, "currency": "cny", "payment_method": method, "confirm": True}
    return gateway.v1.payment_intents.create(params=params | more)


def test_automatic_capture_books_charge_and_fee(gateway: Client) -> None:
    before = gateway.v1.balance.retrieve()
    intent = pay(
        gateway,
        expand=["latest_charge.balance_transaction", "payment_method"],
        metadata={"order": "ord_1"},
        description="Two chairs",
    )
    assert intent.status == "succeeded"
    assert (intent.amount_received, intent.amount_capturable) == (5000, 0)
    charge = intent.latest_charge
    assert charge.captured
    assert charge.paid
    assert charge.amount_captured == 5000
    assert charge.metadata["order"] == "ord_1"
    booked = charge.balance_transaction
    assert (booked.amount, booked.fee, booked.net) == (5000, 175, 4825)
    assert booked.status == "pending"
    assert booked.source == charge.id
    assert intent.payment_method.card.last4 == "4242"
    after = gateway.v1.balance.retrieve()
    assert _of(after.pending, "cny") - _of(before.pending, "cny") == 4825
    assert _of(after.available, "cny") == _of(before.available, "cny") > 0


def _of(column: Any, currency: str) -> int:
    return int(next(entry.amount for entry in column if entry.currency == currency))


def test_card_available_at_once(gateway: Client) -> None:
    intent = pay(gateway, "pm_card_bypassPending", expand=["latest_charge.balance_transaction"])
    assert intent.latest_charge.balance_transaction.status == "available"


def test_create_then_confirm_then_final(gateway: Client) -> None:
    intent = gateway.v1.payment_intents.create(params={"amount": 900, "currency": "usd"})
    assert intent.status == "requires_payment_method"
    intent = gateway.v1.payment_intents.update(
        intent.id, params={"payment_method": "pm_card_mastercard", "amount": 1000}
    )
    assert intent.status == "requires_confirmation"
    intent = gateway.v1.payment_intents.confirm(intent.id)
    assert (intent.status, intent.amount_received) == ("succeeded", 1000)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        gateway.v1.payment_intents.confirm(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        gateway.v1.payment_intents.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError):
        gateway.v1.payment_intents.update(intent.id, params={"amount": 500})
    kept = gateway.v1.payment_intents.update(intent.id, params={"metadata": {"late": "yes"}})
    assert kept.metadata["late"] == "yes"


def test_manual_capture_in_part_frees_the_rest(gateway: Client) -> None:
    intent = pay(gateway, capture_method="manual", expand=["latest_charge"])
    assert intent.status == "requires_capture"
    assert intent.amount_capturable == 5000
    assert not intent.latest_charge.captured
    assert intent.latest_charge.balance_transaction is None
    with pytest.raises(stripe.InvalidRequestError) as caught:
        gateway.v1.payment_intents.capture(intent.id, params={"amount_to_capture": 5001})
    assert caught.value.param == "amount_to_capture"
    intent = gateway.v1.payment_intents.capture(
        intent.id, params={"amount_to_capture": 3000, "expand": ["latest_charge"]}
    )
    assert (intent.status, intent.amount_received, intent.amount_capturable) == (
        "succeeded",
        3000,
        0,
    )
    assert intent.latest_charge.amount_captured == 3000
    with pytest.raises(stripe.InvalidRequestError):
        gateway.v1.refunds.create(params={"payment_intent": intent.id, "amount": 3001})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        gateway.v1.payment_intents.capture(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"


def test_cancel_frees_a_reservation(gateway: Client) -> None:
    intent = pay(gateway, capture_method="manual")
    intent = gateway.v1.payment_intents.cancel(
        intent.id, params={"cancellation_reason": "abandoned", "expand": ["latest_charge"]}
    )
    assert (intent.status, intent.cancellation_reason) == ("canceled", "abandoned")
    assert intent.amount_capturable == 0
    assert intent.latest_charge.refunded
    booked = gateway.v1.balance_transactions.list(params={"type": "charge"})
    assert booked.data == []


def magic_cards(outcome: str) -> list[dict[str, Any]]:
    from sandbox.magic.cards import CARDS

    return [card.published() for card in CARDS if card.outcome == outcome]


@pytest.mark.parametrize("card", magic_cards("declined"), ids=lambda card: card["tokens"][0])
def test_declines(gateway: Client, card: dict[str, Any]) -> None:
    intent = gateway.v1.payment_intents.create(params={"amount": 700, "currency": "cny"})
    with pytest.raises(stripe.CardError) as caught:
        gateway.v1.payment_intents.confirm(intent.id, params={"payment_method": card["tokens"][-1]})
    error: Any = caught.value
    assert (error.http_status, error.code) == (402, card["code"])
    assert error.error.decline_code == card["decline_code"]
    assert error.error.payment_intent.id == intent.id
    intent = gateway.v1.payment_intents.retrieve(intent.id, params={"expand": ["latest_charge"]})
    assert intent.status == "requires_payment_method"
    assert intent.payment_method is None
    assert intent.last_payment_error.code == card["code"]
    assert intent.latest_charge.status == "failed"
    assert not intent.latest_charge.paid
    # the same intent can still be paid with another card
    intent = gateway.v1.payment_intents.confirm(
        intent.id, params={"payment_method": "pm_card_visa"}
    )
    assert intent.status == "succeeded"
    assert intent.last_payment_error is None


@pytest.mark.parametrize("card", magic_cards("succeeds"), ids=lambda card: card["tokens"][0])
def test_successes_by_number(gateway: Client, card: dict[str, Any]) -> None:
    cvc = "1234" if card["brand"] == "amex" else "123"
    method = gateway.v1.payment_methods.create(
        params={
            "type": "card",
            "card": {
                "number": card["number"],
                "exp_month": 11,
                "exp_year": 2040,
                "cvc": cvc,
            },
        }
    )
    assert method.card.last4 == card["number"][-4:]
    assert method.card.brand == card["brand"]
    assert pay(gateway, method.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        pay(gateway, method.id)


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "4929420573595709"}, "card_declined"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2020}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
    ],
)
def test_bad_card_data(gateway: Client, card: dict[str, Any], code: str) -> None:
    from sandbox.models import IdempotentRequest, PaymentMethod

    good = {"number": "4242424242424242", "exp_month": 11, "exp_year": 2040, "cvc": "123"}
    with pytest.raises(stripe.CardError) as caught:
        gateway.v1.payment_methods.create(params={"type": "card", "card": good | card})
    assert (caught.value.http_status, caught.value.code) == (402, code)
    assert not PaymentMethod.objects.exists()
    assert not IdempotentRequest.objects.exists()  # nothing of a refused number is kept


class TestThreeDSecure:
    back = "https://shop.example/back?order=7"

    def open(self, gateway: Client, method: str, **more: Any) -> tuple[Any, str]:
        intent = pay(gateway, method, return_url=self.back, **more)
        assert intent.status == "requires_action"
        assert intent.next_action.type == "redirect_to_url"
        assert intent.next_action.redirect_to_url.return_url == self.back
        return intent, intent.next_action.redirect_to_url.url

    def test_approved(self, gateway: Client) -> None:
        intent, url = self.open(gateway, "pm_card_threeDSecure2Required")
        page = requests.get(url, headers={"Accept-Language": "en"}, timeout=60)
        assert page.status_code == 200
        assert "50.00 CNY" in page.text
        assert "Approve" in page.text
        assert "Fail" in page.text
        answer = requests.post(url, data={"approve": "1"}, allow_redirects=False, timeout=60)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(
            f"https://shop.example/back?order=7&payment_intent={intent.id}"
            f"&payment_intent_client_secret={intent.client_secret}"
        )
        assert answer.headers["Location"].endswith("&redirect_status=succeeded")
        done = gateway.v1.payment_intents.retrieve(intent.id, params={"expand": ["latest_charge"]})
        assert done.status == "succeeded"
        assert done.next_action is None
        secure = done.latest_charge.payment_method_details.card.three_d_secure
        assert secure.result == "authenticated"
        # a second click changes nothing and leads back again
        again = requests.post(url, data={"fail": "1"}, allow_redirects=False, timeout=60)
        assert again.headers["Location"].endswith("&redirect_status=succeeded")
        assert len(gateway.v1.charges.list(params={"payment_intent": intent.id}).data) == 1

    def test_failed(self, gateway: Client) -> None:
        intent, url = self.open(gateway, "pm_card_authenticationRequired")
        answer = requests.post(url, data={"fail": "1"}, allow_redirects=False, timeout=60)
        assert answer.headers["Location"].endswith("&redirect_status=failed")
        intent = gateway.v1.payment_intents.retrieve(intent.id)
        assert intent.status == "requires_payment_method"
        assert intent.last_payment_error.code == "payment_intent_authentication_failure"

    def test_declined_after_approval(self, gateway: Client) -> None:
        intent, url = self.open(gateway, "pm_card_threeDSecureRequiredChargeDeclined")
        answer = requests.post(url, data={"approve": "1"}, allow_redirects=False, timeout=60)
        assert answer.headers["Location"].endswith("&redirect_status=failed")
        intent = gateway.v1.payment_intents.retrieve(intent.id)
        assert intent.last_payment_error.code == "card_declined"

    def test_manual_capture(self, gateway: Client) -> None:
        intent, url = self.open(gateway, "pm_card_authenticationRequired", capture_method="manual")
        requests.post(url, data={"approve": "1"}, allow_redirects=False, timeout=60)
        assert gateway.v1.payment_intents.retrieve(intent.id).status == "requires_capture"

    def test_manual_confirmation_needs_the_server_again(self, gateway: Client) -> None:
        intent, url = self.open(
            gateway, "pm_card_authenticationRequired", confirmation_method="manual"
        )
        requests.post(url, data={"approve": "1"}, allow_redirects=False, timeout=60)
        assert gateway.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"
        assert gateway.v1.payment_intents.confirm(intent.id).status == "succeeded"

    def test_off_session_is_declined(self, gateway: Client) -> None:
        with pytest.raises(stripe.CardError) as caught:
            pay(gateway, "pm_card_authenticationRequired", off_session=True)
        assert caught.value.code == "authentication_required"

    def test_cancelled_page_only_leads_back(self, gateway: Client) -> None:
        intent, url = self.open(gateway, "pm_card_authenticationRequired")
        gateway.v1.payment_intents.cancel(intent.id)
        answer = requests.post(url, data={"approve": "1"}, allow_redirects=False, timeout=60)
        assert answer.headers["Location"].endswith("&redirect_status=failed")
        page = requests.get(url, headers={"Accept-Language": "en"}, timeout=60)
        assert "Not confirmed" in page.text
        assert "https://shop.example/back?order=7&amp;" in page.text
        assert gateway.v1.payment_intents.retrieve(intent.id).status == "canceled"

    def test_set_up_card_asks_once(self, gateway: Client) -> None:
        customer = gateway.v1.customers.create()
        method = gateway.v1.payment_methods.attach(
            "pm_card_authenticationRequiredOnSetup", params={"customer": customer.id}
        )
        _, url = self.open(gateway, method.id, customer=customer.id)
        requests.post(url, data={"approve": "1"}, allow_redirects=False, timeout=60)
        again = pay(gateway, method.id, customer=customer.id, off_session=True)
        assert again.status == "succeeded"


def test_new_card_ends_an_old_three_d_secure_page(gateway: Client) -> None:
    intent = pay(gateway, "pm_card_authenticationRequired", return_url="https://shop.example/")
    url = intent.next_action.redirect_to_url.url
    done = gateway.v1.payment_intents.confirm(intent.id, params={"payment_method": "pm_card_visa"})
    assert done.status == "succeeded"
    assert requests.post(url, data={"fail": "1"}, timeout=60).status_code == 404
    assert gateway.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_amount_limits(gateway: Client) -> None:
    for amount, currency, code in (
        (49, "usd", "amount_too_small"),
        (100_000_000, "usd", "amount_too_large"),
        (0, "usd", "parameter_invalid_integer"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            gateway.v1.payment_intents.create(params={"amount": amount, "currency": currency})
        assert (caught.value.code, caught.value.param) == (code, "amount")
    assert gateway.v1.payment_intents.create(params={"amount": 1, "currency": "cny"}).amount == 1


def test_reservation_lapses(gateway: Client) -> None:
    from sandbox.delivery import worker

    intent = pay(gateway, capture_method="manual")
    worker.drain(later_too=6 * 86400)
    assert gateway.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
    worker.drain(later_too=7 * 86400 + 60)
    intent = gateway.v1.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "automatic")
    kinds = [event.type for event in gateway.v1.events.list().data]
    assert kinds[:2] == ["payment_intent.canceled", "charge.expired"]
