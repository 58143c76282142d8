"""A small shop with everything that pages show, and browsers without a screen."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.test import Client

from catalog import facade as catalog
from kernel import tenancy
from kernel.ids import public_id
from marketplace import facade as marketplace
from platforms import facade as platforms
from platforms.facade import MerchantInfo, PersonInfo
from tests.factories.catalog import make_category, make_product, picture_bytes
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant, make_person

PASSWORD = "a long enough sentence"
ADDRESS = {
    "name": "王芳",
    "phone": "13844445678",
    "email": "fang@buyers.example",
    "region": "22",
    "city": "长春市",
    "line1": "人民大街 1 号",
    "district": "",
    "postcode": "130000",
    "note": "",
}


@dataclass(frozen=True)
class Goods:
    """A product on sale, with one variant."""

    product: catalog.ProductInfo
    variant_id: UUID
    merchant: MerchantInfo

    @property
    def variant(self) -> str:
        return public_id("var", self.variant_id)


def make_goods(
    merchant: MerchantInfo | None = None,
    *,
    price: str = "12.50",
    stock: int = 20,
    title: str = "Tea from Anxi",
    variants: int = 1,
    picture: bool = False,
    category_id: UUID | None = None,
    unit: str = "C62",
    **fields: Any,
) -> Goods:
    """A published product with price and stock; ``fields`` are the product's own."""
    merchant = merchant or make_merchant()
    product = make_product(
        merchant_id=merchant.id,
        title=title,
        variants=variants,
        unit=unit,
        category_id=category_id or make_category().id,
        **fields,
    )
    if picture:
        catalog.add_picture(product_id=product.id, data=picture_bytes(seed=len(title)))
    warehouse = make_warehouse(merchant_id=merchant.id)
    for variant in product.variants:
        marketplace.set_price(
            merchant_id=merchant.id,
            variant_id=variant.id,
            unit_price=Decimal(price),
            currency="CNY",
        )
        make_stock(stock, variant_id=variant.id, warehouse_id=warehouse.id)
    return Goods(product, product.variants[0].id, merchant)


class Browser(Client):
    """A visitor of one platform; addresses are given without its prefix."""

    def __init__(self, language: str = "en", **defaults: Any) -> None:
        super().__init__(**defaults)
        self.prefix = f"/p/{tenancy.current().code}"
        self.language = language

    def see(self, path: str, **data: Any) -> Any:
        """GET a page and what it redirects to."""
        return self.get(
            self.prefix + path if not path.startswith("/p/") else path,
            data or None,
            follow=True,
            headers={"Accept-Language": self.language},
        )

    def send(self, path: str, page: str = "/", **data: Any) -> Any:
        """POST a form as from ``page``; follows the redirect."""
        where = self.prefix + path if not path.startswith("/p/") else path
        return self.post(
            where,
            data,
            follow=True,
            headers={
                "Accept-Language": self.language,
                "Referer": f"http://testserver{self.prefix}{page}",
            },
        )


SURE = {"password": PASSWORD}  # what a form brings that confirms a change of keys or accounts


def ask_passwords_only() -> None:
    """Changes of keys and accounts ask who has no second factor for the password alone."""
    settings = {"sign_in": {"confirm_changes": "if_present"}}
    platforms.change_settings(settings=settings)


def sign_in(person: PersonInfo, language: str = "en") -> Browser:
    """A browser in which this person is signed in."""
    browser = Browser(language)
    answer = browser.send("/sign-in/", email=person.email, password=PASSWORD)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return browser


def owner_of(merchant: MerchantInfo, language: str = "en") -> Browser:
    """The merchant's owner, signed in."""
    return sign_in(
        make_person(
            role="merchant_owner", merchant_id=merchant.id, password=PASSWORD, language=language
        ),
        language,
    )


def operator(language: str = "en") -> Browser:
    """An operator, signed in."""
    return sign_in(make_person(role="operator", password=PASSWORD, language=language), language)


def operator_with(*permissions: str, language: str = "en") -> Browser:
    """Somebody on the platform's staff whose role includes these permissions only, signed in."""
    own = platforms.create_staff_role(name=" ".join(permissions), permissions=permissions)
    person = make_person(password=PASSWORD, language=language)
    platforms.grant_role(person_id=person.id, role=platforms.Role.OPERATOR, staff_role_id=own.id)
    return sign_in(person, language)


def hidden(answer: Any, name: str) -> str:
    """The value of a form's hidden field."""
    import re

    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found, f"no field {name}"
    return found[1]


def buy(browser: Browser, *goods: Goods, method: str = "offline_test", quantity: int = 1) -> Any:
    """Put the goods into the cart and check out; the answer after all redirects."""
    for one in goods:
        browser.send("/cart/add/", variant=one.variant, quantity=str(quantity))
    page = browser.send("/checkout/", do="update", **ADDRESS)
    assert page.status_code == 200, page.content.decode()[:3000]
    return browser.send(
        "/checkout/",
        do="pay",
        key=hidden(page, "key"),
        total=hidden(page, "total"),
        method=method,
        **ADDRESS,
    )
