"""Reads of carts: with today's prices, stock and ways of delivery."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

import orjson

from inventory import facade as inventory
from kernel import personal
from kernel.errors import DomainError
from kernel.money import Money
from kernel.quantity import Quantity
from logistics import facade as logistics
from logistics.facade import Address, Load, ShippingQuote
from marketplace.contracts import (
    CartInfo,
    CartLine,
    CartMerchant,
    CartOwner,
    CartView,
    Contact,
)
from marketplace.domain.totals import Parcel, parcels
from marketplace.errors import CartNotFound
from marketplace.models import CARTS, Cart
from marketplace.selectors.discounts import Discounts, coupons_of, discounts_of, hints_of, told
from marketplace.selectors.goods import ON_VACATION, Goods, StoredLine, goods_of
from marketplace.tokens import token_hash

BLOCKING = frozenset({"not_for_sale", "merchant_closed", ON_VACATION, "no_price", "short_stock"})


def stored_lines(cart: Cart) -> list[StoredLine]:
    """The lines of a cart's row, in the order of adding."""
    return [
        StoredLine(UUID(variant), Decimal(quantity), None if price is None else Decimal(price))
        for variant, quantity, price in cart.lines
    ]


def cart_info(cart: Cart, token: str | None = None) -> CartInfo:
    """The contract of a cart's row."""
    return CartInfo(cart.id, cart.buyer_id, cart.version, len(cart.lines), token)


def cart_for(*, token: str | None = None, buyer_id: UUID | None = None) -> CartInfo | None:
    """The buyer's cart, or the guest's with this token; None when there is none."""
    row = _find(token=token, buyer_id=buyer_id)
    return cart_info(row) if row else None


def _find(*, token: str | None, buyer_id: UUID | None) -> Cart | None:
    if buyer_id is not None:
        return CARTS.one("buyer_id = %s", [buyer_id])
    if token:
        return CARTS.one("token_hash = %s", [token_hash(token)])
    return None


def cart_row(cart_id: UUID, owner: CartOwner | None = None) -> Cart:
    """The cart's row; with ``owner`` only if it is theirs. CartNotFound, alike for all else."""
    row = CARTS.one("id = %s", [cart_id])
    if row is None or (owner and not owner.owns(buyer_id=row.buyer_id, token_hash=row.token_hash)):
        raise CartNotFound
    return row


def cart_view(*, cart_id: UUID, owner: CartOwner | None = None) -> CartView:
    """The cart at today's prices, by merchant, with totals, ways of delivery and problems.

    Raises CartNotFound, with ``owner`` also for another's cart.
    """
    return view_of(cart_row(cart_id, owner))


@dataclass(frozen=True)
class Seen:
    """A cart's goods as they stand today, whatever way of delivery was chosen."""

    goods: Goods
    lines: list[CartLine]
    discounts: Discounts
    parcels: Mapping[UUID, Parcel]
    quotes: Mapping[UUID, Sequence[ShippingQuote]]
    refused: Mapping[UUID, str]


def view_of(cart: Cart, *, goods: Goods | None = None) -> CartView:
    """The view of a cart's row; ``goods`` where they are known already."""
    return shown(cart, seen_of(cart, goods=goods))


def seen_of(cart: Cart, *, goods: Goods | None = None) -> Seen:
    """Prices, stock, discounts and ways of delivery for a cart's row."""
    stored = stored_lines(cart)
    ids = [line.variant_id for line in stored]
    goods = goods or goods_of(
        ids, buyer_id=cart.buyer_id, with_stock=True, with_rates=bool(cart.region)
    )
    stock = goods.stock or inventory.sellable(ids)
    lines = [_line(line, goods, stock) for line in stored]
    good = {line.variant_id for line in lines if line.total is not None}
    priced = [goods.priced(line) for line in stored if line.variant_id in good]
    found = discounts_of(
        priced,
        goods.variants,
        currency=goods.currency,
        live=goods.live,
        codes=cart.codes,
        buyer_id=cart.buyer_id,
    )
    groups = parcels(priced, goods.currency)
    quotes, refused = _quotes_or_problems(cart.region, groups, goods.rates)
    lines = [_less(line, found, goods.currency) for line in lines]
    return Seen(goods, lines, found, groups, quotes, refused)


def shown(cart: Cart, seen: Seen) -> CartView:
    """The view of a cart's row whose goods were seen, with the ways of delivery chosen now."""
    goods, lines = seen.goods, seen.lines
    nothing = Money(0, goods.currency)
    merchants: list[CartMerchant] = []
    for merchant_id in dict.fromkeys(line.merchant_id for line in lines if line.merchant_id):
        parcel = seen.parcels.get(merchant_id, Parcel(nothing, 0))
        offered = tuple(seen.quotes.get(merchant_id, ()))
        own = tuple(line for line in lines if line.merchant_id == merchant_id)
        merchants.append(
            CartMerchant(
                merchant_id=merchant_id,
                merchant=goods.merchants.get(merchant_id),
                lines=own,
                discount_total=sum((line.discount for line in own if line.discount), nothing),
                goods_total=parcel.goods_total,
                load=load_of(parcel),
                quotes=offered,
                chosen=chosen_quote(offered, cart.shipping.get(str(merchant_id))),
                problem=seen.refused.get(merchant_id, ""),
                vacation=goods.away.get(merchant_id),
            )
        )
    return _summed(cart, goods, lines, merchants, seen.discounts)


