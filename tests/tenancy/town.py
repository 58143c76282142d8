"""A platform on which everything has happened, so that every tenant table holds rows of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import requests
from django.apps import apps
from django.test import Client

from catalog import facade as catalog
from certification import facade as certification
from inventory import facade as inventory
from inventory.facade import StockLine
from journeys import facade as journeys
from journeys.services.delivered import on_delivered
from kernel import clock, holds, ratelimit, tenancy, webhooks
from kernel.ids import public_id
from kernel.models import TenantModel
from kernel.tenancy import Tenant
from logistics import facade as logistics
from logistics.models import CarrierAccount
from marketplace import facade as marketplace
from marketplace.tokens import order_token
from payments import facade as payments
from platforms import facade as platforms
from platforms.facade import Role
from tests.factories.cancelling import ask_to_cancel
from tests.factories.catalog import make_category, make_product, picture_bytes
from tests.factories.certification_town import make_certification_rows
from tests.factories.identity import verified_merchant
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.marketplace import ADDRESS, CONTACT
from tests.factories.onboarding import applicant, handed_in, take_applications
from tests.factories.passkeys import add_passkey, proof_of
from tests.factories.payments import (
    WEBHOOK_SECRET,
    event,
    intent_body,
    signed,
)
from tests.factories.platforms import (
    PASSWORD,
    enrol,
    make_data_wishes,
    make_key,
    make_merchant,
    make_person,
    make_platform,
    unique,
)
from tests.factories.price_lists import make_price_rows
from tests.factories.promotions import make_promotion
from tests.factories.returns import make_return
from tests.factories.sandbox import make_account
from tests.factories.stock_papers import make_paper_rows
from tests.factories.videos import mp4_bytes
from tests.factories.world import connect
from tests.tenancy import aftermath

MODELS: list[type[TenantModel]] = sorted(
    (model for model in apps.get_models() if issubclass(model, TenantModel)),
    key=lambda model: model._meta.label,
)
CALLERS = ("operator", "merchant", "buyer", "guest")
RATE: dict[str, Any] = {
    "code": "standard", "name": {"en": "Standard"}, "carrier": "sandbox", "regions": ["22"],
    "first_grams": 1000, "first_price": 600, "step_grams": 1000, "step_price": 100,
    "max_grams": 50_000, "days_min": 1, "days_max": 3, "free_from": None,
}  # fmt: skip


@dataclass
class Town:
    """One such platform: its callers' keys, the ids of what stands in it, its guest's secrets."""

    tenant: Tenant
    keys: dict[str, str | None] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)
    external: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    people: dict[str, tuple[UUID, str]] = field(default_factory=dict)
    """Who signs in as what, and a code by which they confirm."""

    def public(self, prefix: str) -> str:
        """The public id of this platform's own thing of a kind."""
        return public_id(prefix, self.ids[prefix])


def build(gateway: str, hook: str) -> Town:
    """Open a platform and let everything happen on it; committed."""
    tenant = make_platform()
    town = Town(tenant, external=unique("own-"))
    with tenancy.scope(tenant):
        secret = make_account(tenant.code)
        connect(gateway, secret)
        payments.configure_gateway(
            secret_key=secret, webhook_secret=WEBHOOK_SECRET, base_url=gateway
        )
        _people(town)
        _identities(town)
        _certification(town)
        _goods(town)
        _applied(town)
        webhooks.create_endpoint(merchant_id=town.ids["mer"], url=hook, event_types=["*"])
        _trade(town, secret)
        aftermath.money(town)
        aftermath.search(town)
        aftermath.work(town)
        aftermath.remember(town, MODELS)
        holds.release(holds.hold("for a court"))
        ratelimit.exchange()
    return town


