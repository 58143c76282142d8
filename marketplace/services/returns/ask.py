"""A buyer asks for a return or an exchange."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import audit, clock, personal
from kernel.ids import uuid7
from kernel.money import Money
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_returns import (
    Cause,
    Choice,
    Piece,
    ReturnInfo,
    ReturnKind,
    ReturnPictureIn,
    ReturnPreview,
)
from marketplace.domain.quantities import plain_quantity, quantity_problem
from marketplace.errors import (
    InvalidPicture,
    InvalidReturn,
    OrderNotFound,
    PriceDiffers,
    ReturnTooLate,
)
from marketplace.models import ORDERS, Order, Return, ReturnLine, ReturnPicture
from marketplace.selectors.choices import choices_of
from marketplace.selectors.pieces import pieces_of
from marketplace.selectors.returns import (
    computed,
    preview_of,
    problem_of,
    refundable,
    return_info,
)
from marketplace.services.days import days_from_now
from marketplace.services.returns.moving import WORDS, set_amounts, tell

EXCHANGE = ReturnKind.EXCHANGE
LARGEST = 5 * 1024 * 1024
MOST_PICTURES = 6
_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def preview_return(
    *, order_id: UUID, lines: Mapping[UUID, Decimal], cause: str = Cause.NO_REASON
) -> ReturnPreview:
    """What would go back for so much of these pieces. Raises as ``request_return``."""
    order = ORDERS.one("id = %s", [order_id])
    if order is None:
        raise OrderNotFound
    pieces = _wanted(order, lines, cause, ReturnKind.REFUND)
    return preview_of(order, lines, cause, {one.id: one.line_id for one in pieces})


def request_return(
    *,
    key: UUID,
    order_id: UUID,
    lines: Mapping[UUID, Decimal],
    cause: str,
    text: str = "",
    pictures: Sequence[ReturnPictureIn] = (),
    kind: str = ReturnKind.REFUND,
    wishes: Mapping[UUID, UUID] | None = None,
) -> ReturnInfo:
    """Ask to send back so much of these pieces (ids of the order's lines, or of the lines of
    exchanges that replaced them) that were delivered: for the money, or for an exchange with the
    variants that ``wishes`` names by piece (the same one where it doesn't).

    The same ``key`` again is the same return. Raises OrderNotFound, NotReturnable, NotExchangeable,
    ReturnTooLate, NothingLeftToReturn, ReturnDisputed, InvalidReturn, PriceDiffers, InvalidPicture.
    """
    shown = _checked(pictures)
    if len(text) > WORDS:
        raise InvalidReturn(_("At most %(n)s characters.") % {"n": WORDS}, field="text")
    with atomic():
        order = locks.order(order_id)
        known = Return.objects.filter(key=key, order_id=order_id).first()
        if known is not None:
            return return_info(known)
        pieces = _wanted(order, lines, cause, kind)
        choices = _wished(order, pieces, lines, wishes or {}) if kind == EXCHANGE else {}
        row = _made(key, order, cause, text.strip(), kind)
        rows = {one.id: _line(row, one, lines[one.id], choices.get(one.id)) for one in pieces}
        found = computed(order, lines, cause, {one.id: one.line_id for one in pieces})
        set_amounts(row, rows, found, most=refundable(order))
        row.save(force_insert=True)
        ReturnLine.objects.bulk_create(rows.values())
        for type_, one in shown:
            _keep(row, type_, one)
        audit.record(
            action="marketplace.return.requested",
            target=row,
            after={
                "order_id": order.id,
                "kind": kind,
                "cause": cause,
                "lines": {str(piece): str(quantity) for piece, quantity in lines.items()},
                "refund": Money(row.refund_total, row.currency),
            },
        )
        tell(row, events.ReturnRequested, cause=str(row.cause))
        return return_info(row)


def _made(key: UUID, order: Order, cause: str, text: str, kind: str) -> Return:
    count = Return.objects.filter(order_id=order.id).count()
    return Return(
        id=uuid7(),
        kind=ReturnKind(kind),
        key=key,
        order=order,
        number=f"{order.number}-R{count + 1}",
        merchant_id=order.merchant_id,
        buyer_id=order.buyer_id,
        currency=order.currency,
        cause=Cause(cause),
        text=text,
        requested_at=clock.business(),
        answer_by=days_from_now("return_answer_days"),
    )


def _line(row: Return, piece: Piece, quantity: Decimal, wish: Choice | None) -> ReturnLine:
    line = ReturnLine(
        id=uuid7(),
        parent=row,
        line_id=piece.line_id,
        of_id=piece.id if piece.replaced else None,
        quantity=quantity,
    )
    if wish is not None:
        line.wished = line.variant_id = wish.variant_id
        line.sku, line.titles = wish.sku, dict(wish.titles)
        line.weight_grams = wish.weight_grams
    return line


def _wanted(order: Order, lines: Mapping[UUID, Decimal], cause: str, kind: str) -> list[Piece]:
    """The pieces asked for, checked against what is left of each."""
    pieces = pieces_of(order, kind)
    problem = problem_of(order, pieces, kind)
    if problem is not None:
        raise problem
    if cause not in Cause.values:
        raise InvalidReturn(_("One of %(all)s.") % {"all": ", ".join(Cause.values)}, field="cause")
    if not lines:
        raise InvalidReturn(_("Name at least one line."), field="lines")
    known = {one.id: one for one in pieces}
    for place, (piece_id, quantity) in enumerate(lines.items()):
        _check(known.get(piece_id), quantity, f"lines.{place}")
    return [known[piece_id] for piece_id in lines]


def _check(piece: Piece | None, quantity: Decimal, here: str) -> None:
    if piece is None:
        raise InvalidReturn(_("The order has no such line."), field=f"{here}.line")
    if quantity_problem(quantity, piece.unit) or quantity > piece.left:
        raise InvalidReturn(
            _("More than nothing and at most %(left)s; whole numbers where goods are counted.")
            % {"left": plain_quantity(piece.left)},
            field=f"{here}.quantity",
            left=format(plain_quantity(piece.left), "f"),
        )
    if piece.until is None or clock.business() >= piece.until:
        raise ReturnTooLate(return_until=piece.until)


def _wished(
    order: Order,
    pieces: Sequence[Piece],
    lines: Mapping[UUID, Decimal],
    wishes: Mapping[UUID, UUID],
) -> dict[UUID, Choice]:
    """What each piece is to be exchanged for: of the same product, at the same price, and there."""
    choices = choices_of(order=order, pieces=pieces)
    found: dict[UUID, Choice] = {}
    for place, piece in enumerate(pieces):
        here = f"lines.{place}.replacement"
        wish = wishes.get(piece.id, piece.variant_id)
        one = next((c for c in choices[piece.id] if c.variant_id == wish), None)
        if one is None:
            raise InvalidReturn(_("Choose a variant of the same product."), field=here)
        if not one.fits:
            raise PriceDiffers(
                _("It costs something else than what you have. Choose one at the same price."),
                field=here,
            )
        if one.there < lines[piece.id]:
            raise InvalidReturn(
                _("Only %(n)s of it are there. Choose another variant, or return the goods.")
                % {"n": plain_quantity(one.there)},
                field=here,
            )
        found[piece.id] = one
    return found


def _checked(pictures: Sequence[ReturnPictureIn]) -> list[tuple[str, ReturnPictureIn]]:
    if len(pictures) > MOST_PICTURES:
        raise InvalidPicture(_("At most %(n)s.") % {"n": MOST_PICTURES}, field="pictures")
    return [(_kind(one.data, f"pictures.{n}"), one) for n, one in enumerate(pictures)]


def _kind(data: bytes, here: str) -> str:
    if len(data) > LARGEST:
        raise InvalidPicture(_("At most 5 MB."), field=here)
    for start, kind in _KINDS:
        if data.startswith(start):
            return kind
    raise InvalidPicture(_("It is no PNG or JPEG."), field=here)


def _keep(row: Return, kind: str, one: ReturnPictureIn) -> None:
    ReturnPicture(
        id=uuid7(),
        parent=row,
        name=_plain(one.name),
        type=kind,
        size=len(one.data),
        sha256=hashlib.sha256(one.data).hexdigest(),
        sealed=personal.seal_data(row.id, one.data),
        created_at=clock.system(),
    ).save(force_insert=True)


def _plain(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-100:] or "picture"
