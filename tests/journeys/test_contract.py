"""Orders that need a contract: signed and shipped, or not signed and cancelled, money back once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import translation

from certification import facade as certification
from certification.services.agreements import ending
from inventory import facade as inventory
from journeys import facade as journeys
from journeys.models import Journey
from kernel import clock, tenancy
from kernel.errors import DomainError
from kernel.ids import parse_public_id, public_id
from kernel.money import Money
from marketplace import facade as marketplace
from payments import facade as payments
from payments.models import Refund
from platforms import facade as platforms
from tests.factories.catalog import make_category, make_variant
from tests.factories.inventory import make_stock
from tests.factories.order_contract import (
    ask_for_contracts,
    buy_as,
    make_buyer,
    make_party,
    settle,
)
from tests.factories.platforms import api_client, make_key, make_merchant, make_platform
from tests.factories.world import Shop, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(platform: Any) -> World:
    ask_for_contracts(over=5000)
    return make_world(2)


def left(world: World) -> list[int]:
    found = inventory.availability([shop.variant_id for shop in world.shops])
    return [int(found[shop.variant_id]) for shop in world.shops]


def contract_of(order_id: UUID) -> certification.ContractInfo:
    found = journeys.order_contract(order_id=order_id)
    assert found is not None
    assert found.contract is not None
    return found.contract


def state_of(order_id: UUID) -> str:
    order = marketplace.order(order_id=order_id)
    assert order is not None
    return str(order.state)


def titles(order_id: UUID) -> list[str]:
    with translation.override("en"):
        return [line.title for line in journeys.timeline(order_id=order_id)]


def test_signed_by_both_then_shipped(world: World) -> None:
    shop = world.shops[0]
    buyer = make_buyer()
    seller, owner = make_party(merchant_id=shop.merchant_id), make_party(person_id=buyer)
    info = buy_as(world, buyer, 10, 1)
    settle()
    assert info.group_id is not None
    orders = {one.merchant_id: one for one in marketplace.group(group_id=info.group_id).orders}
    order_id, small = orders[shop.merchant_id].id, orders[world.shops[1].merchant_id].id
    assert journeys.order_contract(order_id=small) is None  # below what needs one
    order = public_id("ord", order_id)
    merchant = api_client(make_key(merchant_id=shop.merchant_id))
    person = api_client(make_key(kind="buyer", person_id=buyer))
    stranger = api_client(make_key())
    assert stranger.get(f"/orders/{order}/contract").status_code == 404
    shown = person.get(f"/orders/{order}/contract").json()
    assert (shown["needed"], shown["signed"], shown["state"]) == (True, False, "signing")
    assert [party["role"] for party in shown["parties"]] == ["seller", "buyer"]
    refused = merchant.post(f"/orders/{order}/ship")
    assert (refused.status_code, refused.json()["code"]) == (409, "journeys.contract_missing")
    contract = merchant.get(f"/contracts/{shown['contract']}").json()
    [line] = contract["values"]["lines"]
    assert (line["amount"]["value"], line["sum"]["amount"]) == ("10", 10_000)
    assert contract["values"]["total"] == orders[shop.merchant_id].total.as_api()
    for client, party in ((merchant, seller), (person, owner)):
        body = {"sha256": contract["agreed_sha256"], "code": party.factor.code()}
        body["signer"] = public_id("per", party.person_id)
        done = client.post(f"/contracts/{shown['contract']}/sign", body)
        assert done.status_code == 200, done.content
    settle()
    shown = merchant.get(f"/orders/{order}/contract").json()
    assert (shown["signed"], shown["state"]) == (True, "effective")
    assert Journey.objects.get(kind="contract").state == "done"
    operator = api_client(make_key(kind="operator"))
    [journey] = operator.get("/journeys", query={"kind": "contract"}).json()["data"]
    assert (journey["contract"], journey["subject"]) == (shown["contract"], order)
    told = titles(order_id)
    assert [title for title in told if "ontract" in title] == [
        "Contract ready to be signed: " + shown["number"],
        "Contract signed: " + shown["number"],
        "Contract signed: " + shown["number"],
        "Contract in force: " + shown["number"],
    ]
    refused = person.post(f"/orders/{order}/cancel", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "journeys.contract_in_force")
    assert state_of(order_id) == "paid"
    with pytest.raises(journeys.NotShippable, match="sandbox"):
        journeys.ship_order(order_id=order_id)  # it may go, but no carrier is set up in this test
    assert state_of(order_id) == "paid"


@pytest.mark.parametrize("how", ["rejected", "expired", "withdrawn", "cancelled"])
def test_not_signed_is_cancelled_and_paid_back_once(world: World, how: str) -> None:
    buyer = make_buyer()
    signer = make_party(person_id=buyer)
    [order_id] = buy_as(world, buyer, 10).order_ids
    settle()
    assert left(world) == [90, 100]
    found = contract_of(order_id)
    if how == "rejected":
        certification.reject_contract(contract_id=found.id, role="seller", reason="卖完了")
    elif how == "withdrawn":
        certification.withdraw_contract(contract_id=found.id, role="seller")
    else:
        certification.sign_contract(
            contract_id=found.id, role="buyer",
            signer=certification.Signer(
                buyer, signer.factor.code(), found.agreed_sha256
            ),
        )  # fmt: skip
    if how == "cancelled":
        assert journeys.cancel_order(order_id=order_id, reason="changed_mind").state == "done"
    if how == "expired":
        assert found.sign_by is not None
        with clock.offset(timedelta(days=8)):
            assert ending.expire_due() == 1
            settle()
    settle()
    assert state_of(order_id) == "cancelled"
    assert left(world) == [100, 100]
    assert contract_of(order_id).state == ("withdrawn" if how == "cancelled" else how)
    assert Journey.objects.get(kind="contract").state == "undone"
    assert Journey.objects.get(kind="cancel").state == "done"
    assert Refund.objects.count() == 1
    order = marketplace.order(order_id=order_id)
    assert order is not None
    expected = "changed_mind" if how == "cancelled" else f"contract_{how}"
    assert order.cancel_reason == expected
    assert payments.balance(merchant_id=order.merchant_id).pending == Money(0, "CNY")
    assert payments.trial_balance().balanced
    with pytest.raises(DomainError):
        journeys.ship_order(order_id=order_id)
    assert any(title.startswith("Contract ended: ") for title in titles(order_id))


def test_cancelled_before_it_was_drafted(world: World) -> None:
    [order_id] = buy_as(world, make_buyer(), 10).order_ids
    journeys.cancel_order(order_id=order_id)
    settle()
    found = journeys.order_contract(order_id=order_id)
    assert found is not None
    assert (found.journey.state, found.contract) == ("undone", None)
    assert Refund.objects.count() == 1


def test_who_buys(world: World) -> None:
    with pytest.raises(journeys.ContractNeedsAccount):
        world.buy(10)
    assert world.buy(1).state == "done"  # a guest may buy what needs no contract
    mill = make_merchant(name="金牧饲料")
    clerk = make_buyer(merchant_id=mill.id)
    with pytest.raises(journeys.NotYourCompany):
        buy_as(world, make_buyer(), 10, company_id=mill.id)
    own = world.shops[0].merchant_id
    with pytest.raises(journeys.BuyerIsSeller):
        buy_as(world, make_buyer(merchant_id=own), 10, company_id=own)
    assert left(world) == [99, 100]
    [order_id] = buy_as(world, clerk, 10, company_id=mill.id).order_ids
    settle()
    assert contract_of(order_id).party("buyer").merchant_id == mill.id


def test_a_strangers_contract_about_the_order_changes_nothing(world: World) -> None:
    """Anybody may call a contract of their own by an order's number."""
    [order_id] = buy_as(world, make_buyer(), 10).order_ids
    settle()
    before = titles(order_id)
    one, other = make_merchant().id, make_merchant().id
    forged = certification.draft_contract(
        key=uuid4(), drafter="a", merchant_id=one, title="x",
        external_id=public_id("ord", order_id),
        parties=[certification.PartyInput("a", one), certification.PartyInput("b", other)],
    )  # fmt: skip
    certification.withdraw_contract(contract_id=forged.id, role="a")
    settle()
    assert titles(order_id) == before
    assert state_of(order_id) == "paid"
    with tenancy.scope(make_platform()):
        assert journeys.order_contract(order_id=order_id) is None


