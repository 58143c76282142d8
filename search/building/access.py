"""Who may see a product, and what it costs whom: provided by the contexts that know.

Today every published product is everybody's, so nothing is registered here. Merchants' own groups
of buyers (客户组) aren't either: they are too many for slots, and the tiles that were found show a
buyer's own prices. Contract catalogues (协议目录) and groups across merchants register one provider
each when their context is built; from then on documents carry their keys and slots, and nothing
else changes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from search.contracts import PUBLIC

# variants -> group of buyers -> variant -> minor units of the platform's currency; one query
GroupPrices = Callable[[Iterable[UUID]], Mapping[str, Mapping[UUID, int]]]
# products -> the keys of those who may see them; a product that isn't named is public; one query
Catalogues = Callable[[Iterable[UUID]], Mapping[UUID, tuple[str, ...]]]
# the actor -> keys of catalogues it may see, groups of buyers it belongs to
Membership = Callable[[Any], tuple[tuple[str, ...], tuple[str, ...]]]


@dataclass
class Providers:
    """The registered ones; None: nobody knows better, so everything is public."""

    prices: GroupPrices | None = None
    catalogues: Catalogues | None = None
    membership: Membership | None = None


PROVIDERS = Providers()


def register_access(
    *,
    prices: GroupPrices | None = None,
    catalogues: Catalogues | None = None,
    membership: Membership | None = None,
) -> None:
    """Name who knows; each is called once for a batch, in the platform's scope. Whoever changes
    what they answer tells of it by an event that search follows."""
    PROVIDERS.prices = prices or PROVIDERS.prices
    PROVIDERS.catalogues = catalogues or PROVIDERS.catalogues
    PROVIDERS.membership = membership or PROVIDERS.membership


def group_prices(variant_ids: Iterable[UUID]) -> Mapping[str, Mapping[UUID, int]]:
    """What groups of buyers pay for these variants."""
    return PROVIDERS.prices(variant_ids) if PROVIDERS.prices else {}


def catalogue_keys(product_ids: Iterable[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """Who may see those of these products that aren't public."""
    return PROVIDERS.catalogues(product_ids) if PROVIDERS.catalogues else {}


def viewer(actor: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys under which ``actor`` sees documents, PUBLIC first, and its groups of buyers."""
    keys, groups = PROVIDERS.membership(actor) if PROVIDERS.membership else ((), ())
    return (PUBLIC, *keys), groups
