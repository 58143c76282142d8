"""Money kept back from merchants: taken from what is available, used for debts, given back."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from kernel import clock
from kernel.ids import uuid7
from kernel.transactions import together
from payments import ledger
from payments.domain.postings import Book
from payments.domain.postings_guarantee import reserve_move
from payments.models import Reserve

ROLLING, DISPUTE = "rolling", "dispute"
BATCH = 200


def noted(
    *, merchant_id: UUID, currency: str, cause: str, source_id: UUID, amount: int,
    until: datetime | None,
) -> Reserve:  # fmt: skip
    """The record of what a posting beside it keeps back; not saved yet."""
    return Reserve(
        id=uuid7(), merchant_id=merchant_id, currency=currency, cause=cause, source_id=source_id,
        amount=amount, left=amount, until=until, created_at=clock.system(),
    )  # fmt: skip


def keep(
    book: Book, *, merchant_id: UUID, cause: str, source_id: UUID, amount: int, reference: str,
    document: str,
) -> None:  # fmt: skip
    """Keep ``amount`` of what the merchant has available, until ``give_back``."""
    row = noted(
        merchant_id=merchant_id, currency=book.currency, cause=cause, source_id=source_id,
        amount=amount, until=None,
    )  # fmt: skip
    row.save(force_insert=True)
    ledger.post_all(
        [
            reserve_move(
                book, id=uuid5(row.id, "reserve"), reserve_id=row.id, merchant_id=merchant_id,
                amount=amount, code="reserve", reference=reference, document=document,
            )
        ]
    )  # fmt: skip


def use(book: Book, *, merchant_id: UUID, most: int, source_id: UUID) -> int:
    """Make up to ``most`` of the merchant's rolling reserve available, the oldest first; how much.
    For what has to be paid now; ``source_id`` is what for."""
    rows = Reserve.objects.select_for_update().filter(
        merchant_id=merchant_id, currency=book.currency, cause=ROLLING, left__gt=0
    )
    moves, done = [], 0
    for row in rows.order_by("id"):
        part = min(row.left, most - done)
        if not part:
            break
        moves.append(
            reserve_move(
                book, id=uuid5(row.id, f"use:{source_id}"), reserve_id=row.id,
                merchant_id=merchant_id, amount=part, code="reserve_used",
            )
        )  # fmt: skip
        row.left -= part
        row.save(update_fields=["left"])
        done += part
    ledger.post_all(moves)
    return done


def give_back(book: Book, *, cause: str, source_ids: Iterable[UUID]) -> dict[UUID, int]:
    """End what is kept for these; what became available again by source."""
    rows = Reserve.objects.select_for_update().filter(
        cause=cause, source_id__in=list(source_ids), left__gt=0
    )
    return _end(list(rows.order_by("id")))


def give_back_due() -> int:
    """Give back what was kept long enough on the business clock; how many."""
    with together():
        rows = Reserve.objects.select_for_update(skip_locked=True).filter(
            left__gt=0, until__lte=clock.business()
        )
        return len(_end(list(rows.order_by("until", "id")[:BATCH])))


def _end(rows: list[Reserve]) -> dict[UUID, int]:
    moves, found = [], {}
    for row in rows:
        moves.append(
            reserve_move(
                Book(row.platform_id, row.currency), id=uuid5(row.id, "end"), reserve_id=row.id,
                merchant_id=row.merchant_id, amount=row.left, code="reserve_released",
            )
        )  # fmt: skip
        found[row.source_id] = row.left
        row.left = 0
    ledger.post_all(moves, linked=False)
    Reserve.objects.bulk_update(rows, ["left"])
    return found
