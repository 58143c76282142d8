"""Which transfers releases, reserves and disputes make. Pure, as ``postings``."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from kernel.ids import public_id
from payments.domain.chart import Account, Code
from payments.domain.postings import Book
from payments.domain.transfer import Transfer

OUTSIDE = {"logistics": Code.CARRIAGE, "tax": Code.TAX, "service": Code.CARRIAGE}


@dataclass(frozen=True, slots=True)
class SplitPosting:
    """A part of a release that goes to somebody else, in minor units."""

    place: int
    kind: str
    payee_id: UUID | None
    amount: int


@dataclass(frozen=True, slots=True)
class ReleasePosting:
    """A release of one share, in minor units: ``amount`` in all, ``splits`` to others; of the
    merchant's rest ``recovered`` pays what it owes and ``reserved`` is kept back. ``before`` is
    what had been released earlier, which makes each release's transfers its own."""

    share_id: UUID
    intent_id: UUID
    merchant_id: UUID
    reference: str
    amount: int
    before: int
    splits: tuple[SplitPosting, ...] = ()
    recovered: int = 0
    reserved: int = 0


def released(book: Book, part: ReleasePosting) -> list[Transfer]:
    """Pending money becomes the merchant's and others'."""
    own = part.amount - sum(split.amount for split in part.splits)
    pending = book.of(Code.MERCHANT_PENDING, part.merchant_id)
    available = book.of(Code.MERCHANT_AVAILABLE, part.merchant_id)
    legs: list[tuple[str, str, Account, Account, int, UUID]] = [
        ("release", "release", pending, available, own, part.merchant_id)
    ]
    for split in part.splits:
        code, name = f"split_{split.kind}", f"split:{split.place}"
        if split.payee_id is None:
            outside = book.of(OUTSIDE[split.kind])
            legs.append((name, code, pending, outside, split.amount, part.merchant_id))
            continue
        between = book.of(Code.SPLIT_CLEARING)
        theirs = book.of(Code.MERCHANT_AVAILABLE, split.payee_id)
        legs.append((name, code, pending, between, split.amount, part.merchant_id))
        legs.append((f"{name}:in", "split_received", between, theirs, split.amount, split.payee_id))
    owed = book.of(Code.MERCHANT_OWED, part.merchant_id)
    legs.append(
        ("owed_recovered", "owed_recovered", available, owed, part.recovered, part.merchant_id)
    )
    kept = book.of(Code.MERCHANT_RESERVED, part.merchant_id)
    legs.append(("reserve", "reserve", available, kept, part.reserved, part.merchant_id))
    suffix = f":{part.before}" if part.before else ""
    return [
        Transfer(
            id=uuid5(part.share_id, f"{name}{suffix}"),
            debit=debit,
            credit=credit,
            amount=book.money(value),
            code=code,
            journal=part.share_id,
            merchant_id=owner,
            reference=part.reference,
            document=public_id("pay", part.intent_id),
        )
        for name, code, debit, credit, value, owner in legs
        if value
    ]


def reserve_move(
    book: Book, *, id: UUID, reserve_id: UUID, merchant_id: UUID, amount: int, code: str,
    reference: str = "", document: str = "",
) -> Transfer:  # fmt: skip
    """``code``: ``reserve`` (available → reserved), else back: ``reserve_released``,
    ``reserve_used``."""
    available = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
    kept = book.of(Code.MERCHANT_RESERVED, merchant_id)
    debit, credit = (available, kept) if code == "reserve" else (kept, available)
    return Transfer(
        id=id,
        debit=debit,
        credit=credit,
        amount=book.money(amount),
        code=code,
        journal=reserve_id,
        merchant_id=merchant_id,
        reference=reference,
        document=document,
    )
