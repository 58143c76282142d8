"""Tariffs: a merchant's own, else the platform's."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import audit
from kernel.errors import Invalid
from kernel.money import Money
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG
from kernel.statements import Columns
from kernel.transactions import atomic
from logistics.contracts import Load, RateInfo, ShippingQuote
from logistics.domain.rates import DIVISOR_LEAST, DIVISOR_MOST, SIDE_MOST, RateRule
from logistics.domain.regions import REGIONS
from logistics.errors import NoRate, RateGone, TooBig, TooHeavy, UnknownRegion
from logistics.gateways.own_hands import PICKUP
from logistics.models import Rate
from platforms import facade as platforms

Tariffs = dict[UUID, list[RateRule]]
_RATES = Columns(Rate, "merchant_id", "rule")
MOST = 50  # tariffs of a merchant
_WHOLE = ("first_grams", "first_price", "step_grams", "step_price", "max_grams")


def read_rule(data: dict[str, Any], *, place: str = "rule") -> RateRule:
    """A tariff from JSON. Raises Invalid naming the field."""
    divisor = _divisor(data.get("volume_divisor"), f"{place}.volume_divisor")
    side = _side(data.get("max_side_mm"), f"{place}.max_side_mm")
    try:
        regions = frozenset(data.get("regions") or ())
        numbers = {name: int(data[name]) for name in _WHOLE}
        rule = RateRule(
            code=str(data["code"]),
            name=dict(data["name"]),
            carrier=str(data.get("carrier", "sandbox")),
            regions=regions,
            days_min=int(data["days_min"]),
            days_max=int(data["days_max"]),
            free_from=None if data.get("free_from") is None else int(data["free_from"]),
            place=dict(data.get("place") or {}),
            volume_divisor=divisor,
            max_side_mm=side,
            **numbers,
        )
    except (KeyError, TypeError, ValueError) as error:
        told = _("%(what)s is missing or isn't valid.") % {"what": error}
        raise Invalid(told, field=place) from error
    unknown = sorted(rule.regions - set(REGIONS))
    if unknown:
        told = _("Unknown regions: %(regions)s.") % {"regions": ", ".join(unknown)}
        raise UnknownRegion(told, field=f"{place}.regions")
    if rule.step_grams <= 0 or rule.max_grams <= 0 or min(rule.first_price, rule.step_price) < 0:
        raise Invalid(_("Weights must be above 0 and prices not below it."), field=place)
    if rule.carrier == PICKUP and not any(rule.place.values()):
        raise Invalid(_("Say where goods are fetched."), field=f"{place}.place")
    if not 0 <= rule.days_min <= rule.days_max:
        raise Invalid(_("days_min must not be above days_max."), field=f"{place}.days_min")
    return rule


def _divisor(value: object, field: str) -> int | None:
    """0 is none too: that is how carriers write it."""
    if value is None or (value == 0 and value is not False):
        return None
    if _whole(value) and DIVISOR_LEAST <= value <= DIVISOR_MOST:
        return value
    raise Invalid(
        _("Cubic centimetres to a kilogram: a whole number, 1,000 to 100,000; nothing or 0 for"
          " weight alone."),
        field=field,
    )  # fmt: skip


def _side(value: object, field: str) -> int | None:
    if value is None or (_whole(value) and 1 <= value <= SIDE_MOST):
        return value
    raise Invalid(_("A side is given in whole millimetres, 1 to 30,000."), field=field)


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def set_rates(*, merchant_id: UUID, rules: list[dict[str, Any]]) -> list[RateInfo]:
    """Replace a merchant's tariffs; an empty list goes back to the platform's."""
    for index, rule in enumerate(rules):
        read_rule(rule, place=f"rates.{index}")
    with atomic():
        before = list(
            Rate.objects.select_for_update().filter(merchant_id=merchant_id).order_by("id")
        )
        Rate.objects.filter(id__in=[row.id for row in before]).delete()
        rows = [Rate(merchant_id=merchant_id, rule=rule) for rule in rules]
        for row in rows:
            row.touch()
        Rate.objects.bulk_create(rows)
        audit.record(
            action="logistics.rates.set",
            target=rows[0] if rows else (before[0] if before else Rate(merchant_id=merchant_id)),
            before={"rates": [row.rule for row in before]},
            after={"rates": rules},
        )
    return [RateInfo(row.id, row.rule, row.version) for row in rows]


def put_rate(
    *, merchant_id: UUID, rule: dict[str, Any], rate_id: UUID | None = None
) -> list[RateInfo]:
    """One tariff more, or another in the place of ``rate_id``. Raises Invalid, RateGone."""
    read_rule(rule)
    with atomic():
        held = _held(merchant_id)
        rules = [rule if one.id == rate_id else one.rule for one in held]
        if rate_id is None:
            if len(held) >= MOST:
                raise Invalid(_("At most %(n)s tariffs.") % {"n": MOST}, field="code")
            rules.append(rule)
        elif all(one.id != rate_id for one in held):
            raise RateGone
        return set_rates(merchant_id=merchant_id, rules=rules)


def remove_rate(*, merchant_id: UUID, rate_id: UUID) -> list[RateInfo]:
    """Without this tariff; after the last one the platform's hold. Raises RateGone."""
    with atomic():
        held = _held(merchant_id)
        rules = [one.rule for one in held if one.id != rate_id]
        if len(rules) == len(held):
            raise RateGone
        return set_rates(merchant_id=merchant_id, rules=rules)


