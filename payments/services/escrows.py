"""What happens to the records of escrow when their share's money moves; no money moves here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kernel import gathered, outbox
from kernel.money import Money
from kernel.sql_parts import AMONG
from payments import events_guarantee as events
from payments.contracts import Purpose
from payments.contracts_guarantee import Acceptance, EscrowState, SplitKind
from payments.domain.postings_guarantee import SplitPosting
from payments.domain.splitting import Claim, split
from payments.models import ESCROWS, Escrow, EscrowSplit, IntentShare, PaymentIntent
from platforms import facade as platforms


def opened(intent: PaymentIntent, shares: Sequence[IntentShare]) -> None:
    """The payment was captured: what was planned is held, and what is held for orders without a
    plan gets a record by the platform's rule."""
    planned: list[Escrow] | None = gathered.remembered(Escrow, intent.id)
    rows = _locked(share.id for share in shares) if planned is None else planned
    known = {row.share_id: row for row in rows}
    if intent.purpose != Purpose.SALE or not (intent.hold or known):
        return
    rule = str(platforms.setting("payments", "acceptance"))
    days = int(platforms.setting("payments", "release_days"))
    made = [
        ESCROWS.new(
            state=EscrowState.HELD,
            share=share,
            intent_id=intent.id,
            merchant_id=share.merchant_id,
            payer_id=intent.payer_id,
            reference=share.reference,
            accept=rule,
            release_days=days,
        )
        for share in shares
        if intent.hold and share.id not in known
    ]
    ESCROWS.insert(made)
    waiting = [row for row in known.values() if row.state == EscrowState.AWAITING]
    Escrow.move_all(waiting, EscrowState.HELD, action="payments.escrow.held")
    _save(waiting, "state")
    amounts = {share.id: share.amount for share in shares}
    outbox.append_many(
        (
            events.EscrowHeld(
                row.id,
                intent.id,
                row.merchant_id,
                row.reference,
                Money(amounts[row.share_id], intent.currency),
            ),
            row,
            row.merchant_id,
        )
        for row in (*made, *waiting)
    )


def canceled(intent: PaymentIntent) -> None:
    """Nothing comes of the payment."""
    rows = list(
        Escrow.objects.select_for_update().filter(intent_id=intent.id, state=EscrowState.AWAITING)
    )
    Escrow.move_all(rows, EscrowState.CANCELED, action="payments.escrow.canceled")
    _save(rows, "state")


def delivered(shares: Collection[UUID], at: datetime) -> set[UUID]:
    """The goods of these shares arrived; those that only an inspection releases."""
    rows = [row for row in _locked(shares) if row.delivered_at is None]
    for row in rows:
        row.delivered_at = at
    _save(rows, "delivered_at")
    outbox.append_many(
        (events.EscrowDelivered(row.id, row.merchant_id, row.reference), row, row.merchant_id)
        for row in rows
    )
    everything = Escrow.objects.filter(share_id__in=shares, accept=Acceptance.INSPECTION)
    return set(everything.values_list("share_id", flat=True))


def splits_of(shares: Iterable[IntentShare]) -> dict[UUID, list[EscrowSplit]]:
    """With whom each share is split."""
    found: dict[UUID, list[EscrowSplit]] = {}
    rows = EscrowSplit.objects.select_related("escrow").filter(
        escrow__share_id__in=[share.id for share in shares]
    )
    for row in rows.order_by("place"):
        found.setdefault(row.escrow.share_id, []).append(row)
    return found


def divided(share: IntentShare, amount: int, splits: Sequence[EscrowSplit]) -> list[SplitPosting]:
    """What of a release of ``amount`` goes to others; noted on the splits."""
    if not splits:
        return []
    claims = [Claim(row.amount, row.paid, row.kind == SplitKind.TAX) for row in splits]
    _own, parts = split(
        release=amount,
        held=share.held,
        whole=share.net,
        taken=share.taken,
        claims=claims,
    )
    for row, part in zip(splits, parts, strict=True):
        row.paid += part
    EscrowSplit.objects.bulk_update(splits, ["paid"])
    return [
        SplitPosting(row.place, row.kind, row.payee_id, part)
        for row, part in zip(splits, parts, strict=True)
        if part
    ]


def released(amounts: Mapping[UUID, int], shares: Sequence[IntentShare]) -> None:
    """So much of each share was released: the records say so."""
    by_id = {share.id: share for share in shares}
    rows = _locked(share for share, amount in amounts.items() if amount)
    over = [row for row in rows if by_id[row.share_id].released_at and _open(row)]
    Escrow.move_all(over, EscrowState.RELEASED, action="payments.escrow.released")
    _save(rows, "state")
    outbox.append_many(
        (
            events.EscrowReleased(
                row.id,
                row.merchant_id,
                row.reference,
                Money(amounts[row.share_id], by_id[row.share_id].currency),
                Money(by_id[row.share_id].held, by_id[row.share_id].currency),
            ),
            row,
            row.merchant_id,
        )
        for row in rows
    )


def refunded(shares: Sequence[IntentShare]) -> None:
    """A refund took money: where nothing is held any more, and nothing was released, it is over."""
    spent = {share.id: share for share in shares if not share.held and not share.released_at}
    rows = [row for row in _locked(spent) if _open(row)]
    for row in rows:
        state = EscrowState.RELEASED if spent[row.share_id].released else EscrowState.RETURNED
        row.move(state, action=f"payments.escrow.{state}")
    _save(rows, "state")
    outbox.append_many(
        (events.EscrowReturned(row.id, row.merchant_id, row.reference), row, row.merchant_id)
        for row in rows
        if row.state == EscrowState.RETURNED
    )


def _open(row: Escrow) -> bool:
    return row.state in (EscrowState.HELD, EscrowState.FROZEN)


def _locked(shares: Iterable[UUID]) -> list[Escrow]:
    return ESCROWS.all(f"share_id {AMONG} ORDER BY id FOR UPDATE", [list(shares)])


def _save(rows: Sequence[Escrow], *fields: str) -> None:
    if not rows:
        return
    for row in rows:
        row.touch()
    Escrow.objects.bulk_update(rows, [*fields, "version", "updated_at"])
