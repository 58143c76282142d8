"""Reads of receipts, transfers and counts, and of what they are still to bring."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count as Number
from django.db.models import F, Q, QuerySet

from inventory.contracts import (
    CountInfo,
    CountLineInfo,
    CountState,
    DeliveryInfo,
    ReceiptInfo,
    ReceiptLineInfo,
    ReceiptState,
    StockLine,
    TransferInfo,
    TransferLineInfo,
    TransferState,
)
from inventory.models import Arrival, Count, CountLine, Receipt, ReceiptLine, Transfer, TransferLine
from kernel import tenancy
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset
from kernel.transactions import cursor as open_cursor

Row = TypeVar("Row")
Rows = QuerySet[Any, Any]
_INCOMING = """
SELECT c.variant_id, c.warehouse_id, sum(c.quantity) FROM (
  SELECT l.variant_id, r.warehouse_id, l.expected - l.received AS quantity
  FROM inventory_receiptline l
  JOIN inventory_receipt r ON r.platform_id = l.platform_id AND r.id = l.receipt_id
  WHERE l.platform_id = %(platform)s AND l.variant_id = ANY(%(variants)s)
    AND r.state IN ('expected', 'partly_received') AND l.expected > l.received
  UNION ALL
  SELECT l.variant_id, t.target_id, l.quantity
  FROM inventory_transferline l
  JOIN inventory_transfer t ON t.platform_id = l.platform_id AND t.id = l.transfer_id
  WHERE l.platform_id = %(platform)s AND l.variant_id = ANY(%(variants)s) AND t.state = 'sent'
) AS c GROUP BY c.variant_id, c.warehouse_id
"""


def incoming(variant_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], Decimal]:
    """What receipts and transfers are still to bring, by variant and warehouse; one query."""
    wanted = list(set(variant_ids))
    if not wanted:
        return {}
    with open_cursor() as sql:
        sql.execute(_INCOMING, {"platform": tenancy.current_id(), "variants": wanted})
        return {(variant, place): quantity for variant, place, quantity in sql.fetchall()}


def receipt(receipt_id: UUID, merchant_id: UUID | None = None) -> ReceiptInfo:
    """One receipt; ``merchant_id`` must own it. Raises NotFound."""
    row = _one(Receipt.objects.all(), receipt_id, merchant_id)
    return _receipts([row])[0]


def receipts_page(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    warehouse_id: UUID | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ReceiptInfo]:
    """Receipts with their lines, the latest first."""
    rows = _filtered(Receipt.objects.all(), merchant_id, state, updated_since)
    if warehouse_id is not None:
        rows = rows.filter(warehouse_id=warehouse_id)
    return _page(rows, _receipts, order, cursor, limit)


def deliveries_page(
    *,
    receipt_id: UUID,
    merchant_id: UUID | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[DeliveryInfo]:
    """What was booked of a receipt, the latest first. Raises NotFound."""
    _one(Receipt.objects.all(), receipt_id, merchant_id)
    rows = Arrival.objects.filter(receipt_id=receipt_id)
    page: PageOf[Any] = keyset(rows, order=order, cursor=cursor, limit=limit)
    return page.map(
        lambda row: DeliveryInfo(
            delivery=row.delivery,
            note=row.note,
            lines=tuple(StockLine(UUID(v), Decimal(text)) for v, text in row.lines.items()),
            created_at=row.created_at,
        )
    )


def transfer(transfer_id: UUID, merchant_id: UUID | None = None) -> TransferInfo:
    """One transfer; ``merchant_id`` must own it. Raises NotFound."""
    row = _one(Transfer.objects.all(), transfer_id, merchant_id)
    return _transfers([row])[0]


def transfers_page(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    warehouse_id: UUID | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[TransferInfo]:
    """Transfers with their lines, the latest first; ``warehouse_id`` is source or target."""
    rows = _filtered(Transfer.objects.all(), merchant_id, state, updated_since)
    if warehouse_id is not None:
        rows = rows.filter(Q(source_id=warehouse_id) | Q(target_id=warehouse_id))
    return _page(rows, _transfers, order, cursor, limit)


def count(count_id: UUID, merchant_id: UUID | None = None) -> CountInfo:
    """One count; ``merchant_id`` must own it. Raises NotFound."""
    row = _one(Count.objects.all(), count_id, merchant_id)
    return _counts([row])[0]


def counts_page(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    warehouse_id: UUID | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[CountInfo]:
    """Counts, the latest first."""
    rows = _filtered(Count.objects.all(), merchant_id, state, updated_since)
    if warehouse_id is not None:
        rows = rows.filter(warehouse_id=warehouse_id)
    return _page(rows, _counts, order, cursor, limit)


def count_lines_page(
    *,
    count_id: UUID,
    merchant_id: UUID | None = None,
    show: str | None = None,
    order: tuple[str, ...] = ("id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[CountLineInfo]:
    """The lines of a count; ``show`` is ``open`` (no number yet) or ``different``. Raises
    NotFound."""
    _one(Count.objects.all(), count_id, merchant_id)
    rows: Rows = CountLine.objects.filter(count_id=count_id)
    if show == "open":
        rows = rows.filter(counted__isnull=True)
    if show == "different":
        rows = rows.filter(counted__isnull=False).exclude(counted=F("booked"))
    values = rows.annotate(on_hand=F("stock__on_hand")).values(
        "id", "variant_id", "unit", "on_hand", "counted", "booked"
    )
    page: PageOf[Any] = keyset(values, order=order, cursor=cursor, limit=limit)
    return page.map(lambda row: CountLineInfo(**row))


def _one(rows: Rows, row_id: UUID, merchant_id: UUID | None) -> Any:
    rows = rows.filter(id=row_id)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def _filtered(
    rows: Rows, merchant_id: UUID | None, state: str | None, updated_since: datetime | None
) -> Rows:
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if state is not None:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return rows


def _page(
    rows: Rows,
    infos: Callable[[list[Any]], list[Row]],
    order: tuple[str, ...],
    cursor: str | None,
    limit: int,
) -> PageOf[Row]:
    page: PageOf[Any] = keyset(rows, order=order, cursor=cursor, limit=limit)
    return PageOf(infos(page.items), page.has_more, page.next_cursor)


def _receipts(rows: list[Any]) -> list[ReceiptInfo]:
    lines: dict[UUID, list[ReceiptLineInfo]] = {}
    found: Any = ReceiptLine.objects.filter(receipt_id__in=[row.id for row in rows])
    for owner, *line in found.order_by("variant_id").values_list(
        "receipt_id", "variant_id", "unit", "expected", "received"
    ):
        lines.setdefault(owner, []).append(ReceiptLineInfo(*line))
    return [
        ReceiptInfo(
            id=row.id,
            merchant_id=row.merchant_id,
            warehouse_id=row.warehouse_id,
            reference=row.reference,
            expected_on=row.expected_on,
            note=row.note,
            state=ReceiptState(row.state),
            lines=tuple(lines.get(row.id, ())),
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def _transfers(rows: list[Any]) -> list[TransferInfo]:
    lines: dict[UUID, list[TransferLineInfo]] = {}
    found: Any = TransferLine.objects.filter(transfer_id__in=[row.id for row in rows])
    for owner, *line in found.order_by("variant_id").values_list(
        "transfer_id", "variant_id", "unit", "quantity", "received"
    ):
        lines.setdefault(owner, []).append(TransferLineInfo(*line))
    return [
        TransferInfo(
            id=row.id,
            merchant_id=row.merchant_id,
            source_id=row.source_id,
            target_id=row.target_id,
            note=row.note,
            loss_cause=row.loss_cause,
            loss_note=row.loss_note,
            state=TransferState(row.state),
            lines=tuple(lines.get(row.id, ())),
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]


def _counts(rows: list[Any]) -> list[CountInfo]:
    found: Any = CountLine.objects.filter(count_id__in=[row.id for row in rows])
    numbers = {
        owner: (lines, counted)
        for owner, lines, counted in found.values_list("count_id").annotate(
            Number("id"), Number("counted")
        )
    }
    return [
        CountInfo(
            id=row.id,
            merchant_id=row.merchant_id,
            warehouse_id=row.warehouse_id,
            note=row.note,
            cause=row.cause,
            state=CountState(row.state),
            lines=numbers.get(row.id, (0, 0))[0],
            counted=numbers.get(row.id, (0, 0))[1],
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
