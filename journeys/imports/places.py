"""The categories and warehouses that a merchant's rows may name, by all their names."""

from collections.abc import Iterable
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from journeys.imports.rows import Places, folded_path
from platforms import facade as platforms


def of_merchant(merchant_id: UUID) -> Places:
    """As they are now: one query for the warehouses, one for each language of the categories."""
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
    return Places(locales[0], categories, names, warehouses[0].id if warehouses else None)


def warehouses_of(merchant_id: UUID) -> list[inventory.WarehouseInfo]:
    """The active ones, in the order in which orders take from them."""
    found = inventory.warehouses_page(merchant_id=merchant_id, limit=100).items
    return sorted((one for one in found if one.active), key=lambda one: (one.priority, one.id))


def _add(found: dict[str, UUID | None], nodes: Iterable[catalog.CategoryNode], above: str) -> None:
    for node in nodes:
        path = f"{above}/{folded_path(node.name)}" if above else folded_path(node.name)
        for name in {node.slug, node.path, path, folded_path(node.name)}:
            known = found.setdefault(name, node.id)
            if known != node.id:
                found[name] = None
        _add(found, node.children, path)
