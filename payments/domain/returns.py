"""The transfers by which money that came in goes back to its payer."""

from uuid import UUID, uuid5

from payments.domain.chart import Code
from payments.domain.postings import Book
from payments.domain.transfer import Flag, Transfer


def credit_return(
    book: Book, *, id: UUID, number: int, amount: int, verb: str, document: str
) -> Transfer:
    """A transfer goes back to its payer, the ``number``-th try. ``verb``: ``hold`` before the bank
    is asked, then ``post`` or ``void``."""
    flag = {"hold": Flag.PENDING, "post": Flag.POST, "void": Flag.VOID}[verb]
    return Transfer(
        id=uuid5(id, f"return:{number}:{verb}"),
        debit=book.of(Code.UNCLAIMED),
        credit=book.of(Code.BANK),
        amount=book.money(amount),
        code="bank_credit_returned",
        journal=id,
        flags=flag,
        pending_id=None if verb == "hold" else uuid5(id, f"return:{number}:hold"),
        document=document,
    )