def test_which_orders_need_one(world: World) -> None:
    """Those with goods in a category or below it; decided when they are placed."""
    corn = make_category(slug="corn", parent_id=make_category(slug="grain").id)
    merchant = world.shops[0].merchant_id
    inside = make_variant(merchant_id=merchant, category_id=corn.id)
    marketplace.set_price(
        merchant_id=merchant, variant_id=inside, unit_price=Decimal("10"), currency="CNY"
    )
    make_stock(10, variant_id=inside)
    ask_for_contracts(categories=["grain"])
    buyer = make_buyer()
    [outside] = buy_as(world, buyer, 1).order_ids
    [within] = buy_as(World([Shop(merchant, inside)]), buyer, 1).order_ids
    platforms.change_settings(settings={"journeys": {}})
    [later] = buy_as(World([Shop(merchant, inside)]), buyer, 1).order_ids
    needs = [journeys.order_contract(order_id=one) is not None for one in (outside, within, later)]
    assert needs == [False, True, False]


def test_the_setting_says_what_is_wrong(world: World) -> None:
    operator = api_client(make_key(kind="operator"))

    def problems(contract: Any) -> set[str]:
        answer = operator.patch(
            "/platform/settings", {"settings": {"journeys": {"contract": contract}}}
        )
        assert answer.status_code == 422, answer.content
        return {one["field"] for one in answer.json()["errors"]}

    assert problems({"over": -1, "days": 0, "template": "No!", "color": "red"}) == {
        f"settings.journeys.contract.{name}" for name in ("over", "days", "template", "color")
    }
    assert problems({"template": "nowhere", "categories": ["nothing"]}) == {
        "settings.journeys.contract.template", "settings.journeys.contract.categories.0",
    }  # fmt: skip
    assert problems({"template": "corn_sale"}) == {"settings.journeys.contract.template"}
    done = operator.patch("/platform/settings", {"settings": {"journeys": {"contract": None}}})
    assert done.status_code == 200
    assert done.json()["settings"]["journeys"]["contract"] is None
    assert parse_public_id("plt", done.json()["id"])
