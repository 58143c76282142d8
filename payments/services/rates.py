"""The commission on a sale by the platform's rules; the rules themselves are changed here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from kernel.questions import Question, ask
from kernel.transactions import together
from payments.contracts_terms import RuleInfo
from payments.domain.rates import Rule, choose
from payments.models import RULES, CommissionRule
from platforms import facade as platforms


@dataclass(frozen=True)
class Commission:
    """``amount`` on the sale, and which rule said so: its ``level`` and public id, or ``blueprint``
    for the platform's basic setting."""

    amount: Money
    rate: Decimal
    level: str
    rule: str


def commission_for(
    *,
    merchant_id: UUID,
    amount: Money,
    category: str = "",
    at: datetime | None = None,
    section: str = "payments",
) -> Commission:
    """What the platform takes of ``amount`` now (``at``, business time), explained.

    Without a rule, the ``commission_rate`` of the blueprint's ``section`` holds.
    """
    return commissions_for(
        merchant_id=merchant_id, sales=[(category, amount)], at=at, section=section
    )[0]


def commissions_for(
    *,
    merchant_id: UUID,
    sales: Iterable[tuple[str, Money]],
    at: datetime | None = None,
    section: str = "payments",
) -> list[Commission]:
    """``commission_for`` for several (category, amount), read at once."""
    moment = at or clock.business()
    rules = _rules_at(moment)
    return [
        _commission(_rule(rules, merchant_id, category, amount, moment), amount, section)
        for category, amount in sales
    ]


def commissions_on_orders(
    *,
    orders: Mapping[UUID, Iterable[tuple[str, Money]]],
    at: datetime | None = None,
    section: str = "marketplace",
    rules: Sequence[Rule] | None = None,
) -> dict[UUID, list[Commission]]:
    """For each merchant's order of (category, amount): what is taken by each rule that holds for
    some of it. A rule is applied once to all in the order that it is about, so an order is rounded
    once a rule, and a fixed sum or a minimum taken once. ``rules`` that were asked for before."""
    moment = at or clock.business()
    rules = _rules_at(moment) if rules is None else rules
    found: dict[UUID, list[Commission]] = {}
    for merchant_id, sales in orders.items():
        sums: dict[UUID | None, tuple[Rule | None, Money]] = {}
        for category, amount in sales:
            rule = _rule(rules, merchant_id, category, amount, moment)
            key = rule.id if rule else None
            sums[key] = (rule, sums[key][1] + amount if key in sums else amount)
        found[merchant_id] = [_commission(rule, amount, section) for rule, amount in sums.values()]
    return found


def commission_rules_question(at: datetime) -> Question[list[Rule]]:
    """The rules that hold at ``at`` (business time), to be asked for with other things."""
    return RULES.question(
        "valid_from <= %s AND (valid_until IS NULL OR valid_until > %s)", [at, at]
    ).then(lambda rows: [as_rule(row) for row in rows])


def _rules_at(moment: datetime) -> list[Rule]:
    return ask(commission_rules_question(moment))[0]


def _rule(
    rules: Iterable[Rule], merchant_id: UUID, category: str, amount: Money, at: datetime
) -> Rule | None:
    return choose(
        rules, merchant_id=merchant_id, category=category, currency=amount.currency, at=at
    )


def _commission(rule: Rule | None, amount: Money, section: str) -> Commission:
    if rule is None or rule.id is None:
        rate = Decimal(str(platforms.setting(section, "commission_rate")))
        return Commission(amount.percent(rate), rate, "blueprint", "")
    return Commission(rule.of(amount), rule.rate, rule.level, public_id("cmr", rule.id))


def as_rule(row: CommissionRule) -> Rule:
    """The row as the pure rule."""
    return Rule(
        id=row.id,
        merchant_id=row.merchant_id,
        category=row.category,
        rate=row.rate,
        fixed=row.fixed,
        minimum=row.minimum,
        currency=row.currency,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def rule_info(row: CommissionRule) -> RuleInfo:
    """The contract of a row."""
    return RuleInfo(
        id=row.id,
        merchant_id=row.merchant_id,
        category=row.category,
        rate=row.rate,
        fixed=row.fixed,
        minimum=row.minimum,
        currency=row.currency,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        note=row.note,
        level=as_rule(row).level,
    )


def rules_page(
    *,
    merchant_id: UUID | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[RuleInfo]:
    """All rules, or those that may hold for a merchant."""
    rows = CommissionRule.objects.all()
    if merchant_id is not None:
        rows = rows.filter(Q(merchant_id=merchant_id) | Q(merchant_id__isnull=True))
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(rule_info)


def add_rule(
    *,
    rate: Decimal,
    merchant_id: UUID | None = None,
    category: str = "",
    fixed: int = 0,
    minimum: int = 0,
    currency: str = "",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    note: str = "",
) -> CommissionRule:
    """A new rule; what was sold before keeps its commission. Raises Invalid, NotFound."""
    begin = valid_from or clock.business()
    if not Decimal(0) <= rate <= 50:
        raise Invalid(_("From 0 to 50 per cent."), field="rate")
    if valid_from is not None and valid_from < clock.business():
        raise Invalid(_("A rule doesn't begin in the past."), field="valid_from")
    if valid_until is not None and valid_until <= begin:
        raise Invalid(_("It ends after it begins."), field="valid_until")
    if (fixed or minimum) and not currency:
        raise Invalid(_("Name the currency of the fixed amount or minimum."), field="currency")
    if merchant_id is not None:
        platforms.merchant(merchant_id)
    with together():
        row = CommissionRule(
            merchant_id=merchant_id,
            category=category.strip("/"),
            rate=rate,
            fixed=fixed,
            minimum=minimum,
            currency=currency,
            valid_from=begin,
            valid_until=valid_until,
            note=note,
        )
        row.save(force_insert=True)
        audit.record(
            action="payments.commission_rule.added",
            target=row,
            after={"rate": str(rate), "merchant": merchant_id, "category": row.category},
        )
    return row


def end_rule(*, rule_id: UUID, at: datetime | None = None) -> CommissionRule:
    """Let a rule end (now, or at a later business time). Raises NotFound, Invalid."""
    with together():
        row = CommissionRule.objects.select_for_update().filter(id=rule_id).first()
        if row is None:
            raise NotFound
        now = clock.business()
        end = at or now
        if end < now or end <= row.valid_from:
            raise Invalid(_("It ends after it began, and not in the past."), field="valid_until")
        before = row.valid_until
        row.valid_until = end
        row.save(update_fields=["valid_until"])
        audit.record(
            action="payments.commission_rule.ended",
            target=row,
            before={"valid_until": before},
            after={"valid_until": end},
        )
        return row
