"""Whether a variant is sold beyond its stock, how far, and when it is sent."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from inventory import events, locks, promised
from inventory.contracts import ReservationState
from inventory.contracts_ahead import AheadInfo, AheadMode
from inventory.errors import AheadBelowPromised, InvalidDay, NothingPromised, VariantUnknown
from inventory.models import Ahead, Promise
from inventory.services import books, promises
from inventory.services.goods import units_of
from kernel import audit, clock, outbox, transactions
from kernel.errors import Invalid

LEAD_DAYS = 365
FAR = timedelta(days=730)
MOST = 500
# A reservation that has ended, unpaid or with all of it given back, is promised nothing.
STANDING = (ReservationState.HELD, ReservationState.COMMITTED)
TRACKED = ("mode", "most", "lead_days", "release_on")


class Terms(TypedDict, total=False):
    """What ``set_ahead`` takes of each variant."""

    mode: Required[str]
    limit: Decimal | None
    lead_days: int | None
    release_on: date | None


def set_ahead(
    *,
    merchant_id: UUID,
    variant_id: UUID,
    mode: str,
    limit: Decimal | None = None,
    lead_days: int | None = None,
    release_on: date | None = None,
) -> AheadInfo:
    """From now on the variant is sold ahead as ``mode`` says: ``backorder`` within ``lead_days``,
    ``preorder`` until ``release_on``, at most ``limit`` promised at a time (None: no limit);
    ``none``: not at all. What was promised stays so; another ``release_on`` moves the pre-orders'.

    Raises AheadBelowPromised, VariantUnknown, InvalidStockQuantity, InvalidDay, Invalid,
    MerchantNotApproved.
    """
    books.check_merchant(merchant_id)
    unit = units_of(merchant_id, [variant_id]).get(variant_id)
    if unit is None:
        raise VariantUnknown(field="variant")
    values = _checked(mode, limit, lead_days, release_on, unit)
    with transactions.atomic():
        row = _row(merchant_id, variant_id, unit)
        most = values["most"]
        if most is not None and most < row.promised:
            raise AheadBelowPromised(field="limit", promised=f"{row.promised:f}")
        before = {name: getattr(row, name) for name in TRACKED}
        if before != values:
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
            audit.record("inventory.ahead.changed", target=row, before=before, after=values)
            outbox.append(promises.told(row), aggregate=row, merchant_id=merchant_id)
            was = before["release_on"]
            if row.mode == AheadMode.PREORDER and was and was != release_on and release_on:
                found = _standing(row, clock.today())
                _move(row, [p for p in found if (p.mode, p.due_on) == (row.mode, was)], release_on)
        return promised.ahead_info(row)


def set_ahead_of(
    *, merchant_id: UUID, skus: Sequence[str], **terms: Unpack[Terms]
) -> list[AheadInfo]:
    """``set_ahead`` for the variants with these SKUs: all of them, or none. Raises as it does."""
    wanted = list(dict.fromkeys(skus))
    if not 1 <= len(wanted) <= MOST:
        raise Invalid(_("1 to %(most)s lines are needed.") % {"most": MOST}, field="skus")
    known = catalog.variant_ids_by_sku(merchant_id, wanted)
    for place, sku in enumerate(wanted):
        if sku not in known:
            raise VariantUnknown(field=f"skus.{place}")
    with transactions.atomic():
        # In one order, so that two of these can't wait for each other.
        return [
            set_ahead(merchant_id=merchant_id, variant_id=variant_id, **terms)
            for variant_id in sorted(known[sku] for sku in wanted)
        ]


def move_promises(*, merchant_id: UUID, variant_id: UUID, due_on: date) -> int:
    """What was promised of a variant and isn't there yet, or is a pre-order's, is sent on
    ``due_on`` at the latest, not when it was promised for; of how many promises the date has
    changed. An open pre-order's release moves along. Those who bought are told.

    Raises NothingPromised, VariantUnknown, InvalidDay, MerchantNotApproved.
    """
    books.check_merchant(merchant_id)
    if variant_id not in units_of(merchant_id, [variant_id]):
        raise VariantUnknown(field="variant")
    _check_date(due_on, "due_on")
    with transactions.atomic():
        row = locks.ahead([variant_id]).get(variant_id)
        today = clock.today()
        found = [] if row is None else _standing(row, today)
        if row is None or not found:
            raise NothingPromised(field="variant")
        if promised.ahead_info(row).open(today) and row.mode == AheadMode.PREORDER:
            before, row.release_on = row.release_on, due_on
            row.save()
            audit.record(
                "inventory.ahead.changed", target=row,
                before={"release_on": before}, after={"release_on": due_on},
            )  # fmt: skip
            outbox.append(promises.told(row), aggregate=row, merchant_id=merchant_id)
        return _move(row, found, due_on)


def tell_released() -> int:
    """Tell of pre-orders that have become ordinary sales today, once each; how many."""
    due = Ahead.objects.filter(mode=AheadMode.PREORDER, release_on__lte=clock.today())
    count = 0
    for variant_id in list(due.values_list("variant_id", flat=True)[: promises.SWEEP]):
        with transactions.atomic():
            row = locks.ahead([variant_id])[variant_id]
            info = promised.ahead_info(row)
            if row.mode != AheadMode.PREORDER or info.open(clock.today()):
                continue
            row.mode = AheadMode.NONE
            row.save(update_fields=["mode"])
            audit.record(
                "inventory.ahead.changed", target=row,
                before={"mode": "preorder"}, after={"mode": "none"},
            )  # fmt: skip
            outbox.append(promises.told(row), aggregate=row, merchant_id=row.merchant_id)
            count += 1
    return count


def _checked(
    mode: str, limit: Decimal | None, lead_days: int | None, release_on: date | None, unit: str
) -> dict[str, Any]:
    if mode not in AheadMode.values:
        told = _("One of %(all)s.") % {"all": ", ".join(AheadMode.values)}
        raise Invalid(told, field="mode")
    values: dict[str, Any] = dict.fromkeys(TRACKED)
    values["mode"] = AheadMode(mode)
    if mode == AheadMode.NONE:
        return values
    if limit is not None:
        books.check_quantity(limit, field="limit", unit_code=unit)
        if limit <= 0:
            raise Invalid(_("The limit is more than 0; leave it out for none."), field="limit")
    values["most"] = limit
    if mode == AheadMode.BACKORDER:
        if lead_days is None or not 1 <= lead_days <= LEAD_DAYS:
            told = _("Say within how many days it is sent: 1 to %(most)s.") % {"most": LEAD_DAYS}
            raise Invalid(told, field="lead_days")
        return values | {"lead_days": lead_days}
    if release_on is None:
        raise Invalid(_("Say from which day on it is sent."), field="release_on")
    _check_date(release_on, "release_on")
    return values | {"release_on": release_on}


def _check_date(value: date, field: str) -> None:
    """Raises InvalidDay for today, the past, and what is too far."""
    if not clock.today() < value <= clock.today() + FAR:
        raise InvalidDay(field=field)


def _row(merchant_id: UUID, variant_id: UUID, unit: str) -> Ahead:
    now = clock.system()
    fresh = Ahead(
        merchant_id=merchant_id, variant_id=variant_id, unit=unit, created_at=now, updated_at=now
    )
    Ahead.objects.bulk_create([fresh], ignore_conflicts=True)
    return locks.ahead([variant_id])[variant_id]


def _standing(row: Ahead, today: date) -> list[Promise]:
    """What waits, and pre-orders before their day, whose goods may be there; not those of which
    nothing came, or nothing is left."""
    waits = Q(quantity__gt=F("filled") + F("released"))
    early = Q(mode=AheadMode.PREORDER, due_on__gt=today) & ~Q(
        quantity__gt=0, released=F("quantity")
    )
    found = Promise.objects.filter(
        waits | early, variant_id=row.variant_id, reservation__state__in=STANDING
    )
    return list(found.select_related("reservation").order_by("id"))


def _move(row: Ahead, found: Sequence[Promise], due_on: date) -> int:
    changed = [(one, one.due_on) for one in found if one.due_on != due_on]
    for one, _was in changed:
        one.due_on = due_on
    Promise.objects.bulk_update([one for one, _was in changed], ["due_on"])
    if changed:
        audit.record(
            "inventory.promises.moved", target=row,
            after={"due_on": due_on, "promises": len(changed)},
        )  # fmt: skip
    outbox.append_many(
        [
            (
                events.PromiseMoved(
                    key=one.reservation.key, variant_id=one.variant_id,
                    merchant_id=one.merchant_id, was=was, due_on=due_on,
                ),
                outbox.AggregateRef("inventory.promise", one.id),
                one.merchant_id,
            )
            for one, was in changed
            if one.committed
        ]
    )  # fmt: skip
    return len(changed)
