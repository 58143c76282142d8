"""Make and change promotions, and draw the codes of one."""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from kernel import audit, clock
from kernel.errors import FieldProblem
from kernel.transactions import atomic, table_of
from marketplace import locks
from marketplace.contracts_promotions import PromotionInfo, PromotionInput
from marketplace.domain.promotions import Kind, ScopeKind
from marketplace.domain.promotions.terms import problems_of
from marketplace.errors import CodeTaken, ExternalIdTaken, InvalidPromotion, PromotionState
from marketplace.models import Coupon, Promotion, Redemption
from marketplace.selectors.promotions import promotion_info
from marketplace.services.coupons import CODE_MAX, plain_code
from platforms import facade as platforms

NAMES_MAX = 500
CODES_MAX = 10_000
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing looks like another
CODE_LENGTH = 12  # of 31 signs: 59 bits, not to be guessed
State, Way = Promotion.State, Promotion.Way
# What may change once it has been active; the rest is what buyers were promised.
LATER = ("names", "ends_at", "priority", "max_uses", "max_uses_each", "budget", "metadata")
_WRONG: dict[str, str | Promise] = {
    "not_a_percentage": _("Above 0 and at most 100, with at most two decimals."),
    "not_above_zero": _("It must be above 0."),
    "negative": _("Nothing or more."),
    "how_many": _("From 1 to 10 steps."),
    "one_tier": _("Only a single step can count several times."),
    "not_a_tier": _("What comes off is above 0 and less than what is spent."),
    "not_rising": _("Each step asks for more and gives more than the one before."),
    "not_a_count": _("From 1 to 100."),
}


def create_promotion(*, merchant_id: UUID | None, given: PromotionInput) -> PromotionInfo:
    """A draft of a merchant, or (None) of the platform. Raises InvalidPromotion naming the fields,
    CodeTaken, ExternalIdTaken."""
    _check(given, merchant_id)
    row = Promotion(merchant_id=merchant_id, currency=platforms.get_platform().currency)
    _fill(row, given)
    with atomic():
        _check_external(row)
        row.save(force_insert=True)
        if given.way == Way.CODE:
            _keep_code(row, given.code)
        audit.record(action="marketplace.promotion.created", target=row, after=_shown(row))
    return promotion_info(row, plain_code(given.code))


def change_promotion(
    *,
    promotion_id: UUID,
    merchant_id: UUID | None,
    given: PromotionInput,
    check: Callable[[int], None] | None = None,
) -> PromotionInfo:
    """Change a draft, or of one that has been active its names, end, priority and limits.

    ``check`` sees the present version (If-Match). Raises PromotionNotFound, PromotionState,
    InvalidPromotion, CodeTaken, ExternalIdTaken.
    """
    _check(given, merchant_id)
    with atomic():
        row = locks.promotion(promotion_id, merchant_id)
        if check is not None:
            check(row.version)
        if row.state == State.ENDED:
            raise PromotionState(state=str(row.state), allowed=[])
        before, coupon = _shown(row), _shared(row)
        code = coupon.code if coupon else ""
        _fill(row, given)
        _check_external(row)
        wanted = plain_code(given.code) if given.way == Way.CODE else ""
        if row.state != State.DRAFT:
            _check_later(before, row, code, wanted)
        elif code != wanted:
            _change_code(row, coupon, wanted)
        _recount(row)
        row.save()
        after = _shown(row)
        audit.record(action="marketplace.promotion.changed", target=row, before=before, after=after)
    return promotion_info(row, wanted)


