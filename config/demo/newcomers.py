"""The demo's newcomers: one who came by an application, one whose application waits."""

from decimal import Decimal
from uuid import UUID

from catalog import facade as catalog
from config.demo.pictures import picture
from inventory import facade as inventory
from journeys import facade as journeys
from journeys.facade import ApplicationFields, ApplicationState, DocumentKind
from kernel.actors import Actor, acting
from kernel.check_digits import credit_check
from logistics import facade as logistics
from marketplace import facade as marketplace
from platforms import facade as platforms

CAME, WAITS = "newcomer@example.com", "applicant@example.com"
PEOPLE = ((CAME, "Sun Li"), (WAITS, "Jin Hua"))
FOOD = "pantry"  # who sells food shows its licence
NOODLE = "noodle"
TARIFF = {
    "code": "standard", "name": {"zh-Hans": "普通快递", "en": "Standard"}, "carrier": "sandbox",
    "regions": [], "first_grams": 1000, "first_price": 800, "step_grams": 1000, "step_price": 200,
    "max_grams": 30_000, "days_min": 2, "days_max": 4, "free_from": 9_900,
}  # fmt: skip


def welcome(people: dict[str, UUID], operator: UUID) -> None:
    """Both, each once; what is there already is carried on."""
    if not platforms.setting("onboarding", "open"):
        food = {"category": FOOD, "documents": ["food_licence"]}
        platforms.change_settings(settings={"onboarding": {"open": True, "categories": [food]}})
    looks = Actor(kind="operator", id=operator, person_id=operator, scopes=frozenset({"*"}))
    came = _handed_in(people[CAME], 1, "延吉打糕坊", "Yanji Rice Cakes", "延边打糕食品有限公司")
    if came.state == ApplicationState.IN_REVIEW:
        with acting(looks):
            came = journeys.approve_application(application_id=came.id, note="欢迎入驻！")
    if came.state == ApplicationState.APPROVED and came.merchant_id is not None:
        _set_up(came.merchant_id)  # the worker finds it complete and opens it
    _handed_in(people[WAITS], 2, "吉林市冷面坊", "Jilin Cold Noodles", "吉林市冷面食品有限公司")


def _handed_in(
    person_id: UUID, number: int, zh: str, en: str, company: str
) -> journeys.ApplicationInfo:
    known = journeys.own_application(person_id=person_id)
    if known is not None and known.state != ApplicationState.DRAFT:
        return known
    body = f"91220201MA{number:07d}"
    category = catalog.category_by_path(NOODLE)
    journeys.save_application(
        person_id=person_id,
        given=ApplicationFields(
            names={"zh-Hans": zh, "en": en},
            company=company,
            credit_code=body + credit_check(body),
            representative="孙丽" if number == 1 else "金花",
            contact_name="孙丽" if number == 1 else "金花",
            contact_phone="13900000000",
            contact_email=CAME if number == 1 else WAITS,
            categories=(category.id,),
        ),
    )
    for kind in (DocumentKind.BUSINESS_LICENCE, DocumentKind.FOOD_LICENCE):
        journeys.add_document(
            person_id=person_id, kind=kind, data=picture("sack", number), name=f"{kind}.jpg"
        )
    return journeys.submit_application(person_id=person_id)


def _set_up(merchant_id: UUID) -> None:
    if platforms.payout_account(merchant_id) is None:
        account = platforms.BankAccount(
            bank="吉林银行", holder="延边打糕食品有限公司", number="6222020000001111", last4="1111"
        )
        platforms.update_merchant(merchant_id=merchant_id, payout_account=account)
    if not logistics.rates(merchant_id=merchant_id):
        logistics.set_rates(merchant_id=merchant_id, rules=[TARIFF])
    if not catalog.products_page(merchant_id=merchant_id, state="published", limit=1).items:
        _first_product(merchant_id)


def _first_product(merchant_id: UUID) -> None:
    values: inventory.WarehouseChanges = {"names": {"zh-Hans": "延吉仓", "en": "Yanji"}}
    place = inventory.put_warehouse(
        merchant_id=merchant_id, external_id="demo-main", values=values
    ).id
    known = catalog.product_id_by_external(merchant_id=merchant_id, external_id="demo-cake")
    if known is None:
        known = catalog.create_product(
            merchant_id=merchant_id,
            category_id=catalog.category_by_path(NOODLE).id,
            titles={"zh-Hans": "现打糯米打糕 500 克", "en": "Pounded rice cake, 500 g"},
            descriptions={"zh-Hans": "当天捣打，配豆面。", "en": "Pounded the same day."},
            variants=[catalog.VariantInput(sku="YJ-CAKE-500", weight_grams=520)],
            external_id="demo-cake",
        ).id
        catalog.add_picture(product_id=known, data=picture("sack", 3))
    product = catalog.product(known)
    marketplace.set_price(
        merchant_id=merchant_id, variant_id=product.variants[0].id, unit_price=Decimal("16.80"),
        currency="CNY",
    )  # fmt: skip
    inventory.set_stock(
        merchant_id=merchant_id, warehouse_id=place, variant_id=product.variants[0].id,
        on_hand=Decimal(60),
    )  # fmt: skip
    catalog.publish_product(product_id=known)
