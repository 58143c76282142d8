"""Which transfers a fact of business makes. Pure; docs/ledger.md shows them as T-accounts.

Transfer ids follow from the payment's, refund's or payout's own id, so that recording the same
fact twice posts it once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from kernel.ids import public_id
from kernel.money import Money
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag, Transfer

CLEARING = {"offline_test": Code.OFFLINE}


@dataclass(frozen=True, slots=True)
class Book:
    """The accounts of one platform in one currency."""

    platform_id: UUID
    currency: str

    def of(self, code: Code, owner: UUID | None = None) -> Account:
        return Account(self.platform_id, code, self.currency, owner)

    def clearing(self, gateway: str) -> Account:
        """Where a gateway's money stands."""
        return self.of(CLEARING.get(gateway, Code.GATEWAY))

    def money(self, amount: int) -> Money:
        return Money(amount, self.currency)


@dataclass(frozen=True, slots=True)
class SharePosting:
    """One share of a capture, in minor units."""

    place: int
    merchant_id: UUID
    reference: str
    amount: int
    commission: int


@dataclass(frozen=True, slots=True)
class RefundPosting:
    """One share's part of a refund, in minor units, by where the money comes from."""

    place: int
    merchant_id: UUID
    reference: str
    commission_back: int
    from_pending: int
    from_available: int
    from_owed: int

    def sources(self, book: Book) -> list[tuple[str, str, Account, int]]:
        """(name, transfer code, account, amount) of each source that gives something."""
        every = [
            ("commission", "commission_refund", book.of(Code.COMMISSION), self.commission_back),
            (
                "pending",
                "refund",
                book.of(Code.MERCHANT_PENDING, self.merchant_id),
                self.from_pending,
            ),
            (
                "available",
                "refund",
                book.of(Code.MERCHANT_AVAILABLE, self.merchant_id),
                self.from_available,
            ),
            ("owed", "refund", book.of(Code.MERCHANT_OWED, self.merchant_id), self.from_owed),
        ]
        return [source for source in every if source[3]]


def capture(
    book: Book, *, intent_id: UUID, gateway: str, shares: Iterable[SharePosting]
) -> list[Transfer]:
    """The money has come: each share to its merchant's pending balance, less the commission."""
    document = public_id("pay", intent_id)
    transfers = []
    for share in shares:
        pending = book.of(Code.MERCHANT_PENDING, share.merchant_id)
        legs = [("charge", book.clearing(gateway), pending, share.amount)]
        if share.commission:
            legs.append(("commission", pending, book.of(Code.COMMISSION), share.commission))
        transfers += [
            Transfer(
                id=uuid5(intent_id, f"{code}:{share.place}"),
                debit=debit,
                credit=credit,
                amount=book.money(amount),
                code=code,
                journal=intent_id,
                merchant_id=share.merchant_id,
                reference=share.reference,
                document=document,
            )
            for code, debit, credit, amount in legs
        ]
    return transfers


def gateway_fee(book: Book, *, intent_id: UUID, gateway: str, fee: int) -> Transfer:
    """What the gateway kept of the charge; the platform bears it, its commission covers it."""
    return Transfer(
        id=uuid5(intent_id, "gateway_fee"),
        debit=book.of(Code.GATEWAY_FEE),
        credit=book.clearing(gateway),
        amount=book.money(fee),
        code="gateway_fee",
        journal=intent_id,
        document=public_id("pay", intent_id),
    )


def release(
    book: Book, *, share_id: UUID, intent_id: UUID, merchant_id: UUID, reference: str,
    amount: int, recovered: int,
) -> list[Transfer]:  # fmt: skip
    """A share becomes available; ``recovered`` of it pays what the merchant owes."""
    pending = book.of(Code.MERCHANT_PENDING, merchant_id)
    available = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
    legs = [("release", pending, available, amount)]
    if recovered:
        owed = book.of(Code.MERCHANT_OWED, merchant_id)
        legs.append(("owed_recovered", available, owed, recovered))
    return [
        Transfer(
            id=uuid5(share_id, code),
            debit=debit,
            credit=credit,
            amount=book.money(value),
            code=code,
            journal=share_id,
            merchant_id=merchant_id,
            reference=reference,
            document=public_id("pay", intent_id),
        )
        for code, debit, credit, value in legs
    ]


