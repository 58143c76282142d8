"""What pieces of an order can be exchanged for: variants of the same product."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.errors import NotFound
from marketplace.contracts import OfferInfo
from marketplace.contracts_returns import Choice, Piece, ReturnKind
from marketplace.domain.exchanges import Given, costs_no_less, costs_the_same
from marketplace.errors import OrderNotFound, ReturnNotFound
from marketplace.models import LINES, ORDERS, Order, Return, ReturnLine
from marketplace.selectors.offers import prices
from marketplace.selectors.pieces import pieces_of


def choices_of(*, order: Order, pieces: Iterable[Piece]) -> dict[UUID, tuple[Choice, ...]]:
    """What each piece can be exchanged for, by its id: the same variant first, also where it isn't
    for sale any more. Empty for what the catalogue doesn't know."""
    found = list(pieces)
    ordered = {line.id: line.unit_price for line in LINES.all("order_id = %s", [order.id])}
    own = catalog.variants(piece.variant_id for piece in found)
    siblings = _siblings({one.product_id for one in own.values()})
    known = catalog.variants(v for group in siblings.values() for v in group) | own
    costs = prices(known)
    stock = inventory.sellable(known)
    there = {variant: one.now for variant, one in stock.items()}
    choices: dict[UUID, tuple[Choice, ...]] = {}
    for piece in found:
        mine = own.get(piece.variant_id)
        given = Given(ordered[piece.line_id], _cost(costs.get(piece.variant_id), order.currency))
        group = siblings.get(mine.product_id, ()) if mine else ()
        names = [piece.variant_id, *(v for v in group if v != piece.variant_id)]
        choices[piece.id] = tuple(
            _choice(piece, known[v], _cost(costs.get(v), order.currency), there, given)
            for v in names
            if v in known and known[v].unit == piece.unit
        )
    return choices


def choices_for_order(*, order_id: UUID) -> dict[UUID, tuple[Choice, ...]]:
    """What each piece of an order can be exchanged for. Raises OrderNotFound."""
    order = ORDERS.one("id = %s", [order_id])
    if order is None:
        raise OrderNotFound
    return choices_of(order=order, pieces=pieces_of(order, ReturnKind.EXCHANGE))


def choices_for_return(*, return_id: UUID) -> dict[UUID, tuple[Choice, ...]]:
    """What a merchant may give for each line of an exchange, by the line. Raises ReturnNotFound."""
    row = Return.objects.filter(id=return_id).first()
    order = ORDERS.one("id = %s", [row.order_id]) if row else None
    if row is None or order is None:
        raise ReturnNotFound
    pieces = {one.id: one for one in pieces_of(order, ReturnKind.EXCHANGE)}
    lines = {
        one.id: pieces[one.of_id or one.line_id] for one in ReturnLine.objects.filter(parent=row)
    }
    found = choices_of(order=order, pieces=lines.values())
    return {
        line: tuple(one for one in found[piece.id] if one.enough) for line, piece in lines.items()
    }


def _siblings(product_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The variants of these products that are active, in their order."""
    found: dict[UUID, tuple[UUID, ...]] = {}
    for product_id in sorted(product_ids):
        try:
            records = catalog.product(product_id).variants
        except NotFound:
            continue
        found[product_id] = tuple(one.id for one in records if one.active)
    return found


def _cost(offer: OfferInfo | None, currency: str) -> Decimal | None:
    if offer is None or not offer.purchasable or offer.currency != currency:
        return None
    return offer.unit_price


def _choice(
    piece: Piece,
    variant: catalog.VariantInfo,
    price: Decimal | None,
    there: Mapping[UUID, Decimal],
    given: Given,
) -> Choice:
    same = variant.id == piece.variant_id
    return Choice(
        variant_id=variant.id,
        sku=variant.sku,
        titles=named(variant),
        unit=variant.unit,
        there=max(Decimal(0), there.get(variant.id, Decimal(0))),
        weight_grams=variant.weight_grams,
        price=price,
        same=same,
        fits=same or costs_the_same(price, given),
        enough=same or costs_no_less(price, given),
    )


def named(variant: catalog.VariantInfo) -> dict[str, str]:
    """The product's title with the variant's options, in each language."""
    found = {}
    for tag, title in variant.title.items():
        options = variant.option_text(tag)
        found[tag] = f"{title} · {options}" if options else title
    return found
