"""Exchange between a wallet's currencies, at amounts that the caller agreed on."""

from uuid import UUID

from kernel import audit, tenancy
from kernel.audit import AuditTarget
from kernel.currencies import active
from kernel.errors import Invalid
from kernel.money import Money
from kernel.transactions import together
from payments import ledger
from payments.domain import settlements
from payments.domain.chart import Code
from payments.domain.postings import Book
from payments.errors import InsufficientBalance, KeyReused
from payments.models import LedgerTransfer


def exchange(*, key: UUID, owner_id: UUID, sold: Money, bought: Money, reference: str = "") -> None:
    """Take ``sold`` from the owner's wallet and put ``bought`` into it, as one. The rate is the
    caller's; what the liquidity accounts hold is the platform's position in each currency.

    The same ``key`` again does nothing. Raises Invalid, InsufficientBalance, KeyReused.
    """
    for amount, field in ((sold, "sold"), (bought, "bought")):
        active(amount.currency, field=f"{field}.currency")
        if amount.amount <= 0:
            raise Invalid(field=field)
    if sold.currency == bought.currency:
        raise Invalid(field="bought.currency")
    here = tenancy.current_id()
    source, target = Book(here, sold.currency), Book(here, bought.currency)
    transfers = settlements.exchange(
        source, target, id=key, owner_id=owner_id, sold=sold.amount, bought=bought.amount,
        reference=reference,
    )  # fmt: skip
    wallet = source.of(Code.WALLET, owner_id)
    with together():
        # Looked at under lock first: a transfer that the ledger refuses stays refused.
        ledger.lock_accounts([wallet, target.of(Code.WALLET, owner_id)])
        known = LedgerTransfer.objects.filter(id__in=[t.id for t in transfers]).exists()
        stored = ledger.account_balances([wallet])[wallet.id]
        if not known and stored < sold.amount:
            raise InsufficientBalance(available=source.money(max(0, stored)).as_api())
        try:
            ledger.post_all(transfers)
        except ledger.LedgerRefused as refused:
            if refused.result.startswith("exists_with_different"):
                raise KeyReused(field="key") from refused
            raise
        if not known:
            audit.record(
                "payments.exchange.booked",
                target=AuditTarget("payments.exchange", key),
                after={"owner": owner_id, "sold": sold, "bought": bought, "reference": reference},
            )
