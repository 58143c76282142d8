"""A buyer asks for a return."""

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
from marketplace.contracts_returns import Cause, ReturnInfo, ReturnPictureIn, ReturnPreview
from marketplace.domain.quantities import plain_quantity, quantity_problem
from marketplace.errors import InvalidPicture, InvalidReturn, OrderNotFound
from marketplace.models import LINES, ORDERS, Order, OrderLine, Return, ReturnLine, ReturnPicture
from marketplace.selectors.returns import (
    computed,
    left_of,
    preview_of,
    problem_of,
    refundable,
    return_info,
)
from marketplace.services.returns.moving import WORDS, days_from_now, set_amounts, tell

LARGEST = 5 * 1024 * 1024
MOST_PICTURES = 6
_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


def preview_return(
    *, order_id: UUID, lines: Mapping[UUID, Decimal], cause: str = Cause.NO_REASON
) -> ReturnPreview:
    """What would go back for so much of these lines. Raises as ``request_return``."""
    order = ORDERS.one("id = %s", [order_id])
    if order is None:
        raise OrderNotFound
    wanted = _wanted(order, lines, cause)
    return preview_of(order, wanted, cause)


def request_return(
    *,
    key: UUID,
    order_id: UUID,
    lines: Mapping[UUID, Decimal],
    cause: str,
    text: str = "",
    pictures: Sequence[ReturnPictureIn] = (),
) -> ReturnInfo:
    """Ask to send back so much of these lines (ids of the order's lines) of a delivered order.

    The same ``key`` again is the same return. Raises OrderNotFound, NotReturnable, ReturnTooLate,
    NothingLeftToReturn, ReturnDisputed, InvalidReturn, InvalidPicture.
    """
    shown = _checked(pictures)
    if len(text) > WORDS:
        raise InvalidReturn(_("At most %(n)s characters.") % {"n": WORDS}, field="text")
    with atomic():
        order = locks.order(order_id)
        known = Return.objects.filter(key=key, order_id=order_id).first()
        if known is not None:
            return return_info(known)
        wanted = _wanted(order, lines, cause)
        row = _made(key, order, cause, text.strip())
        rows = {
            line_id: ReturnLine(parent=row, line_id=line_id, quantity=quantity)
            for line_id, quantity in wanted.items()
        }
        set_amounts(row, rows, computed(order, wanted, cause), most=refundable(order))
        row.save(force_insert=True)
        ReturnLine.objects.bulk_create(rows.values())
        for kind, one in shown:
            _keep(row, kind, one)
        audit.record(
            action="marketplace.return.requested",
            target=row,
            after={
                "order_id": order.id,
                "cause": cause,
                "lines": {str(line): str(quantity) for line, quantity in wanted.items()},
                "refund": Money(row.refund_total, row.currency),
            },
        )
        tell(row, events.ReturnRequested, cause=str(row.cause))
        return return_info(row)


def _made(key: UUID, order: Order, cause: str, text: str) -> Return:
    count = Return.objects.filter(order_id=order.id).count()
    return Return(
        id=uuid7(),
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


def _wanted(order: Order, lines: Mapping[UUID, Decimal], cause: str) -> dict[UUID, Decimal]:
    """The lines and quantities, checked against what is left."""
    left = left_of(order.id)
    problem = problem_of(order, left)
    if problem is not None:
        raise problem
    if cause not in Cause.values:
        raise InvalidReturn(_("One of %(all)s.") % {"all": ", ".join(Cause.values)}, field="cause")
    if not lines:
        raise InvalidReturn(_("Name at least one line."), field="lines")
    rows = {line.id: line for line in LINES.all("order_id = %s", [order.id])}
    for place, (line_id, quantity) in enumerate(lines.items()):
        _check(rows.get(line_id), quantity, left.get(line_id, Decimal(0)), f"lines.{place}")
    return dict(lines)


def _check(line: OrderLine | None, quantity: Decimal, left: Decimal, here: str) -> None:
    if line is None:
        raise InvalidReturn(_("The order has no such line."), field=f"{here}.line")
    if quantity_problem(quantity, line.unit) or quantity > left:
        raise InvalidReturn(
            _("More than nothing and at most %(left)s; whole numbers where goods are counted.")
            % {"left": plain_quantity(left)},
            field=f"{here}.quantity",
            left=format(plain_quantity(left), "f"),
        )


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
