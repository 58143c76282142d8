"""Reads of promotions, their codes and their use."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from kernel.money import Money
from kernel.pagination import PageOf, keyset
from marketplace.contracts_promotions import (
    CouponInfo,
    PromotionInfo,
    PromotionUse,
    RedemptionInfo,
)
from marketplace.domain.promotions import Terms
from marketplace.errors import PromotionNotFound
from marketplace.models import Coupon, Promotion, Redemption

_PLAIN = (
    "id", "merchant_id", "names", "currency", "starts_at", "ends_at", "priority", "exclusive",
    "stack_group", "max_uses", "max_uses_each", "budget", "external_id", "metadata", "version",
    "created_at", "updated_at",
)  # fmt: skip


def promotion_info(row: Promotion, code: str = "") -> PromotionInfo:
    """The contract of a row; ``code`` is its one code for all."""
    return PromotionInfo(
        **{name: getattr(row, name) for name in _PLAIN},
        state=str(row.state),
        kind=str(row.kind),
        terms=Terms.read(row.terms),
        scope=str(row.scope),
        scope_names=tuple(row.scope_names),
        way=str(row.way),
        code=code,
    )


def code_of(promotion_id: UUID) -> str:
    """The one code for all of a promotion; empty for none."""
    rows = Coupon.objects.filter(promotion_id=promotion_id, once=False)
    return rows.values_list("code", flat=True).first() or ""


def _row(promotion_id: UUID, merchant_id: UUID | None, *, any_owner: bool = False) -> Promotion:
    found = Promotion.objects.filter(id=promotion_id).first()
    if found is None or not (any_owner or found.merchant_id == merchant_id):
        raise PromotionNotFound
    return found


def promotion(
    *, promotion_id: UUID, merchant_id: UUID | None = None, any_owner: bool = False
) -> PromotionInfo:
    """A merchant's promotion, or (None) the platform's; with ``any_owner`` whosever it is. Raises
    PromotionNotFound."""
    row = _row(promotion_id, merchant_id, any_owner=any_owner)
    return promotion_info(row, code_of(row.id))


def promotion_by_external_id(*, merchant_id: UUID | None, external_id: str) -> PromotionInfo | None:
    """The owner's promotion with this id of its own, if there is one."""
    row = Promotion.objects.filter(merchant_id=merchant_id, external_id=external_id).first()
    return promotion_info(row, code_of(row.id)) if row else None


def promotions(
    *,
    merchant_id: UUID | None = None,
    any_owner: bool = False,
    state: str | None = None,
    query: str = "",
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[PromotionInfo]:
    """A merchant's promotions, the platform's (None), or everyone's (``any_owner``). ``query`` is a
    code, or part of a name."""
    rows = Promotion.objects.all()
    if not any_owner:
        rows = rows.filter(merchant_id=merchant_id)
    if state:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    if query:
        by_code = Coupon.objects.filter(code=query.upper()).values_list("promotion_id", flat=True)
        rows = rows.filter(Q(id__in=list(by_code)) | Q(names__icontains=query))
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    shared = Coupon.objects.filter(promotion_id__in=[row.id for row in page.items], once=False)
    codes: dict[UUID, str] = dict(shared.values_list("promotion_id", "code"))
    return page.map(lambda row: promotion_info(row, codes.get(row.id, "")))


def promotion_use(
    *, promotion_id: UUID, merchant_id: UUID | None = None, any_owner: bool = False
) -> PromotionUse:
    """What came of a promotion. Raises PromotionNotFound."""
    row = _row(promotion_id, merchant_id, any_owner=any_owner)
    uses = Redemption.objects.filter(promotion=row)
    standing = uses.filter(returned_at__isnull=True)
    coupons = Coupon.objects.filter(promotion=row, once=True)
    return PromotionUse(
        purchases=standing.values("group_id").distinct().count(),
        discount=Money(standing.aggregate(sum=Sum("amount"))["sum"] or 0, row.currency),
        given_back=uses.filter(returned_at__isnull=False).values("group_id").distinct().count(),
        codes=coupons.count(),
        codes_used=coupons.filter(uses__gt=0).count(),
    )


def coupons(
    *,
    promotion_id: UUID,
    merchant_id: UUID | None = None,
    any_owner: bool = False,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[CouponInfo]:
    """The codes of a promotion. Raises PromotionNotFound."""
    row = _row(promotion_id, merchant_id, any_owner=any_owner)
    rows = Coupon.objects.filter(promotion=row)
    page = keyset(rows, order=("id",), cursor=cursor, limit=limit)
    return page.map(lambda one: CouponInfo(one.id, one.code, one.once, one.uses))


def redemptions(
    *,
    promotion_id: UUID,
    merchant_id: UUID | None = None,
    any_owner: bool = False,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[RedemptionInfo]:
    """The orders that used a promotion, the latest first. Raises PromotionNotFound."""
    row = _row(promotion_id, merchant_id, any_owner=any_owner)
    rows = Redemption.objects.filter(promotion=row).select_related("order", "coupon")
    page = keyset(rows, order=("-id",), cursor=cursor, limit=limit)

    def info(one: Any) -> RedemptionInfo:
        return RedemptionInfo(
            id=one.id,
            order_id=one.order_id,
            order_number=one.order.number,
            code=one.coupon.code if one.coupon else "",
            amount=Money(one.amount, row.currency),
            used_at=one.used_at,
            returned_at=one.returned_at,
        )

    return page.map(info)
