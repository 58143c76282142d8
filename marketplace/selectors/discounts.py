"""What promotions take off a cart now: those that hold are read, the arithmetic is the domain's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from catalog import facade as catalog
from kernel import clock
from kernel.money import Money
from kernel.questions import Question
from marketplace.contracts import AppliedDiscount, CartCoupon, DiscountHint, LineDiscount
from marketplace.domain.promotions import (
    Applied,
    Item,
    Kind,
    Offered,
    Outcome,
    Problem,
    Scope,
    ScopeKind,
    Terms,
    work_out,
)
from marketplace.domain.totals import PricedLine
from marketplace.models import COUPONS, PROMOTIONS, Coupon, Promotion, Redemption

_LIVE = (
    "state = 'active' AND way = 'automatic' AND starts_at <= %s "
    "AND (ends_at IS NULL OR ends_at > %s)"
)
State = Promotion.State


@dataclass(frozen=True)
class Candidate:
    """A promotion that may count, with the coupon that was entered for it."""

    promotion: Promotion
    coupon: Coupon | None = None


@dataclass(frozen=True)
class Discounts:
    """What comes off, with the rows it came from; ``problems`` says why codes don't count that
    never reached the arithmetic."""

    outcome: Outcome = field(default_factory=Outcome)
    candidates: Mapping[UUID, Candidate] = field(default_factory=dict)
    problems: tuple[tuple[str, Problem], ...] = ()

    @property
    def used(self) -> list[Candidate]:
        return [self.candidates[one.offered.id] for one in self.outcome.applied]


def live_question(at: datetime) -> Question[list[Promotion]]:
    """The promotions that need no code at a business time."""
    return PROMOTIONS.question(_LIVE, [at, at])


def candidates(
    codes: Sequence[str], live: Iterable[Promotion]
) -> tuple[list[Candidate], list[str]]:
    """Those that need no code now, and those of these codes whatever their state; and the codes
    that nobody knows. Without codes nothing is read, with some twice."""
    found = [Candidate(row) for row in live]
    if not codes:
        return found, []
    coupons = {row.code: row for row in COUPONS.all("code = ANY(%s)", [list(codes)])}
    ids = list({row.promotion_id for row in coupons.values()})
    rows = {row.id: row for row in PROMOTIONS.all("id = ANY(%s)", [ids])} if ids else {}
    for code in codes:
        if code in coupons:
            found.append(Candidate(rows[coupons[code].promotion_id], coupons[code]))
    return found, [code for code in codes if code not in coupons]


def discounts_of(
    lines: Sequence[PricedLine],
    variants: Mapping[UUID, catalog.VariantInfo],
    *,
    currency: str,
    live: Iterable[Promotion],
    codes: Sequence[str] = (),
    buyer_id: UUID | None = None,
) -> Discounts:
    """What comes off these lines now, for this buyer with these codes; ``live`` are the promotions
    that need none."""
    if not lines and not codes:
        return Discounts()
    found, unknown = candidates(codes, live)
    lost = tuple((code, Problem.UNKNOWN) for code in unknown)
    if not found:
        return Discounts(problems=lost)
    known = worked_out(found, lines, variants, currency=currency, buyer_id=buyer_id)
    return replace(known, problems=(*known.problems, *lost))


def worked_out(
    found: Sequence[Candidate],
    lines: Sequence[PricedLine],
    variants: Mapping[UUID, catalog.VariantInfo],
    *,
    currency: str,
    buyer_id: UUID | None,
) -> Discounts:
    """The arithmetic over these candidates, after what speaks against each by itself."""
    now = clock.business()
    before = _uses_of(buyer_id, [one.promotion for one in found])
    kept: dict[UUID, Candidate] = {}
    problems: list[tuple[str, Problem]] = []
    for one in found:
        code = one.coupon.code if one.coupon else ""
        reason = _problem(one, now, currency, buyer_id, before)
        if reason is None and one.promotion.id in kept:
            reason = Problem.NOT_COMBINABLE  # a second code of the same promotion
        if reason is None:
            kept[one.promotion.id] = one
        elif code:
            problems.append((code, reason))
    if not kept:
        return Discounts(problems=tuple(problems))
    paths = _paths(kept.values(), lines, variants)
    outcome = work_out(
        [_item(line, variants[line.variant_id], paths, currency) for line in lines],
        [_offered(one, paths) for one in kept.values()],
    )
    return Discounts(outcome, kept, tuple(problems))


def _problem(
    one: Candidate,
    now: datetime,
    currency: str,
    buyer_id: UUID | None,
    before: Mapping[UUID, int],
) -> Problem | None:
    row = one.promotion
    if row.state == State.DRAFT or row.currency != currency:
        return Problem.UNKNOWN
    if row.state == State.ENDED or (row.ends_at is not None and row.ends_at <= now):
        return Problem.EXPIRED
    if row.state == State.PAUSED:
        return Problem.PAUSED
    if row.starts_at > now:
        return Problem.NOT_STARTED
    if one.coupon is not None and one.coupon.once and one.coupon.uses:
        return Problem.USED_UP
    if row.max_uses is not None and row.uses >= row.max_uses:
        return Problem.USED_UP
    if row.budget is not None and row.spent >= row.budget:
        return Problem.USED_UP
    if row.max_uses_each is not None:
        if buyer_id is None:
            return Problem.NEEDS_ACCOUNT
        if before.get(row.id, 0) >= row.max_uses_each:
            return Problem.USED_BEFORE
    return None


def _uses_of(buyer_id: UUID | None, rows: Iterable[Promotion]) -> dict[UUID, int]:
    """How often the buyer has used those that ask for it; one query if some do."""
    asked = [row.id for row in rows if row.max_uses_each is not None]
    if buyer_id is None or not asked:
        return {}
    uses = Redemption.objects.filter(
        promotion_id__in=asked, buyer_id=buyer_id, returned_at__isnull=True
    )
    counted = uses.values("promotion_id").annotate(times=Count("group_id", distinct=True))
    return {row["promotion_id"]: row["times"] for row in counted}


def _paths(
    kept: Iterable[Candidate],
    lines: Sequence[PricedLine],
    variants: Mapping[UUID, catalog.VariantInfo],
) -> Mapping[UUID, str]:
    """Where categories stand, if one of the promotions asks."""
    asked = {
        UUID(name)
        for one in kept
        if one.promotion.scope == ScopeKind.CATEGORIES
        for name in one.promotion.scope_names
    }
    if not asked:
        return {}
    own = {variants[line.variant_id].category_id for line in lines}
    return catalog.category_paths({*asked, *(one for one in own if one)})


def _item(
    line: PricedLine, variant: catalog.VariantInfo, paths: Mapping[UUID, str], currency: str
) -> Item:
    return Item(
        key=line.variant_id,
        merchant_id=line.merchant_id,
        product_id=variant.product_id,
        category=paths.get(variant.category_id, "") if variant.category_id else "",
        unit_price=line.unit_price,
        quantity=line.quantity,
        total=line.total(currency).amount,
    )


def _offered(one: Candidate, paths: Mapping[UUID, str]) -> Offered:
    row = one.promotion
    names = row.scope_names
    if row.scope == ScopeKind.CATEGORIES:
        names = [paths[UUID(name)] for name in names if UUID(name) in paths]
    return Offered(
        id=row.id,
        kind=Kind(row.kind),
        terms=Terms.read(row.terms),
        scope=Scope(
            ScopeKind(row.scope),
            frozenset(names),
            str(row.merchant_id) if row.merchant_id else "",
        ),
        merchant_id=row.merchant_id,
        code=one.coupon.code if one.coupon else "",
        priority=row.priority,
        exclusive=row.exclusive,
        group=row.stack_group,
        left=None if row.budget is None else row.budget - row.spent,
    )


def told(
    found: Discounts, currency: str, *, only: Iterable[UUID] | None = None
) -> tuple[AppliedDiscount, ...]:
    """How the discounts came about, in the order in which they were taken; ``only``: the parts
    that these lines have in it."""
    wanted = None if only is None else set(only)
    parts = []
    for one in found.outcome.applied:
        shares = {k: v for k, v in one.shares.items() if wanted is None or k in wanted}
        if shares:
            parts.append(_told(found.candidates[one.offered.id], one, shares, currency))
    return tuple(parts)


def _told(
    candidate: Candidate, one: Applied, shares: Mapping[UUID, int], currency: str
) -> AppliedDiscount:
    return AppliedDiscount(
        promotion_id=one.offered.id,
        kind=str(one.offered.kind),
        names=candidate.promotion.names,
        terms={**one.offered.terms.plain(), "base": one.base},
        code=one.offered.code,
        paid_by="platform" if one.offered.merchant_id is None else "merchant",
        amount=Money(sum(shares.values()), currency),
        lines=tuple(LineDiscount(key, share) for key, share in shares.items()),
    )


def kept(parts: Iterable[AppliedDiscount]) -> list[dict[str, Any]]:
    """The same as an order's row keeps it; ``selectors.orders.applied`` reads it."""
    return [
        {
            "promotion": str(part.promotion_id),
            "kind": part.kind,
            "names": dict(part.names),
            "terms": dict(part.terms),
            "code": part.code,
            "paid_by": part.paid_by,
            "amount": part.amount.amount,
            "lines": [[str(line.variant_id), line.amount] for line in part.lines],
        }
        for part in parts
    ]