def draw_codes(*, promotion_id: UUID, merchant_id: UUID | None, count: int) -> list[str]:
    """So many new codes that each work once; at most 10,000 for a promotion. Raises
    PromotionNotFound, PromotionState, InvalidPromotion."""
    with atomic():
        row = locks.promotion(promotion_id, merchant_id)
        if row.way != Way.CODES:
            raise _invalid("count", gettext("This promotion has no codes that work once."))
        if row.state == State.ENDED:
            raise PromotionState(state=str(row.state), allowed=[])
        there = Coupon.objects.filter(promotion=row).count()
        if not 1 <= count <= CODES_MAX - there:
            raise _invalid(
                "count", gettext("From 1 to %(most)s more.") % {"most": CODES_MAX - there}
            )
        codes: set[str] = set()
        while len(codes) < count:
            codes.add("".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH)))
        Coupon.objects.bulk_create(
            [Coupon(promotion=row, code=code, once=True) for code in sorted(codes)],
            batch_size=2000,
        )
        audit.record(action="marketplace.promotion.codes_drawn", target=row, after={"count": count})
    return sorted(codes)


def _check(given: PromotionInput, merchant_id: UUID | None) -> None:
    wrong = []
    if not any(text.strip() for text in given.names.values()):
        wrong.append(
            FieldProblem("name", gettext("Say what it is called, in one language at least."))
        )
    elif any(len(text) > NAMES_MAX or not text.isprintable() for text in given.names.values()):
        wrong.append(FieldProblem("name", gettext("At most 500 plain characters.")))
    if given.kind not in list(Kind):
        wrong.append(FieldProblem("kind", ", ".join(Kind)))
    else:
        found = problems_of(Kind(given.kind), given.terms)
        wrong += [FieldProblem(f"terms.{name}", str(_WRONG[code])) for name, code in found]
    wrong += _limits(given)
    wrong += _scope(given, merchant_id)
    if given.way not in Way.values:
        wrong.append(FieldProblem("way", ", ".join(Way.values)))
    code = plain_code(given.code)
    if given.way == Way.CODE and not (
        3 <= len(code) <= CODE_MAX and code.isascii() and code.replace("-", "").isalnum()
    ):
        told = gettext("From 3 to 40 letters A to Z, digits and hyphens.")
        wrong.append(FieldProblem("code", told))
    elif given.way != Way.CODE and code:
        wrong.append(FieldProblem("code", gettext("Only a promotion whose way is code has one.")))
    if wrong:
        raise InvalidPromotion(problems=wrong)


def _limits(given: PromotionInput) -> list[FieldProblem]:
    wrong = [
        FieldProblem(name, str(_WRONG["not_above_zero"]))
        for name in ("max_uses", "max_uses_each", "budget")
        if (value := getattr(given, name)) is not None and not 0 < value < 2**31 - 1
        and not (name == "budget" and 0 < value < 10**15)
    ]  # fmt: skip
    begin = given.starts_at or clock.business()
    if given.ends_at is not None and given.ends_at <= begin:
        wrong.append(FieldProblem("ends_at", gettext("It ends after it begins.")))
    if not -1000 <= given.priority <= 1000:
        wrong.append(FieldProblem("priority", gettext("From -1000 to 1000.")))
    if len(given.stack_group) > 40:
        wrong.append(FieldProblem("stack_group", gettext("At most 40 characters.")))
    return wrong


def _scope(given: PromotionInput, merchant_id: UUID | None) -> list[FieldProblem]:
    """That the goods are there, and the merchant's own."""
    if given.scope not in list(ScopeKind):
        return [FieldProblem("scope", ", ".join(ScopeKind))]
    kind, names = ScopeKind(given.scope), given.scope_names
    if kind == ScopeKind.MERCHANTS and merchant_id is not None:
        return [FieldProblem("scope", gettext("Only the platform's promotions are for merchants."))]
    if (kind == ScopeKind.ALL) != (not names) or len(names) > 500:
        return [FieldProblem("scope.ids", gettext("From 1 to 500; none for all goods."))]
    ids = [UUID(name) for name in names]
    known: set[UUID] = set()
    if kind == ScopeKind.CATEGORIES:
        known = set(catalog.category_paths(ids))
    elif kind == ScopeKind.PRODUCTS:
        own = catalog.products(ids).values()
        known = {one.id for one in own if merchant_id in (None, one.merchant_id)}
    elif kind == ScopeKind.VARIANTS:
        mine = catalog.variants(ids).values()
        known = {one.id for one in mine if merchant_id in (None, one.merchant_id)}
    elif kind == ScopeKind.MERCHANTS:
        known = set(platforms.merchants(ids))
    return [
        FieldProblem(f"scope.ids.{place}", gettext("There is no such thing, or it isn't yours."))
        for place, one in enumerate(ids)
        if one not in known
    ]


