"""What merchants owe is taken from whatever they have available, wherever that came from."""

from uuid import UUID

from django.db.models import F

from kernel import tenancy
from kernel.ids import uuid7
from kernel.transactions import together
from payments import ledger
from payments.domain.chart import Code
from payments.domain.postings import Book
from payments.models import LedgerAccount

BATCH = 200


def recover() -> int:
    """Set off debts against what is available (a release does it at once; this is for money that
    came otherwise); how many merchants paid."""
    debtors = LedgerAccount.objects.filter(
        code=Code.MERCHANT_OWED, debits_posted__gt=F("credits_posted"), owner__isnull=False
    ).values_list("owner", "currency")[:BATCH]
    return sum(_recover(owner, currency) for owner, currency in debtors if owner is not None)


def _recover(merchant_id: UUID, currency: str) -> int:
    with together():
        book = Book(tenancy.current_id(), currency)
        available = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
        owed = book.of(Code.MERCHANT_OWED, merchant_id)
        ledger.lock_accounts([available, owed])
        found = ledger.account_balances([available, owed])
        amount = min(found[available.id], found[owed.id])
        if amount <= 0:
            return 0
        entry = uuid7()
        ledger.post_all(
            [
                ledger.Transfer(
                    id=entry, debit=available, credit=owed, amount=book.money(amount),
                    code="owed_recovered", journal=entry, merchant_id=merchant_id,
                )
            ]
        )  # fmt: skip
        return 1
