"""Reserve, commit, release: each idempotent by the caller's key, each a handful of statements.

What is held stays held until it is released or the sweep finds it expired: committing a
reservation whose time is over, but which is still held, succeeds. Once expired, the goods may
have been sold, so committing tries to take the same quantities again, and raises
ReservationExpired when they are gone. What isn't there, but is sold ahead, is promised
(``promises``) along with what is held.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from inventory import events, locks, selectors
from inventory.contracts import (
    ReservationInfo,
    ReservationLineInfo,
    ReservationState,
    StockLine,
)
from inventory.domain.allocation import Share, Shortage, StockRow, allocate, fits
from inventory.errors import (
    InvalidStockQuantity,
    KeyMismatch,
    OutOfStock,
    ReservationClosed,
    ReservationExpired,
    ReservationUnknown,
)
from inventory.models import RESERVATIONS, Promise, Reservation, ReservationLine
from inventory.services import books, promises
from kernel import audit, clock, gathered, outbox, tenancy, transactions
from kernel.ids import public_id, uuid7

LINES_MAX = 500
_CLAIM = """
INSERT INTO inventory_reservation
  (platform_id, id, version, created_at, updated_at, key, state, expires_at, wanted)
VALUES (%(platform)s, %(id)s, 1, %(now)s, %(now)s, %(key)s, 'held', %(expires)s, %(wanted)s::jsonb)
ON CONFLICT (platform_id, key) DO NOTHING
"""


def reserve(
    *, key: UUID, lines: Sequence[StockLine], expires_at: datetime, ahead: bool = True
) -> ReservationInfo:
    """Hold goods until ``expires_at`` (business clock): all lines or none. Without ``ahead`` only
    what is there: nothing is promised.

    Lines of one variant are summed. The same key and lines again answer the same reservation;
    one that has expired is held anew. Raises OutOfStock, InvalidStockQuantity, KeyMismatch,
    ReservationClosed.
    """
    wanted = summed(lines)
    with transactions.atomic():
        made = _claim(key, wanted, expires_at)
        if made is None:
            return _again(key, wanted, expires_at, ahead)
        shares, promised_too = _take(made.id, wanted, ahead=ahead)
        if not promised_too:
            gathered.remember(Reservation, key, (made, shares))
        audit.record(
            action="inventory.reservation.made",
            target=made,
            after={"key": key, "state": "held", "lines": wanted, "expires_at": expires_at},
        )
        _announce(made, shares, "reserved")
    return _info(made, _lines(shares))


def commit_reservation(*, key: UUID) -> ReservationInfo:
    """The goods leave the stock. Raises ReservationUnknown, ReservationClosed (it was released),
    ReservationExpired (it had expired and the goods are gone)."""
    made: tuple[Reservation, list[Share]] | None = gathered.remembered(Reservation, key)
    if made is not None:  # by this transaction, with nothing promised
        _sell(*made)
        return _info(made[0], _lines(made[1]))
    with transactions.atomic():
        row = locks.reservation(key)
        if row is None:
            raise ReservationUnknown(key=str(key))
        if row.state == ReservationState.COMMITTED:
            return selectors.reservation_info(row)
        if row.state == ReservationState.RELEASED:
            raise ReservationClosed(state=str(row.state))
        if row.state == ReservationState.EXPIRED:
            try:
                _hold_again(row, row.expires_at)
            except OutOfStock as error:
                raise ReservationExpired(lines=error.params["lines"]) from error
        ahead = promises.variants_of(row.id)
        shares, rows = promises.held_with_all(row.id, ahead)
        _sell(row, shares)
        promises.commit(row, rows, ahead)
    return _info(row, _lines(shares))


def _sell(row: Reservation, shares: Sequence[Share]) -> None:
    """What a held reservation holds leaves the stock."""
    books.write(
        [books.Change(s.row, on_hand=-s.quantity, reserved=-s.quantity) for s in shares],
        moved=[books.Moved(s.row, -s.quantity, s.row.on_hand - s.quantity, "sold") for s in shares],
        reference=row.key,
    )
    row.move(ReservationState.COMMITTED, action="inventory.reservation.committed")
    RESERVATIONS.update(row, "state")
    _announce(row, shares, "sold")


def release_reservation(*, key: UUID) -> ReservationInfo | None:
    """Give the goods free again. Released already, or never made (None): nothing happens.

    Raises ReservationClosed when the goods have left: put them back by ``restock``.
    """
    with transactions.atomic():
        row = locks.reservation(key)
        if row is None:
            return None
        if row.state == ReservationState.COMMITTED:
            raise ReservationClosed(state=str(row.state))
        if row.state != ReservationState.RELEASED:
            _give_back(row, ReservationState.RELEASED)
        return selectors.reservation_info(row)


def release_expired(*, limit: int = 500) -> int:
    """Release what is held beyond its time on the business clock; how many."""
    due = Reservation.objects.filter(
        state=ReservationState.HELD, expires_at__lte=clock.business()
    ).order_by("expires_at", "id")
    count = 0
    for reservation_id in list(due.values_list("id", flat=True)[:limit]):
        with transactions.atomic():
            row = locks.due_reservation(reservation_id)
            if row is None or row.state != ReservationState.HELD:
                continue  # being committed or released at this moment
            if row.expires_at <= clock.business():
                _give_back(row, ReservationState.EXPIRED)
                count += 1
    return count


def summed(lines: Iterable[StockLine]) -> dict[UUID, Decimal]:
    """The lines by variant, in the order of ids. Raises InvalidStockQuantity."""
    found: dict[UUID, Decimal] = {}
    count = 0
    for count, line in enumerate(lines, 1):
        if not fits(line.quantity) or line.quantity <= 0:
            raise InvalidStockQuantity(field=f"lines.{count - 1}.quantity")
        found[line.variant_id] = found.get(line.variant_id, Decimal(0)) + line.quantity
    if not 1 <= count <= LINES_MAX:
        raise InvalidStockQuantity(
            _("1 to %(most)s lines are needed.") % {"most": LINES_MAX}, field="lines"
        )
    return dict(sorted(found.items()))


def stored(wanted: Mapping[UUID, Decimal]) -> dict[str, str]:
    """The wanted quantities as kept, in one spelling."""
    return {str(variant): f"{quantity:.3f}" for variant, quantity in wanted.items()}


def _claim(key: UUID, wanted: Mapping[UUID, Decimal], expires_at: datetime) -> Reservation | None:
    """Make the reservation's row; None when the key is in use (after waiting for its owner)."""
    now = clock.system()
    row = Reservation(
        id=uuid7(), key=key, state=ReservationState.HELD, expires_at=expires_at,
        wanted=stored(wanted), version=1, created_at=now, updated_at=now,
    )  # fmt: skip
    with transactions.cursor() as sql:
        sql.execute(
            _CLAIM,
            {
                "platform": tenancy.current_id(), "id": row.id, "now": now, "key": key,
                "expires": expires_at, "wanted": orjson.dumps(row.wanted).decode(),
            },
        )  # fmt: skip
        return row if sql.rowcount else None


