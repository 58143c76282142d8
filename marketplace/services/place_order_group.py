"""Turn a cart into orders: one transaction, prices frozen, repeatable under its key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from catalog import facade as catalog
from kernel import audit, clock, gathered, outbox, personal
from kernel.ids import public_id, uuid7
from kernel.money import Money
from kernel.questions import ask
from kernel.transactions import together
from logistics import facade as logistics
from logistics.facade import Address, ShippingQuote
from marketplace import events, locks
from marketplace.contracts import CartOwner, Contact, OrderGroupInfo
from marketplace.domain.numbers import group_number, order_number
from marketplace.domain.totals import (
    OrderTotals,
    Parcel,
    PricedLine,
    group_totals,
    order_totals,
    parcels,
    rate_of,
)
from marketplace.errors import (
    AddressMissing,
    CartEmpty,
    CouponRefused,
    KeyUsed,
    ShippingChoiceGone,
    TotalChanged,
)
from marketplace.models import (
    CARTS,
    GROUPS,
    LINES,
    ORDERS,
    Cart,
    Order,
    OrderGroup,
    OrderLine,
)
from marketplace.selectors.carts import (
    chosen_quote,
    load_of,
    stored_lines,
)
from marketplace.selectors.discounts import Discounts, coupons_of, kept, told
from marketplace.selectors.goods import Goods, StoredLine, goods_held
from marketplace.selectors.orders import group_info, group_with_orders, info_of
from marketplace.services.carts import details_text
from marketplace.services.coupon_problems import PROBLEMS
from marketplace.services.for_sale import check_lines
from marketplace.services.redeem import discounts_to_take, redeem
from payments import facade as payments


@dataclass(frozen=True)
class _Priced:
    """A cart with everything decided, before anything is written."""

    stored: list[StoredLine]
    goods: Goods
    lines: list[PricedLine]
    parcels: Mapping[UUID, Parcel]
    quotes: Mapping[UUID, ShippingQuote]
    orders: Mapping[UUID, OrderTotals]
    whole: OrderTotals
    rates: Mapping[UUID, Decimal]
    discounts: Discounts


def place_order_group(
    *,
    key: UUID,
    cart_id: UUID,
    owner: CartOwner | None = None,
    contact: Contact | None = None,
    address: Address | None = None,
    shipping: Mapping[UUID, str] | None = None,
    expected_total: int | None = None,
    note: str = "",
    language: str = "",
) -> OrderGroupInfo:
    """Order what is in the cart at today's prices: a group with one order for each merchant.

    The same ``key`` gives the same group; with ``owner`` the cart must be theirs. Contact, address
    and rate codes come from the cart unless given here; ``expected_total`` (minor units) is what
    the buyer was shown. The cart's lines are used up. ``language``: a guest's, for letters. Raises
    CartNotFound, CartEmpty, NotPurchasable, MerchantOnVacation, AddressMissing, NoRate, TooHeavy,
    TooBig, ShippingChoiceGone, TotalChanged, CouponRefused, KeyUsed, and leaves nothing behind.
    """
    with together():
        carts, known = ask(locks.cart_question(cart_id), GROUPS.question("key = %s", [key]))
        if known:
            return _same(known[0], cart_id)
        cart = locks.whose(carts, owner)
        if not cart.lines:
            raise CartEmpty
        if contact is None or address is None:
            contact = address = None
            if not cart.sealed_details or not cart.region:
                raise AddressMissing
        region = address.region if address else cart.region
        chosen = {UUID(merchant): code for merchant, code in cart.shipping.items()}
        priced = _priced(cart, region, {**chosen, **(shipping or {})})
        _check_total(priced, expected_total, cart.codes)
        group = _group(cart, key, region, priced)
        _seal(group, cart, contact, address, note)
        return _written(cart, group, priced, language)


def _same(found: OrderGroup, cart_id: UUID) -> OrderGroupInfo:
    if found.cart_id != cart_id:
        raise KeyUsed
    return group_with_orders(found)


def _priced(cart: Cart, region: str, chosen: Mapping[UUID, str]) -> _Priced:
    stored = stored_lines(cart)
    ids = [line.variant_id for line in stored]
    goods = goods_held(ids, buyer_id=cart.buyer_id)
    check_lines([line.variant_id for line in stored], goods)
    lines = [goods.priced(line) for line in stored]
    found = parcels(lines, goods.currency)
    offered = logistics.quotes_for(
        region=region,
        parcels={merchant: load_of(parcel) for merchant, parcel in found.items()},
        rules=goods.rates,
    )
    quotes = {merchant: _chosen(offered[merchant], chosen.get(merchant)) for merchant in found}
    discounts = discounts_to_take(cart, goods, lines)
    taken = _commissions(goods, lines, discounts)
    nothing = Money(0, goods.currency)
    off, ours = _sums(lines, discounts)
    orders = {
        merchant: order_totals(
            parcel,
            shipping=quotes[merchant].price,
            commission=sum((one.amount for one in taken[merchant]), nothing),
            discount=Money(off.get(merchant, 0), goods.currency),
            platform_discount=Money(ours.get(merchant, 0), goods.currency),
        )
        for merchant, parcel in found.items()
    }
    rates = {merchant: _rate(taken[merchant], orders[merchant]) for merchant in found}
    whole = group_totals(orders, goods.currency)
    return _Priced(stored, goods, lines, found, quotes, orders, whole, rates, discounts)


def _sums(
    lines: Sequence[PricedLine], discounts: Discounts
) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """By merchant: all that comes off its goods, and what of it the platform pays."""
    off: dict[UUID, int] = {}
    ours: dict[UUID, int] = {}
    for line in lines:
        key, outcome = line.merchant_id, discounts.outcome
        off[key] = off.get(key, 0) + outcome.off(line.variant_id)
        ours[key] = ours.get(key, 0) + outcome.off_by_platform(line.variant_id)
    return off, ours


def _commissions(
    goods: Goods, lines: Sequence[PricedLine], discounts: Discounts
) -> dict[UUID, list[payments.Commission]]:
    """What the rules that hold now take of each merchant's revenue, by category: of the goods less
    the discounts that the merchant pays itself."""
    kinds = {line.variant_id: goods.variants[line.variant_id].category_id for line in lines}
    paths, rules = ask(
        catalog.category_paths_question(kind for kind in kinds.values() if kind),
        payments.commission_rules_question(goods.at),
    )
    sales: dict[UUID, list[tuple[str, Money]]] = {}
    for line in lines:
        kind = kinds[line.variant_id]
        path = paths.get(kind, "") if kind else ""
        sales.setdefault(line.merchant_id, []).append((path, _revenue(goods, line, discounts)))
    return payments.commissions_on_orders(orders=sales, at=goods.at, rules=rules)


def _revenue(goods: Goods, line: PricedLine, discounts: Discounts) -> Money:
    outcome = discounts.outcome
    own = outcome.off(line.variant_id) - outcome.off_by_platform(line.variant_id)
    return line.total(goods.currency) - Money(own, goods.currency)


def _rate(taken: Sequence[payments.Commission], totals: OrderTotals) -> Decimal:
    """The rule's own rate where one per cent explains it all."""
    if len(taken) == 1 and totals.revenue.percent(taken[0].rate) == taken[0].amount:
        return taken[0].rate
    return rate_of(totals.commission, totals.revenue)