def _fill(row: Promotion, given: PromotionInput) -> None:
    row.names = {language: text.strip() for language, text in given.names.items() if text.strip()}
    row.kind, row.terms = Kind(given.kind), given.terms.plain()
    row.scope, row.scope_names = ScopeKind(given.scope), sorted(set(given.scope_names))
    row.way = Way(given.way)
    row.starts_at = given.starts_at or row.starts_at or clock.business()
    for name in (
        "ends_at", "priority", "exclusive", "stack_group", "max_uses", "max_uses_each", "budget",
        "external_id",
    ):  # fmt: skip
        setattr(row, name, getattr(given, name))
    if given.metadata is not None:
        row.metadata = dict(given.metadata)


def _check_later(before: dict[str, Any], row: Promotion, code: str, wanted: str) -> None:
    after = _shown(row)
    fixed = [name for name in after if name not in LATER and before[name] != after[name]]
    if code != wanted:
        fixed.append("code")
    if fixed:
        told = gettext("It has been active: end it, and make another.")
        raise PromotionState(
            told,
            problems=[FieldProblem(name, told) for name in fixed],
            state=str(row.state),
            allowed=sorted(LATER),
        )


def _recount(row: Promotion) -> None:
    """Limits may be new: count what stands. Orders that use it are waited for by its lock."""
    row.uses = row.spent = 0
    if row.limited:
        standing = Redemption.objects.filter(promotion=row, returned_at__isnull=True)
        row.uses = standing.values("group_id").distinct().count()
        row.spent = standing.aggregate(sum=Sum("amount"))["sum"] or 0
    wrong = []
    if row.max_uses is not None and row.max_uses < row.uses:
        told = gettext("It has been used %(n)s times already.") % {"n": row.uses}
        wrong.append(FieldProblem("max_uses", told))
    if row.budget is not None and row.budget < row.spent:
        wrong.append(FieldProblem("budget", gettext("More than that has been spent already.")))
    if wrong:
        raise InvalidPromotion(problems=wrong)


def _check_external(row: Promotion) -> None:
    if row.external_id is None:
        return
    others = Promotion.objects.filter(
        merchant_id=row.merchant_id, external_id=row.external_id
    ).exclude(id=row.id)
    if others.exists():
        raise ExternalIdTaken(field="external_id")


def _shared(row: Promotion) -> Coupon | None:
    return Coupon.objects.filter(promotion=row, once=False).first()


def _change_code(row: Promotion, coupon: Coupon | None, wanted: str) -> None:
    """A draft's code was never used: it goes, and another comes."""
    if coupon is not None:
        coupon.delete()
    if wanted:
        _keep_code(row, wanted)


def _keep_code(row: Promotion, code: str) -> None:
    try:
        with atomic():
            Coupon(promotion=row, code=plain_code(code)).save(force_insert=True)
    except IntegrityError as error:
        if table_of(error) != Coupon._meta.db_table:
            raise  # of a write that waited
        raise CodeTaken(field="code") from error


def _invalid(field: str, told: str) -> InvalidPromotion:
    return InvalidPromotion(problems=[FieldProblem(field, told)])


def _shown(row: Promotion) -> dict[str, Any]:
    """For the audit trail, and to see what changed."""
    names = (
        "names", "kind", "terms", "scope", "scope_names", "way", "starts_at", "ends_at", "priority",
        "exclusive", "stack_group", "max_uses", "max_uses_each", "budget", "external_id",
        "metadata",
    )  # fmt: skip
    found = {name: getattr(row, name) for name in names}
    return {name: str(v) if name in ("kind", "scope", "way") else v for name, v in found.items()}
