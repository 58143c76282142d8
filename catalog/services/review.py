"""The operator's review of products (商品审核), where the platform's settings ask for one."""

from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import events, locks, selectors
from catalog.contracts import ProductInfo, ProductState
from catalog.models import Product
from catalog.services.product_states import check_complete, put_on_sale
from catalog.services.writing import check_merchant
from kernel import outbox, transactions
from kernel.errors import Invalid, InvalidTransition

Check = Callable[[int], None] | None
REASON_MAX = 300


def approve_product(*, product_id: UUID, check: Check = None) -> ProductInfo:
    """Put it on sale; ``check`` gets the version, so that what was looked at is what is approved.
    Raises InvalidTransition unless it is in review, NotPublishable, MerchantNotApproved."""
    with transactions.atomic():
        row = _in_review(product_id, check)
        check_merchant(row.merchant_id)
        check_complete(row, row.variants.filter(active=True).exists())
        put_on_sale(row, action="catalog.product.approved")
    return selectors.product(product_id)


def return_product(*, product_id: UUID, reason: str, check: Check = None) -> ProductInfo:
    """Give it back to its merchant with words on what to change. Raises Invalid without words,
    InvalidTransition unless it is in review."""
    words = reason.strip()
    if not words or len(words) > REASON_MAX:
        raise Invalid(_("Say in 1 to 300 characters what is to be changed."), field="reason")
    with transactions.atomic():
        row = _in_review(product_id, check)
        row.move(ProductState.RETURNED, action="catalog.product.returned", reason=words)
        row.save()
        outbox.append(
            events.ProductReturned(product_id=row.id, merchant_id=row.merchant_id, reason=words),
            aggregate=row,
            merchant_id=row.merchant_id,
        )
    return selectors.product(product_id)


def _in_review(product_id: UUID, check: Check) -> Product:
    row = locks.product(product_id)
    if check is not None:
        check(row.version)
    if row.state != ProductState.IN_REVIEW:
        raise InvalidTransition(state=str(row.state), allowed=[])
    return row