def _again(
    key: UUID, wanted: Mapping[UUID, Decimal], expires_at: datetime, ahead: bool
) -> ReservationInfo:
    row = locks.reservation(key)
    if row is None:
        raise RuntimeError("A reservation was deleted; nothing may delete one.")
    if row.wanted != stored(wanted):
        raise KeyMismatch(field="key")
    if row.state == ReservationState.RELEASED:
        raise ReservationClosed(state=str(row.state))
    if row.state == ReservationState.EXPIRED:
        _hold_again(row, expires_at, ahead)
    return selectors.reservation_info(row)


def _hold_again(row: Reservation, expires_at: datetime, ahead: bool = True) -> None:
    """An expired reservation takes its quantities anew, wherever they are now. What isn't there any
    more may be promised; the buyer agreed to the days of then, and to none for what lay there."""
    ReservationLine.objects.filter(reservation_id=row.id).delete()
    wanted = {UUID(variant): Decimal(text) for variant, text in row.wanted.items()}
    void = Promise.objects.filter(reservation_id=row.id)
    agreed = dict.fromkeys(wanted, clock.day_of(row.expires_at))
    agreed |= dict(void.values_list("variant_id", "agreed_on"))
    void.delete()
    shares, _promised = _take(row.id, wanted, agreed, ahead=ahead)
    row.move(ReservationState.HELD, action="inventory.reservation.made")
    row.expires_at = expires_at
    row.save()
    _announce(row, shares, "reserved")


