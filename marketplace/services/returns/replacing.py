"""The replacement of an exchange: held, given, sent, or given up for the money."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from inventory import facade as inventory
from kernel import audit, clock
from kernel.money import Money
from marketplace import events
from marketplace.contracts_returns import ReturnKind, ReturnState, Turned
from marketplace.errors import InvalidReturn, ReplacementMissing, WrongReturnState
from marketplace.models import Order, Return, ReturnLine
from marketplace.selectors.choices import choices_of
from marketplace.selectors.pieces import pieces_of
from marketplace.selectors.returns import computed, refundable
from marketplace.services.returns.moving import set_amounts, tell
from platforms import facade as platforms

# All times of an exchange together, after its approval, and what the last one may be late.
_TIMES = ("return_send_days", "return_receive_days", "exchange_ship_days")
_LATE = 30


def hold_key(return_id: UUID) -> UUID:
    """The reservation of an exchange's replacement."""
    return uuid5(return_id, "replacement")


def hold(row: Return) -> None:
    """Keep the replacement for the buyer until it is sent: what is there, under the stock's locks,
    like any buyer's. Held before: as it is. Raises ReplacementMissing."""
    days = sum(int(platforms.setting("marketplace", name)) for name in _TIMES) + _LATE
    lines = [
        inventory.StockLine(variant_id=one.variant_id, quantity=one.quantity)
        for one in ReturnLine.objects.filter(parent=row)
        if one.variant_id is not None
    ]
    try:
        inventory.reserve(
            key=hold_key(row.id),
            lines=lines,
            expires_at=clock.business() + timedelta(days=days),
            ahead=False,
        )
    except inventory.OutOfStock as error:
        raise ReplacementMissing(lines=error.params["lines"]) from error


def let_go(row: Return) -> None:
    """The replacement isn't sent: what was held for it is free again. What left stays away."""
    found = inventory.reservation_by_key(key=hold_key(row.id))
    if found is not None and found.state in ("held", "expired"):
        inventory.release_reservation(key=hold_key(row.id))


def give(order: Order, row: Return, variants: Mapping[UUID, UUID]) -> None:
    """Write down which variants the merchant gives, by the exchange's lines: others than wished, if
    they cost no less. The stock decides whether they are there. Raises InvalidReturn."""
    lines = {one.id: one for one in ReturnLine.objects.filter(parent=row)}
    pieces = {one.id: one for one in pieces_of(order, ReturnKind.EXCHANGE)}
    for place, (line_id, variant_id) in enumerate(variants.items()):
        here, line = f"lines.{place}", lines.get(line_id)
        if line is None:
            raise InvalidReturn(_("The exchange has no such line."), field=f"{here}.line")
        if variant_id == line.variant_id:
            continue
        piece = pieces[line.of_id or line.line_id]
        offered = choices_of(order=order, pieces=[piece])[piece.id]
        one = next((c for c in offered if c.variant_id == variant_id), None)
        if one is None or not one.enough:
            raise InvalidReturn(
                _("Choose a variant of the same product that costs no less."),
                field=f"{here}.variant_id",
            )
        line.variant_id, line.sku = one.variant_id, one.sku
        line.titles, line.weight_grams = dict(one.titles), one.weight_grams
        line.save(update_fields=["variant_id", "sku", "titles", "weight_grams"])


def put_back(row: Return) -> None:
    """What came back is on sale again, where it was taken from: what was bought by the purchase,
    what an exchange brought by that exchange. Told again: as it is. Raises RestockRefused."""
    bought: list[inventory.StockLine] = []
    brought: dict[UUID, list[inventory.StockLine]] = {}
    for one in ReturnLine.objects.filter(parent=row).select_related("line", "of"):
        goods = one.of or one.line
        line = inventory.StockLine(variant_id=goods.variant_id, quantity=one.quantity)
        if one.of is None:
            bought.append(line)
        else:
            brought.setdefault(one.of.parent_id, []).append(line)
    if bought:
        inventory.restock(
            key=row.id,
            lines=bought,
            reason="order_returned",
            reservation=row.order.group_id,
            sent=True,
        )
    for before, lines in sorted(brought.items()):
        inventory.restock(
            key=uuid5(row.id, str(before)),
            lines=lines,
            reason="order_returned",
            reservation=hold_key(before),
        )


def turn(order: Order, row: Return, why: Turned) -> None:
    """The exchange becomes a return for a refund, in whatever state it is; what was held for it is
    free. With the goods here it is counted now what goes back. The caller has the locks; a move
    comes before."""
    let_go(row)
    row.kind, row.turned = ReturnKind.REFUND, why
    if row.state == ReturnState.RECEIVED:
        count(order, row)
    row.save()
    audit.record(
        action="marketplace.return.turned",
        target=row,
        before={"kind": str(ReturnKind.EXCHANGE)},
        after={"kind": str(row.kind), "turned": str(why)},
    )
    tell(row, events.ReturnTurned, reason=str(why))


def count(order: Order, row: Return) -> Money:
    """What goes back, for good, under the order's lock; the caller saves the return."""
    lines = {one.of_id or one.line_id: one for one in ReturnLine.objects.filter(parent=row)}
    wanted = {piece: one.quantity for piece, one in lines.items()}
    found = computed(order, wanted, row.cause, {piece: one.line_id for piece, one in lines.items()})
    set_amounts(row, lines, found, most=refundable(order))
    ReturnLine.objects.bulk_update(lines.values(), ["refund"])
    return Money(row.refund_total, row.currency)


def need_exchange(row: Return) -> None:
    """Raises WrongReturnState for what is for a refund."""
    if row.kind != ReturnKind.EXCHANGE:
        raise WrongReturnState(
            _("The return %(number)s is for a refund, not an exchange.") % {"number": row.number},
            state=str(row.state),
            allowed=[],
        )
