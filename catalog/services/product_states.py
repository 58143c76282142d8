"""Publish a product, withdraw it, take it back to the drawing board; follow its merchant."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from catalog import events, locks, selectors
from catalog.contracts import ProductInfo, ProductState, SetEntry
from catalog.errors import NotPublishable
from catalog.models import Product
from catalog.services.attributes import missing_values
from catalog.services.writing import check_merchant, main_language
from kernel import clock, outbox, transactions
from kernel.errors import FieldProblem
from platforms.facade import get_platform

Check = Callable[[int], None] | None


def publish_product(
    *, product_id: UUID, merchant_id: UUID | None = None, check: Check = None
) -> ProductInfo:
    """Show it to buyers; where the platform wants a review, what a merchant (``merchant_id``)
    publishes waits for it first. Raises NotPublishable (naming all that is missing),
    InvalidTransition."""
    with transactions.atomic():
        row = locks.product(product_id, merchant_id)
        check_merchant(row.merchant_id)
        if check is not None:
            check(row.version)
        waits = merchant_id is not None and review_required()
        to = ProductState.IN_REVIEW if waits else ProductState.PUBLISHED
        Product.TRANSITIONS.check(row.state, to)
        check_complete(row, row.variants.filter(active=True).exists())
        if waits:
            row.move(to, action="catalog.product.submitted")
            row.save()
            outbox.append(
                events.ProductSubmitted(product_id=row.id, merchant_id=row.merchant_id),
                aggregate=row,
                merchant_id=row.merchant_id,
            )
        else:
            put_on_sale(row, action="catalog.product.published")
    return selectors.product(product_id)


def review_required() -> bool:
    """Whether the operator looks at each product before buyers see it."""
    return bool(get_platform().settings["catalog"]["review"])


def put_on_sale(row: Product, *, action: str) -> None:
    """The locked product, found complete, is shown to buyers."""
    row.move(ProductState.PUBLISHED, action=action)
    row.published_at = clock.business()
    row.merchant_open = True
    row.save()
    outbox.append(
        events.ProductPublished(product_id=row.id, merchant_id=row.merchant_id),
        aggregate=row,
        merchant_id=row.merchant_id,
    )


def withdraw_product(
    *, product_id: UUID, merchant_id: UUID | None = None, reason: str = "", check: Check = None
) -> ProductInfo:
    """Take it out of sale. Raises InvalidTransition unless it is published."""
    with transactions.atomic():
        row = locks.product(product_id, merchant_id)
        if check is not None:
            check(row.version)
        row.move(ProductState.WITHDRAWN, action="catalog.product.withdrawn", reason=reason)
        row.save()
        outbox.append(
            events.ProductWithdrawn(product_id=row.id, merchant_id=row.merchant_id, reason=reason),
            aggregate=row,
            merchant_id=row.merchant_id,
        )
    return selectors.product(product_id)


def redraft_product(
    *, product_id: UUID, merchant_id: UUID | None = None, check: Check = None
) -> ProductInfo:
    """A product that is withdrawn, sent back or in review becomes a draft again. Raises
    InvalidTransition otherwise."""
    with transactions.atomic():
        row = locks.product(product_id, merchant_id)
        if check is not None:
            check(row.version)
        row.move(ProductState.DRAFT, action="catalog.product.redrafted")
        row.save()
        outbox.append(
            events.ProductUpdated(
                product_id=row.id,
                merchant_id=row.merchant_id,
                changed=["state"],
                state=str(row.state),
            ),
            aggregate=row,
            merchant_id=row.merchant_id,
        )
    return selectors.product(product_id)


def follow_merchant(*, merchant_id: UUID, is_open: bool) -> int:
    """Show or hide all products of a merchant that was approved or suspended; how many changed."""
    rows = Product.objects.filter(merchant_id=merchant_id).exclude(merchant_open=is_open)
    return rows.update(merchant_open=is_open, version=F("version") + 1, updated_at=clock.system())


def check_complete(
    row: Product, sellable: bool, sets: dict[UUID, tuple[SetEntry, ...]] | None = None
) -> None:
    """Refuse what buyers can't be shown; ``sellable``: it has an active variant. Raises
    NotPublishable naming all that is missing."""
    problems: list[FieldProblem] = []
    main = main_language()
    if not row.titles.get(main):
        problems.append(
            FieldProblem(f"titles.{main}", str(_("The title in the main language is missing.")))
        )
    if not sellable:
        problems.append(FieldProblem("variants", str(_("There is no active variant."))))
    problems += missing_values(row, sets)
    if problems:
        raise NotPublishable(problems=problems)
