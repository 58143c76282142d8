"""Two platforms with merchants, people, keys and goods; safe to run again after a kill."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from certification import facade as certification
from config.demo import qualities
from config.demo.corn import lots
from config.demo.goods import (
    CATEGORIES,
    CORN_SHOP,
    FEED_MILL,
    PARENTS,
    PILLOW,
    SHOPS,
    Goods,
    Shop,
    retail_goods,
)
from config.demo.home import compose_home
from config.demo.lists import hand_in_list
from config.demo.newcomers import PEOPLE, welcome
from config.demo.pictures import picture
from config.demo.progress import Progress
from config.demo.promotions import open_promotions
from config.demo.shops import dress_shops
from config.demo.staff import hire_clerk, make_roles
from config.demo.stock import sell_ahead, stock_papers
from config.demo.volume import charge_volume
from config.demo.wholesale import CHEF, CHEF_NAME, open_wholesale
from inventory import facade as inventory
from kernel import tenancy
from kernel.errors import NotFound
from kernel.tenancy import Tenant
from marketplace import facade as marketplace
from platforms import facade as platforms
from platforms.facade import BankAccount, Role
from sandbox.accounts import create_account

Say = Callable[[str], None]
RETAIL, CORN_MARKET = "changchun", "corn"
PLATFORMS = (
    (RETAIL, {"zh-Hans": "长春一网全城", "en": "Changchun City Retail"}, "city_retail"),
    (
        CORN_MARKET,
        {"zh-Hans": "吉林玉米中心批发市场", "en": "Jilin Corn Central Market"},
        "corn_wholesale",
    ),
)
OPERATOR = "operator@example.com"
BUYER = "buyer@example.com"
CONTRACT_FROM = 5_000_000  # fen: orders of the corn market from ¥50,000 on need a contract


def seed(progress: Progress, say: Say) -> None:
    """Everything that needs no running server."""
    progress.once("gateway_key", lambda: create_account("Quancheng demo"))
    for code, names, blueprint in PLATFORMS:
        open_once(code, names, blueprint)
    with at(RETAIL):
        people(progress, RETAIL)
        shops = {shop.code: merchant(progress, RETAIL, shop) for shop in SHOPS}
        stock_shelves(shops, say)
        open_promotions(shops)
        dress_shops(shops)
        compose_home()
        hand_in_list(shops["grain"])
        stock_papers(shops["grain"])
        sell_ahead(shops["knit"])
        charge_volume(shops["knit"])
        newcomers = {
            email: person(progress, RETAIL, email, name, Role.BUYER) for email, name in PEOPLE
        }
        welcome(newcomers, UUID(progress[f"person:{RETAIL}:{OPERATOR}"]))
        chef = person(progress, RETAIL, CHEF, CHEF_NAME, Role.BUYER)
        open_wholesale(shops["grain"], chef)
        make_roles(None)
        hire_clerk(shops[SHOPS[0].code], password=progress["password"])
    with at(CORN_MARKET):
        people(progress, CORN_MARKET)
        stock_corn(merchant(progress, CORN_MARKET, CORN_SHOP))
        deal_makers(progress)


@contextmanager
def at(code: str) -> Iterator[Tenant]:
    """Work on one of the demo's platforms."""
    tenant = tenancy.directory().by_code(code)
    assert tenant is not None, f"the platform {code} isn't open"
    with tenancy.scope(tenant):
        yield tenant


def open_once(code: str, names: dict[str, str], blueprint: str) -> None:
    """Open a platform from its blueprint, with money released on delivery, so that the first
    trade can be followed to its payout at once."""
    tenant = tenancy.directory().by_code(code)
    if tenant is not None and tenant.state == "open":
        return
    from platforms.sections import blueprint_by_name

    preset = blueprint_by_name(blueprint)
    sections = {
        **preset.get("sections", {}),
        "payments": {"release_days": 0},
        "sign_in": {"confirm_changes": "if_present"},  # keys can be tried without an app
    }
    platforms.open_platform(code=code, names=names, blueprint={**preset, "sections": sections})


