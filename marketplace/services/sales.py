"""Sale prices (限时特价): planned, begun and ended on time.

A sale really changes the offer's price, so carts, search, history and events need know nothing of
it; the offer remembers its regular price and the lowest of the 30 days before.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from kernel import audit, clock
from kernel.errors import FieldProblem
from kernel.transactions import atomic
from marketplace import locks
from marketplace.contracts import SaleInfo
from marketplace.domain.lowest import lowest_price
from marketplace.domain.prices import price_problem, sort_key
from marketplace.errors import InvalidSale, OfferNotFound, SaleNotFound
from marketplace.models import Offer, PriceRecord, Sale
from marketplace.selectors.sales import sale_info
from marketplace.services.prices import tell_prices

State = Sale.State
BATCH = 200
PLANNED_MAX = 20  # of one offer


def plan_sale(
    *,
    merchant_id: UUID,
    variant_id: UUID,
    unit_price: Decimal,
    ends_at: datetime,
    starts_at: datetime | None = None,
) -> SaleInfo:
    """A reduced price (major units) from ``starts_at`` (business time; now) until ``ends_at``.
    Raises OfferNotFound, InvalidSale naming the fields."""
    with atomic():
        offer = locks.offer(variant_id)
        if offer.merchant_id != merchant_id or offer.state != Offer.State.ACTIVE:
            raise OfferNotFound
        begin = starts_at or clock.business()
        _check(offer, unit_price, begin, ends_at)
        row = Sale(
            offer=offer,
            variant_id=variant_id,
            merchant_id=merchant_id,
            unit_price=unit_price,
            currency=offer.currency,
            starts_at=begin,
            ends_at=ends_at,
        )
        row.save(force_insert=True)
        audit.record(
            action="marketplace.sale.planned",
            target=row,
            after={"unit_price": unit_price, "starts_at": begin, "ends_at": ends_at},
        )
        if begin <= clock.business():
            _begin(offer, row)
    return sale_info(row)


def _check(offer: Offer, price: Decimal, begin: datetime, end: datetime) -> None:
    wrong = []
    regular = offer.regular_price or offer.unit_price
    if price_problem(price) or price >= regular:
        told = gettext("Above 0 and below %(price)s, with at most 6 decimals.")
        wrong.append(FieldProblem("unit_price", told % {"price": regular.normalize()}))
    if end <= max(begin, clock.business()):
        wrong.append(FieldProblem("ends_at", gettext("It ends after it begins, not in the past.")))
    others = Sale.objects.filter(offer=offer, state__in=[State.PLANNED, State.RUNNING])
    if others.filter(starts_at__lt=end, ends_at__gt=begin).exists():
        told = gettext("Another sale of these goods is planned in this time.")
        wrong.append(FieldProblem("starts_at", told))
    elif others.count() >= PLANNED_MAX:
        told = gettext("At most %(most)s.") % {"most": PLANNED_MAX}
        wrong.append(FieldProblem("starts_at", told))
    if wrong:
        raise InvalidSale(problems=wrong)


def end_sale(*, merchant_id: UUID, sale_id: UUID) -> SaleInfo:
    """Call a planned sale off, or end a running one now. Ended: as it is. Raises SaleNotFound."""
    with atomic():
        variant = Sale.objects.filter(id=sale_id, merchant_id=merchant_id).values_list(
            "variant_id", flat=True
        )
        variant_id = variant.first()
        if variant_id is None:
            raise SaleNotFound
        offer = locks.offer(variant_id)
        row = Sale.objects.select_for_update().get(id=sale_id)
        if row.state == State.PLANNED:
            row.move(State.CANCELLED, action="marketplace.sale.cancelled")
            row.save()
        elif row.state == State.RUNNING:
            _end(offer, row)
        return sale_info(row)


def run_sales() -> tuple[int, int]:
    """Begin and end what is due; how many of each."""
    now = clock.business()
    ended = _each(Sale.objects.filter(state=State.RUNNING, ends_at__lte=now).order_by("ends_at"))
    begun = _each(
        Sale.objects.filter(state=State.PLANNED, starts_at__lte=now).order_by("starts_at")
    )
    return begun, ended


def _each(due: "QuerySet[Sale]") -> int:
    done = 0
    for sale_id, variant_id in list(due.values_list("id", "variant_id")[:BATCH]):
        with atomic():
            offer = locks.offer(variant_id)
            row = Sale.objects.select_for_update().get(id=sale_id)
            now = clock.business()
            if row.state == State.RUNNING and row.ends_at <= now:
                _end(offer, row)
                done += 1
            elif row.state == State.PLANNED and row.starts_at <= now:
                _begin_or_cancel(offer, row, now)
                done += 1
    return done


def _begin_or_cancel(offer: Offer, row: Sale, now: datetime) -> None:
    """What is dearer than the regular price by now, too late or has no price any more, is off."""
    gone = offer.state != Offer.State.ACTIVE or offer.sale_id is not None
    if gone or row.ends_at <= now or row.unit_price >= offer.unit_price:
        row.move(State.CANCELLED, action="marketplace.sale.cancelled")
        row.save()
    else:
        _begin(offer, row)


def _begin(offer: Offer, row: Sale) -> None:
    row.regular_price = offer.unit_price
    row.move(State.RUNNING, action="marketplace.sale.begun")
    row.save()
    records = PriceRecord.objects.filter(offer=offer).order_by("id")
    history = list(records.values_list("valid_from", "unit_price"))
    offer.lowest_before = lowest_price(history, before=clock.business()) or offer.unit_price
    offer.regular_price, offer.sale_id, offer.sale_ends_at = offer.unit_price, row.id, row.ends_at
    _price(offer, row.unit_price)


def _end(offer: Offer, row: Sale) -> None:
    """The regular price comes back, unless another was set meanwhile."""
    row.move(State.OVER, action="marketplace.sale.ended")
    row.save()
    if offer.sale_id == row.id and offer.regular_price is not None:
        regular = offer.regular_price
        offer.regular_price = offer.lowest_before = offer.sale_id = offer.sale_ends_at = None
        _price(offer, regular)


def _price(offer: Offer, value: Decimal) -> None:
    offer.unit_price, offer.price_key = value, sort_key(value, offer.currency)
    offer.save()
    tell_prices([offer])
