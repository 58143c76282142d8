"""Set and withdraw prices: one, or up to 500 at once in a fixed number of statements."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel import audit, clock, outbox, tenancy
from kernel.errors import DomainError, at_most
from kernel.transactions import atomic, cursor, table_of, together
from marketplace import events, locks
from marketplace.contracts import OfferInfo, PriceInput
from marketplace.domain.prices import price_problem, sort_key
from marketplace.errors import (
    ExternalIdTaken,
    InvalidPrice,
    NamedTwice,
    OfferNotFound,
    UnknownVariant,
    WrongCurrency,
)
from marketplace.models import OFFERS, PRICES, Offer
from marketplace.selectors.offers import info_of
from platforms import facade as platforms

BATCH_MAX = 500
_PROBLEMS = {
    "not_above_zero": _("A price must be above 0."),
    "too_much": _("A price must be below 1,000,000,000."),
    "too_fine": _("A price has at most 6 decimals."),
}
State = Offer.State
Outcome = OfferInfo | DomainError
_WRITE = """
UPDATE marketplace_offer AS o
SET unit_price = n.unit_price, price_key = n.price_key, currency = n.currency, state = 'active',
    external_id = n.external_id, metadata = n.metadata::jsonb, version = n.version,
    updated_at = n.updated_at, sale_id = NULL, regular_price = NULL, lowest_before = NULL,
    sale_ends_at = NULL
FROM unnest(%s::uuid[], %s::numeric[], %s::bigint[], %s::text[], %s::text[], %s::text[],
            %s::bigint[], %s::timestamptz[])
  AS n(id, unit_price, price_key, currency, external_id, metadata, version, updated_at)
WHERE o.platform_id = %s AND o.id = n.id
"""


def set_price(
    *,
    merchant_id: UUID,
    variant_id: UUID,
    unit_price: Decimal,
    currency: str,
    external_id: str | None = None,
    metadata: dict[str, str] | None = None,
    check: Callable[[int], None] | None = None,
) -> OfferInfo:
    """Set what one unit of a variant costs, in major units of the platform's currency.

    ``check`` is called with the present offer's version (If-Match). Raises UnknownVariant,
    InvalidPrice, WrongCurrency, ExternalIdTaken.
    """
    row = PriceInput(variant_id, unit_price, currency, external_id, metadata)
    with atomic():
        if check is not None:
            present = locks.offers([variant_id]).get(variant_id)
            check(present.version if present and present.merchant_id == merchant_id else 0)
        found = set_prices(merchant_id=merchant_id, rows=[row])[0]
        if isinstance(found, DomainError):
            raise found
    return found


def set_prices(*, merchant_id: UUID, rows: Sequence[PriceInput]) -> list[Outcome]:
    """Set many prices; each row stands or falls alone, the answers come in the order sent."""
    at_most(len(rows), BATCH_MAX)
    outcomes: dict[int, Outcome] = {}
    try:
        with together():
            good = _checked(merchant_id, rows, outcomes)
            offers = locks.offers(row.variant_id for row in good.values())
            new = _inserted(merchant_id, good, offers)
            _set(good, offers, new, outcomes)
    except IntegrityError as error:  # another request took an external_id at the same moment
        if table_of(error) != Offer._meta.db_table:
            raise  # of a write that waited
        raise ExternalIdTaken(field="external_id") from error
    return [outcomes[place] for place in range(len(rows))]


def _checked(
    merchant_id: UUID, rows: Sequence[PriceInput], outcomes: dict[int, Outcome]
) -> dict[int, PriceInput]:
    """The rows that can be carried out; the others' errors go into ``outcomes``."""
    currency = platforms.get_platform().currency
    owners = catalog.variant_owners(row.variant_id for row in rows)
    names = [row.external_id for row in rows if row.external_id]
    holders = dict(
        Offer.objects.filter(merchant_id=merchant_id, external_id__in=names).values_list(
            "external_id", "variant_id"
        )
        if names
        else ()
    )
    good: dict[int, PriceInput] = {}
    seen: set[UUID] = set()
    for place, row in enumerate(rows):
        problem = price_problem(row.unit_price)
        if owners.get(row.variant_id) != merchant_id:
            outcomes[place] = UnknownVariant(field="variant_id")
        elif row.variant_id in seen:
            outcomes[place] = NamedTwice(field="variant_id")
        elif problem:
            outcomes[place] = InvalidPrice(_PROBLEMS[problem], field="unit_price")
        elif row.currency != currency:
            outcomes[place] = WrongCurrency(
                _("This platform trades in %(currency)s.") % {"currency": currency},
                field="currency",
                currency=currency,
            )
        elif row.external_id and holders.setdefault(row.external_id, row.variant_id) != (
            row.variant_id
        ):
            outcomes[place] = ExternalIdTaken(field="external_id")
        else:
            good[place] = row
            seen.add(row.variant_id)
    return good


