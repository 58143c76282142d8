"""What a gateway pays our bank account (渠道结算): out of its account, then into the bank's."""

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
