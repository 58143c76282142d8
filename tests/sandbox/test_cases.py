"""Disputes, kept cards, checkout pages, files, clocks and older ways, by the official client."""

import json
import time
from typing import Any

import pytest
import requests
import stripe

from .test_connect import money, settle
from .test_payment_intents import pay

Client = Any
DAY = 86400


def disputed(client: Client, card: str = "pm_card_createDispute", **more: Any) -> Any:
    charge = pay(client, card, **more).latest_charge
    return client.v1.disputes.list(params={"charge": charge}).data[0]


def test_dispute_won_and_lost(official: Client, receiver: Any) -> None:
    official.v1.webhook_endpoints.create(params={"url": receiver.url, "enabled_events": ["*"]})
    before = sum(money(official))
    one = disputed(official)
    assert (one.status, one.reason, one.amount) == ("needs_response", "fraudulent", 5000)
    assert abs(one.evidence_details.due_by - time.time() - 7 * DAY) < 60
    assert [(row.amount, row.fee) for row in one.balance_transactions] == [(-5000, 1500)]
    assert official.v1.charges.retrieve(one.charge).disputed
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.refunds.create(params={"charge": one.charge})
    assert caught.value.code == "charge_disputed"
    draft = official.v1.disputes.update(
        one.id, params={"evidence": {"customer_name": "Zhang San"}, "submit": False}
    )
    assert (draft.status, draft.evidence_details.has_evidence) == ("needs_response", True)
    assert draft.evidence_details.submission_count == 0
    won = official.v1.disputes.update(
        one.id, params={"evidence": {"uncategorized_text": "winning_evidence"}}
    )
    assert won.status == "won"
    assert won.evidence.customer_name == "Zhang San"
    assert [row.amount for row in won.balance_transactions] == [-5000, 5000]
    assert sum(money(official)) - before == 5000 - 175 - 1500
    with pytest.raises(stripe.InvalidRequestError):
        official.v1.disputes.close(one.id)
    other = disputed(official, "pm_card_createDisputeProductNotReceived")
    lost = official.v1.disputes.update(
        other.id, params={"evidence": {"uncategorized_text": "losing_evidence"}}
    )
    assert (lost.status, lost.reason) == ("lost", "product_not_received")
    assert official.v1.disputes.close(disputed(official).id).status == "lost"
    settle()
    heard = [json.loads(row.body)["type"] for row in receiver.got]
    for name in ("created", "funds_withdrawn", "updated", "closed", "funds_reinstated"):
        assert f"charge.dispute.{name}" in heard


