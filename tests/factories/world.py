"""A platform with everything a trade needs: merchants with goods, a cart, the outside set up."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from journeys import facade as journeys
from journeys.facade import CheckoutInfo
from logistics import facade as logistics
from marketplace import facade as marketplace
from marketplace.facade import Contact
from payments import facade as payments
from platforms import facade as platforms
from platforms.facade import BankAccount
from tests.factories.catalog import make_variant
from tests.factories.inventory import make_stock
from tests.factories.logistics import make_address
from tests.factories.platforms import make_merchant, unique

CONTACT = Contact(name="王芳", phone="13844445678", email="wang@people.example")


@dataclass
class Shop:
    """One merchant with one variant for sale."""

    merchant_id: UUID
    variant_id: UUID


@dataclass
class World:
    """Merchants, and who buys from them."""

    shops: list[Shop] = field(default_factory=list)

    def cart(self, *quantities: int) -> UUID:
        """A guest's cart with so many of each shop's goods, addressed."""
        cart = marketplace.open_cart()
        for shop, quantity in zip(self.shops, quantities or (1,) * len(self.shops), strict=False):
            if quantity:
                marketplace.add_to_cart(
                    cart_id=cart.id, variant_id=shop.variant_id, quantity=Decimal(quantity)
                )
        marketplace.set_cart_address(cart_id=cart.id, contact=CONTACT, address=make_address())
        return cart.id

    def buy(
        self, *quantities: int, method: str = "offline_test", key: UUID | None = None, **more: Any
    ) -> CheckoutInfo:
        """A whole checkout of a new cart."""
        return journeys.start_checkout(
            key=key or uuid4(),
            cart_id=self.cart(*quantities),
            payment_method=method,
            **more,
        )


def make_shop(*, price: str = "10.00", stock: int = 100) -> Shop:
    """An approved merchant with a bank account and one variant for sale."""
    merchant = make_merchant()
    account = BankAccount(bank="吉林银行", holder="王芳", number="6222020000000000", last4="0000")
    platforms.update_merchant(merchant_id=merchant.id, payout_account=account)
    variant = make_variant(merchant_id=merchant.id)
    marketplace.set_price(
        merchant_id=merchant.id, variant_id=variant, unit_price=Decimal(price), currency="CNY"
    )
    make_stock(stock, variant_id=variant)
    return Shop(merchant.id, variant)


def make_world(shops: int = 2, *, price: str = "10.00", stock: int = 100) -> World:
    """A platform ready to trade, in the scope of the caller."""
    return World([make_shop(price=price, stock=stock) for _ in range(shops)])


def connect(base_url: str, key: str) -> None:
    """Point the platform in scope at a sandbox."""
    payments.configure_gateway(
        secret_key=key, webhook_secret=f"whsec_{unique('secret')}{'x' * 20}", base_url=base_url
    )
    logistics.configure_carrier(
        key=key, callback_secret="whsec_" + "c2VjcmV0" * 4, base_url=f"{base_url}/carrier"
    )
