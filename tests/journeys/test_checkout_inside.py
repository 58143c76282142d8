"""A checkout whose payment is decided in the house, over the API: one transaction, or nothing."""

from typing import Any
from uuid import UUID

import pytest

from inventory import facade as inventory
from journeys.models import Journey
from kernel.api import idempotency
from kernel.ids import parse_public_id, public_id
from kernel.records.idempotency import IdempotencyRecord
from kernel.tenancy import Tenant
from marketplace.models import Order
from payments import facade as payments
from tests.factories.marketplace import make_cart, make_goods
from tests.factories.platforms import ApiClient, api_client, make_key, make_person

pytestmark = pytest.mark.django_db(transaction=True)


def free(variant: UUID) -> int:
    return int(inventory.availability([variant])[variant])


def test_nothing_of_it_stays_when_its_answer_is_not_kept(
    platform: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = make_goods()
    cart = make_cart((variant, 2))
    guest = ApiClient(code=platform.code)
    guest.client.raise_request_exception = False

    def send() -> Any:
        return guest.request(
            "POST", "/checkouts",
            {"cart_id": public_id("crt", cart.id), "payment_method": "offline_test"},
            headers={"Cart-Token": cart.token or "", "Idempotency-Key": "one attempt of a guest"},
        )  # fmt: skip

    def broken(*given: object) -> None:
        raise RuntimeError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "keep", broken)
        assert send().status_code == 500
    assert (Order.objects.count(), Journey.objects.count(), free(variant)) == (0, 0, 100)
    assert payments.trial_balance().rows == ()
    done, again = send(), send()
    assert (done.status_code, done.json()["state"]) == (201, "done")
    assert again.content == done.content
    assert (Order.objects.get().state, free(variant)) == ("paid", 98)
    [kept] = IdempotencyRecord.objects.all()
    assert (kept.state, kept.status) == ("done", 201)


def test_anothers_cart_is_none(platform: Tenant) -> None:
    cart, other = make_cart((make_goods(), 1)), make_cart()
    answer = ApiClient(code=platform.code).request(
        "POST", "/checkouts",
        {"cart_id": public_id("crt", cart.id), "payment_method": "offline_test"},
        headers={"Cart-Token": other.token or ""},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (404, "marketplace.cart_not_found")
    assert Order.objects.count() == 0


def test_an_empty_wallet_leaves_the_orders_to_be_paid_otherwise(platform: Tenant) -> None:
    person, variant = make_person(), make_goods()
    buyer = api_client(make_key(kind="buyer", person_id=person.id))
    cart = make_cart((variant, 2), buyer_id=person.id)
    body = {"cart_id": public_id("crt", cart.id), "payment_method": "wallet"}
    answer, again = (buyer.post("/checkouts", body, idempotency_key="k") for _ in range(2))
    assert (answer.status_code, answer.json()["code"]) == (402, "journeys.payment_declined")
    assert again.content == answer.content
    assert (Order.objects.get().state, free(variant)) == ("pending_payment", 98)
    checkout = parse_public_id("jny", answer.json()["checkout"])
    assert Journey.objects.get().id == checkout
    paid = buyer.post(
        f"/checkouts/{answer.json()['checkout']}/pay", {"payment_method": "offline_test"}
    )
    assert paid.status_code == 200, paid.content.decode()
    assert Order.objects.get().state == "paid"
