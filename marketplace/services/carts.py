"""Carts: open one, put things in, say where it goes, and join a guest's with the buyer's."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

import orjson
from django.db import IntegrityError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel import personal
from kernel.errors import FieldProblem, Invalid, fields_told
from kernel.ids import uuid7
from kernel.transactions import atomic, together
from logistics import facade as logistics
from logistics.facade import Address
from marketplace import locks
from marketplace.contracts import CartInfo, CartOwner, CartView, Contact
from marketplace.domain.quantities import HIGHEST, plain_quantity, quantity_problem
from marketplace.errors import (
    CartFull,
    InvalidQuantity,
    LineNotFound,
    ShippingChoiceGone,
    UnknownVariant,
)
from marketplace.models import CARTS, Cart
from marketplace.selectors.carts import (
    cart_info,
    chosen_quote,
    opened_details,
    seen_of,
    shown,
    stored_lines,
    view_of,
)
from marketplace.selectors.goods import Goods, StoredLine, goods_of
from marketplace.services.for_sale import check_one
from marketplace.tokens import new_cart_token, token_hash

LINES_MAX = 100
CODES_MAX = 5
_PROBLEMS = {
    "not_above_zero": _("The quantity must be above 0."),
    "too_much": _("At most 9999 of one thing can be in a cart."),
    "not_whole": _("These goods are counted: order a whole number."),
    "too_fine": _("The quantity has too many decimals."),
}
Wanted = Sequence[tuple[UUID, Decimal]]


def open_cart(*, buyer_id: UUID | None = None, lines: Wanted = ()) -> CartInfo:
    """A new cart for a guest, whose token is told here and never again, or the buyer's one cart.

    ``lines`` are put into it. Raises what ``add_to_cart`` raises.
    """
    cart, token, _goods = opened_cart(buyer_id=buyer_id, lines=lines)
    return cart_info(cart, token)


def open_cart_view(
    *, buyer_id: UUID | None = None, lines: Wanted = ()
) -> tuple[CartView, str | None]:
    """``open_cart`` with the view of it, and a guest's token."""
    cart, token, goods = opened_cart(buyer_id=buyer_id, lines=lines)
    return view_of(cart, goods=goods), token


def opened_cart(*, buyer_id: UUID | None, lines: Wanted) -> tuple[Cart, str | None, Goods | None]:
    """The row of ``open_cart``, a guest's token, and the goods if they were looked up."""
    token = None if buyer_id else new_cart_token()
    goods = None
    with together():
        cart = _of_buyer(buyer_id) if buyer_id else None
        fresh = cart is None
        if cart is None:
            cart = CARTS.new(token_hash=token_hash(token) if token else None)
        if lines:
            goods = _add(cart, lines, among=True)
        if fresh:
            CARTS.insert([cart])
        elif lines:
            CARTS.update(cart, "lines")
    return cart, token, goods


def _of_buyer(buyer_id: UUID) -> Cart | None:
    """The buyer's cart, locked. One that is being made at this moment is waited for."""
    found = Cart.objects.select_for_update().filter(buyer_id=buyer_id).first()
    if found is None:
        try:
            with atomic():
                made = Cart(id=uuid7(), buyer_id=buyer_id)
                made.save(force_insert=True)
            return made
        except IntegrityError:
            found = Cart.objects.select_for_update().filter(buyer_id=buyer_id).first()
    return found


def add_to_cart(
    *, cart_id: UUID, owner: CartOwner | None = None, variant_id: UUID, quantity: Decimal
) -> CartView:
    """Put something in, or more of it; its price of now is remembered.

    Raises UnknownVariant, NotPurchasable, MerchantOnVacation, InvalidQuantity, CartFull.
    """
    with together():
        cart = locks.cart(cart_id, owner)
        goods = _add(cart, [(variant_id, quantity)])
        CARTS.update(cart, "lines")
    return view_of(cart, goods=goods)


