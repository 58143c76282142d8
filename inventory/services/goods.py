"""Which of a merchant's goods are meant, and the stock rows where they lie."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from inventory import locks
from inventory.contracts import GoodsLine
from inventory.domain.allocation import StockRow
from inventory.errors import VariantUnknown, WarehouseUnknown
from inventory.models import Stock, Warehouse
from inventory.services import books
from kernel import clock, tenancy, transactions
from kernel.errors import Invalid
from kernel.ids import uuid7s
from kernel.sql_parts import AMONG
from kernel.statements import Columns

LINES_MAX = 500
NOTE_LENGTH = 300
Place = tuple[UUID, UUID]  # variant, warehouse
_PLACES = Columns(Stock, "variant_id", "warehouse_id", "id")
_OPEN = """
INSERT INTO inventory_stock
  (platform_id, id, version, created_at, updated_at, merchant_id, variant_id, warehouse_id, unit,
   on_hand, reserved)
SELECT %(platform)s, n.id, CASE WHEN n.on_hand = 0 THEN 0 ELSE 1 END, %(now)s, %(now)s,
  %(merchant)s, n.variant, n.warehouse, n.unit, n.on_hand, 0
FROM unnest(%(ids)s::uuid[], %(variants)s::uuid[], %(warehouses)s::uuid[], %(units)s::text[],
  %(on_hand)s::numeric[]) AS n(id, variant, warehouse, unit, on_hand)
ON CONFLICT (platform_id, variant_id, warehouse_id) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Named:
    """So much of a variant of the merchant's own, in its unit."""

    quantity: Decimal
    unit: str


def variant_of(
    by_sku: Mapping[str, UUID], variant_id: UUID | None, sku: str | None, *, at: str = ""
) -> UUID:
    """The variant that a line names by id, by SKU, or by both if they are the same one's; ``at``
    is where the line stands in the request. Raises VariantUnknown."""
    found = by_sku.get(sku) if sku else variant_id
    if found is None:
        raise VariantUnknown(field=f"{at}{'sku' if sku else 'variant'}")
    if variant_id not in (None, found):
        told = _("The SKU belongs to another variant than the one that is named.")
        raise VariantUnknown(told, field=f"{at}sku")
    return found


def one_variant(merchant_id: UUID, variant_id: UUID | None, sku: str | None) -> UUID:
    """As ``variant_of``, for the only line of a request."""
    by_sku = catalog.variant_ids_by_sku(merchant_id, [sku]) if sku else {}
    return variant_of(by_sku, variant_id, sku)


def named(
    merchant_id: UUID, lines: Sequence[GoodsLine], *, zero: bool = False
) -> dict[UUID, Named]:
    """The lines by variant, each variant once; ``zero`` allows quantities of 0.

    Raises VariantUnknown, InvalidStockQuantity, Invalid, each with the line's field.
    """
    if not 1 <= len(lines) <= LINES_MAX:
        raise Invalid(_("1 to %(most)s lines are needed.") % {"most": LINES_MAX}, field="lines")
    by_sku = catalog.variant_ids_by_sku(merchant_id, {line.sku for line in lines if line.sku})
    ids = [
        variant_of(by_sku, line.variant_id, line.sku, at=f"lines.{place}.")
        for place, line in enumerate(lines)
    ]
    units = units_of(merchant_id, ids)
    found: dict[UUID, Named] = {}
    for place, (line, variant_id) in enumerate(zip(lines, ids, strict=True)):
        field = f"lines.{place}"
        if variant_id not in units:
            raise VariantUnknown(field=f"{field}.{'sku' if line.sku else 'variant'}")
        if variant_id in found:
            raise Invalid(_("Name each variant once."), field=f"{field}.variant")
        unit = units[variant_id]
        books.check_quantity(line.quantity, field=f"{field}.quantity", unit_code=unit)
        if line.quantity < 0 or (line.quantity == 0 and not zero):
            raise Invalid(_("The quantity is more than 0."), field=f"{field}.quantity")
        found[variant_id] = Named(line.quantity, unit)
    return dict(sorted(found.items()))


def units_of(merchant_id: UUID, variant_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The units of those variants that are the merchant's own."""
    return catalog.variant_units(merchant_id, variant_ids)


def check_warehouse(merchant_id: UUID, warehouse_id: UUID, *, field: str = "warehouse") -> None:
    """Refuse a warehouse that isn't the merchant's. Raises WarehouseUnknown."""
    if not Warehouse.objects.filter(id=warehouse_id, merchant_id=merchant_id).exists():
        raise WarehouseUnknown(field=field)


def check_note(note: str, *, field: str = "note") -> str:
    """The note itself, without blanks around it. Raises Invalid."""
    if len(note.strip()) > NOTE_LENGTH:
        raise Invalid(_("A note has at most 300 characters."), field=field)
    return note.strip()


def quantities(lines: Mapping[UUID, Decimal]) -> dict[str, str]:
    """Quantities by variant as kept in JSON, in one spelling."""
    return {str(variant): f"{quantity:.3f}" for variant, quantity in sorted(lines.items())}


def rows_in(
    merchant_id: UUID, warehouse_id: UUID, units: Mapping[UUID, str]
) -> dict[UUID, StockRow]:
    """The stock rows of these variants in one warehouse, by variant, locked; made where missing."""
    found = rows_at(merchant_id, [(variant, warehouse_id) for variant in units], units)
    return {row.variant_id: row for row in found.values()}


def rows_at(
    merchant_id: UUID,
    places: Iterable[Place],
    units: Mapping[UUID, str],
    first: Mapping[Place, Decimal] | None = None,
) -> dict[Place, StockRow]:
    """The stock rows at these places, locked in the order of their ids; made where missing, with
    what is ``first`` on hand there."""
    wanted = sorted(set(places))
    if not wanted:
        return {}
    ids, new = _opened(merchant_id, wanted, units, first or {})
    rows = {(row.variant_id, row.warehouse_id): row for row in locks.stock(ids.values())}
    for place in new:
        rows[place].new = True
    return {place: rows[place] for place in wanted}


def _opened(
    merchant_id: UUID,
    places: Sequence[Place],
    units: Mapping[UUID, str],
    first: Mapping[Place, Decimal],
) -> tuple[dict[Place, UUID], list[Place]]:
    """The ids of the rows at these places; rows are made where there are none, and which are."""
    known = _known([variant for variant, _warehouse in places])
    present = {place: known[place] for place in places if place in known}
    new = [place for place in places if place not in present]
    if not new:
        return present, []
    ids = uuid7s(len(new))
    with transactions.cursor() as sql:
        sql.execute(
            _OPEN,
            {
                "platform": tenancy.current_id(),
                "now": clock.system(),
                "merchant": merchant_id,
                "ids": ids,
                "variants": [variant for variant, _warehouse in new],
                "warehouses": [warehouse for _variant, warehouse in new],
                "units": [units[variant] for variant, _warehouse in new],
                "on_hand": [first.get(place, Decimal(0)) for place in new],
            },
        )
        if sql.rowcount == len(new):
            return present | dict(zip(new, ids, strict=True)), new
    known = _known([variant for variant, _warehouse in places])  # another request made some
    mine = set(ids)
    return {place: known[place] for place in places}, [p for p in new if known[p] in mine]


def _known(variants: Sequence[UUID]) -> dict[Place, UUID]:
    rows = _PLACES.all(f"variant_id {AMONG}", [list(set(variants))])
    return {(row["variant_id"], row["warehouse_id"]): row["id"] for row in rows}