def _chosen(offered: Sequence[ShippingQuote], rate_code: str | None) -> ShippingQuote:
    quote = chosen_quote(offered, rate_code)
    if quote is None:
        raise ShippingChoiceGone(field="shipping", offered=[q.rate_code for q in offered])
    return quote


def _check_total(priced: _Priced, expected: int | None, codes: Sequence[str]) -> None:
    """Refuse another total than the buyer saw, naming the lines whose price changed and the codes
    that don't count. Who named no total wants every code to count."""
    coupons = coupons_of(priced.discounts, codes, priced.goods.currency)
    refused = [one for one in coupons if one.problem]
    if expected is None and refused:
        raise CouponRefused(
            PROBLEMS[refused[0].problem],
            field="codes",
            coupons=[{"code": one.code, "problem": one.problem} for one in refused],
        )
    if expected is None or expected == priced.whole.total.amount:
        return
    changed: list[dict[str, Any]] = [
        {
            "variant_id": public_id("var", was.variant_id),
            "sku": priced.goods.variants[was.variant_id].sku,
            "price_added": format(was.price_added, "f"),
            "unit_price": format(now.unit_price, "f"),
        }
        for was, now in zip(priced.stored, priced.lines, strict=True)
        if was.price_added is not None and was.price_added != now.unit_price
    ]
    raise TotalChanged(
        gettext("You were shown %(shown)s; it is %(now)s now.")
        % {"shown": Money(expected, priced.goods.currency), "now": priced.whole.total},
        field="expected_total",
        expected_total=Money(expected, priced.goods.currency).as_api(),
        total=priced.whole.total.as_api(),
        shipping_total=priced.whole.shipping_total.as_api(),
        discount_total=priced.whole.discount_total.as_api(),
        lines=changed,
        coupons=[{"code": one.code, "problem": one.problem} for one in refused],
    )


