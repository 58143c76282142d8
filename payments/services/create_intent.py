"""Make a payment intent: a local row and its shares, nothing outside."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, gathered
from kernel.currencies import active
from kernel.errors import Invalid
from kernel.ids import public_id
from kernel.money import Money, total
from kernel.transactions import together
from payments import selectors
from payments.contracts import CARD, CaptureMethod, IntentInfo, Purpose, Share
from payments.errors import ExternalIdTaken, InvalidPaymentMethod, InvalidShares, KeyReused
from payments.models import INTENTS, SHARES, Attempt, Escrow, IntentShare, PaymentIntent
from payments.services.methods import TYPES


def create_intent(
    *,
    key: UUID,
    reference: str,
    amount: Money,
    shares: Sequence[Share],
    payment_method_types: Iterable[str] = (CARD,),
    description: str = "",
    merchant_id: UUID | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
    hold: bool = True,
    payer_id: UUID | None = None,
    purpose: Purpose = Purpose.SALE,
    pay_by: datetime | None = None,
    return_url: str = "",
    capture_method: str = CaptureMethod.AUTOMATIC,
) -> IntentInfo:
    """The intent for ``key``: made now, or the one made before under it.

    ``reference`` is the caller's (an order group's public id). The shares sum to ``amount``.
    ``hold``: shares stay pending until ``schedule_availability``; otherwise their time runs from
    the capture. ``payer_id`` is whose wallet may pay, ``pay_by`` (business time) the last moment to
    pay, ``return_url`` where the hosted page leads back to; ``capture_method`` manual only
    authorises. Raises InvalidShares, KeyReused, ExternalIdTaken.
    """
    types = tuple(dict.fromkeys(payment_method_types))
    _check(amount, shares, types)
    intent = INTENTS.new(
        key=key, merchant_id=merchant_id, reference=reference, description=description,
        amount=amount.amount, currency=amount.currency, payment_method_types=list(types),
        external_id=external_id,
        metadata=dict(metadata or {}),
        hold=hold,
        payer_id=payer_id,
        purpose=purpose,
        pay_by=pay_by,
        return_url=return_url,
        capture_method=capture_method,
    )  # fmt: skip
    with together():
        if not INTENTS.insert([intent], skip=True):
            known = INTENTS.one("key = %s", [key])
            if known is None:
                raise ExternalIdTaken(field="external_id")
            return _same(known, reference, amount)
        rows = [_share(intent, place, share) for place, share in enumerate(shares)]
        SHARES.insert(rows)
        gathered.remember(PaymentIntent, intent.id, intent)
        gathered.remember(IntentShare, intent.id, rows)
        gathered.remember(Attempt, intent.id, [])
        gathered.remember(Escrow, intent.id, [])
        audit.record(
            action="payments.intent.created",
            target=intent,
            after={"amount": amount, "reference": reference},
        )
    return selectors.intent_info(intent, rows)


def _same(row: PaymentIntent, reference: str, amount: Money) -> IntentInfo:
    if (row.reference, row.amount, row.currency) != (reference, amount.amount, amount.currency):
        raise KeyReused(payment=public_id("pay", row.id))
    return selectors.intent_info(row)


def _share(intent: PaymentIntent, place: int, share: Share) -> IntentShare:
    return SHARES.new(
        intent=intent,
        place=place,
        merchant_id=share.merchant_id,
        reference=share.reference,
        currency=share.amount.currency,
        amount=share.amount.amount,
        commission=share.commission.amount,
        subsidy=share.subsidy.amount if share.subsidy else 0,
    )


def _check(amount: Money, shares: Sequence[Share], types: tuple[str, ...]) -> None:
    active(amount.currency, field="amount.currency")
    if amount.amount <= 0:
        raise Invalid(_("A payment is of more than nothing."), field="amount")
    if not types or not set(types) <= set(TYPES):
        raise InvalidPaymentMethod(
            _("Give some of %(types)s.") % {"types": ", ".join(TYPES)}, field="payment_method_types"
        )
    for place, share in enumerate(shares):
        here = f"shares.{place}"
        subsidy = share.subsidy or amount.zero
        currencies = {share.amount.currency, share.commission.currency, subsidy.currency}
        if currencies != {amount.currency}:
            raise InvalidShares(
                _("It isn't in %(currency)s.") % {"currency": amount.currency}, field=here
            )
        whole = share.amount + subsidy
        if (
            share.amount.amount <= 0
            or subsidy.amount < 0
            or not 0 <= share.commission.amount <= whole.amount
        ):
            raise InvalidShares(
                _("The amount must be more than 0, the commission from 0 to the amount."),
                field=here,
            )
    if not shares or total((s.amount for s in shares), amount.currency) != amount:
        raise InvalidShares(_("They must sum to %(amount)s.") % {"amount": amount}, field="shares")
    if len({(s.merchant_id, s.reference) for s in shares}) != len(shares):
        raise InvalidShares(_("There is one share for a merchant and reference."), field="shares")