def people(progress: Progress, code: str) -> None:
    """An operator and a buyer with their keys."""
    operator = person(progress, code, OPERATOR, "Zhao Min", Role.OPERATOR)
    buyer = person(progress, code, BUYER, "Wang Fang", Role.BUYER)
    key(progress, f"{code}:operator", kind="operator", person_id=operator)
    key(progress, f"{code}:buyer", kind="buyer", person_id=buyer)


def person(
    progress: Progress,
    code: str,
    email: str,
    name: str,
    role: Role,
    merchant_id: UUID | None = None,
) -> UUID:
    """A person who can sign in with a password made here."""
    password = progress.once("password", lambda: secrets.token_urlsafe(9))
    found = progress.facts.get(f"person:{code}:{email}")
    if found:
        return UUID(found)
    try:
        made = platforms.create_person(email=email, name=name, password=password)
        person_id = made.id
    except platforms.EmailTaken:
        person_id = platforms.person_by_email(email).id
    platforms.grant_role(person_id=person_id, role=role, merchant_id=merchant_id)
    progress.keep(f"person:{code}:{email}", str(person_id))
    return person_id


def deal_makers(progress: Progress) -> None:
    """What the corn contract needs: the mill that buys, keys of the two owners themselves (who
    signs is a person), and the shipped contract templates. Large orders need a contract there."""
    merchant(progress, CORN_MARKET, FEED_MILL)
    for shop in (CORN_SHOP, FEED_MILL):
        owner = UUID(progress[f"person:{CORN_MARKET}:{shop.email}"])
        mine = platforms.merchant_by_external_id(f"demo-{shop.code}").id
        name = f"{CORN_MARKET}:owner:{shop.code}"
        key(progress, name, kind="merchant", merchant_id=mine, person_id=owner)
    buyer = UUID(progress[f"person:{CORN_MARKET}:{FEED_MILL.email}"])
    key(progress, f"{CORN_MARKET}:buyer:{FEED_MILL.code}", kind="buyer", person_id=buyer)
    certification.load_contract_templates()
    journeys = platforms.get_platform().settings["journeys"]
    if journeys["contract"] is None:
        contract = {"template": "order_sale", "over": CONTRACT_FROM, "days": 7}
        platforms.change_settings(settings={"journeys": {**journeys, "contract": contract}})


def key(progress: Progress, name: str, **who: Any) -> str:
    """An API key, kept the moment it is issued."""
    return progress.once(
        f"api:{name}",
        lambda: platforms.issue_api_key(scopes=("*",), name="demo", **who).raw,
    )


def merchant(progress: Progress, code: str, shop: Shop) -> UUID:
    """An approved merchant with an owner, a key, a bank account and a warehouse."""
    names = {"zh-Hans": shop.zh, "en": shop.en}
    try:
        info = platforms.merchant_by_external_id(f"demo-{shop.code}")
    except NotFound:
        info = platforms.create_merchant(
            names=names, contact_email=shop.email, external_id=f"demo-{shop.code}"
        )
        account = BankAccount(
            bank="吉林银行", holder=shop.zh, number="6222020000000000", last4="0000"
        )
        platforms.update_merchant(merchant_id=info.id, payout_account=account)
    if not info.approved:
        platforms.approve_merchant(merchant_id=info.id)
    person(progress, code, shop.email, shop.en, Role.MERCHANT_OWNER, info.id)
    key(progress, f"{code}:seller:{shop.code}", kind="merchant", merchant_id=info.id)
    return info.id


def categories() -> dict[str, UUID]:
    """The category tree, by code."""
    found: dict[str, UUID] = {}
    for position, (code, zh, en) in enumerate(CATEGORIES):
        try:
            existing = catalog.category_by_external_id(f"demo-{code}")
        except NotFound:
            existing = catalog.create_category(
                names={"zh-Hans": zh, "en": en},
                slug=code,
                parent_id=found.get(PARENTS.get(code, "")),
                position=position,
                external_id=f"demo-{code}",
            )
        found[code] = existing.id
    return found


def warehouse(merchant_id: UUID) -> UUID:
    """The merchant's one warehouse."""
    values: inventory.WarehouseChanges = {
        "names": {"zh-Hans": "长春仓", "en": "Changchun"},
        "address": "吉林省长春市二道区物流路 8 号 退货组",
    }
    return inventory.put_warehouse(
        merchant_id=merchant_id, external_id="demo-main", values=values
    ).id


