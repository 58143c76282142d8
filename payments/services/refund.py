"""Give money back to the buyer, in three parts. What it takes from the merchant and from the
commission is held in the ledger before the gateway is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit
from kernel.failpoints import hit
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import together
from payments import ledger, locks, selectors
from payments.contracts import (
    BANK_TRANSFER,
    IDLE,
    SUCCEEDED,
    WALLET,
    IntentState,
    Outcome,
    Purpose,
    RefundInfo,
    RefundShare,
)
from payments.domain.chart import Code
from payments.domain.commission import commission_back, subsidy_back
from payments.domain.postings import Book, RefundPosting, hold_refund
from payments.errors import (
    ExternalIdTaken,
    InsufficientBalance,
    IntentNotRefundable,
    InvalidShares,
    KeyReused,
    RefundTooLarge,
)
from payments.gateways.base import RefundOrder
from payments.models import IntentShare, PaymentIntent, Refund
from payments.models import RefundShare as RefundShareRow
from payments.services import bank_credits, freezing, gateway_account, reserves
from payments.services.books import book_of
from payments.services.checks import is_stale, next_check
from payments.services.settle_refund import own_outcome, settle
from platforms import facade as platforms


@dataclass(frozen=True)
class _Part:
    """What one share bears, before it is known where the money comes from."""

    share: IntentShare
    refund: int
    commission: int
    subsidy: int

    @property
    def from_merchant(self) -> int:
        return self.refund + self.subsidy - self.commission

    @property
    def from_pending(self) -> int:
        if self.share.released_at is not None:
            return 0
        return min(self.from_merchant, self.share.held)


def prepare_refund(
    *,
    key: UUID,
    intent_id: UUID,
    shares: Sequence[RefundShare],
    reason: str = "",
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
    to_wallet: bool = False,
) -> RefundInfo:
    """Commit the refund and hold its money; the same ``key`` again is the same refund.

    A share's money comes from the merchant's pending balance while it is there, then from the
    available one; what is missing the merchant owes (of a top-up nothing may be missing).
    A share of nothing with a ``subsidy_back`` gives the platform its part back, and nobody else.
    ``to_wallet``: to the payer's wallet instead of where the money came from. Raises
    IntentNotRefundable, RefundTooLarge, InvalidShares, InsufficientBalance, KeyReused.
    """
    with together():
        intent = locks.intent(intent_id)
        known = Refund.objects.filter(key=key).first()
        if known is not None:
            return _same(known, intent_id, shares)
        if intent.state != IntentState.SUCCEEDED:
            raise IntentNotRefundable(
                _("It is %(state)s.") % {"state": intent.get_state_display()}, state=intent.state
            )
        if to_wallet and (intent.payer_id is None or intent.purpose == Purpose.TOPUP):
            raise IntentNotRefundable(_("Nobody's wallet goes with this payment."))
        parts = _parts(intent, shares)
        amount = sum(part.refund for part in parts)
        merchants = {part.share.merchant_id for part in parts}
        refund = Refund(
            intent=intent,
            key=key,
            merchant_id=next(iter(merchants)) if len(merchants) == 1 else None,
            amount=amount,
            currency=intent.currency,
            reason=reason,
            gateway=WALLET if to_wallet else intent.gateway,
            external_id=external_id,
            metadata=dict(metadata or {}),
            next_check_at=next_check(0),
        )
        refund.touch()
        Refund.objects.bulk_create([refund], ignore_conflicts=True)
        if not Refund.objects.filter(id=refund.id).exists():
            raise ExternalIdTaken(field="external_id")
        rows = _hold(intent, refund, parts)
        intent.amount_refunded += amount
        intent.save(update_fields=["amount_refunded"])
        audit.record(
            action="payments.refund.created",
            target=refund,
            after={"intent": intent.id, "amount": Money(amount, intent.currency)},
        )
        return selectors.refund_info(refund, rows)


def perform_refund(*, refund_id: UUID) -> Outcome:
    """Ask the gateway to refund; repeatable under the refund's id. One so old that the gateway may
    have forgotten that is looked for first."""
    row = selectors.refund_row(refund_id)
    if row.state != "pending":
        return own_outcome(row)
    if not row.amount:
        return _nothing_to_ask(row)
    gateway = gateway_account.gateway_for(row.gateway)
    order = _order(row)
    if order.provider_id or is_stale(row.created_at):
        found = gateway.find_refund(order)
        if found.status != IDLE:
            return found
    return gateway.refund(order)


def perform_refund_query(*, refund_id: UUID) -> Outcome:
    """How the refund stands: by our own record if it has ended, else by asking. One that the
    gateway doesn't know is asked for once more under its own key."""
    row = selectors.refund_row(refund_id)
    if row.state != "pending":
        return own_outcome(row)
    if not row.amount:
        return _nothing_to_ask(row)
    gateway = gateway_account.gateway_for(row.gateway)
    order = _order(row)
    found = gateway.find_refund(order)
    if found.status == IDLE:
        return gateway.refund(order)
    return found