def _people(town: Town) -> None:
    merchant = make_merchant(external_id=town.external)
    account = platforms.BankAccount(
        bank="吉林银行", holder="王芳", number="6222020000000000", last4="0000"
    )
    platforms.update_merchant(merchant_id=merchant.id, payout_account=account)
    buyer = make_person(role=Role.BUYER, password=PASSWORD)
    owner = make_person(role=Role.MERCHANT_OWNER, merchant_id=merchant.id)
    operator = make_person(role=Role.OPERATOR, password=PASSWORD)
    town.ids |= {"mer": merchant.id, "per": buyer.id}
    operators = make_key(kind="operator", person_id=operator.id)
    merchants = make_key(merchant_id=merchant.id)
    buyers = make_key(kind="buyer", person_id=buyer.id)
    town.keys = {
        "operator": operators.raw,
        "merchant": merchants.raw,
        "buyer": buyers.raw,
        "guest": None,
    }
    town.ids["key"] = make_key(merchant_id=merchant.id, name="spare").info.id
    own = platforms.create_staff_role(name="仓库", permissions=["stock"], merchant_id=merchant.id)
    town.ids["rol"] = own.id
    invited = platforms.invite(
        email=f"{unique('staff')}@people.example", role=Role.MERCHANT_STAFF,
        merchant_id=merchant.id, staff_role_id=own.id,
    )  # fmt: skip
    town.ids["inv"] = invited.id
    factor = enrol(buyer.id)
    platforms.confirm_second_factor(
        person_id=buyer.id, code=factor.code(), purpose="test", digest="0" * 64
    )
    device, added = add_passkey(buyer.id, code=factor.recovery_codes[0])
    town.people = {
        "operator": (operator.id, enrol(operator.id).recovery_codes[0]),
        "merchant": (owner.id, enrol(owner.id).recovery_codes[0]),
        "buyer": (buyer.id, factor.recovery_codes[1]),
    }
    town.ids["psk"] = added.passkey.id
    proof_of(buyer.id, device)
    platforms.open_session(person_id=buyer.id)
    platforms.request_password_reset(email=buyer.email, address="192.0.2.1")
    town.ids["dtx"] = make_data_wishes(operator.id)
    mover = make_person(password=PASSWORD)
    platforms.request_email_change(
        person_id=mover.id, email=f"{unique('mover')}@people.example", password=PASSWORD
    )
    try:
        platforms.sign_in(email=buyer.email, password="wrong " * 3, address="192.0.2.1")
    except platforms.WrongCredentials:
        return
    raise AssertionError("a wrong password opened a session")


def _identities(town: Town) -> None:
    """The merchant verified, with papers and the provider's answer."""
    certification.configure_identity_provider(key="sk_test_" + "x" * 20)
    town.ids["idn"] = verified_merchant(town.ids["mer"]).id


def _certification(town: Town) -> None:
    """Certificates, a seal used, a contract negotiated, rows as signing leaves them."""
    town.ids |= make_certification_rows(
        merchant_id=town.ids["mer"], other_id=make_merchant().id, external=town.external
    )


def _goods(town: Town) -> None:
    merchant, own = town.ids["mer"], town.external
    category = make_category(external_id=own)
    tea = catalog.create_attribute(code="grade", kind="text", names={"zh-Hans": "等级"})
    catalog.put_category_attributes(category_id=category.id, entries=[(tea.id, False)])
    brand = catalog.create_brand(code="b", names={"zh-Hans": "牌"}, external_id=own)
    town.ids |= {"atr": tea.id, "brd": brand.id}
    product = make_product(
        merchant_id=merchant, category_id=category.id, variants=2, external_id=own
    )
    beside = make_product(merchant_id=merchant)
    catalog.put_related(product_id=product.id, others=[beside.id])
    picture = catalog.add_picture(product_id=product.id, data=picture_bytes(seed=hash(own)))
    video = catalog.add_video(product_id=product.id, pieces=[mp4_bytes(seed=hash(own))])
    _shop(town, product.id, hash(own))
    warehouse = make_warehouse(merchant_id=merchant, external_id=own)
    for variant in product.variants:
        marketplace.set_price(
            merchant_id=merchant, variant_id=variant.id, unit_price=Decimal(10), currency="CNY",
            external_id=own if variant is product.variants[0] else None,
        )  # fmt: skip
        make_stock(50, variant_id=variant.id, warehouse_id=warehouse.id)
    marketplace.plan_sale(
        merchant_id=merchant, variant_id=product.variants[1].id, unit_price=Decimal(9),
        starts_at=clock.business() + timedelta(days=9),
        ends_at=clock.business() + timedelta(days=10),
    )  # fmt: skip
    logistics.set_rates(merchant_id=merchant, rules=[RATE])
    town.ids |= {
        "cat": category.id,
        "prd": product.id,
        "var": product.variants[0].id,
        "pic": picture.id,
        "vid": video.id,
        "vdf": video.file.id,
        "whs": warehouse.id,
    }
    town.ids |= make_paper_rows(merchant, warehouse.id, town.ids["var"])
    town.ids |= make_price_rows(merchant, town.ids["per"], town.ids["var"])
    _home(town, hash(own))
    listed = journeys.upload_import(
        merchant_id=merchant, data=f"SKU,title,price\n{own},茶,dear\n".encode()
    )
    town.ids["pim"] = journeys.check_import(import_id=listed.id, merchant_id=merchant).id
    town.ids["pli"] = journeys.upload_import(
        merchant_id=merchant,
        data=f"SKU,price\n{own},dear\n".encode(),
        price_list_id=town.ids["prl"],
    ).id
    ahead = beside.variants[0].id
    inventory.set_ahead(merchant_id=merchant, variant_id=ahead, mode="backorder", lead_days=7)
    paid = uuid4()
    for key, variant_id, quantity in ((uuid4(), town.ids["var"], 1), (paid, ahead, 1)):
        inventory.reserve(
            key=key,
            lines=[StockLine(variant_id=variant_id, quantity=Decimal(quantity))],
            expires_at=clock.business() + timedelta(days=1),
        )
    inventory.commit_reservation(key=paid)  # though it isn't there