def stock_shelves(shops: dict[str, UUID], say: Say) -> None:
    """The retail platform's 200 products, and a bulky one; what is there already is left alone."""
    tree = categories()
    qualities.attributes(tree)
    brands = qualities.brands()
    places = {code: warehouse(merchant_id) for code, merchant_id in shops.items()}
    goods = list(retail_goods())
    goods.insert(-1, PILLOW)  # the city's story buys the latest
    for number, item in enumerate(goods):
        make_product(
            number,
            item,
            shops[item.shop],
            tree[item.category],
            places[item.shop],
            brand_id=brands[item.shop],
        )
        if (number + 1) % 50 == 0:
            say(f"  {number + 1} of {len(goods)} products on the shelves")


def make_product(
    number: int,
    item: Goods,
    merchant_id: UUID,
    category_id: UUID,
    warehouse_id: UUID,
    *,
    unit: str = "C62",
    brand_id: UUID | None = None,
) -> UUID:
    """One product with its picture, prices and stock, published; whatever of it is missing."""
    external = f"demo-{item.sku}"
    product_id = catalog.product_id_by_external(merchant_id=merchant_id, external_id=external)
    if product_id is None:
        sides: dict[str, Any] = dict(zip(catalog.SIDES, item.sides or (), strict=bool(item.sides)))
        product_id = catalog.create_product(
            merchant_id=merchant_id,
            category_id=category_id,
            brand_id=brand_id,
            attributes=qualities.of_goods(item),
            titles={"zh-Hans": item.zh, "en": item.en},
            descriptions={"zh-Hans": item.about_zh, "en": item.about_en},
            options=(catalog.OptionAxis("pack", {"zh-Hans": "规格", "en": "Pack"}),),
            variants=[
                catalog.VariantInput(
                    sku=f"{item.sku}-{place}",
                    options={"pack": {"zh-Hans": zh, "en": en}},
                    weight_grams=grams,
                    **sides,
                )
                for place, (zh, en, _price, grams) in enumerate(item.packs, start=1)
            ],
            unit=unit,
            external_id=external,
            metadata=item.facts,
        ).id
    info = catalog.product(product_id)
    if info.state == catalog.ProductState.PUBLISHED:
        return product_id  # publishing comes last, so nothing of it is missing
    if not info.pictures:
        catalog.add_picture(
            product_id=product_id,
            data=picture(item.motif, number),
            filename=f"{item.sku}.jpg",
            alts={"zh-Hans": item.zh, "en": item.en},
        )
    variants = sorted(info.variants, key=lambda variant: variant.position)
    for variant, (_zh, _en, price, _grams) in zip(variants, item.packs, strict=True):
        marketplace.set_price(
            merchant_id=merchant_id, variant_id=variant.id, unit_price=price, currency="CNY"
        )
        inventory.set_stock(
            merchant_id=merchant_id,
            variant_id=variant.id,
            warehouse_id=warehouse_id,
            on_hand=Decimal(20 + (number * 7) % 180),
        )
    catalog.publish_product(product_id=product_id)
    return product_id


def stock_corn(merchant_id: UUID) -> None:
    """Corn by the tonne."""
    try:
        category = catalog.category_by_external_id("demo-corn")
    except NotFound:
        category = catalog.create_category(
            names={"zh-Hans": "玉米", "en": "Corn"}, slug="corn", external_id="demo-corn"
        )
    place = warehouse(merchant_id)
    for number, lot in enumerate(lots()):
        goods = Goods(
            shop=CORN_SHOP.code,
            category="corn",
            motif="sack",
            sku=f"CORN-{number + 1:02d}",
            zh=lot.zh,
            en=lot.en,
            about_zh="吉林产，散装，仓库自提或送货。",
            about_en="From Jilin, in bulk, collected or delivered.",
            packs=(("散装", "Bulk", Decimal(lot.price), 0),),
            facts=lot.facts,
        )
        make_product(50 + number, goods, merchant_id, category.id, place, unit="TNE")
