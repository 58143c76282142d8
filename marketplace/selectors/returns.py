"""Reads of returns: what may be returned of an order, what would go back, what was asked for."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from kernel import clock, personal
from kernel.ids import public_id
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from marketplace.contracts_returns import (
    COUNTED,
    FAULTS,
    Piece,
    Replacement,
    Returnable,
    ReturnInfo,
    ReturnKind,
    ReturnLineInfo,
    ReturnPictureInfo,
    ReturnPreview,
    ReturnState,
)
from marketplace.domain.returns import Amounts, Bought, amounts, divided
from marketplace.errors import (
    NotExchangeable,
    NothingLeftToReturn,
    NotReturnable,
    OrderNotFound,
    ReturnDisputed,
    ReturnNotFound,
    ReturnTooLate,
)
from marketplace.models import LINES, ORDERS, Order, OrderLine, Return, ReturnLine, ReturnPicture
from marketplace.selectors.pieces import (
    at_hand,
    pieces_by_kind,
    pieces_of,
    returned_of,
)
from payments import facade as payments
from platforms import facade as platforms

_OF_RETURN = re.compile(r"-R\d+$")  # an order's own number may hold -R too, before its end


def paid_of(line: OrderLine) -> int:
    """What the buyer paid for a line, in minor units."""
    return line.total - line.discount_total


def problem_of(order: Order, pieces: Collection[Piece], kind: str) -> NotReturnable | None:
    """Why nothing of the order can go back now; None when something can."""
    ends = [one.until for one in pieces if one.until is not None]
    if not ends:
        return (
            NotExchangeable(state=str(order.state))
            if _exchange(kind)
            else NotReturnable(state=str(order.state))
        )
    until, now = max(ends), clock.business()
    if now >= until:
        return ReturnTooLate(return_until=until)
    if not at_hand(pieces, now):
        return NothingLeftToReturn()
    if _disputed(order):
        return ReturnDisputed()
    return None


def _disputed(order: Order) -> bool:
    """Whether a complaint is open, or gave money back that its return hasn't followed yet."""
    found = payments.disputes_of(reference=public_id("ord", order.id))
    if any(one.open for one in found):
        return True
    paid = [one.id for one in found if one.refunded]
    open_ = (ReturnState.REJECTED, ReturnState.RESENT)
    return bool(paid) and Return.objects.filter(dispute_id__in=paid, state__in=open_).exists()


def _exchange(kind: str) -> bool:
    return kind == ReturnKind.EXCHANGE


def returnable(*, order_id: UUID, kind: str = ReturnKind.REFUND) -> Returnable:
    """What may be returned, or exchanged, of an order. Raises OrderNotFound."""
    order = ORDERS.one("id = %s", [order_id])
    if order is None:
        raise OrderNotFound
    return _returnable(order, pieces_of(order, kind), kind)


def ways_back(*, order_id: UUID) -> tuple[Returnable, Returnable]:
    """What may be returned of an order, and what may be exchanged. Raises OrderNotFound."""
    order = ORDERS.one("id = %s", [order_id])
    if order is None:
        raise OrderNotFound
    refund, exchange = ReturnKind.REFUND, ReturnKind.EXCHANGE
    pieces = pieces_by_kind(order, (refund, exchange))
    return (
        _returnable(order, pieces[refund], refund),
        _returnable(order, pieces[exchange], exchange),
    )


def _returnable(order: Order, pieces: list[Piece], kind: str) -> Returnable:
    problem = problem_of(order, pieces, kind)
    ends = [one.until for one in pieces if one.until is not None]
    return Returnable(
        until=max(ends) if ends else None,
        left={one.id: one.left for one in pieces},
        problem=problem.code if problem else "",
        pieces=tuple(pieces),
    )