def _held(merchant_id: UUID) -> list[Rate]:
    """The merchant's tariffs, locked; whoever waited reads them anew."""
    rows = Rate.objects.select_for_update().filter(merchant_id=merchant_id)
    return list(rows.order_by("id"))


def rates(*, merchant_id: UUID) -> list[RateInfo]:
    """A merchant's own tariffs; empty when the platform's hold."""
    rows = Rate.objects.filter(merchant_id=merchant_id).order_by("id")
    return [RateInfo(row.id, row.rule, row.version) for row in rows]


def standard_rates() -> list[dict[str, Any]]:
    """The platform's tariffs, which hold for merchants without their own."""
    found: list[dict[str, Any]] = platforms.setting("logistics", "rates")
    return found


def rules_question(merchant_ids: Iterable[UUID]) -> Question[Tariffs]:
    """The tariffs that hold for each merchant, in the order they were set in."""
    wanted = list(merchant_ids)
    if not wanted:
        return NOTHING
    where = f"merchant_id {AMONG} ORDER BY id"
    return _RATES.question(where, [wanted], lambda rows: _rules(wanted, rows))


def _rules(merchant_ids: list[UUID], rows: list[dict[str, Any]]) -> Tariffs:
    own: dict[UUID, list[RateRule]] = {}
    for row in rows:
        own.setdefault(row["merchant_id"], []).append(read_rule(row["rule"]))
    missing = [merchant for merchant in merchant_ids if merchant not in own]
    if missing:
        standard = [read_rule(rule) for rule in standard_rates()]
        own.update(dict.fromkeys(missing, standard))
    return own


def quotes(
    *, merchant_id: UUID, region: str, weight_grams: int, goods_value: int = 0
) -> list[ShippingQuote]:
    """Ways to deliver one merchant's parcel of no known size, cheapest first.

    ``goods_value`` in minor units, for free shipping. Raises UnknownRegion, NoRate, TooHeavy.
    """
    found = quotes_for(region=region, parcels={merchant_id: Load(weight_grams, goods_value)})
    return found[merchant_id]


def quotes_for(
    *,
    region: str,
    parcels: Mapping[UUID, Load],
    rules: Tariffs | None = None,
) -> dict[UUID, list[ShippingQuote]]:
    """Quotes for several merchants' parcels at once, by the tariffs that were asked for if any
    were. Raises UnknownRegion, NoRate, TooHeavy, TooBig."""
    if region not in REGIONS:
        raise UnknownRegion(field="region")
    held = ask(rules_question(parcels))[0] if rules is None else rules
    currency = platforms.get_platform().currency
    return {
        merchant: _quotes(held[merchant], region, load, currency)
        for merchant, load in parcels.items()
    }


def _quotes(rules: list[RateRule], region: str, load: Load, currency: str) -> list[ShippingQuote]:
    covering = [rule for rule in rules if rule.covers(region)]
    if not covering:
        raise NoRate(field="region")
    fitting = [rule for rule in covering if rule.small_enough(load)]
    if not fitting:
        sides = [rule.max_side_mm for rule in covering if rule.max_side_mm is not None]
        raise TooBig(field="longest_side_mm", limit=max(sides, default=None))
    grams = load.weight_grams
    weights = [(rule.charged(load), rule) for rule in fitting]
    priced = [
        (rule.price(grams, load.goods_value, charged), charged, rule) for charged, rule in weights
    ]
    found = [
        ShippingQuote(
            rate_code=rule.code,
            carrier=rule.carrier,
            name=rule.shown,
            price=Money(price, currency),
            days_min=rule.days_min,
            days_max=rule.days_max,
            charged_weight_grams=charged,
            by_volume=charged > grams,
        )
        for price, charged, rule in priced
        if price is not None
    ]
    if not found:
        heaviest = max(rule.max_grams for rule in fitting)
        told = _("%(grams)s g; at most %(limit)s g.") % {"grams": grams, "limit": heaviest}
        raise TooHeavy(told, field="weight_grams", limit=heaviest)
    return sorted(found, key=lambda quote: quote.price.amount)
