"""One portion of a list: its products, then their prices, then their stock, through the doors of
the three contexts. A product of which something is refused is left as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from journeys.imports.columns import ATTRIBUTE
from journeys.imports.problems import Problem, of_error
from journeys.imports.rows import Group, Line
from kernel.errors import DomainError
from kernel.transactions import atomic
from marketplace import facade as marketplace

PRODUCTS = 250  # a portion, and its variants: what the other contexts take at once
VARIANTS = 500
_KEYS = {"category": "category", "brand": "brand", "unit": "unit", "external_id": "external_id"}


@dataclass
class Portion:
    """What became of it."""

    made: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: int = 0
    problems: list[Problem] = field(default_factory=list)


class _Refused(Exception):
    """Prices or stock of some products were refused: their numbers, with what was said."""

    def __init__(self, found: dict[int, list[Problem]]) -> None:
        super().__init__(str(sorted(found)))
        self.found = found


def write(merchant_id: UUID, currency: str, groups: Sequence[Group]) -> Portion:
    """Carry the portion out in the caller's transaction."""
    result = Portion()
    live: dict[int, Group] = {}
    for number, group in enumerate(groups):
        if group.draft is None or group.problems:
            _fail(result, group.problems)
        else:
            live[number] = group
    anew = True
    while live:
        try:
            with atomic():
                _carry_out(merchant_id, currency, live, result)
            return result
        except _Refused as refused:
            for number, problems in refused.found.items():
                _fail(result, problems)
                del live[number]
        except (catalog.ExternalIdTaken, catalog.SkuTaken) as error:
            # Somebody made one of them at this moment: it is there now. If that isn't all, each
            # alone, until it is found.
            if not anew:
                return _apart(merchant_id, currency, list(live.values()), result, error)
            anew = False
    return result


def _apart(
    merchant_id: UUID, currency: str, groups: list[Group], result: Portion, error: DomainError
) -> Portion:
    if len(groups) == 1:
        _fail(result, _problems(error, groups[0]))
        return result
    for group in groups:
        one = write(merchant_id, currency, [group])
        result.made += one.made
        result.changed += one.changed
        result.unchanged += one.unchanged
        result.failed += one.failed
        result.problems += one.problems
    return result


def _fail(result: Portion, problems: Sequence[Problem]) -> None:
    result.failed += 1
    result.problems += problems


def _carry_out(merchant_id: UUID, currency: str, live: dict[int, Group], result: Portion) -> None:
    numbers = list(live)
    drafts = [group.draft for group in live.values() if group.draft is not None]
    outcomes = catalog.put_products(merchant_id=merchant_id, drafts=drafts)
    refused: dict[int, list[Problem]] = {}
    ready: list[tuple[int, Line, UUID]] = []
    touched: set[int] = set()  # by now all that were made, then those that get a price or stock
    for number, outcome in zip(numbers, outcomes, strict=True):
        if isinstance(outcome, DomainError):
            refused[number] = _problems(outcome, live[number])
        else:
            if outcome.made:
                touched.add(number)
            for line in live[number].lines:
                ready.append((number, line, outcome.variant_ids[line.variant.sku]))
    # What the catalogue refuses, it hasn't written: the others go on.
    late: dict[int, list[Problem]] = {}
    _prices(merchant_id, currency, ready, touched, late)
    _stock(merchant_id, ready, touched, late)
    if late:
        raise _Refused({**late, **refused})
    for problems in refused.values():
        _fail(result, problems)
    for number, outcome in zip(numbers, outcomes, strict=True):
        if isinstance(outcome, DomainError):
            continue
        if outcome.made:
            result.made += 1
        elif outcome.changed or number in touched:
            result.changed += 1
        else:
            result.unchanged += 1


def _prices(
    merchant_id: UUID,
    currency: str,
    ready: Sequence[tuple[int, Line, UUID]],
    touched: set[int],
    late: dict[int, list[Problem]],
) -> None:
    wanted = [one for one in ready if one[1].price is not None]
    before = marketplace.prices(variant for one, _line, variant in wanted if one not in touched)
    rows = [
        marketplace.PriceInput(variant, line.price, currency)
        for _number, line, variant in wanted
        if line.price is not None
    ]
    if not rows:
        return
    outcomes = marketplace.set_prices(merchant_id=merchant_id, rows=rows)
    for (number, line, variant), outcome in zip(wanted, outcomes, strict=True):
        if isinstance(outcome, DomainError):
            late.setdefault(number, []).append(_at(outcome, line, "price"))
        elif variant not in before or before[variant].version != outcome.version:
            touched.add(number)


def _stock(
    merchant_id: UUID,
    ready: Sequence[tuple[int, Line, UUID]],
    touched: set[int],
    late: dict[int, list[Problem]],
) -> None:
    wanted = [one for one in ready if one[1].stock is not None and one[1].warehouse is not None]
    settings = [
        inventory.StockSetting(warehouse_id=line.warehouse, variant_id=variant, on_hand=line.stock)
        for _number, line, variant in wanted
        if line.warehouse is not None
    ]
    if not settings:
        return
    outcomes = inventory.put_stock(merchant_id=merchant_id, settings=settings)
    for (number, line, _variant), outcome in zip(wanted, outcomes, strict=True):
        if isinstance(outcome, DomainError):
            late.setdefault(number, []).append(_at(outcome, line, "stock"))
        elif outcome:
            touched.add(number)


def _problems(error: DomainError, group: Group) -> list[Problem]:
    """Where in the file the error's fields are."""
    places = [problem.field for problem in error.problems] or [""]
    found = []
    for index, place in enumerate(places):
        first, _dot, rest = place.partition(".")
        line = group.lines[0]
        if first == "variants" and rest.split(".")[0].isdigit():
            line = group.lines[min(int(rest.split(".")[0]), len(group.lines) - 1)]
            key = [*rest.split("."), "sku"][1]
            key = "option1_value" if key == "options" else key
        elif first in ("titles", "descriptions"):
            key = f"{first[:-1]}.{rest}"
        elif first == "attributes":
            key = f"{ATTRIBUTE}.{rest}"
        else:
            key = _KEYS.get(first, "sku")
        found.append(
            of_error(error, row=line.number, key=key, value=line.cells.get(key, ""), index=index)
        )
    return found


def _at(error: DomainError, line: Line, key: str) -> Problem:
    return of_error(error, row=line.number, key=key, value=line.cells.get(key, ""))