def _add(cart: Cart, wanted: Wanted, *, among: bool = False) -> Goods:
    lines = {line.variant_id: line for line in stored_lines(cart)}
    ids = [*lines, *(variant_id for variant_id, _quantity in wanted)]
    goods = goods_of(ids, buyer_id=cart.buyer_id, with_stock=True, with_rates=bool(cart.region))
    for place, (variant_id, quantity) in enumerate(wanted):
        with fields_told(f"lines.{place}.{{}}".format if among else str):
            _check(goods, variant_id, quantity)
            present = lines.get(variant_id)
            summed = quantity + (present.quantity if present else 0)
            if summed > HIGHEST:
                raise InvalidQuantity(_PROBLEMS["too_much"], field="quantity")
        price = goods.price(variant_id, summed).unit_price
        lines[variant_id] = StoredLine(variant_id, summed, price)
    if len(lines) > LINES_MAX:
        raise CartFull(limit=LINES_MAX)
    keep(cart, lines)
    return goods


def _check(goods: Goods, variant_id: UUID, quantity: Decimal) -> None:
    variant = goods.variants.get(variant_id)
    if variant is None:
        raise UnknownVariant(field="variant_id")
    check_one(variant_id, goods)
    wrong = quantity_problem(quantity, variant.unit)
    if wrong:
        raise InvalidQuantity(_PROBLEMS[wrong], field="quantity")


def keep(cart: Cart, lines: Mapping[UUID, StoredLine]) -> None:
    """Put the lines into the cart's row; the caller saves it."""
    cart.lines = [
        [
            str(line.variant_id),
            str(plain_quantity(line.quantity)),
            None if line.price_added is None else str(line.price_added),
        ]
        for line in lines.values()
    ]


def set_cart_line(
    *, cart_id: UUID, owner: CartOwner | None = None, variant_id: UUID, quantity: Decimal
) -> CartView:
    """Set a line's quantity; 0 takes it out. The remembered price becomes the one of now.

    A line that isn't there yet is added. Raises as ``add_to_cart``.
    """
    if quantity == 0:
        return remove_cart_line(cart_id=cart_id, variant_id=variant_id, owner=owner)
    with together():
        cart = locks.cart(cart_id, owner)
        lines = {line.variant_id: line for line in stored_lines(cart)}
        ids, shown = [*lines, variant_id], bool(cart.region)
        goods = goods_of(ids, buyer_id=cart.buyer_id, with_stock=True, with_rates=shown)
        _check(goods, variant_id, quantity)
        price = goods.price(variant_id, quantity).unit_price
        lines[variant_id] = StoredLine(variant_id, quantity, price)
        if len(lines) > LINES_MAX:
            raise CartFull(limit=LINES_MAX)
        keep(cart, lines)
        CARTS.update(cart, "lines")
    return view_of(cart, goods=goods)


def remove_cart_line(
    *, cart_id: UUID, owner: CartOwner | None = None, variant_id: UUID
) -> CartView:
    """Take a line out. Raises LineNotFound."""
    with together():
        cart = locks.cart(cart_id, owner)
        lines = {line.variant_id: line for line in stored_lines(cart)}
        if lines.pop(variant_id, None) is None:
            raise LineNotFound
        keep(cart, lines)
        CARTS.update(cart, "lines")
    return view_of(cart)


def set_cart_address(
    *, cart_id: UUID, owner: CartOwner | None = None, contact: Contact, address: Address
) -> CartView:
    """Say who receives it and where. Kept sealed: for the buyer, or for a guest's cart itself.

    ``address.name`` and ``phone`` are the contact's. Raises Invalid, UnknownRegion.
    """
    text = details_text(contact, address)
    with together():
        cart = locks.cart(cart_id, owner)
        _seal(cart, text)
        if cart.region != address.region:
            cart.shipping = {}
        cart.region = address.region
        CARTS.update(cart, "region", "shipping", "subject_id", "sealed_details")
    return view_of(cart)


