"""What hangs on a product in an order of the merchant's: its pictures, its videos."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Max

from catalog import locks
from catalog.models import Picture, Product, Video
from catalog.services.products import tell_updated
from catalog.services.writing import check_merchant
from kernel import transactions
from kernel.errors import Invalid, NotFound, Text

RowT = TypeVar("RowT", Picture, Video)


def locked(product_id: UUID, merchant_id: UUID | None) -> Product:
    """The product, locked, of a merchant that may change it. Raises NotFound,
    MerchantNotApproved."""
    product = locks.product(product_id, merchant_id)
    check_merchant(product.merchant_id)
    return product


@dataclass(frozen=True)
class Hanging(Generic[RowT]):
    """One kind of it. ``upload``: the relation to what was uploaded; ``all_once``: what to say to
    an order that doesn't name all."""

    name: str
    model: type[RowT]
    upload: str
    all_once: Text

    def next_place(self, product_id: UUID) -> int:
        """Behind all that hang there."""
        present = self.model.objects.filter(product_id=product_id)
        last: int | None = present.aggregate(last=Max("position"))["last"]
        return 0 if last is None else last + 1

    def find(self, product: Product, row_id: UUID) -> RowT:
        """One that hangs on the product. Raises NotFound."""
        row: RowT | None = self.model.objects.filter(id=row_id, product_id=product.id).first()
        if row is None:
            raise NotFound
        return row

    def put_in_order(
        self, product_id: UUID, ids: Sequence[UUID], *, merchant_id: UUID | None
    ) -> None:
        """All of them in this order. Raises NotFound, MerchantNotApproved, Invalid."""
        with transactions.atomic():
            product = locked(product_id, merchant_id)
            rows = {row.id: row for row in self.model.objects.filter(product_id=product_id)}
            if len(ids) != len(rows) or set(ids) != rows.keys():
                raise Invalid(self.all_once, field=self.name)
            for place, row_id in enumerate(ids):
                rows[row_id].position = place
            self.model.objects.bulk_update(rows.values(), ["position"])
            self.tell(product, {"order": [str(row_id) for row_id in ids]})

    def take_off(self, product_id: UUID, row_id: UUID, *, merchant_id: UUID | None) -> None:
        """Its day as an unused upload begins now. Raises NotFound, MerchantNotApproved."""
        with transactions.atomic():
            product = locked(product_id, merchant_id)
            uploaded = getattr(self.find(product, row_id), self.upload)
            self.model.objects.filter(id=row_id).delete()
            uploaded.save()
            self.tell(product, {"removed": str(row_id)})

    def tell(self, product: Product, after: dict[str, object]) -> None:
        """Note the change on the product."""
        tell_updated(product, [self.name], before={}, after={self.name: after}, saved=False)
