"""What crosses the border of the marketplace: frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog.facade import VariantInfo
from inventory.facade import PromiseInfo, Sellable
from kernel import clock
from kernel.money import Money
from logistics.facade import Address, Load, ShippingQuote
from marketplace.contracts_price_lists import AppliedList, PriceStep
from marketplace.contracts_vacations import VacationInfo
from platforms.facade import MerchantInfo


@dataclass(frozen=True)
class PriceInput:
    """A price to set: per unit, in major units of the platform's currency. ``external_id`` and
    ``metadata`` stay as they are when None."""

    variant_id: UUID
    unit_price: Decimal
    currency: str
    external_id: str | None = None
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True)
class OfferInfo:
    """What a variant costs per unit, in major units. ``purchasable``: the offer is active. While a
    sale reduces the price, ``regular_price`` is what it costs otherwise, ``lowest_before`` the
    lowest of the 30 days before the sale, which is over at ``sale_ends_at``; None without one. For
    a buyer in groups ``unit_price`` may be of ``price_list``, instead of ``public_price``, with
    ``steps`` for larger quantities."""

    id: UUID
    variant_id: UUID
    merchant_id: UUID
    unit_price: Decimal
    currency: str
    purchasable: bool
    state: str
    external_id: str | None
    metadata: Mapping[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
    regular_price: Decimal | None = None
    lowest_before: Decimal | None = None
    sale_ends_at: datetime | None = None
    price_list: AppliedList | None = None
    public_price: Decimal | None = None
    steps: tuple[PriceStep, ...] = ()


@dataclass(frozen=True)
class SaleInfo:
    """A reduced price for a time. ``regular_price`` is None until it begins."""

    id: UUID
    state: str
    variant_id: UUID
    merchant_id: UUID
    unit_price: Decimal
    regular_price: Decimal | None
    currency: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class PriceChange:
    """One price of the past; None: the offer was withdrawn."""

    unit_price: Decimal | None
    currency: str
    valid_from: datetime


@dataclass(frozen=True)
class CartInfo:
    """A cart's identity; ``token`` is set only where it was just made for a guest."""

    id: UUID
    buyer_id: UUID | None
    version: int
    line_count: int
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Contact:
    """Who receives the parcel and the letters. Personal."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True)
class SavedAddressInfo:
    """An address of a buyer's book; ``preferred`` is filled in without asking."""

    id: UUID
    contact: Contact
    address: Address
    preferred: bool


@dataclass(frozen=True)
class CartOwner:
    """Who asks for a cart: a buyer, or a guest by the hash of the cart's token."""

    buyer_id: UUID | None = None
    token_hash: str | None = None

    def owns(self, *, buyer_id: UUID | None, token_hash: str | None) -> bool:
        """Whether a cart with this buyer and token is the asking one's."""
        if self.buyer_id is not None:
            return buyer_id == self.buyer_id
        return buyer_id is None and token_hash is not None and token_hash == self.token_hash


@dataclass(frozen=True)
class LineDiscount:
    """What a promotion takes off one line, in minor units."""

    variant_id: UUID
    amount: int


@dataclass(frozen=True)
class AppliedDiscount:
    """One promotion's part in a total: what it is called by language, the code that was entered
    (empty for none), its kind, who pays (``merchant``, ``platform``), and its share by line, which
    sum to ``amount``. ``terms`` says why, as data: what ``domain.promotions.terms`` describes."""

    promotion_id: UUID
    kind: str
    names: Mapping[str, str]
    terms: Mapping[str, Any]
    code: str
    paid_by: str
    amount: Money
    lines: tuple[LineDiscount, ...]


@dataclass(frozen=True)
class CartCoupon:
    """A code as it was entered: what it takes off now, or in ``problem`` why it doesn't (a
    ``domain.promotions.Problem``), with how much more of its goods would do in ``missing``."""

    code: str
    names: Mapping[str, str]
    amount: Money
    problem: str
    missing: Money


@dataclass(frozen=True)
class DiscountHint:
    """A promotion that ``missing`` more of its goods would bring."""

    promotion_id: UUID
    names: Mapping[str, str]
    missing: Money


@dataclass(frozen=True)
class CartLine:
    """A line of a cart at today's price.

    ``price_added`` is what a unit cost when it was put there. ``sellable`` is None where stock
    wasn't asked for. ``problems``: ``not_for_sale``, ``merchant_closed``, ``on_vacation``,
    ``no_price``, ``short_stock`` keep it from being ordered; ``price_changed`` is a notice.
    """

    variant_id: UUID
    merchant_id: UUID | None
    variant: VariantInfo | None
    quantity: Decimal
    unit_price: Decimal | None
    price_added: Decimal | None
    total: Money | None
    sellable: Sellable | None
    problems: tuple[str, ...] = ()
    discount: Money | None = None
    price_list: AppliedList | None = None
    public_price: Decimal | None = None

    @property
    def available(self) -> Decimal | None:
        """How much of it can be sent at once."""
        return self.sellable.now if self.sellable else None

    @property
    def waits(self) -> Decimal:
        """How much of the line isn't sent at once, but when ``sellable`` says."""
        blocked = self.sellable is None or "short_stock" in self.problems
        return Decimal(0) if blocked else self.sellable.waits(self.quantity)  # type: ignore[union-attr]

    @property
    def later(self) -> Sellable | None:
        """How that is sent; None where all of it is sent at once."""
        return self.sellable if self.waits else None