def _refund_transfers(
    book: Book, refund_id: UUID, gateway: str, parts: Iterable[RefundPosting], verb: str
) -> list[Transfer]:
    flag = {"hold": Flag.PENDING, "post": Flag.POST, "void": Flag.VOID}[verb]
    return [
        Transfer(
            id=uuid5(refund_id, f"{verb}:{part.place}:{name}"),
            debit=account,
            credit=book.clearing(gateway),
            amount=book.money(amount),
            code=code,
            journal=refund_id,
            flags=flag,
            pending_id=None if verb == "hold" else uuid5(refund_id, f"hold:{part.place}:{name}"),
            merchant_id=part.merchant_id,
            reference=part.reference,
            document=public_id("ref", refund_id),
        )
        for part in parts
        for name, code, account, amount in part.sources(book)
    ]


def hold_refund(
    book: Book, *, refund_id: UUID, gateway: str, parts: Iterable[RefundPosting]
) -> list[Transfer]:
    """Before the gateway is asked: reserve the money where it will come from."""
    return _refund_transfers(book, refund_id, gateway, parts, "hold")


def post_refund(
    book: Book, *, refund_id: UUID, gateway: str, parts: Iterable[RefundPosting]
) -> list[Transfer]:
    """The gateway has refunded: what was held leaves."""
    return _refund_transfers(book, refund_id, gateway, parts, "post")


def void_refund(
    book: Book,
    *,
    refund_id: UUID,
    gateway: str,
    parts: Iterable[RefundPosting],
    released: frozenset[int],
) -> list[Transfer]:
    """The gateway refused: what was held is free again. A share released meanwhile (its place in
    ``released``) takes what comes back to its pending balance along to the available one."""
    found = list(parts)
    transfers = _refund_transfers(book, refund_id, gateway, found, "void")
    for part in found:
        if part.place in released and part.from_pending:
            transfers.append(_late_release(book, refund_id, part))
    return transfers


def reverse_refund(
    book: Book,
    *,
    refund_id: UUID,
    gateway: str,
    parts: Iterable[RefundPosting],
    released: frozenset[int],
) -> list[Transfer]:
    """A refund that had succeeded came back: everything returns to where it came from. What the
    merchant owed for it may have been recovered meanwhile, so that returns as available money."""
    transfers = []
    for part in parts:
        for name, _code, source, amount in part.sources(book):
            account = source
            if name == "owed":
                account = book.of(Code.MERCHANT_AVAILABLE, part.merchant_id)
            transfers.append(
                Transfer(
                    id=uuid5(refund_id, f"reverse:{part.place}:{name}"),
                    debit=book.clearing(gateway),
                    credit=account,
                    amount=book.money(amount),
                    code="refund_failure" if name != "commission" else "commission_restored",
                    journal=refund_id,
                    merchant_id=part.merchant_id,
                    reference=part.reference,
                    document=public_id("ref", refund_id),
                )
            )
        if part.place in released and part.from_pending:
            transfers.append(_late_release(book, refund_id, part))
    return transfers


def _late_release(book: Book, refund_id: UUID, part: RefundPosting) -> Transfer:
    return Transfer(
        id=uuid5(refund_id, f"release:{part.place}"),
        debit=book.of(Code.MERCHANT_PENDING, part.merchant_id),
        credit=book.of(Code.MERCHANT_AVAILABLE, part.merchant_id),
        amount=book.money(part.from_pending),
        code="release",
        journal=refund_id,
        merchant_id=part.merchant_id,
        reference=part.reference,
        document=public_id("ref", refund_id),
    )


def payout(book: Book, *, payout_id: UUID, merchant_id: UUID, amount: int, step: str) -> Transfer:
    """``step``: ``start`` (available → in transit), ``paid`` (in transit → bank) or ``failed``
    (in transit → available again)."""
    available = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
    transit = book.of(Code.MERCHANT_TRANSIT, merchant_id)
    code, debit, credit = {
        "start": ("payout", available, transit),
        "paid": ("payout_paid", transit, book.of(Code.BANK)),
        "failed": ("payout_failure", transit, available),
    }[step]
    return Transfer(
        id=uuid5(payout_id, step),
        debit=debit,
        credit=credit,
        amount=book.money(amount),
        code=code,
        journal=payout_id,
        merchant_id=merchant_id,
        document=public_id("pot", payout_id),
    )