def test_inquiry_and_warning(official: Client) -> None:
    one = disputed(official, "pm_card_createDisputeInquiry")
    assert (one.status, one.balance_transactions) == ("warning_needs_response", [])
    more = official.v1.disputes.update(
        one.id, params={"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}}
    )
    assert more.status == "needs_response"
    assert len(more.balance_transactions) == 1
    calm = disputed(official, "pm_card_createDisputeInquiry")
    assert official.v1.disputes.close(calm.id).status == "warning_closed"
    charge = pay(official, "pm_card_createIssuerFraudRecord").latest_charge
    warning = official.v1.radar.early_fraud_warnings.list(params={"charge": charge}).data[0]
    assert warning.actionable


def test_evidence_file(official: Client, sandbox: str, key: str) -> None:
    import io

    upload = io.BytesIO(b"%PDF-1.4 proof")
    upload.name = "proof.pdf"
    file = official.v1.files.create(params={"purpose": "dispute_evidence", "file": upload})
    assert (file.size, file.filename, file.type) == (14, "proof.pdf", "pdf")
    headers = {"Authorization": f"Bearer {key}"}
    assert requests.get(file.url, headers=headers, timeout=60).content == b"%PDF-1.4 proof"
    assert requests.get(file.url, timeout=60).status_code == 401
    link = official.v1.file_links.create(params={"file": file.id})
    assert requests.get(link.url, timeout=60).content == b"%PDF-1.4 proof"
    one = disputed(official)
    kept = official.v1.disputes.update(
        one.id,
        params={"evidence": {"receipt": file.id, "uncategorized_text": "we sent it"}},
    )
    assert (kept.status, kept.evidence.receipt) == ("under_review", file.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.disputes.update(
            disputed(official).id, params={"evidence": {"receipt": "file_none"}}
        )
    assert caught.value.param == "evidence[receipt]"


def test_unanswered_dispute_is_lost_by_the_accounts_clock(
    official: Client, sandbox: str, key: str
) -> None:
    one = disputed(official)
    held = pay(official, capture_method="manual")
    paid = pay(official, expand=["latest_charge.balance_transaction"])
    assert paid.latest_charge.balance_transaction.status == "pending"
    headers = {"Authorization": f"Bearer {key}"}
    now = requests.get(f"{sandbox}/_sandbox/clock", headers=headers, timeout=60).json()
    answer = requests.post(
        f"{sandbox}/_sandbox/clock", headers=headers, json={"seconds": 8 * DAY}, timeout=20
    ).json()
    assert answer["now"] - now["now"] >= 8 * DAY
    assert official.v1.disputes.retrieve(one.id).status == "lost"
    assert official.v1.payment_intents.retrieve(held.id).status == "canceled"
    booked = official.v1.balance_transactions.retrieve(paid.latest_charge.balance_transaction.id)
    assert booked.status == "available"
    assert money(official)[1] == 0
    refused = requests.post(
        f"{sandbox}/_sandbox/clock", headers=headers, json={"seconds": -5}, timeout=5
    )
    assert refused.status_code == 422


def test_setup_intent(official: Client) -> None:
    customer = official.v1.customers.create(params={"email": "b@example.com"})
    made = official.v1.setup_intents.create(
        params={"customer": customer.id, "payment_method": "pm_card_visa", "confirm": True}
    )
    assert made.status == "succeeded"
    kept = official.v1.payment_methods.list(params={"customer": customer.id}).data
    assert [row.id for row in kept] == [made.payment_method]
    secure = official.v1.setup_intents.create(
        params={
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": "https://shop.example/kept?x=1",
        }
    )
    assert secure.status == "requires_action"
    answer = requests.post(
        secure.next_action.redirect_to_url.url,
        data={"approve": "1"},
        timeout=5,
        allow_redirects=False,
    )
    assert "redirect_status=succeeded" in answer.headers["Location"]
    assert f"setup_intent={secure.id}" in answer.headers["Location"]
    done = official.v1.setup_intents.retrieve(secure.id)
    assert done.status == "succeeded"
    # the kept card no longer asks its holder
    paid = pay(official, done.payment_method, customer=customer.id, off_session=True)
    assert paid.status == "succeeded"
    with pytest.raises(stripe.CardError) as caught:
        official.v1.setup_intents.create(
            params={"payment_method": "pm_card_chargeDeclined", "confirm": True}
        )
    assert caught.value.code == "card_declined"
    open_ = official.v1.setup_intents.create(params={})
    assert official.v1.setup_intents.cancel(open_.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as wrong:
        official.v1.setup_intents.confirm(open_.id, params={"payment_method": "pm_card_visa"})
    assert wrong.value.code == "setup_intent_unexpected_state"


def session(client: Client, **more: Any) -> Any:
    params: dict[str, Any] = {
        "mode": "payment",
        "success_url": "https://shop.example/done?id={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/cart",
        "line_items": [
            {
                "price_data": {
                    "currency": "cny",
                    "unit_amount": 1500,
                    "product_data": {"name": "A <b>chair</b>"},
                },
                "quantity": 2,
            }
        ],
    }
    params |= more
    return client.v1.checkout.sessions.create(
        params={name: value for name, value in params.items() if value is not None}
    )


def test_checkout_page(official: Client, receiver: Any) -> None:
    official.v1.webhook_endpoints.create(
        params={"url": receiver.url, "enabled_events": ["checkout.session.completed"]}
    )
    one = session(official, metadata={"cart": "9"}, client_reference_id="cart_9")
    assert (one.status, one.payment_status, one.amount_total) == ("open", "unpaid", 3000)
    chinese = {"Accept-Language": "zh-CN"}
    page = requests.get(one.url, headers=chinese, timeout=60).text
    assert "支付订单" in page
    assert "30.00 CNY" in page
    assert "A &lt;b&gt;chair&lt;/b&gt; × 2" in page
    assert "<script" not in page
    empty = requests.post(one.url, data={"card": "", "email": "x"}, timeout=60)
    assert empty.status_code == 422
    assert "name@example.com" in empty.text
    declined = requests.post(one.url, data={"card": "visa_chargeDeclined"}, timeout=60)
    assert declined.status_code == 402
    assert "Your card was declined." in declined.text
    done = requests.post(
        one.url,
        data={"number": "4242 4242 4242 4242", "email": "buyer@example.com"},
        timeout=5,
        allow_redirects=False,
    )
    assert done.headers["Location"] == f"https://shop.example/done?id={one.id}"
    full = official.v1.checkout.sessions.retrieve(
        one.id, params={"expand": ["payment_intent.latest_charge", "line_items"]}
    )
    assert (full.status, full.payment_status, full.url) == ("complete", "paid", None)
    assert full.payment_intent.latest_charge.amount == 3000
    assert full.line_items.data[0].amount_total == 3000
    assert full.customer_details.email == "buyer@example.com"
    again = requests.post(one.url, data={"card": "visa"}, timeout=60)
    assert "buyer" not in again.text
    assert official.v1.charges.list().data[0].id == full.payment_intent.latest_charge.id
    settle()
    event = stripe.Webhook.construct_event(
        receiver.got[-1].body,
        receiver.got[-1].headers["Stripe-Signature"],
        _secret(official, receiver),
    )
    assert event.data.object.id == one.id


def _secret(client: Client, receiver: Any) -> str:
    from sandbox.models import Endpoint

    return Endpoint.objects.get(url=receiver.url).secret


def test_checkout_with_bank_page_expiry_and_setup(official: Client, sandbox: str, key: str) -> None:
    product = official.v1.products.create(
        params={"name": "Lamp", "default_price_data": {"currency": "cny", "unit_amount": 700}}
    )
    one = session(official, line_items=[{"price": product.default_price, "quantity": 1}])
    bank = requests.post(one.url, data={"card": "authenticationRequired"}, timeout=60)
    assert "/_sandbox/3ds/" in bank.url
    back = requests.post(bank.url, data={"approve": "1"}, timeout=5, allow_redirects=False)
    assert back.headers["Location"].startswith(one.url)
    last = requests.get(back.headers["Location"], timeout=5, allow_redirects=False)
    assert last.headers["Location"].startswith("https://shop.example/done")
    assert official.v1.checkout.sessions.retrieve(one.id).payment_status == "paid"
    late = session(official)
    assert official.v1.checkout.sessions.expire(late.id).status == "expired"
    assert "shop.example/cart" in requests.get(late.url, timeout=60).text
    assert requests.post(late.url, data={"card": "visa"}, timeout=60).status_code == 200
    assert official.v1.checkout.sessions.retrieve(late.id).payment_intent is None
    keep = session(official, mode="setup", line_items=None, currency="cny")
    requests.post(keep.url, data={"card": "visa"}, timeout=5, allow_redirects=False)
    kept = official.v1.checkout.sessions.retrieve(keep.id, params={"expand": ["setup_intent"]})
    assert kept.setup_intent.status == "succeeded"
    assert kept.customer
    # the paths of the official command line client
    two = session(official)
    headers = {"Authorization": f"Bearer {key}"}
    page = f"{sandbox}/v1/payment_pages/{two.id}"
    assert requests.get(page, headers=headers, timeout=60).json()["amount_total"] == 3000
    wrong = {"payment_method": "pm_card_visa", "expected_amount": "2999"}
    assert (
        requests.post(f"{page}/confirm", headers=headers, data=wrong, timeout=60).status_code == 400
    )
    right = wrong | {"expected_amount": "3000"}
    answer = requests.post(f"{page}/confirm", headers=headers, data=right, timeout=60).json()
    assert answer["payment_status"] == "paid"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        session(official, line_items=[{"price": product.default_price}])
    assert caught.value.param == "line_items[0][quantity]"
    with pytest.raises(stripe.InvalidRequestError):
        session(official, mode="subscription")


def test_products_and_prices(official: Client) -> None:
    chair = official.v1.products.create(params={"name": "Chair", "id": "chair-1"})
    price = official.v1.prices.create(
        params={"product": chair.id, "currency": "usd", "unit_amount": 999, "lookup_key": "c"}
    )
    assert int(price.unit_amount_decimal) == 999
    found = official.v1.prices.list(params={"lookup_keys": ["c"], "expand": ["data.product"]})
    assert found.data[0].product.name == "Chair"
    official.v1.prices.update(price.id, params={"active": False})
    assert official.v1.prices.list(params={"active": True}).data == []
    assert official.v1.products.update(chair.id, params={"name": "Stool"}).name == "Stool"
    with pytest.raises(stripe.InvalidRequestError):
        official.v1.products.delete(chair.id)
    empty = official.v1.products.create(params={"name": "Nothing"})
    assert official.v1.products.delete(empty.id).deleted
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.prices.create(params={"product": chair.id, "currency": "usd"})
    assert caught.value.param == "unit_amount"