def _take(
    reservation_id: UUID,
    wanted: Mapping[UUID, Decimal],
    agreed: Mapping[UUID, date] | None = None,
    *,
    ahead: bool = True,
) -> tuple[list[Share], bool]:
    """Lock, choose, reserve: the shares, and whether something is promised besides. What is
    promised to others stays theirs. Raises OutOfStock naming all that is missing."""
    rows = locks.stock_of_variants(wanted)
    for row in rows:
        books.check_quantity(wanted[row.variant_id], field="quantity", unit_code=row.unit)
    settings = locks.ahead(_perhaps_ahead(rows, wanted))
    kept = {variant_id: setting.promised for variant_id, setting in settings.items()}
    shares, missing = allocate(rows, wanted, kept)
    parts, refused = promises.plan(settings if ahead else {}, wanted, missing)
    if refused:
        raise OutOfStock(lines=[_told(shortage) for shortage in refused])
    books.write(
        [books.Change(share.row, reserved=share.quantity) for share in shares],
        shares=shares,
        reservation=reservation_id,
    )
    promises.make(reservation_id, parts, agreed)
    return shares, bool(parts)


def _perhaps_ahead(rows: Sequence[StockRow], wanted: Iterable[UUID]) -> set[UUID]:
    """The variants that may be sold ahead: known by their stock rows, where they have any."""
    known = {row.variant_id: row.ahead for row in rows}
    return {variant_id for variant_id in wanted if known.get(variant_id, True)}


def _told(shortage: Shortage) -> dict[str, str]:
    return {
        "variant": public_id("var", shortage.variant_id),
        "wanted": f"{shortage.wanted:f}",
        "available": f"{shortage.available:f}",
    }


def _give_back(row: Reservation, to: ReservationState) -> None:
    shares: list[Share] = []
    if row.state == ReservationState.HELD:
        shares = locks.held(row.id)
        books.write([books.Change(share.row, reserved=-share.quantity) for share in shares])
        promises.release(row.id, [share.row for share in shares])
    row.move(to, action=f"inventory.reservation.{to}")
    row.save()
    _announce(row, shares, str(to))
    promises.fill(share.row for share in shares)


def _announce(row: Reservation, shares: Sequence[Share], reason: str) -> None:
    event: outbox.Event
    if row.state == ReservationState.HELD:
        event = events.ReservationMade(key=row.key, expires_at=row.expires_at)
    elif row.state == ReservationState.COMMITTED:
        event = events.ReservationCommitted(key=row.key)
    else:
        event = events.ReservationReleased(key=row.key, state=str(row.state))
    outbox.append_many(
        [(event, row, None), *books.changed([share.row for share in shares], reason)]
    )


def _lines(shares: Iterable[Share]) -> tuple[ReservationLineInfo, ...]:
    return tuple(
        ReservationLineInfo(
            stock_id=share.row.id,
            variant_id=share.row.variant_id,
            warehouse_id=share.row.warehouse_id,
            merchant_id=share.row.merchant_id,
            quantity=share.quantity,
        )
        for share in shares
    )


def _info(row: Reservation, lines: tuple[ReservationLineInfo, ...]) -> ReservationInfo:
    return ReservationInfo(
        id=row.id,
        key=row.key,
        state=ReservationState(row.state),
        expires_at=row.expires_at,
        lines=lines,
        version=row.version,
        created_at=row.created_at,
    )