def _group(cart: Cart, key: UUID, region: str, priced: _Priced) -> OrderGroup:
    now = priced.goods.at  # the moment at which the shops were seen to sell
    return GROUPS.new(
        id=uuid7(),
        key=key,
        number=group_number(clock.day_of(now)),
        cart_id=cart.id,
        token_hash=cart.token_hash,
        buyer_id=cart.buyer_id,
        currency=priced.goods.currency,
        goods_total=priced.whole.goods_total.amount,
        discount_total=priced.whole.discount_total.amount,
        platform_discount=priced.whole.platform_discount.amount,
        shipping_total=priced.whole.shipping_total.amount,
        total=priced.whole.total.amount,
        region=region,
        placed_at=now,
    )


def _seal(
    group: OrderGroup, cart: Cart, contact: Contact | None, address: Address | None, note: str
) -> None:
    """The cart's ciphertext is taken over as it is; what was given here is sealed anew."""
    if contact is None or address is None:
        group.subject_id = cart.subject_id or cart.id
        group.sealed_details = cart.sealed_details
    else:
        text = details_text(contact, address)
        group.subject_id = cart.buyer_id or cart.id
        group.sealed_details = personal.seal(group.subject_id, text)
    if note:
        group.sealed_note = personal.seal(group.subject_id, note)


def _written(cart: Cart, group: OrderGroup, priced: _Priced, language: str) -> OrderGroupInfo:
    GROUPS.insert([group])
    orders = {
        merchant: _order(group, place, merchant, priced, language)
        for place, merchant in enumerate(priced.orders, start=1)
    }
    ORDERS.insert(orders.values())
    gathered.remember(Order, group.id, list(orders.values()))
    lines = _lines(orders, priced)
    LINES.insert(lines)
    redeem(group, orders, priced.discounts)
    cart.lines, cart.codes = [], []
    CARTS.update(cart, "lines", "codes")
    _tell(group, list(orders.values()))
    return group_info(
        group,
        [
            info_of(order, [line for line in lines if line.order_id == order.id])
            for order in orders.values()
        ],
    )


def _order(
    group: OrderGroup, place: int, merchant_id: UUID, priced: _Priced, language: str
) -> Order:
    totals, quote = priced.orders[merchant_id], priced.quotes[merchant_id]
    own = [line.variant_id for line in priced.lines if line.merchant_id == merchant_id]
    return ORDERS.new(
        group=group,
        number=order_number(group.number, place),
        merchant_id=merchant_id,
        buyer_id=group.buyer_id,
        language="" if group.buyer_id else language,
        currency=group.currency,
        goods_total=totals.goods_total.amount,
        discount_total=totals.discount_total.amount,
        platform_discount=totals.platform_discount.amount,
        shipping_total=totals.shipping_total.amount,
        total=totals.total.amount,
        discounts=kept(told(priced.discounts, group.currency, only=own)),
        commission_rate=priced.rates[merchant_id],
        commission=totals.commission.amount,
        weight_grams=priced.parcels[merchant_id].weight_grams,
        rate_code=quote.rate_code,
        rate_name=dict(quote.name),
        carrier=quote.carrier,
        placed_at=group.placed_at,
    )


def _lines(orders: Mapping[UUID, Order], priced: _Priced) -> list[OrderLine]:
    found = []
    for place, line in enumerate(priced.lines):
        variant = priced.goods.variants[line.variant_id]
        source = priced.goods.price(line.variant_id, line.quantity).price_list
        found.append(
            LINES.new(
                order=orders[line.merchant_id],
                position=place,
                variant_id=line.variant_id,
                product_id=variant.product_id,
                sku=variant.sku,
                titles=dict(variant.title),
                options=dict(variant.options),
                unit=variant.unit,
                quantity=line.quantity,
                unit_price=line.unit_price,
                public_price=(priced.goods.offers[line.variant_id].unit_price if source else None),
                price_list={"id": str(source.id), "names": dict(source.names)} if source else {},
                total=line.total(priced.goods.currency).amount,
                discount_total=priced.discounts.outcome.off(line.variant_id),
                platform_discount=priced.discounts.outcome.off_by_platform(line.variant_id),
                weight_grams=variant.weight_grams,
            )
        )
    return found


def _tell(group: OrderGroup, orders: Sequence[Order]) -> None:
    audit.record_many(
        audit.Change(
            "marketplace.order.placed",
            order,
            {},
            {
                "state": str(order.state),
                "number": order.number,
                "group_id": group.id,
                "total": Money(order.total, order.currency),
                "commission_rate": order.commission_rate,
            },
        )
        for order in orders
    )
    outbox.append_many(
        (
            events.OrderPlaced(
                order_id=order.id,
                group_id=group.id,
                number=order.number,
                merchant_id=order.merchant_id,
                total=Money(order.total, order.currency),
                discount_total=Money(order.discount_total, order.currency),
                platform_discount=Money(order.platform_discount, order.currency),
            ),
            order,
            order.merchant_id,
        )
        for order in orders
    )