def coupons_of(found: Discounts, codes: Sequence[str], currency: str) -> tuple[CartCoupon, ...]:
    """Each code that was entered, with what it takes off or why it doesn't."""
    taken = {one.offered.code: one for one in found.outcome.applied if one.offered.code}
    refused = {one.offered.code: one for one in found.outcome.refused if one.offered.code}
    early = dict(found.problems)
    names = {
        one.coupon.code: one.promotion.names for one in found.candidates.values() if one.coupon
    }
    shown = []
    for code in codes:
        problem, missing, amount = str(early.get(code, "")), 0, 0
        if code in refused:
            problem, missing = str(refused[code].problem), refused[code].missing
        if code in taken:
            amount = taken[code].amount
        elif not problem:
            problem = str(Problem.NO_GOODS)
        shown.append(
            CartCoupon(
                code=code,
                names=names.get(code, {}),
                amount=Money(amount, currency),
                problem=problem,
                missing=Money(missing, currency),
            )
        )
    return tuple(shown)


def hints_of(found: Discounts, currency: str) -> tuple[DiscountHint, ...]:
    """Promotions without a code that a little more would bring (凑单)."""
    return tuple(
        DiscountHint(
            promotion_id=one.offered.id,
            names=found.candidates[one.offered.id].promotion.names,
            missing=Money(one.missing, currency),
        )
        for one in found.outcome.refused
        if not one.offered.code and one.problem == Problem.BELOW_MINIMUM and one.missing
    )