def _inserted(
    merchant_id: UUID, good: dict[int, PriceInput], offers: dict[UUID, Offer]
) -> set[UUID]:
    """Make the missing offers; those that another transaction made meanwhile join ``offers``."""
    made = []
    for row in good.values():
        if row.variant_id not in offers:
            offer = OFFERS.new(variant_id=row.variant_id, merchant_id=merchant_id)
            _fill(offer, row)
            offer.touch()
            made.append(offer)
    if not made:
        return set()
    # In one order everywhere: two batches with the same new variants don't block each other.
    made.sort(key=lambda offer: offer.variant_id)
    if OFFERS.insert_all(made, skip=True) == len(made):
        offers.update((offer.variant_id, offer) for offer in made)
        return {offer.variant_id for offer in made}
    mine = {offer.id for offer in made}
    found = locks.offers(offer.variant_id for offer in made)
    offers.update(found)
    return {variant for variant, offer in found.items() if offer.id in mine}


def _fill(offer: Offer, row: PriceInput) -> None:
    """A price that is set ends a sale: it is the regular one from now on."""
    offer.sale_id = offer.regular_price = offer.lowest_before = offer.sale_ends_at = None
    offer.unit_price = row.unit_price
    offer.price_key = sort_key(row.unit_price, row.currency)
    offer.currency = row.currency
    if row.external_id is not None:
        offer.external_id = row.external_id
    if row.metadata is not None:
        offer.metadata = dict(row.metadata)


def _set(
    good: dict[int, PriceInput],
    offers: dict[UUID, Offer],
    new: set[UUID],
    outcomes: dict[int, Outcome],
) -> None:
    """Write what differs, with its history, audit rows and events."""
    written: list[Offer] = []
    priced: list[Offer] = []
    changes: list[audit.Change] = []
    for place, row in good.items():
        offer = offers.get(row.variant_id)
        if offer is None:  # its external_id was taken a moment ago
            outcomes[place] = ExternalIdTaken(field="external_id")
            continue
        before = {} if row.variant_id in new else _shown(offer)
        reopened = offer.state != State.ACTIVE
        _fill(offer, row)
        if reopened:
            offer.move(State.ACTIVE, action="marketplace.offer.reopened")
        after = _shown(offer)
        if before != after:
            if row.variant_id not in new:
                offer.touch()
                written.append(offer)
            changes.append(audit.Change("marketplace.price.set", offer, before, after))
            if reopened or before.get("unit_price") != after["unit_price"]:
                priced.append(offer)
        outcomes[place] = info_of(offer)
    _write(written)
    tell_prices([row for row in priced if row.variant_id in new], new=True)
    tell_prices([row for row in priced if row.variant_id not in new])
    audit.record_many(changes)


def _shown(offer: Offer) -> dict[str, Any]:
    return {
        "unit_price": offer.unit_price.normalize(),
        "regular_price": None if offer.regular_price is None else offer.regular_price.normalize(),
        "currency": offer.currency,
        "state": str(offer.state),
        "external_id": offer.external_id,
        "metadata": offer.metadata,
    }


def _write(rows: list[Offer]) -> None:
    if not rows:
        return
    with cursor() as sql:
        sql.execute(
            _WRITE,
            [
                [row.id for row in rows],
                [row.unit_price for row in rows],
                [row.price_key for row in rows],
                [row.currency for row in rows],
                [row.external_id for row in rows],
                [orjson.dumps(row.metadata).decode() for row in rows],
                [row.version for row in rows],
                [row.updated_at for row in rows],
                tenancy.current_id(),
            ],
        )


def tell_prices(rows: list[Offer], *, new: bool = False) -> None:
    """History and events of new prices, ``new`` as ``outbox.append_many`` says; a withdrawn offer
    has none from now on."""
    now = clock.business()
    PRICES.insert_all(
        PRICES.new(offer_id=row.id, unit_price=_price(row), currency=row.currency, valid_from=now)
        for row in rows
    )
    outbox.append_many(
        (
            (
                events.PriceChanged(row.variant_id, row.merchant_id, _price(row), row.currency),
                row,
                row.merchant_id,
            )
            for row in rows
        ),
        new=new,
    )


def _price(row: Offer) -> Decimal | None:
    return row.unit_price if row.state == State.ACTIVE else None


def withdraw_offer(
    *, merchant_id: UUID, variant_id: UUID, check: Callable[[int], None] | None = None
) -> OfferInfo:
    """The variant has no price any more; setting one brings the offer back."""
    with atomic():
        row = locks.offer(variant_id)
        if row.merchant_id != merchant_id:
            raise OfferNotFound
        if check is not None:
            check(row.version)
        if row.state != State.WITHDRAWN:
            row.move(State.WITHDRAWN, action="marketplace.offer.withdrawn")
            row.save()
            tell_prices([row])
    return info_of(row)