def _shop(town: Town, product_id: UUID, seed: int) -> None:
    """How the merchant's shop presents itself, with a category of its own."""
    merchant = town.ids["mer"]
    banner = catalog.store_media(data=picture_bytes(seed=seed + 1), merchant_id=merchant)
    catalog.change_shop(
        merchant_id=merchant,
        changes={"abouts": {"zh-Hans": "茶铺"}, "banner_id": banner.id, "logo_id": banner.id},
    )
    shelf = catalog.create_shop_category(merchant_id=merchant, names={"zh-Hans": "新茶"})
    catalog.put_shop_category_products(
        category_id=shelf.id, merchant_id=merchant, product_ids=[product_id]
    )
    town.ids["shc"] = shelf.id
    marketplace.set_vacation(
        merchant_id=merchant,
        starts_at=clock.business() + timedelta(days=300),
        ends_at=clock.business() + timedelta(days=301),
    )


def _home(town: Town, seed: int) -> None:
    """A published block of the first page."""
    picture = catalog.store_media(data=picture_bytes(seed=seed + 2), merchant_id=None)
    content = catalog.BlockContent(
        alts={"zh-Hans": "茶园"}, link="/products/", picture_id=picture.id,
        product_ids=(town.ids["prd"],), category_ids=(town.ids["cat"],),
    )  # fmt: skip
    made = catalog.create_block(kind=catalog.BlockKind.BANNER, content=content)
    town.ids["hbl"] = catalog.publish_block(block_id=made.id).id


def _applied(town: Town) -> None:
    """An application in review and a paper of it; the buyer's own, refused."""
    take_applications()
    town.ids["map"] = handed_in(applicant().id, hash(town.external) % 10**6).id
    own = handed_in(town.ids["per"], hash(town.external) % 10**6 + 1)
    journeys.refuse_application(application_id=own.id, reason="Not here.")
    town.ids["mad"] = journeys.application(application_id=town.ids["map"]).documents[0].id


def _buy(town: Town, *, buyer: UUID | None = None, code: str = "") -> journeys.CheckoutInfo:
    cart = marketplace.open_cart(buyer_id=buyer, lines=[(town.ids["var"], Decimal(2))])
    marketplace.set_cart_address(cart_id=cart.id, contact=CONTACT, address=ADDRESS)
    if code:
        marketplace.apply_code(cart_id=cart.id, code=code)
    return journeys.start_checkout(key=uuid4(), cart_id=cart.id, payment_method="pm_card_visa")


def _trade(town: Town, secret: str) -> None:
    """One order shipped and delivered, one cancelled and refunded, one paid, one cart open."""
    promotion = make_promotion(
        merchant_id=town.ids["mer"], code="TOWN", amount=100, external_id=town.external
    )
    town.ids["prm"] = promotion.id
    [shipped] = _buy(town, buyer=town.ids["per"], code="TOWN").order_ids
    journeys.ship_order(order_id=shipped)
    [parcel] = logistics.shipments_for(reference=public_id("ord", shipped))
    base = CarrierAccount.objects.get().base_url
    for _ in range(4):
        requests.post(
            f"{base}/v1/waybills/{parcel.waybill}/advance",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=5,
        )
    logistics.poll_shipment(shipment_id=parcel.id)
    on_delivered(order_id=shipped)
    sent_back = make_return(shipped)
    marketplace.write_message(key=uuid4(), order_id=shipped, side="buyer", text="Hello?")
    [packed] = _buy(town, buyer=town.ids["per"]).order_ids
    marketplace.start_packing(order_id=packed)
    town.ids["can"] = ask_to_cancel(packed).id
    [cancelled] = _buy(town).order_ids
    assert journeys.cancel_order(order_id=cancelled).state == "done"
    paid = _buy(town)
    cart = marketplace.open_cart(lines=[(town.ids["var"], Decimal(1))])
    marketplace.set_cart_address(cart_id=cart.id, contact=CONTACT, address=ADDRESS)
    assert cart.token
    assert paid.group_id
    town.ids |= {"ret": sent_back.id, "rtp": sent_back.pictures[0].id}
    town.ids["rtl"] = sent_back.lines[0].id
    kept = marketplace.save_address(buyer_id=town.ids["per"], contact=CONTACT, address=ADDRESS)
    marketplace.save_item(buyer_id=town.ids["per"], variant_id=town.ids["var"])
    town.ids["adr"] = kept.id
    town.ids |= {"crt": cart.id, "jny": paid.id, "ord": paid.order_ids[0], "ogr": paid.group_id}
    _told_by_gateway(town, payments.intent_for(reference=town.public("ogr")))
    town.headers = {"Cart-Token": cart.token, "Order-Token": order_token(paid.group_id)}


def _told_by_gateway(town: Town, intent: payments.IntentInfo) -> None:
    body = event(intent_body(intent, "succeeded"))
    answer = Client().post(
        f"/p/{town.tenant.code}/api/v1/webhooks/gateway",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signed(body)},
    )
    assert answer.status_code == 200, answer.content