def _seal(cart: Cart, text: str) -> None:
    cart.subject_id = cart.buyer_id or cart.id
    cart.sealed_details = personal.seal(cart.subject_id, text)


def details_text(contact: Contact, address: Address) -> str:
    """Contact and address, checked, as the text that is sealed. Raises Invalid, UnknownRegion."""
    _check_details(contact, address)
    details = asdict(address)
    details.pop("name")
    details.pop("phone")
    return orjson.dumps({"contact": asdict(contact), "address": details}).decode()


def _check_details(contact: Contact, address: Address) -> None:
    if address.region not in logistics.REGIONS:
        raise logistics.UnknownRegion(field="address.region")
    problems = [
        FieldProblem(f"contact.{name}", gettext("This is needed."))
        for name in ("name", "phone")
        if not getattr(contact, name).strip()
    ]
    problems += [
        FieldProblem(f"address.{name}", gettext("This is needed."))
        for name in ("city", "line1")
        if not getattr(address, name).strip()
    ]
    digits = sum(character.isdigit() for character in contact.phone)
    if contact.phone.strip() and not 5 <= digits <= 15:
        problems.append(
            FieldProblem(
                "contact.phone",
                gettext("This isn't a telephone number."),
                gettext("A telephone number has 5 to 15 digits."),
            )
        )
    if contact.email and "@" not in contact.email[1:-1]:
        problems.append(FieldProblem("contact.email", gettext("This isn't an e-mail address.")))
    if problems:
        raise Invalid(problems=problems)


def choose_shipping(
    *, cart_id: UUID, owner: CartOwner | None = None, choices: Mapping[UUID, str]
) -> CartView:
    """Choose a way of delivery (rate code) for some merchants. Raises ShippingChoiceGone."""
    with together():
        cart = locks.cart(cart_id, owner)
        seen = seen_of(cart)
        for merchant_id, rate_code in choices.items():
            quotes = seen.quotes.get(merchant_id, ())
            if chosen_quote(quotes, rate_code) is None:
                raise ShippingChoiceGone(
                    field="choices", offered=[quote.rate_code for quote in quotes]
                )
            cart.shipping[str(merchant_id)] = rate_code
        CARTS.update(cart, "shipping")
    return shown(cart, seen)


def merge_carts(*, token: str, buyer_id: UUID) -> CartInfo:
    """At sign-in: a guest's cart goes into the buyer's, whose token then opens nothing any more.

    Quantities of the same goods are added up to 9999; the buyer's own address stays if there
    is one. Without a guest's cart it is simply the buyer's.
    """
    with atomic():
        guest = Cart.objects.filter(token_hash=token_hash(token)).values_list("id").first()
        mine = _of_buyer(buyer_id)
        assert mine is not None
        if guest is None:
            return cart_info(mine)
        theirs = locks.cart_or_none(guest[0])
        if theirs is None:
            return cart_info(mine)
        _merge(mine, theirs)
        theirs.delete()
        mine.save()
    return cart_info(mine)


def _merge(mine: Cart, theirs: Cart) -> None:
    lines = {line.variant_id: line for line in stored_lines(mine)}
    for line in stored_lines(theirs):
        present = lines.get(line.variant_id)
        if present:
            summed = min(HIGHEST, present.quantity + line.quantity)
            line = StoredLine(line.variant_id, summed, line.price_added)
        elif len(lines) >= LINES_MAX:
            continue
        lines[line.variant_id] = line
    keep(mine, lines)
    mine.codes = list(dict.fromkeys([*mine.codes, *theirs.codes]))[:CODES_MAX]
    details = opened_details(theirs.subject_id, theirs.sealed_details)
    if details is not None and not mine.sealed_details:
        text = personal.open_(theirs.subject_id or theirs.id, theirs.sealed_details)
        _seal(mine, text or "")
        mine.region = theirs.region
        mine.shipping = {**theirs.shipping, **mine.shipping}
