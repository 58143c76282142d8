"""Change what a merchant may change on its own objects: description, metadata, its id for it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit
from kernel.errors import Conflict
from kernel.money import Money
from kernel.transactions import together
from payments import locks, selectors
from payments.contracts import IntentInfo
from payments.errors import ExternalIdTaken
from payments.models import PaymentIntent


class AmountFixed(Conflict):
    code = "payments.amount_fixed"
    title = _("A payment's amount can't be changed")
    remedy = _("Cancel this payment and begin another one with its own external_id.")


def by_external_id(merchant_id: UUID | None, external_id: str) -> UUID | None:
    """The id of the merchant's intent with this id of its own."""
    rows = PaymentIntent.objects.filter(merchant_id=merchant_id, external_id=external_id)
    return rows.values_list("id", flat=True).first()


def change_intent(
    *,
    intent_id: UUID,
    check: Callable[[int], None] = lambda version: None,
    amount: Money | None = None,
    **changes: Any,
) -> IntentInfo:
    """Set ``description``, ``metadata``, ``external_id``; what isn't named stays.

    ``check`` is called with the locked row's version. Raises AmountFixed if ``amount`` is another
    than the intent's, ExternalIdTaken.
    """
    with together():
        row = locks.intent(intent_id)
        check(row.version)
        if amount is not None and amount != Money(row.amount, row.currency):
            raise AmountFixed(field="amount", amount=Money(row.amount, row.currency).as_api())
        wanted = {
            name: value
            for name, value in changes.items()
            if name in ("description", "metadata", "external_id")
            and (value is not None or name == "external_id")
            and getattr(row, name) != value
        }
        if not wanted:
            return selectors.intent_info(row)
        taken = wanted.get("external_id")
        if taken and by_external_id(row.merchant_id, taken) is not None:
            raise ExternalIdTaken(field="external_id")
        before = {name: getattr(row, name) for name in wanted}
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
        audit.record(action="payments.intent.changed", target=row, before=before, after=wanted)
        return selectors.intent_info(row)