def _nothing_to_ask(row: Refund) -> Outcome:
    """The buyer gets nothing, so nobody outside has a part in it."""
    return Outcome(SUCCEEDED, amount=0, currency=row.currency)


def _order(row: Refund) -> RefundOrder:
    """What the gateway needs to know; for a transfer also whom it came from. Our id is in its
    words, so that it is known again on the bank's statement."""
    order = selectors.refund_order(row)
    if row.gateway != BANK_TRANSFER:
        return order
    reason = f"{public_id('ref', row.id)} {order.reason}".strip()
    return replace(order, reason=reason, payee=bank_credits.payee_of_intent(row.intent_id))


def record_refund(*, refund_id: UUID, outcome: Outcome) -> RefundInfo:
    """Commit what was answered; booked once, whoever brings the news first."""
    with together():
        intent, refund = locks.refund(refund_id)
        settle(intent, refund, outcome)
        return selectors.refund_info(refund)


def refund_intent(
    *,
    key: UUID,
    intent_id: UUID,
    shares: Sequence[RefundShare],
    reason: str = "",
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
    to_wallet: bool = False,
) -> RefundInfo:
    """All three parts; the caller has no transaction open."""
    refund = prepare_refund(
        key=key,
        intent_id=intent_id,
        shares=shares,
        reason=reason,
        external_id=external_id,
        metadata=metadata,
        to_wallet=to_wallet,
    )
    hit("payments.refund.before_call")
    outcome = perform_refund(refund_id=refund.id)
    hit("payments.refund.after_call")
    return record_refund(refund_id=refund.id, outcome=outcome)


def _same(row: Refund, intent_id: UUID, shares: Sequence[RefundShare]) -> RefundInfo:
    amount = sum(share.amount.amount for share in shares)
    if (row.intent_id, row.amount) != (intent_id, amount):
        raise KeyReused(refund=public_id("ref", row.id))
    return selectors.refund_info(row)


def _parts(intent: PaymentIntent, wanted: Sequence[RefundShare]) -> list[_Part]:
    known = {(s.merchant_id, s.reference): s for s in locks.shares(intent.id)}
    rule = str(platforms.setting("payments", "commission_back"))
    parts: dict[UUID, _Part] = {}
    for place, asked in enumerate(wanted):
        here = f"shares.{place}"
        share = known.get((asked.merchant_id, asked.reference))
        if share is None or share.id in parts:
            raise InvalidShares(
                _("It isn't one of the payment's shares, or it stands here twice."), field=here
            )
        back = asked.commission_back
        given = (asked.amount, back, asked.subsidy_back)
        if {one.currency for one in given if one is not None} != {intent.currency}:
            raise InvalidShares(
                _("It isn't in %(currency)s.") % {"currency": intent.currency}, field=here
            )
        left = share.amount - share.refunded
        alone = not asked.amount.amount and asked.subsidy_back  # only the platform's part
        if not (alone or 0 < asked.amount.amount <= left):
            raise RefundTooLarge(
                field=f"{here}.amount", refundable=Money(left, intent.currency).as_api()
            )
        settled = share.refunded - freezing.contested(share)
        subsidy = _subsidy(share, settled, asked, here)
        commission = (
            back.amount
            if back is not None
            else commission_back(
                amount=share.amount,
                commission=share.commission,
                refunded=settled,
                returned=share.commission_refunded,
                refund=asked.amount.amount,
                rule=rule,
                subsidy_back=subsidy,
            )
        )
        most = min(asked.amount.amount + subsidy, share.commission - share.commission_refunded)
        if not 0 <= commission <= most:
            raise RefundTooLarge(
                field=f"{here}.commission_back", refundable=Money(most, intent.currency).as_api()
            )
        parts[share.id] = _Part(share, asked.amount.amount, commission, subsidy)
    if not parts:
        raise InvalidShares(_("Name at least one share."), field="shares")
    return list(parts.values())


