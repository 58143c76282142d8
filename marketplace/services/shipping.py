"""An order goes out, in one parcel or in several, and arrives. Each may be repeated without harm.

What is in which parcel is counted under the order's lock, and the order's state follows from its
parcels: so two can't hold the same goods, and what is sent can't be cancelled."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from kernel import audit, clock, outbox
from kernel.ids import uuid7
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts import OrderInfo
from marketplace.contracts_parcels import ParcelState
from marketplace.domain.quantities import plain_quantity, quantity_problem
from marketplace.errors import GoodsAwaited, InvalidParcel, NothingToShip
from marketplace.models import LINES, Order, OrderLine, Parcel, ParcelLine
from marketplace.selectors.orders import group_details, info_of
from marketplace.selectors.parcels import SENDABLE, sendable, unclaimed, unsent
from marketplace.services.cancelling.moving import lapse_requests
from marketplace.services.order_moving import move, named, wrong
from platforms import facade as platforms

State = Order.State
AFTER_DELIVERY = frozenset({State.DELIVERED, State.COMPLETED})
AFTER_SHIPPING = frozenset({State.SHIPPED}) | AFTER_DELIVERY
MOST = 100  # parcels of an order, those that no carrier took among them


def begin_ship(
    *, order_id: UUID, key: UUID | None = None, lines: Mapping[UUID, Decimal] | None = None
) -> OrderInfo:
    """Claim so much of these lines (ids of the order's lines; None: all that is left) for a
    parcel, so that it can neither be cancelled nor be put into another one meanwhile.

    The same ``key`` again is the same parcel; without one, the parcel that is being handed over.
    Answers with lines, contact and address. Raises OrderState, OrderNotFound, NothingToShip,
    GoodsAwaited, InvalidParcel.
    """
    with atomic():
        order = locks.order(order_id)
        if not _known(order_id, key):
            _claim(order, key or uuid7(), lines)
        return info_of(order, _lines(order_id), **group_details(order.group_id))


def _lines(order_id: UUID) -> list[OrderLine]:
    return LINES.all("order_id = %s ORDER BY position", [order_id])


def _known(order_id: UUID, key: UUID | None) -> list[Parcel]:
    """The parcel of a key; without one, those that are being handed over."""
    rows = Parcel.objects.filter(order_id=order_id).order_by("id")
    return list(rows.filter(key=key) if key else rows.filter(state=ParcelState.BOOKING))


def _claim(order: Order, key: UUID, lines: Mapping[UUID, Decimal] | None) -> Parcel:
    if order.state not in SENDABLE:
        raise wrong(order)
    rows = _lines(order.id)
    left = sendable(order, rows)
    if not any(left.values()):
        if any(unclaimed(rows).values()):
            raise GoodsAwaited
        raise NothingToShip(state=str(order.state))
    wanted = {one: n for one, n in left.items() if n} if lines is None else dict(lines)
    _check(rows, left, wanted)
    count = Parcel.objects.filter(order_id=order.id).count()
    if count >= MOST:
        raise InvalidParcel(_("At most %(n)s parcels.") % {"n": MOST}, field="lines")
    parcel = Parcel(
        id=uuid7(),
        key=key,
        order=order,
        number=f"{order.number}-P{count + 1}",
        begun_at=clock.business(),
    )
    parcel.save(force_insert=True)
    ParcelLine.objects.bulk_create(
        ParcelLine(parent=parcel, line_id=line_id, quantity=quantity)
        for line_id, quantity in wanted.items()
    )
    audit.record(
        action="marketplace.parcel.begun",
        target=parcel,
        after={
            "order_id": order.id,
            "lines": {str(line): str(quantity) for line, quantity in wanted.items()},
        },
    )
    if order.state != State.SHIPPING:
        move(order, State.SHIPPING, "marketplace.order.shipping")
        order.save()
    return parcel


def _check(
    rows: Iterable[OrderLine], left: Mapping[UUID, Decimal], wanted: Mapping[UUID, Decimal]
) -> None:
    """That so much of the lines is left to be sent."""
    if not wanted:
        raise InvalidParcel(_("Name at least one line."), field="lines")
    units = {line.id: line.unit for line in rows}
    for place, (line_id, quantity) in enumerate(wanted.items()):
        here = f"lines.{place}"
        if line_id not in units:
            raise InvalidParcel(_("The order has no such line."), field=f"{here}.line")
        if quantity_problem(quantity, units[line_id]) or quantity > left[line_id]:
            most = plain_quantity(left[line_id])
            raise InvalidParcel(
                _("More than nothing and at most %(left)s; whole numbers where goods are counted.")
                % {"left": most},
                field=f"{here}.quantity",
                left=format(most, "f"),
            )


def hold_order(*, order_id: UUID) -> None:
    """Hold the order until the caller's transaction ends: its lock comes before its shipments',
    whoever goes first. Raises OrderNotFound."""
    locks.order(order_id)


def end_ship(*, order_id: UUID, key: UUID | None = None) -> OrderInfo:
    """No carrier took the parcel: its goods are left, to be sent anew or cancelled."""
    with atomic():
        order = locks.order(order_id)
        for parcel in _known(order_id, key):
            if parcel.state == ParcelState.BOOKING:
                parcel.move(ParcelState.DROPPED, action="marketplace.parcel.dropped")
                parcel.save()
        if order.state == State.SHIPPING:
            follow(order)
        return info_of(order)


def mark_shipped(
    *,
    order_id: UUID,
    key: UUID | None = None,
    shipment_id: UUID | None = None,
    waybill: str = "",
) -> OrderInfo:
    """The carrier has the parcel of ``key``, or a waybill for it; without a key the one that is
    being handed over. None was begun: all that is left is sent. Raises OrderState."""
    with atomic():
        order = locks.order(order_id)
        known = _known(order_id, key)
        if not known and order.state not in AFTER_SHIPPING:
            known = [_claim(order, key or uuid7(), None)]
        for parcel in known:
            if parcel.state == ParcelState.BOOKING:
                _send(order, parcel, shipment_id, waybill)
        return info_of(order)


def _send(order: Order, parcel: Parcel, shipment_id: UUID | None, waybill: str) -> None:
    parcel.move(ParcelState.SENT, action="marketplace.parcel.sent")
    parcel.shipment_id, parcel.waybill = shipment_id, waybill
    parcel.sent_at = clock.business()
    parcel.save()
    for line_id, quantity in _in(parcel):
        OrderLine.objects.filter(id=line_id).update(sent=F("sent") + quantity)
    order.shipment_id, order.waybill = shipment_id, waybill
    follow(order, parcel)


def _in(parcel: Parcel) -> list[tuple[UUID, Decimal]]:
    return list(ParcelLine.objects.filter(parent=parcel).values_list("line_id", "quantity"))


def follow(order: Order, parcel: Parcel | None = None) -> None:
    """Bring the order, which the caller has locked, to the state that follows from its parcels;
    ``parcel`` was sent just now. What nobody answered and can't be cancelled any more lapses."""
    left = unsent(_lines(order.id))
    to = _due(order, any(left.values()))
    if to in (State.SHIPPED, State.DELIVERED):
        if order.state not in AFTER_SHIPPING:
            _shipped(order, parcel)
        if to == State.DELIVERED and order.state not in AFTER_DELIVERY:
            _delivered(order)
    else:
        if order.state != to:
            action = {State.PARTLY_SHIPPED: "partly_shipped", State.PAID: "shipping_ended"}
            move(order, to, f"marketplace.order.{action.get(to, 'shipping')}")
        if parcel is not None:
            lapse_requests(order.id, left)
            _tell(order, events.OrderPartlyShipped, parcel)
    order.save()


def _due(order: Order, left: bool) -> Order.State:
    rows = Parcel.objects.filter(order_id=order.id)
    states = set(rows.values_list("state", flat=True))
    if ParcelState.BOOKING in states:
        return State.SHIPPING
    if not states & {ParcelState.SENT, ParcelState.DELIVERED}:
        return State.PAID
    if left:
        return State.PARTLY_SHIPPED
    return State.SHIPPED if ParcelState.SENT in states else State.DELIVERED


def _shipped(order: Order, parcel: Parcel | None) -> None:
    move(order, State.SHIPPED, "marketplace.order.shipped")
    order.shipped_at = clock.business()
    lapse_requests(order.id)
    _tell(order, events.OrderShipped, parcel)


def _tell(order: Order, kind: type[events.ParcelEvent], parcel: Parcel | None) -> None:
    event = kind(
        **named(order),
        shipment_id=parcel.shipment_id if parcel else None,
        waybill=parcel.waybill if parcel else "",
        parcel=parcel.number if parcel else "",
    )
    outbox.append(event, aggregate=order, merchant_id=order.merchant_id)


def mark_parcel_delivered(*, order_id: UUID, shipment_id: UUID) -> OrderInfo:
    """One parcel was handed over; with the last one the order is delivered. A shipment that is no
    parcel of the order changes nothing. Raises OrderNotFound."""
    with atomic():
        order = locks.order(order_id)
        for parcel in Parcel.objects.filter(order_id=order_id, shipment_id=shipment_id):
            if parcel.state == ParcelState.SENT:
                _arrived(parcel)
                follow(order)
        return info_of(order)


def _arrived(parcel: Parcel) -> None:
    parcel.move(ParcelState.DELIVERED, action="marketplace.parcel.delivered")
    parcel.delivered_at = clock.business()
    parcel.save()
    for line_id, quantity in _in(parcel):
        OrderLine.objects.filter(id=line_id).update(delivered=F("delivered") + quantity)


def mark_delivered(*, order_id: UUID) -> OrderInfo:
    """All of a shipped order was handed over; from now the days until completion count.
    OrderState."""
    with atomic():
        order = locks.order(order_id)
        if order.state not in AFTER_DELIVERY:
            if order.state != State.SHIPPED:
                raise wrong(order)
            for parcel in Parcel.objects.filter(order_id=order_id, state=ParcelState.SENT):
                _arrived(parcel)
            _delivered(order)
            order.save()
        return info_of(order)


def _delivered(order: Order) -> None:
    days = int(platforms.setting("marketplace", "complete_after_days"))
    move(order, State.DELIVERED, "marketplace.order.delivered")
    order.delivered_at = clock.business()
    order.complete_at = order.delivered_at + timedelta(days=days)
    event = events.OrderDelivered(**named(order))
    outbox.append(event, aggregate=order, merchant_id=order.merchant_id)
