"""What this context does when others tell of something."""

from catalog.services.product_states import follow_merchant
from kernel.outbox import EventMeta, subscribe
from platforms.events import MerchantApproved, MerchantSuspended


@subscribe(MerchantApproved, handler="catalog.approved_merchant_is_shown")
def show(event: MerchantApproved, meta: EventMeta) -> None:
    follow_merchant(merchant_id=event.merchant_id, is_open=True)


@subscribe(MerchantSuspended, handler="catalog.suspended_merchant_is_hidden")
def hide(event: MerchantSuspended, meta: EventMeta) -> None:
    follow_merchant(merchant_id=event.merchant_id, is_open=False)
