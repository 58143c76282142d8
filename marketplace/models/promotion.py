"""Promotions (优惠活动), their coupon codes (优惠码), and each time they were used."""

from django.db import models
from django.db.models import F, Q

from kernel.models import ExternalRefModel, TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions
from marketplace.domain.promotions import Kind, ScopeKind
from marketplace.models.order import Order, OrderGroup


class Promotion(StatefulModel, ExternalRefModel):
    """A merchant's promotion, which it pays, or (``merchant_id`` None) the platform's, which the
    platform pays.

    ``terms`` are what ``domain.promotions.Terms`` reads; ``scope_names`` ids as text. It holds from
    ``starts_at`` until ``ends_at`` on the business clock. Limits (None: none): ``max_uses`` in all,
    ``max_uses_each`` for one buyer, ``budget`` in minor units of ``currency``. ``uses`` and
    ``spent`` count those that stand, and are kept only while there is a limit (``limited``): every
    order would otherwise wait for this row.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        PAUSED = "paused"
        ENDED = "ended"

    class Way(models.TextChoices):
        """How a buyer gets it: doing nothing, by a code for all, by a code of one's own."""

        AUTOMATIC = "automatic"
        CODE = "code"
        CODES = "codes"

    TRANSITIONS = Transitions(
        State,
        initial=State.DRAFT,
        moves={
            State.DRAFT: {State.ACTIVE, State.ENDED},
            State.ACTIVE: {State.PAUSED, State.ENDED},
            State.PAUSED: {State.ACTIVE, State.ENDED},
        },
    )

    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    merchant_id = models.UUIDField(null=True)
    names = models.JSONField(default=dict)
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    terms = models.JSONField(default=dict)
    scope = models.CharField(
        max_length=20, choices=[(kind.value, kind.value) for kind in ScopeKind], default="all"
    )
    scope_names = models.JSONField(default=list)
    way = models.CharField(max_length=10, choices=Way, default=Way.AUTOMATIC)
    currency = models.CharField(max_length=3)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    priority = models.SmallIntegerField(default=0)
    exclusive = models.BooleanField(default=False)
    stack_group = models.CharField(max_length=40, default="", blank=True)
    max_uses = models.PositiveIntegerField(null=True)
    max_uses_each = models.PositiveIntegerField(null=True)
    budget = models.BigIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    spent = models.BigIntegerField(default=0)

    @property
    def limited(self) -> bool:
        """Whether uses have to be counted one after the other."""
        return any(limit is not None for limit in (self.max_uses, self.max_uses_each, self.budget))

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="marketplace_promotion_external",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="marketplace_promotion_times",
            ),
            models.CheckConstraint(
                condition=Q(spent__gte=0)
                & (Q(budget__isnull=True) | Q(budget__gt=0, spent__lte=F("budget")))
                & (Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses"))),
                name="marketplace_promotion_limits",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "id"],
                name="marketplace_promotion_live",
                condition=Q(state="active", way="automatic"),
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="marketplace_promotion_list"
            ),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="marketplace_promotion_all"
            ),
            models.Index(
                fields=["platform_id", "ends_at"],
                name="marketplace_promotion_over",
                condition=Q(state__in=["active", "paused"], ends_at__isnull=False),
            ),
        ]


class Coupon(TenantModel):
    """A code that opens a promotion, in capitals; ``once``: for one purchase only."""

    promotion = TenantForeignKey(Promotion, models.PROTECT, related_name="coupons", db_index=False)
    code = models.CharField(max_length=40)
    once = models.BooleanField(default=False)
    uses = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "code"], name="marketplace_coupon_code"),
            models.CheckConstraint(
                condition=Q(once=False) | Q(uses__lte=1), name="marketplace_coupon_once"
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "promotion", "id"], name="marketplace_coupon_list")
        ]


class Redemption(TenantModel):
    """A promotion used for one order, ``amount`` in minor units of the order's currency. A purchase
    from several merchants is one use with several of these. ``returned_at``: the order was
    cancelled before it was sent, so the use is given back. Business times."""

    promotion = TenantForeignKey(
        Promotion, models.PROTECT, related_name="redemptions", db_index=False
    )
    coupon = TenantForeignKey(
        Coupon, models.PROTECT, null=True, related_name="redemptions", db_index=False
    )
    group = TenantForeignKey(OrderGroup, models.PROTECT, related_name="+", db_index=False)
    order = TenantForeignKey(Order, models.PROTECT, related_name="redemptions", db_index=False)
    buyer_id = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    used_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "order", "promotion"], name="marketplace_redemption_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="marketplace_redemption_amount"),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "promotion", "id"], name="marketplace_redemption_list"
            ),
            models.Index(
                fields=["platform_id", "promotion", "buyer_id"],
                name="marketplace_redemption_buyer",
                condition=Q(buyer_id__isnull=False, returned_at__isnull=True),
            ),
        ]