def computed(
    order: Order, wanted: Mapping[UUID, Decimal], cause: str, lines_of: Mapping[UUID, UUID]
) -> Amounts:
    """What goes back for so much of the order's pieces (``lines_of``: to which line each belongs),
    after what cancellations and returns gave back before. For a line counts how much of it was
    given back, not which of its pieces."""
    counted = returned_of(order.id, COUNTED)
    lines = {
        line.id: Bought(
            paid_of(line),
            line.quantity,
            line.cancelled + counted.get(line.id, Decimal(0)),
            line.platform_discount,
        )
        for line in LINES.all("order_id = %s ORDER BY position", [order.id])
    }
    of_line: dict[UUID, dict[object, Decimal]] = {}
    for piece, quantity in wanted.items():
        of_line.setdefault(lines_of[piece], {})[piece] = quantity
    found = amounts(
        lines,
        {line: sum(pieces.values(), Decimal(0)) for line, pieces in of_line.items()},
        shipping_left=shipping_left(order),
        fault=cause in FAULTS,
        rule=str(platforms.setting("marketplace", "return_shipping")),
    )
    parts: dict[object, int] = {}
    for line, pieces in of_line.items():
        parts |= divided(lines[line], pieces)
    return replace(found, lines=parts)


def shipping_left(order: Order) -> int:
    """What returns haven't given back of the order's delivery."""
    before = Return.objects.filter(order_id=order.id, state__in=COUNTED, kind=ReturnKind.REFUND)
    back = sum(before.values_list("shipping_refund", flat=True))
    return max(0, order.shipping_total - back)


def refundable(order: Order) -> tuple[int, int]:
    """What is left of the order's payment to give back, and of the platform's part, in minor
    units."""
    held = payments.escrow_for(reference=public_id("ord", order.id), merchant_id=order.merchant_id)
    if held is None:
        return 0, 0
    return held.amount.amount - held.refunded.amount, held.subsidy.amount


def preview_of(
    order: Order, wanted: Mapping[UUID, Decimal], cause: str, lines_of: Mapping[UUID, UUID]
) -> ReturnPreview:
    """``computed`` as contract, at most what is left of the payment."""
    found = computed(order, wanted, cause, lines_of)
    return ReturnPreview(
        {piece: Money(found.lines[piece], order.currency) for piece in wanted},
        Money(found.shipping, order.currency),
        Money(min(found.total, refundable(order)[0]), order.currency),
    )


def order_return(*, return_id: UUID) -> ReturnInfo:
    """One return with its pictures' names. Raises ReturnNotFound."""
    row = Return.objects.filter(id=return_id).first()
    if row is None:
        raise ReturnNotFound
    return return_info(row)


def returns_of(*, order_id: UUID) -> list[ReturnInfo]:
    """An order's returns, the latest first."""
    return _infos(Return.objects.filter(order_id=order_id).order_by("-id"))


def returns_page(
    *,
    merchant_id: UUID | None = None,
    buyer_id: UUID | None = None,
    order_id: UUID | None = None,
    state: str | None = None,
    kind: str | None = None,
    number: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ReturnInfo]:
    """A merchant's, a buyer's, an order's, or all of the platform. ``number`` is a return's, or
    that of its order."""
    wanted = {
        "merchant_id": merchant_id,
        "buyer_id": buyer_id,
        "order_id": order_id,
        "state": state,
        "kind": kind,
        "updated_at__gte": updated_since,
    }
    rows = Return.objects.filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    if number:
        rows = rows.filter(order__number=_OF_RETURN.sub("", number))
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    return PageOf(_infos(page.items), page.has_more, page.next_cursor)


def picture_of(*, return_id: UUID, picture_id: UUID) -> tuple[str, str, bytes]:
    """(name, type, content) of a picture. Raises ReturnNotFound, also once it was erased."""
    row = ReturnPicture.objects.filter(id=picture_id, parent_id=return_id).first()
    content = personal.open_data(return_id, bytes(row.sealed)) if row else None
    if row is None or content is None:
        raise ReturnNotFound
    return row.name, row.type, content


def overdue(state: str, column: str, *, limit: int, kind: str | None = None) -> list[UUID]:
    """Returns in ``state`` whose time in ``column`` has passed, on the business clock."""
    rows = Return.objects.filter(state=state, **{f"{column}__lte": clock.business()})
    if kind is not None:
        rows = rows.filter(kind=kind)
    return list(rows.order_by(column).values_list("id", flat=True)[:limit])


