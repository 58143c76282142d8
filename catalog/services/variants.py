"""The variants of a product: checked as a whole, written with few statements."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from catalog.contracts import OptionAxis, OptionValue, ProductState, VariantInput
from catalog.domain.sizes import SIDE_MOST, SIDES
from catalog.errors import BarcodeWrong, LastVariant, SameOptions
from catalog.models import VARIANTS, Product, Variant
from catalog.services.writing import TITLE_LENGTH, codes, texts, unique_values
from kernel.check_digits import gtin_problem
from kernel.errors import Invalid

AXES_MAX = 5
VARIANTS_MAX = 100
WEIGHT_MAX = 100_000_000  # grams: a hundred tonnes a piece
CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
WRITTEN = [f.name for f in fields(VariantInput)]
STATE = [*(name for name in WRITTEN if name != "sku"), "options_key", "position"]


def axes_of(given: Iterable[OptionAxis], variants: Sequence[VariantInput]) -> list[dict[str, Any]]:
    """The option axes as stored; without any given, they are read off the first variant."""
    axes = list(given)
    if not axes and variants:
        axes = [OptionAxis(code) for code in variants[0].options]
    if len(axes) > AXES_MAX:
        raise Invalid(_("A product has at most five options."), field="options")
    for axis in axes:
        if not CODE.fullmatch(axis.code):
            raise Invalid(
                _("The code of an option has 1 to 30 of a-z, 0-9 and _, a letter first."),
                field="options",
            )
    repeated = codes([axis.code for axis in axes])
    if repeated:
        raise Invalid(_("An option is named twice."), field="options", repeated=repeated)
    return [
        {
            "code": axis.code,
            "titles": texts(axis.titles, field=f"options.{axis.code}", longest=TITLE_LENGTH),
        }
        for axis in axes
    ]


def make_variants(product: Product, wanted: Sequence[VariantInput]) -> list[Variant]:
    """The variants of a product just made. Raises as ``sync_variants``."""
    new, _changed = planned(product, wanted, {}, whole=True)
    _write(new, [])
    return new


def sync_variants(product: Product, wanted: Sequence[VariantInput], *, whole: bool) -> bool:
    """Make the product's variants as ``wanted``, known by SKU; ``whole``: others become inactive.

    The product's row is locked. Returns whether anything changed. Raises Invalid,
    SkuTaken, SameOptions, ExternalIdTaken, LastVariant.
    """
    there = Variant.objects.filter(product_id=product.id)
    new, changed = planned(product, wanted, {row.sku: row for row in there}, whole=whole)
    _write(new, changed)
    return bool(new or changed)


def planned(
    product: Product, wanted: Sequence[VariantInput], present: dict[str, Variant], *, whole: bool
) -> tuple[list[Variant], list[Variant]]:
    """The new and the changed rows of ``sync_variants``, checked but not written; ``present`` are
    the product's variants by SKU, of which the changed ones are changed in memory."""
    _check(product, wanted)
    listed = {given.sku for given in wanted}
    new: list[Variant] = []
    changed: list[Variant] = []
    for place, given in enumerate(wanted):
        row = present.get(given.sku)
        if (row is None or row.barcode != given.barcode) and gtin_problem(given.barcode.strip()):
            raise BarcodeWrong(field=f"variants.{place}.barcode")
        if row is None:
            row = VARIANTS.new(
                product_id=product.id, merchant_id=product.merchant_id, sku=given.sku
            )
            row.position = place if whole else len(present) + len(new)
            _fill(row, given, product)
            new.append(row)
        else:
            before = _state(row)
            row.position = place if whole else row.position
            _fill(row, given, product)
            if _state(row) != before:
                changed.append(row)
    if whole:
        for row in present.values():
            if row.sku not in listed and row.active:
                row.active = False
                changed.append(row)
    _check_result(product, [*new, *present.values()])
    return new, changed


def _write(new: list[Variant], changed: list[Variant]) -> None:
    if not new and not changed:
        return
    for row in changed:
        row.touch()
    with unique_values():
        # Inactive rows first: their combination of options becomes free for others.
        changed.sort(key=lambda row: row.active)
        for row in changed:
            Variant.objects.filter(id=row.id).update(**_state(row), **_times(row))
        VARIANTS.insert(new)


