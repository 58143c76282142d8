"""Related products (关联商品): what a product's page shows beside it."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import brands, locks
from catalog.errors import RelatedUnknown
from catalog.models import Product, Related
from catalog.services.products import tell_updated
from kernel import transactions
from kernel.errors import Invalid

MOST = 12


def put_related(
    *, product_id: UUID, others: Sequence[UUID], merchant_id: UUID | None = None
) -> tuple[UUID, ...]:
    """The products that this one's page shows, in this order; all of the same merchant. Raises
    RelatedUnknown, Invalid, NotFound."""
    wanted = list(dict.fromkeys(others))
    with transactions.atomic():
        row = locks.product(product_id, merchant_id)
        if len(wanted) > MOST or product_id in wanted:
            raise Invalid(_("Name at most twelve other products."), field="related", limit=MOST)
        own = Product.objects.filter(id__in=wanted, merchant_id=row.merchant_id)
        if own.count() != len(wanted):
            raise RelatedUnknown(field="related")
        before = brands.related_ids(product_id)
        if list(before) != wanted:
            Related.objects.filter(product_id=product_id).delete()
            Related.objects.bulk_create(
                Related(product_id=product_id, other_id=other, position=place)
                for place, other in enumerate(wanted)
            )
            tell_updated(
                row, ["related"], before={"related": list(before)}, after={"related": wanted},
                saved=False,
            )  # fmt: skip
    return tuple(wanted)
