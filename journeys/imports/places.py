"""What a merchant's list may name: columns; categories, brands, warehouses by all their names."""

from collections.abc import Iterable
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from journeys.imports.columns import Offer, keys, label
from journeys.imports.rows import Places, folded_path
from platforms import facade as platforms


def offer() -> Offer:
    """What the columns of this platform's lists can hold, as it is now."""
    attributes = {one.code: one for one in catalog.attributes()}
    return Offer(platforms.get_platform().locales, attributes)


def import_columns() -> list[tuple[str, str]]:
    """(key, what it is called in the active language) of all that a column can hold."""
    offered = offer()
    return [(key, label(key, offered)) for key in keys(offered)]


def of_merchant(merchant_id: UUID) -> Places:
    """As they are now: one query each for warehouses and brands, one for each language of the
    categories."""
    locales = platforms.get_platform().locales
    categories: dict[str, UUID | None] = {}
    for tag in locales:
        _add(categories, catalog.category_tree(language=tag), "")
    warehouses = warehouses_of(merchant_id)
    names: dict[str, UUID] = {}
    for one in warehouses:
        for text in (one.external_id or "", *one.names.values()):
            if text:
                names.setdefault(text.casefold(), one.id)
    first = warehouses[0].id if warehouses else None
    return Places(locales[0], categories, brand_names(), names, first)


def warehouses_of(merchant_id: UUID) -> list[inventory.WarehouseInfo]:
    """The active ones, in the order in which orders take from them."""
    found = inventory.warehouses_page(merchant_id=merchant_id, limit=100).items
    return sorted((one for one in found if one.active), key=lambda one: (one.priority, one.id))


def brand_names() -> dict[str, UUID | None]:
    """The brands by their codes and names, folded; None for a name that several have."""
    found: dict[str, UUID | None] = {}
    for one in catalog.every_brand():
        for name in {text.casefold() for text in (one.code, *one.names.values())}:
            if found.setdefault(name, one.id) != one.id:
                found[name] = None
    return found


def _add(found: dict[str, UUID | None], nodes: Iterable[catalog.CategoryNode], above: str) -> None:
    for node in nodes:
        path = f"{above}/{folded_path(node.name)}" if above else folded_path(node.name)
        for name in {node.slug, node.path, path, folded_path(node.name)}:
            known = found.setdefault(name, node.id)
            if known != node.id:
                found[name] = None
        _add(found, node.children, path)
