"""What a gateway pays our bank account (渠道结算), by way of what is between; and exchanges."""

from uuid import UUID, uuid5

from payments.domain.chart import Account, Code
from payments.domain.postings import Book
from payments.domain.transfer import Transfer


def settlement(book: Book, *, source: str, amount: int, step: str) -> Transfer:
    """``step``: ``settlement`` (left the gateway) or ``settlement_received`` (is at the bank).
    ``source`` is the gateway's id of it; the same one is booked once."""
    way: Account = book.of(Code.SETTLEMENT)
    debit, credit = {
        "settlement": (way, book.of(Code.GATEWAY)),
        "settlement_received": (book.of(Code.BANK), way),
    }[step]
    journal: UUID = uuid5(way.id, source)
    return Transfer(
        id=uuid5(journal, step),
        debit=debit,
        credit=credit,
        amount=book.money(amount),
        code=step,
        journal=journal,
        document=source[:40],
    )


def exchange(
    source: Book, target: Book, *, id: UUID, owner_id: UUID, sold: int, bought: int, reference: str
) -> list[Transfer]:
    """``sold`` of one currency's wallet for ``bought`` of another's, through the two liquidity
    accounts: each currency's ledger sums to zero by itself, and the two lines go as a chain."""
    legs = [
        ("exchange_out", source, source.of(Code.WALLET, owner_id), source.of(Code.LIQUIDITY), sold),
        (
            "exchange_in",
            target,
            target.of(Code.LIQUIDITY),
            target.of(Code.WALLET, owner_id),
            bought,
        ),
    ]
    return [
        Transfer(
            id=uuid5(id, code),
            debit=debit,
            credit=credit,
            amount=book.money(amount),
            code=code,
            journal=id,
            merchant_id=owner_id,
            reference=reference,
        )
        for code, book, debit, credit, amount in legs
    ]
