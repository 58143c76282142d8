"""Customers and their saved cards."""

from typing import Any

import pytest
import stripe

from .test_payment_intents import pay


def test_life_of_a_customer(gateway: Any) -> None:
    customer = gateway.v1.customers.create(
        params={
            "name": "王芳",
            "email": "fang@example.com",
            "phone": "+86 10 1234 5678",
            "address": {"line1": "1 Road", "city": "Hangzhou", "country": "CN"},
            "shipping": {"name": "王芳", "address": {"line1": "2 Road"}},
            "metadata": {"buyer": "7"},
        }
    )
    assert customer.shipping.address.line1 == "2 Road"
    changed = gateway.v1.customers.update(
        customer.id, params={"email": "new@example.com", "metadata": {"buyer": "", "x": "y"}}
    )
    assert (changed.email, changed.metadata.to_dict()) == ("new@example.com", {"x": "y"})
    assert changed.name == "王芳"
    event = gateway.v1.events.list(params={"type": "customer.updated"}).data[0]
    assert event.data.previous_attributes["email"] == "fang@example.com"
    assert "name" not in event.data.previous_attributes
    found = gateway.v1.customers.list(params={"email": "new@example.com"})
    assert [one.id for one in found.data] == [customer.id]
    assert gateway.v1.customers.delete(customer.id).deleted
    gone = gateway.v1.customers.retrieve(customer.id)
    assert gone.deleted
    assert "email" not in gone
    assert gateway.v1.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError) as caught:
        gateway.v1.customers.update(customer.id, params={"name": "x"})
    assert caught.value.http_status == 404


def test_saved_card(gateway: Any) -> None:
    customer = gateway.v1.customers.create()
    method = gateway.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
    assert method.customer == customer.id
    assert method.id != "pm_card_visa"
    for _ in range(2):
        assert pay(gateway, method.id, customer=customer.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        pay(gateway, method.id)
    assert [
        one.id for one in gateway.v1.payment_methods.list(params={"customer": customer.id}).data
    ] == [method.id]
    assert [one.id for one in gateway.v1.customers.payment_methods.list(customer.id).data] == [
        method.id
    ]
    changed = gateway.v1.payment_methods.update(
        method.id, params={"billing_details": {"name": "Fang"}, "card": {"exp_year": 2041}}
    )
    assert (changed.billing_details.name, changed.card.exp_year) == ("Fang", 2041)
    detached = gateway.v1.payment_methods.detach(method.id)
    assert detached.customer is None
    with pytest.raises(stripe.InvalidRequestError):
        pay(gateway, method.id)
    with pytest.raises(stripe.InvalidRequestError):
        gateway.v1.payment_methods.attach(method.id, params={"customer": customer.id})


def test_declined_card_cannot_be_attached_but_0341_can(gateway: Any) -> None:
    customer = gateway.v1.customers.create()
    with pytest.raises(stripe.CardError):
        gateway.v1.payment_methods.attach(
            "pm_card_chargeDeclined", params={"customer": customer.id}
        )
    method = gateway.v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", params={"customer": customer.id}
    )
    with pytest.raises(stripe.CardError):
        pay(gateway, method.id, customer=customer.id)


def test_setup_future_usage_saves_the_card(gateway: Any) -> None:
    customer = gateway.v1.customers.create()
    intent = pay(gateway, customer=customer.id, setup_future_usage="off_session")
    assert gateway.v1.payment_methods.retrieve(intent.payment_method).customer == customer.id


def test_customer_with_first_card(gateway: Any) -> None:
    customer = gateway.v1.customers.create(
        params={
            "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa"},
            "expand": ["default_source"],
        }
    )
    method = gateway.v1.payment_methods.list(params={"customer": customer.id}).data[0]
    assert customer.invoice_settings.default_payment_method == method.id


def test_legacy_token(gateway: Any) -> None:
    method = gateway.v1.payment_methods.create(
        params={"type": "card", "card": {"token": "tok_visa"}}
    )
    assert method.card.brand == "visa"