@dataclass(frozen=True)
class CartMerchant:
    """One merchant's lines with the ways of delivering them; ``chosen``: the cheapest, or what the
    buyer chose. ``problem``: an error's code, why nothing can be sent. ``vacation``: on now."""

    merchant_id: UUID
    merchant: MerchantInfo | None
    lines: tuple[CartLine, ...]
    goods_total: Money
    load: Load
    quotes: tuple[ShippingQuote, ...]
    chosen: ShippingQuote | None
    discount_total: Money
    problem: str = ""
    vacation: VacationInfo | None = None

    @property
    def total(self) -> Money:
        """Goods less discounts and, as far as known, shipping."""
        goods = self.goods_total - self.discount_total
        return goods + self.chosen.price if self.chosen else goods


@dataclass(frozen=True)
class CartView:
    """A cart as its owner sees it. ``shipping_total`` is None until the region is known; ``total``
    is goods - discounts + shipping as far as known. ``discounts`` says how they came about.

    ``orderable``: it can be ordered as it stands; ``missing`` names what keeps it from that
    (``lines``, ``address``, ``shipping``, ``problems``).
    """

    id: UUID
    version: int
    buyer_id: UUID | None
    currency: str
    region: str
    has_address: bool
    merchants: tuple[CartMerchant, ...]
    unknown: tuple[CartLine, ...]
    goods_total: Money
    discount_total: Money
    shipping_total: Money | None
    total: Money
    missing: tuple[str, ...]
    discounts: tuple[AppliedDiscount, ...] = ()
    coupons: tuple[CartCoupon, ...] = ()
    hints: tuple[DiscountHint, ...] = ()

    @property
    def orderable(self) -> bool:
        return not self.missing

    @property
    def lines(self) -> tuple[CartLine, ...]:
        """All lines, by merchant."""
        return tuple(line for part in self.merchants for line in part.lines) + self.unknown


@dataclass(frozen=True)
class OrderLineInfo:
    """A line of an order, frozen: ``unit_price`` in major units, from ``price_list`` instead of
    ``public_price`` where the buyer's group had one, ``total`` in minor ones, before
    discounts; ``platform_discount`` is what of ``discount_total`` the platform pays. Of
    ``quantity`` so much as ``cancelled`` isn't sent; ``sent`` has left the merchant, ``delivered``
    of it has arrived. ``promise``: it was sold before it was there; filled in for orders that are
    still to be sent."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    titles: Mapping[str, str]
    options: Mapping[str, Any]
    unit: str
    quantity: Decimal
    unit_price: Decimal
    total: Money
    weight_grams: int
    discount_total: Money
    platform_discount: Money
    cancelled: Decimal = Decimal(0)
    sent: Decimal = Decimal(0)
    delivered: Decimal = Decimal(0)
    price_list: AppliedList | None = None
    public_price: Decimal | None = None
    promise: PromiseInfo | None = None

    @property
    def remaining(self) -> Decimal:
        """How much of it is sent, in the end."""
        return self.quantity - self.cancelled

    @property
    def unsent(self) -> Decimal:
        """How much of it is left to be sent."""
        return self.quantity - self.cancelled - self.sent

    @property
    def waiting(self) -> Decimal:
        """How much of that isn't there yet."""
        return min(self.promise.waiting, self.unsent) if self.promise else Decimal(0)

    @property
    def late(self) -> bool:
        """Whether some of it should have been there by now."""
        return self.waiting > 0 and self.promise is not None and self.promise.late(clock.today())

    @property
    def broken(self) -> bool:
        """Whether the day agreed to has passed: what waits, or is put off, is cancelled at once."""
        return self.unsent > 0 and self.promise is not None and self.promise.broken(clock.today())

    @property
    def early(self) -> bool:
        """Whether it is a pre-order before its day: nothing of it is sent yet."""
        return bool(self.promise and self.promise.kept(self.unsent, clock.today()) > self.waiting)

    @property
    def paid(self) -> Money:
        """What the buyer pays for the line."""
        return self.total - self.discount_total


@dataclass(frozen=True)
class OrderInfo:
    """One merchant's order. ``cancelled_total``: what goes back for parts cancelled before sending;
    from ``packing_at`` on the buyer asks first. ``language``: a guest's, or "". ``contact``,
    ``address`` and ``note`` are filled in where they were asked for and haven't been erased."""

    id: UUID
    group_id: UUID
    number: str
    state: str
    merchant_id: UUID
    buyer_id: UUID | None
    language: str
    lines: tuple[OrderLineInfo, ...]
    goods_total: Money
    discount_total: Money
    platform_discount: Money
    discounts: tuple[AppliedDiscount, ...]
    shipping_total: Money
    total: Money
    cancelled_total: Money
    commission_rate: Decimal
    commission: Money
    weight_grams: int
    rate_code: str
    rate_name: Mapping[str, str]
    carrier: str
    shipment_id: UUID | None
    waybill: str
    cancel_reason: str
    external_id: str | None
    metadata: Mapping[str, Any]
    version: int
    placed_at: datetime
    paid_at: datetime | None
    packing_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    created_at: datetime
    updated_at: datetime
    contact: Contact | None = field(default=None, repr=False)
    address: Address | None = field(default=None, repr=False)
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class OrderGroupInfo:
    """What was bought at once; the totals are the sums over ``orders``."""

    id: UUID
    number: str
    cart_id: UUID
    buyer_id: UUID | None
    currency: str
    orders: tuple[OrderInfo, ...]
    goods_total: Money
    discount_total: Money
    platform_discount: Money
    shipping_total: Money
    total: Money
    placed_at: datetime
