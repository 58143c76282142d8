"""Price lists (价目表) of groups of buyers: made, changed, deleted, and the prices in them.

They hold as soon as they are committed; who is checking out at that moment is told by the total
that changed, as with every price.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel import audit, clock, outbox
from kernel.errors import FieldProblem, at_most
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_price_lists import (
    PriceEntryChange,
    PriceEntryInfo,
    PriceEntryInput,
    PriceListInfo,
    PriceListInput,
)
from marketplace.domain.prices import price_problem
from marketplace.domain.quantities import HIGHEST
from marketplace.errors import InvalidPriceList, PriceEntryNotFound
from marketplace.models import BuyerGroup, PriceEntry, PriceList
from marketplace.selectors.price_lists import entry_info, price_list_info
from marketplace.services.buyer_groups import checked_names, code_problem

EntryOutcome = Literal["made", "changed", "removed", "unchanged"] | InvalidPriceList
LISTS_MAX = 200  # of one merchant
ENTRIES_MAX = 20_000  # of one list
BATCH_MAX = 500
HUNDRED = Decimal(100)
_ONE_OF_GOODS = _("Name a variant or a category, not both.")
_ONE_OF_VALUES = _("Give a unit price or a percentage, not both.")
_PERCENT = _("Above 0 and below 100, with at most two decimals.")
_PRICE = _("A price is above 0, below 1,000,000,000, with at most 6 decimals.")
_MINIMUM = _("From 0 to 9999, with at most three decimals.")
_NOT_YOURS = _("There is no such thing, or it isn't yours.")
_TWICE = _("This is named twice with the same minimum.")
_CATEGORY = _("A category has a percentage; prices are for variants.")


def create_price_list(*, merchant_id: UUID, given: PriceListInput) -> PriceListInfo:
    """A list without entries. Raises InvalidPriceList naming the fields, Invalid."""
    names = checked_names(given.names)
    with atomic():
        locks.price_lists_of(merchant_id)
        row = PriceList(merchant_id=merchant_id, starts_at=given.starts_at or clock.business())
        _fill(row, given, names)
        _check(row, fresh=True)
        row.save(force_insert=True)
        audit.record(action="marketplace.price_list.created", target=row, after=_shown(row))
        _tell(row)
    return price_list_info(row)


def change_price_list(
    *,
    list_id: UUID,
    merchant_id: UUID,
    given: PriceListInput,
    check: Callable[[int], None] | None = None,
) -> PriceListInfo:
    """All but its entries. ``check`` sees the version (If-Match). Raises PriceListNotFound,
    InvalidPriceList, Invalid."""
    names = checked_names(given.names)
    with atomic():
        locks.price_lists_of(merchant_id)
        row = locks.price_list(list_id, merchant_id)
        if check is not None:
            check(row.version)
        before = _shown(row)
        row.starts_at = given.starts_at or row.starts_at
        _fill(row, given, names)
        _check(row)
        if _shown(row) != before:
            row.save()
            audit.record(
                action="marketplace.price_list.changed",
                target=row,
                before=before,
                after=_shown(row),
            )
            _tell(row)
    return price_list_info(row)


def delete_price_list(
    *, list_id: UUID, merchant_id: UUID, check: Callable[[int], None] | None = None
) -> None:
    """The list and its entries go; orders keep its name. Raises PriceListNotFound."""
    with atomic():
        row = locks.price_list(list_id, merchant_id)
        if check is not None:
            check(row.version)
        gone = {**_shown(row), "entries": row.entries.count()}
        audit.record(action="marketplace.price_list.deleted", target=row, before=gone)
        row.touch()
        _tell(row, deleted=True)
        row.delete()


def put_price_entries(
    *,
    list_id: UUID,
    merchant_id: UUID,
    rows: Sequence[PriceEntryInput],
    replace: bool = False,
    check: Callable[[int], None] | None = None,
) -> list[PriceEntryInfo]:
    """Set up to 500 entries at once, all or none: each replaces the one of the same goods and
    minimum; with ``replace`` they are all that the list has then. Raises PriceListNotFound,
    InvalidPriceList naming rows and fields, TooLarge."""
    at_most(len(rows), BATCH_MAX)
    _check_entries(rows, merchant_id)
    with atomic():
        row = locks.price_list(list_id, merchant_id)
        if check is not None:
            check(row.version)
        there = {_key(one): one for one in _there(row, rows, everything=replace)}
        before = [_told(one) for one in there.values()]
        PriceEntry.objects.filter(id__in=[one.id for one in there.values()]).delete()
        made = [_entry(row, one) for one in rows]
        PriceEntry.objects.bulk_create(made)
        if row.entries.count() > ENTRIES_MAX:
            raise _invalid("entries", gettext("At most %(most)s.") % {"most": ENTRIES_MAX})
        after = [_told(one) for one in made]
        if sorted(before, key=str) != sorted(after, key=str):
            _entries_changed(row, before, after)
    return [entry_info(one) for one in made]


def write_price_entries(
    *,
    list_id: UUID,
    merchant_id: UUID,
    changes: Sequence[PriceEntryChange],
    more: int = 0,
) -> list[EntryOutcome]:
    """Set or take out up to 500 entries, each by itself: what became of it, or why it was refused
    (field ``entries``: the list is full). ``more``: how many entries the list is to be taken to
    have beyond those that are there. Raises PriceListNotFound, TooLarge."""
    at_most(len(changes), BATCH_MAX)
    wrong = _entries_wrong(changes, merchant_id)
    gone: list[PriceEntry] = []
    made: list[PriceEntry] = []
    with atomic():
        row = locks.price_list(list_id, merchant_id)
        there = {_key(one): one for one in _there(row, [one.entry for one in changes])}
        room = ENTRIES_MAX - row.entries.count() - more
        outcomes: list[EntryOutcome] = []
        for place, one in enumerate(changes):
            known, new = there.get(_key(one.entry)), _entry(row, one.entry)
            if place in wrong:
                found = [FieldProblem(name, str(told)) for name, told in wrong[place]]
                outcomes.append(InvalidPriceList(problems=found))
            elif known is None and not one.delete and room <= 0:
                told = gettext("At most %(most)s.") % {"most": ENTRIES_MAX}
                outcomes.append(_invalid("entries", told))
            else:
                outcome = _outcome(known, new, delete=one.delete)
                room += {"made": -1, "removed": 1}.get(outcome, 0)
                gone += [known] if known and outcome != "unchanged" else []
                made += [new] if outcome in ("made", "changed") else []
                outcomes.append(outcome)
        if gone or made:
            PriceEntry.objects.filter(id__in=[one.id for one in gone]).delete()
            PriceEntry.objects.bulk_create(made)
            _entries_changed(row, [_told(one) for one in gone], [_told(one) for one in made])
    return outcomes


def _outcome(
    known: PriceEntry | None, new: PriceEntry, *, delete: bool
) -> Literal["made", "changed", "removed", "unchanged"]:
    if known is None:
        return "unchanged" if delete else "made"
    if delete:
        return "removed"
    return "unchanged" if _told(known) == _told(new) else "changed"


def _entry(row: PriceList, one: PriceEntryInput) -> PriceEntry:
    return PriceEntry(
        price_list=row, variant_id=one.variant_id, category_id=one.category_id,
        minimum=one.minimum, unit_price=one.unit_price, percent=one.percent,
    )  # fmt: skip


def delete_price_entry(*, list_id: UUID, merchant_id: UUID, entry_id: UUID) -> None:
    """One entry goes; the public price, or what the list says of the category or of everything,
    holds again. Raises PriceListNotFound, PriceEntryNotFound."""
    with atomic():
        row = locks.price_list(list_id, merchant_id)
        entry = PriceEntry.objects.filter(price_list=row, id=entry_id).first()
        if entry is None:
            raise PriceEntryNotFound
        entry.delete()
        _entries_changed(row, [_told(entry)], [])


def _entries_changed(
    row: PriceList, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    row.save()
    audit.record(
        action="marketplace.price_list.entries_set",
        target=row,
        before={"entries": before[:BATCH_MAX], "count": len(before)},
        after={"entries": after, "count": len(after)},
    )
    _tell(row)


def _there(
    row: PriceList, rows: Sequence[PriceEntryInput], *, everything: bool = False
) -> list[PriceEntry]:
    """The entries that these take the place of."""
    known = PriceEntry.objects.filter(price_list=row)
    if everything:
        return list(known)
    wanted = {_key(one) for one in rows}
    variants = [one.variant_id for one in rows if one.variant_id]
    kinds = [one.category_id for one in rows if one.category_id]
    near = known.filter(variant_id__in=variants) | known.filter(category_id__in=kinds)
    return [one for one in near if _key(one) in wanted]


def _key(one: PriceEntry | PriceEntryInput) -> tuple[UUID | None, UUID | None, Decimal]:
    return one.variant_id, one.category_id, Decimal(one.minimum).normalize()


def _check_entries(rows: Sequence[PriceEntryInput], merchant_id: UUID) -> None:
    found = _entries_wrong([PriceEntryChange(one) for one in rows], merchant_id)
    if found:
        raise InvalidPriceList(
            problems=[
                FieldProblem(f"entries.{place}.{name}", str(told))
                for place, wrong in found.items()
                for name, told in wrong
            ]
        )


def _entries_wrong(
    changes: Sequence[PriceEntryChange], merchant_id: UUID
) -> dict[int, list[tuple[str, Promise]]]:
    """By place: fields, and what is wrong with them."""
    rows = [one.entry for one in changes]
    mine = catalog.variants(one.variant_id for one in rows if one.variant_id)
    kinds = catalog.category_paths(one.category_id for one in rows if one.category_id)
    seen: set[Any] = set()
    wrong: dict[int, list[tuple[str, Promise]]] = {}
    for place, one in enumerate(rows):
        found = _entry_problems(one, priced=not changes[place].delete)
        variant = mine.get(one.variant_id) if one.variant_id else None
        if one.variant_id and (variant is None or variant.merchant_id != merchant_id):
            found.append(("variant_id", _NOT_YOURS))
        if one.category_id and one.category_id not in kinds:
            found.append(("category_id", _NOT_YOURS))
        if not found and _key(one) in seen:
            found.append(("minimum", _TWICE))
        if not found:
            seen.add(_key(one))
        else:
            wrong[place] = found
    return wrong


def _entry_problems(one: PriceEntryInput, *, priced: bool) -> list[tuple[str, Promise]]:
    found: list[tuple[str, Promise]] = []
    if (one.variant_id is None) == (one.category_id is None):
        found.append(("variant_id", _ONE_OF_GOODS))
    if not priced:
        pass  # it goes, whatever it costs
    elif (one.unit_price is None) == (one.percent is None):
        found.append(("unit_price", _ONE_OF_VALUES))
    elif one.unit_price is not None and one.category_id is not None:
        found.append(("unit_price", _CATEGORY))
    elif one.unit_price is not None and price_problem(one.unit_price):
        found.append(("unit_price", _PRICE))
    elif one.percent is not None and not _is_percent(one.percent):
        found.append(("percent", _PERCENT))
    low = one.minimum
    if not low.is_finite() or not 0 <= low <= HIGHEST or low != round(low, 3):
        found.append(("minimum", _MINIMUM))
    return found


def _is_percent(value: Decimal) -> bool:
    return value.is_finite() and 0 < value < HUNDRED and value == round(value, 2)


def _fill(row: PriceList, given: PriceListInput, names: Mapping[str, str]) -> None:
    row.group_id = given.group_id
    row.code, row.names, row.active = given.code, dict(names), given.active
    row.ends_at, row.percent = given.ends_at, given.percent


def _check(row: PriceList, *, fresh: bool = False) -> None:
    wrong = []
    others = PriceList.objects.filter(merchant_id=row.merchant_id).exclude(id=row.id)
    told = code_problem(row.code)
    if not told and others.filter(code=row.code).exists():
        told = gettext("Another of your price lists has this code.")
    elif not told and fresh and others.count() >= LISTS_MAX:
        told = gettext("At most %(most)s.") % {"most": LISTS_MAX}
    if told:
        wrong.append(FieldProblem("code", told))
    if not BuyerGroup.objects.filter(id=row.group_id, merchant_id=row.merchant_id).exists():
        wrong.append(
            FieldProblem("buyer_group_id", gettext("Choose one of your groups of buyers."))
        )
    if row.ends_at is not None and row.ends_at <= row.starts_at:
        wrong.append(FieldProblem("ends_at", gettext("It ends after it begins.")))
    if row.percent is not None and not _is_percent(row.percent):
        wrong.append(FieldProblem("percent", str(_PERCENT)))
    if wrong:
        raise InvalidPriceList(problems=wrong)


def _invalid(field: str, told: str) -> InvalidPriceList:
    return InvalidPriceList(problems=[FieldProblem(field, told)])


def _told(one: PriceEntry) -> dict[str, str]:
    values = {
        "variant_id": one.variant_id,
        "category_id": one.category_id,
        "minimum": Decimal(one.minimum).normalize(),
        "unit_price": None if one.unit_price is None else one.unit_price.normalize(),
        "percent": None if one.percent is None else one.percent.normalize(),
    }
    return {
        name: format(value, "f") if isinstance(value, Decimal) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _shown(row: PriceList) -> dict[str, Any]:
    percent = None if row.percent is None else row.percent.normalize()
    names = ("group_id", "code", "names", "active", "starts_at", "ends_at")
    return {**{name: getattr(row, name) for name in names}, "percent": percent}


def _tell(row: PriceList, *, deleted: bool = False) -> None:
    outbox.append(
        events.PriceListChanged(
            price_list_id=row.id,
            buyer_group_id=row.group_id,
            merchant_id=row.merchant_id,
            deleted=deleted,
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
