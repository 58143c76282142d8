"""What a buyer keeps for later, and what was bought before, back into the cart."""

from decimal import Decimal
from uuid import UUID

from catalog import facade as catalog
from kernel import clock
from kernel.ids import uuid7
from kernel.pagination import PageOf, keyset
from kernel.transactions import atomic
from marketplace import locks
from marketplace.contracts import CartOwner, CartView, OrderInfo
from marketplace.contracts_showcase import SavedItemInfo
from marketplace.domain.quantities import HIGHEST, quantity_problem
from marketplace.errors import InvalidQuantity, NotPurchasable, SavedFull, UnknownVariant
from marketplace.models import SavedItem
from marketplace.selectors.carts import stored_lines
from marketplace.selectors.goods import goods_of
from marketplace.services.carts import add_to_cart, remove_cart_line

MOST = 200


def saved_items(
    *, buyer_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[SavedItemInfo]:
    """The buyer's, the latest first, at today's prices."""
    rows = SavedItem.objects.filter(buyer_id=buyer_id)
    page = keyset(rows, order=("-id",), cursor=cursor, limit=limit)
    goods = goods_of([row.variant_id for row in page.items], buyer_id=buyer_id)

    def info(row: SavedItem) -> SavedItemInfo:
        known = row.variant_id in goods.offers
        cost = goods.price(row.variant_id, row.quantity) if known else None
        return SavedItemInfo(
            variant_id=row.variant_id,
            quantity=row.quantity,
            saved_at=row.saved_at,
            variant=goods.variants.get(row.variant_id),
            unit_price=cost.unit_price if cost else None,
            currency=goods.currency,
            problem=goods.problem(row.variant_id),
            price_list=cost.price_list if cost else None,
        )

    return page.map(info)


def save_item(*, buyer_id: UUID, variant_id: UUID, quantity: Decimal = Decimal(1)) -> None:
    """Keep a variant for later; kept already: with this quantity from now on. Raises
    UnknownVariant, InvalidQuantity, SavedFull."""
    variant = catalog.variants([variant_id]).get(variant_id)
    if variant is None:
        raise UnknownVariant(field="variant_id")
    if quantity_problem(quantity, variant.unit):
        raise InvalidQuantity(field="quantity")
    with locks.shelf(buyer_id):
        changed = SavedItem.objects.filter(buyer_id=buyer_id, variant_id=variant_id).update(
            quantity=quantity
        )
        if changed:
            return
        if SavedItem.objects.filter(buyer_id=buyer_id).count() >= MOST:
            raise SavedFull(limit=MOST)
        row = SavedItem(
            id=uuid7(), buyer_id=buyer_id, variant_id=variant_id, quantity=quantity,
            saved_at=clock.business(),
        )  # fmt: skip
        row.save(force_insert=True)


def forget_item(*, buyer_id: UUID, variant_id: UUID) -> None:
    """Keep it no longer; not kept: as it is."""
    SavedItem.objects.filter(buyer_id=buyer_id, variant_id=variant_id).delete()


def is_saved(*, buyer_id: UUID, variant_ids: list[UUID]) -> set[UUID]:
    """Those of the variants that the buyer keeps."""
    rows = SavedItem.objects.filter(buyer_id=buyer_id, variant_id__in=variant_ids)
    return set(rows.values_list("variant_id", flat=True))


def put_aside(*, cart_id: UUID, owner: CartOwner, variant_id: UUID) -> CartView:
    """A line of the cart goes to what is kept for later. Raises LineNotFound, SavedFull."""
    assert owner.buyer_id is not None
    with atomic():
        cart = locks.cart(cart_id, owner)
        line = next((one for one in stored_lines(cart) if one.variant_id == variant_id), None)
        quantity = line.quantity if line else Decimal(1)
        view = remove_cart_line(cart_id=cart_id, variant_id=variant_id, owner=owner)
        save_item(buyer_id=owner.buyer_id, variant_id=variant_id, quantity=quantity)
    return view


def take_up(*, cart_id: UUID, owner: CartOwner, variant_id: UUID) -> CartView:
    """What was kept for later goes into the cart. Raises as ``add_to_cart``."""
    assert owner.buyer_id is not None
    with atomic():
        row = SavedItem.objects.filter(buyer_id=owner.buyer_id, variant_id=variant_id).first()
        quantity = row.quantity if row else Decimal(1)
        view = add_to_cart(cart_id=cart_id, owner=owner, variant_id=variant_id, quantity=quantity)
        forget_item(buyer_id=owner.buyer_id, variant_id=variant_id)
    return view


def buy_again(*, cart_id: UUID, owner: CartOwner | None, order: OrderInfo) -> tuple[int, int]:
    """The order's goods into the cart at today's prices: how many lines were put in, how many
    aren't for sale any more. Lines that are in the cart already are left as they are.
    Raises NotPurchasable when none can be bought."""
    lines = order.lines
    with atomic():
        cart = locks.cart(cart_id, owner)
        there = {line.variant_id for line in stored_lines(cart)}
        goods = goods_of([line.variant_id for line in lines], buyer_id=cart.buyer_id)
        good = [line for line in lines if not goods.problem(line.variant_id)]
        if not good:
            raise NotPurchasable(lines=[])
        for line in good:
            if line.variant_id not in there:
                add_to_cart(
                    cart_id=cart_id,
                    owner=owner,
                    variant_id=line.variant_id,
                    quantity=min(line.quantity, HIGHEST),
                )
    return len(good), len(lines) - len(good)