def _less(line: CartLine, found: Discounts, currency: str) -> CartLine:
    """The line with what comes off it."""
    off = found.outcome.off(line.variant_id) if line.total is not None else 0
    return replace(line, discount=Money(off, currency)) if off else line


def _summed(
    cart: Cart,
    goods: Goods,
    lines: list[CartLine],
    merchants: list[CartMerchant],
    found: Discounts,
) -> CartView:
    nothing = Money(0, goods.currency)
    goods_total = sum((part.goods_total for part in merchants), nothing)
    discount_total = sum((part.discount_total for part in merchants), nothing)
    due = goods_total - discount_total
    charges = [part.chosen.price for part in merchants if part.chosen]
    known = bool(cart.region) and bool(merchants) and len(charges) == len(merchants)
    shipping = sum(charges, nothing) if known else None
    missing = []
    if not lines:
        missing.append("lines")
    if not cart.sealed_details:
        missing.append("address")
    if cart.region and merchants and not known:
        missing.append("shipping")
    if any(BLOCKING & set(line.problems) for line in lines):
        missing.append("problems")
    return CartView(
        id=cart.id,
        version=cart.version,
        buyer_id=cart.buyer_id,
        currency=goods.currency,
        region=cart.region,
        has_address=bool(cart.sealed_details),
        merchants=tuple(merchants),
        unknown=tuple(line for line in lines if line.merchant_id is None),
        goods_total=goods_total,
        discount_total=discount_total,
        shipping_total=shipping,
        total=due + shipping if shipping is not None else due,
        missing=tuple(missing),
        discounts=told(found, goods.currency),
        coupons=coupons_of(found, cart.codes, goods.currency),
        hints=hints_of(found, goods.currency),
    )


def _line(line: StoredLine, goods: Goods, stock: Mapping[UUID, inventory.Sellable]) -> CartLine:
    variant = goods.variants.get(line.variant_id)
    blocked = goods.problem(line.variant_id)
    problems = [blocked] if blocked else []
    cost = None if blocked else goods.price(line.variant_id, line.quantity)
    price = cost.unit_price if cost else None
    sellable = None
    if variant is not None:
        sellable = stock[line.variant_id]
        if not blocked and not sellable.enough(line.quantity):
            problems.append("short_stock")
    if price is not None and line.price_added is not None and price != line.price_added:
        problems.append("price_changed")
    return CartLine(
        variant_id=line.variant_id,
        merchant_id=variant.merchant_id if variant else None,
        variant=variant,
        quantity=line.quantity,
        unit_price=price,
        price_added=line.price_added,
        total=None if blocked else goods.priced(line).total(goods.currency),
        sellable=sellable,
        problems=tuple(problems),
        price_list=cost.price_list if cost else None,
        public_price=(
            goods.offers[line.variant_id].unit_price if cost and cost.price_list else None
        ),
    )


def _quotes_or_problems(
    region: str, groups: Mapping[UUID, Parcel], rules: logistics.Tariffs | None
) -> tuple[dict[UUID, list[ShippingQuote]], dict[UUID, str]]:
    """The ways of delivery of each parcel, and where there is none, the error's code."""
    if not region or not groups:
        return {}, {}
    asked = {merchant: load_of(parcel) for merchant, parcel in groups.items()}
    try:
        return logistics.quotes_for(region=region, parcels=asked, rules=rules), {}
    except DomainError:
        pass  # one of them can't be delivered there: ask for each alone
    quotes: dict[UUID, list[ShippingQuote]] = {}
    refused: dict[UUID, str] = {}
    for merchant, load in asked.items():
        try:
            alone = {merchant: load}
            quotes |= logistics.quotes_for(region=region, parcels=alone, rules=rules)
        except DomainError as error:
            refused[merchant] = error.code
    return quotes, refused


def load_of(parcel: Parcel) -> Load:
    """A merchant's parcel as logistics prices it."""
    return Load(
        weight_grams=parcel.weight_grams,
        goods_value=parcel.goods_total.amount,
        volume_mm3=parcel.volume_mm3,
        unsized_grams=parcel.unsized_grams,
        longest_mm=parcel.longest_mm,
    )


def chosen_quote(offered: Iterable[ShippingQuote], rate_code: str | None) -> ShippingQuote | None:
    """The chosen way, or the cheapest when none was chosen; None when the choice is gone."""
    found = list(offered)
    if rate_code is None:
        return found[0] if found else None
    return next((quote for quote in found if quote.rate_code == rate_code), None)


def cart_details(
    *, cart_id: UUID, owner: CartOwner | None = None
) -> tuple[Contact, Address] | None:
    """Contact and address of a cart; None when unset or erased. Raises CartNotFound."""
    row = cart_row(cart_id, owner)
    return opened_details(row.subject_id, row.sealed_details)


def opened_details(subject_id: UUID | None, sealed: str) -> tuple[Contact, Address] | None:
    """Contact and address from their ciphertext; None when unset or erased."""
    text = personal.open_(subject_id, sealed) if subject_id and sealed else None
    if text is None:
        return None
    found = orjson.loads(text)
    contact = Contact(**found["contact"])
    return contact, Address(name=contact.name, phone=contact.phone, **found["address"])


def shown_quantity(line: CartLine) -> str:
    """The quantity as the API and pages write it."""
    unit = line.variant.unit if line.variant else "C62"
    return Quantity(line.quantity, unit).text()