def _times(row: Variant) -> dict[str, Any]:
    return {"version": row.version, "updated_at": row.updated_at}


def _state(row: Variant) -> dict[str, Any]:
    return {name: getattr(row, name) for name in STATE}


def _fill(row: Variant, given: VariantInput, product: Product) -> None:
    row.options = {code: _value(code, value) for code, value in given.options.items()}
    row.options_key = _key(row.options, product)
    row.weight_grams = given.weight_grams
    for side in SIDES:
        setattr(row, side, getattr(given, side))
    row.barcode = given.barcode.strip()
    row.active = given.active
    row.external_id = given.external_id
    row.metadata = dict(given.metadata)


def _value(code: str, value: OptionValue) -> str | dict[str, str]:
    if isinstance(value, str):
        return value.strip()
    return texts(value, field=f"options.{code}", longest=60)


def _key(options: Mapping[str, Any], product: Product) -> str:
    """The combination as one text, so that the database can keep it unique."""
    order = [axis["code"] for axis in product.options]
    packed = orjson.dumps([options.get(code) for code in order], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(packed).hexdigest()


def _check(product: Product, wanted: Sequence[VariantInput]) -> None:
    if len(wanted) > VARIANTS_MAX:
        raise Invalid(_("A product has at most a hundred variants."), field="variants")
    axes = {axis["code"] for axis in product.options}
    for place, given in enumerate(wanted):
        where = f"variants.{place}"
        if not 1 <= len(given.sku) <= 64 or not given.sku.isprintable():
            raise Invalid(_("A SKU has 1 to 64 printable characters."), field=f"{where}.sku")
        if len(given.barcode) > 64 or not given.barcode.isprintable():
            raise Invalid(
                _("A barcode has at most 64 printable characters."), field=f"{where}.barcode"
            )
        if not 0 <= given.weight_grams <= WEIGHT_MAX:
            raise Invalid(
                _("The weight is given in grams, 0 to 100,000,000."), field=f"{where}.weight_grams"
            )
        _check_size(given, where)
        if set(given.options) != axes:
            raise Invalid(
                _("A variant chooses a value for each option of the product, and no other."),
                field=f"{where}.options",
                options=sorted(axes),
            )
        for code, value in given.options.items():
            if not value or (isinstance(value, str) and len(value) > 60):
                raise Invalid(
                    _("The value of an option has 1 to 60 characters."),
                    field=f"{where}.options.{code}",
                )
    repeated = codes([given.sku for given in wanted])
    if repeated:
        raise Invalid(_("A SKU is given twice."), field="variants", repeated=repeated)


def _check_size(given: VariantInput, where: str) -> None:
    sides = {side: getattr(given, side) for side in SIDES}
    known = [size for size in sides.values() if size is not None]
    for side, size in sides.items():
        if size is None and known:
            raise Invalid(
                _("A size is given by all three sides, or by none."), field=f"{where}.{side}"
            )
        if size is not None and not 1 <= size <= SIDE_MOST:
            raise Invalid(
                _("A side is given in whole millimetres, 1 to 30,000."), field=f"{where}.{side}"
            )


def _check_result(product: Product, rows: Sequence[Variant]) -> None:
    active = [row for row in rows if row.active]
    if product.state == ProductState.PUBLISHED and not active:
        raise LastVariant(field="variants")
    if len(rows) > VARIANTS_MAX * 3:
        raise Invalid(_("A product has at most a hundred variants."), field="variants")
    if codes([row.options_key for row in active]):
        raise SameOptions(field="variants")


def as_input(row: Variant) -> VariantInput:
    """The variant as it is, to change a part of it."""
    return VariantInput(**{name: getattr(row, name) for name in WRITTEN})


def find(product_id: UUID, variant_id: UUID) -> Variant | None:
    """The variant, if it is the product's."""
    found: Variant | None = Variant.objects.filter(id=variant_id, product_id=product_id).first()
    return found