def _subsidy(share: IntentShare, settled: int, asked: RefundShare, here: str) -> int:
    """How much of what the platform added goes back to it. Raises RefundTooLarge."""
    if asked.subsidy_back is None:
        return subsidy_back(
            amount=share.amount,
            subsidy=share.subsidy,
            refunded=settled,
            returned=share.subsidy_refunded,
            refund=asked.amount.amount,
        )
    left = share.subsidy - share.subsidy_refunded
    if not 0 <= asked.subsidy_back.amount <= left:
        raise RefundTooLarge(
            field=f"{here}.subsidy_back", refundable=Money(left, share.currency).as_api()
        )
    return asked.subsidy_back.amount


def _hold(intent: PaymentIntent, refund: Refund, parts: list[_Part]) -> list[RefundShareRow]:
    book = book_of(intent)
    available = _available(book, refund, parts)
    rows, moves = [], []
    for part in parts:
        share = part.share
        rest = part.from_merchant - part.from_pending
        from_available = min(rest, available.get(share.merchant_id, 0))
        if book.topup and from_available < rest:
            raise InsufficientBalance(available=book.money(from_available).as_api())
        if from_available:
            available[share.merchant_id] -= from_available
        move = RefundPosting(
            place=share.place,
            merchant_id=share.merchant_id,
            reference=share.reference,
            commission_back=part.commission,
            from_pending=part.from_pending,
            from_available=from_available,
            from_owed=rest - from_available,
            subsidy_back=part.subsidy,
        )
        moves.append(move)
        rows.append(
            RefundShareRow(
                refund=refund,
                share=share,
                merchant_id=share.merchant_id,
                reference=share.reference,
                amount=part.refund,
                commission_back=move.commission_back,
                subsidy_back=move.subsidy_back,
                from_pending=move.from_pending,
                from_available=move.from_available,
                from_owed=move.from_owed,
            )
        )
        share.refunded += part.refund
        share.commission_refunded += part.commission
        share.subsidy_refunded += part.subsidy
        share.taken += move.from_pending
    ledger.post_all(hold_refund(book, refund_id=refund.id, gateway=refund.gateway, parts=moves))
    RefundShareRow.objects.bulk_create(rows)
    IntentShare.objects.bulk_update(
        [part.share for part in parts],
        ["refunded", "commission_refunded", "subsidy_refunded", "taken"],
    )
    return rows


def _available(book: Book, refund: Refund, parts: list[_Part]) -> dict[UUID, int]:
    """What merchants have available, read under lock; only if some share needs it."""
    merchants = {p.share.merchant_id for p in parts if p.from_merchant > p.from_pending}
    if not merchants:
        return {}
    every = [book.of(Code.COMMISSION), book.of(Code.SUBSIDY), book.clearing(refund.gateway)]
    for merchant in {part.share.merchant_id for part in parts}:
        every += [
            book.of(code, merchant)
            for code in (
                Code.MERCHANT_PENDING,
                Code.MERCHANT_AVAILABLE,
                Code.MERCHANT_RESERVED,
                Code.MERCHANT_OWED,
            )
        ]
    ledger.lock_accounts(every)
    accounts = {m: book.of(Code.MERCHANT_AVAILABLE, m) for m in merchants}
    balances = ledger.account_balances(accounts.values())
    found = {merchant: max(0, balances[account.id]) for merchant, account in accounts.items()}
    for merchant in merchants:  # what is missing comes from what was kept back for that
        own = (p for p in parts if p.share.merchant_id == merchant)
        missing = sum(p.from_merchant - p.from_pending for p in own) - found[merchant]
        if missing > 0 and not book.topup:
            found[merchant] += reserves.use(
                book, merchant_id=merchant, most=missing, source_id=refund.id
            )
    return found


def key_of(merchant_id: UUID | None, external_id: str) -> UUID | None:
    """The key of the merchant's refund with this id of its own, if there is one."""
    rows = Refund.objects.filter(merchant_id=merchant_id, external_id=external_id)
    return rows.values_list("key", flat=True).first()


def amount_of(key: UUID) -> Money | None:
    """The amount of the refund made under ``key``, if there is one."""
    row = Refund.objects.filter(key=key).values_list("amount", "currency").first()
    return Money(*row) if row else None
