"""Brands: the operator's list of them."""

import re
from collections.abc import Callable, Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import brands, events, locks
from catalog.contracts import BrandInfo
from catalog.errors import BrandUnknown
from catalog.models import Brand, Product
from catalog.services.writing import TITLE_LENGTH, main_language, texts, unique_values
from kernel import audit, outbox, transactions
from kernel.errors import Invalid

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def create_brand(
    *, code: str, names: Mapping[str, str], external_id: str | None = None
) -> BrandInfo:
    """A new brand. Raises Invalid, BrandTaken, ExternalIdTaken."""
    if not CODE.fullmatch(code):
        raise Invalid(_("A code has 1 to 40 of a-z, 0-9 and -."), field="code")
    row = Brand(code=code, names=_names(names), external_id=external_id)
    with transactions.atomic(), unique_values():
        row.save(force_insert=True)
        audit.record(
            action="catalog.brand.created", target=row, after={"code": code, "names": row.names}
        )
        outbox.append(events.BrandChanged(brand_id=row.id, code=code), aggregate=row)
    return brands.brand(row.id)


def rename_brand(
    *, brand_id: UUID, names: Mapping[str, str], check: Callable[[int], None] | None = None
) -> BrandInfo:
    """New names. Raises Invalid, NotFound."""
    with transactions.atomic():
        row = locks.brand(brand_id)
        if check is not None:
            check(row.version)
        before, row.names = row.names, _names(names)
        if before != row.names:
            row.save()
            audit.record(
                action="catalog.brand.renamed",
                target=row,
                before={"names": before},
                after={"names": row.names},
            )
            outbox.append(events.BrandChanged(brand_id=row.id, code=row.code), aggregate=row)
    return brands.brand(brand_id)


def put_brand(row: Product, brand_id: UUID | None) -> None:
    """Set the product's brand. Raises BrandUnknown."""
    if brand_id is not None and not Brand.objects.filter(id=brand_id).exists():
        raise BrandUnknown(field="brand")
    row.brand_id = brand_id


def _names(given: Mapping[str, str]) -> dict[str, str]:
    found = texts(given, field="names", longest=TITLE_LENGTH)
    if not found.get(main_language()):
        raise Invalid(
            _("A name in the platform's main language is needed."),
            field=f"names.{main_language()}",
        )
    return found