def returns_to_do(*, merchant_id: UUID, limit: int) -> list[ReturnInfo]:
    """What waits for the merchant: an answer, to be received, to be replaced; the oldest first."""
    waits = Q(state__in=(ReturnState.REQUESTED, ReturnState.SENT))
    waits |= Q(state=ReturnState.RECEIVED, kind=ReturnKind.EXCHANGE)
    rows = Return.objects.filter(waits, merchant_id=merchant_id)
    return _infos(rows.order_by("id")[:limit])


def unfinished_refunds(*, limit: int, after: UUID | None = None) -> list[UUID]:
    """Exchanges that became returns with the goods here, of which the refund isn't through, by
    id."""
    rows = Return.objects.filter(state=ReturnState.RECEIVED, kind=ReturnKind.REFUND)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.exclude(turned="").order_by("id").values_list("id", flat=True)[:limit])


def return_info(row: Return) -> ReturnInfo:
    """The contract of a row."""
    return _infos([row])[0]


def _infos(rows: Iterable[Return]) -> list[ReturnInfo]:
    found = list(rows)
    ids = [row.id for row in found]
    orders = {
        order.id: order
        for order in ORDERS.all("id = ANY(%s)", [list({row.order_id for row in found})])
    }
    lines: dict[UUID, list[ReturnLine]] = {}
    for line in ReturnLine.objects.filter(parent_id__in=ids).select_related("line", "of"):
        lines.setdefault(line.parent_id, []).append(line)
    pictures: dict[UUID, list[ReturnPicture]] = {}
    for one in ReturnPicture.objects.filter(parent_id__in=ids).defer("sealed").order_by("id"):
        pictures.setdefault(one.parent_id, []).append(one)
    return [
        _info(row, orders[row.order_id], lines.get(row.id, []), pictures.get(row.id, []))
        for row in found
    ]


_PLAIN = (
    "id", "order_id", "number", "kind", "turned", "merchant_id", "buyer_id", "cause", "text",
    "answer", "send_to", "carrier", "waybill", "restocked", "refund_id", "dispute_id",
    "requested_at", "answer_by", "answered_at", "send_by", "sent_at", "receive_by", "received_at",
    "ship_by", "shipment_id", "resent_waybill", "resent_at", "arrived_at", "confirm_by",
    "closed_at", "version", "created_at", "updated_at",
)  # fmt: skip


def _info(
    row: Return, order: Order, lines: list[ReturnLine], pictures: list[ReturnPicture]
) -> ReturnInfo:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    return ReturnInfo(
        **values,
        state=str(row.state),
        handing=row.ship_key is not None and row.state == ReturnState.RECEIVED,
        group_id=order.group_id,
        lines=tuple(
            _line(one, row.currency)
            for one in sorted(lines, key=lambda one: (one.line.position, one.id))
        ),
        shipping_refund=Money(row.shipping_refund, row.currency),
        refund=Money(row.refund_total, row.currency),
        platform_back=Money(row.platform_back, row.currency),
        pictures=tuple(
            ReturnPictureInfo(one.id, one.name, one.type, one.size, one.sha256) for one in pictures
        ),
    )


def _line(row: ReturnLine, currency: str) -> ReturnLineInfo:
    """The line, with the article that goes back: of an exchange's, what it brought."""
    goods = row.of or row.line
    given = None
    if row.variant_id is not None:
        changed = row.wished != row.variant_id
        given = Replacement(row.variant_id, row.sku, row.titles, row.weight_grams, changed)
    return ReturnLineInfo(
        id=row.id,
        line_id=row.line_id,
        of=row.of_id,
        variant_id=goods.variant_id,
        sku=goods.sku,
        titles=goods.titles,
        unit=row.line.unit,
        quantity=row.quantity,
        refund=Money(row.refund, currency),
        replacement=given,
    )
