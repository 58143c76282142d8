"""What a dispute keeps from moving while it is open, and how it lets go."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from kernel import outbox
from kernel.ids import public_id
from payments import events_guarantee as events
from payments import ledger
from payments.contracts_guarantee import DisputeKind, EscrowState
from payments.domain.chart import Account, Code
from payments.domain.postings import Book
from payments.models import Dispute, DisputePart, Escrow, IntentShare
from payments.services import reserves


def accounts_of(book: Book, merchants: Sequence[UUID], *, gateway: str) -> list[Account]:
    """All that a dispute may move, to be locked at once."""
    own = (
        Code.MERCHANT_PENDING,
        Code.MERCHANT_AVAILABLE,
        Code.MERCHANT_RESERVED,
        Code.MERCHANT_OWED,
    )
    return [
        book.clearing(gateway),
        *(
            book.of(code)
            for code in (Code.COMMISSION, Code.SUBSIDY, Code.CONTESTED, Code.DISPUTE_FEE)
        ),
        *(book.of(code, merchant) for merchant in merchants for code in own),
    ]


def available(book: Book, merchant_id: UUID) -> int:
    """What the merchant has available, never less than nothing."""
    account = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
    return max(0, ledger.account_balances([account])[account.id])


def freeze(book: Book, dispute: Dispute, parts: Sequence[tuple[DisputePart, IntentShare]]) -> None:
    """What isn't released stays; of what was, as much as the merchant has is kept back."""
    for part, share in parts:
        share.freezes += 1
        share.save(update_fields=["freezes"])
        escrow = Escrow.objects.select_for_update().filter(share=share).first()
        if escrow is not None and escrow.state in (EscrowState.HELD, EscrowState.RELEASED):
            escrow.move(EscrowState.FROZEN, action="payments.escrow.frozen")
            escrow.save()
            _tell(events.EscrowFrozen(escrow.id, escrow.merchant_id, escrow.reference), escrow)
        ours = share.subsidy * part.amount // share.amount  # would go back to the platform
        missing = part.amount + ours - share.held
        kept = min(max(0, missing), available(book, share.merchant_id))
        if kept:
            reserves.keep(
                book,
                merchant_id=share.merchant_id,
                cause=reserves.DISPUTE,
                source_id=part.id,
                amount=kept,
                reference=share.reference,
                document=public_id("dsp", dispute.id),
            )


def contested(share: IntentShare) -> int:
    """What of the share's ``refunded`` is only taken by a bank that hasn't decided yet: commission
    and subsidy go back for it when it is lost, not with refunds made meanwhile."""
    if not share.freezes:
        return 0
    rows = DisputePart.objects.filter(share=share, open=True, dispute__kind=DisputeKind.CHARGEBACK)
    return sum(rows.values_list("amount", flat=True))


def thaw(book: Book, parts: Sequence[tuple[DisputePart, IntentShare]]) -> None:
    """The dispute is over: what it kept is free again, before the decision takes its part."""
    reserves.give_back(book, cause=reserves.DISPUTE, source_ids=[part.id for part, _s in parts])
    for part, share in parts:
        part.open = False
        part.save(update_fields=["open"])
        share.freezes -= 1
        share.save(update_fields=["freezes"])
        escrow = Escrow.objects.select_for_update().filter(share=share).first()
        if escrow is not None and escrow.state == EscrowState.FROZEN and not share.freezes:
            to = EscrowState.HELD if share.held else EscrowState.RELEASED
            if not share.held and not share.released and share.released_at is None:
                to = EscrowState.RETURNED
            escrow.move(to, action="payments.escrow.unfrozen")
            escrow.save()
            _tell(events.EscrowUnfrozen(escrow.id, escrow.merchant_id, escrow.reference), escrow)


def _tell(event: outbox.Event, escrow: Escrow) -> None:
    outbox.append(event, aggregate=escrow, merchant_id=escrow.merchant_id)


def part_id(dispute_id: UUID, place: int) -> UUID:
    """A part's id, the same each time."""
    return uuid5(dispute_id, f"part:{place}")
