"""Groups of buyers (客户组) and what they pay (价目表)."""

from django.db import models
from django.db.models import F, Q

from kernel.models import AggregateModel, TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions

_ONE_KIND = Q(variant_id__isnull=True) ^ Q(category_id__isnull=True)
_ONE_VALUE = Q(unit_price__isnull=True) ^ Q(percent__isnull=True)
_PERCENT = Q(percent__isnull=True) | Q(percent__gt=0, percent__lt=100)


class BuyerGroup(AggregateModel):
    """Buyers whom a merchant sells to at prices of their own. ``names`` by language are shown to
    them; ``code`` is the merchant's own word. Not ``active``: nobody gets its prices meanwhile."""

    merchant_id = models.UUIDField()
    code = models.CharField(max_length=40)
    names = models.JSONField(default=dict)
    active = models.BooleanField(default=True)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "code"], name="marketplace_buyergroup_code"
            )
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="marketplace_buyergroup_list"
            )
        ]


class GroupMember(StatefulModel):
    """An invitation to an address, and who took it. The address is sealed under the row's own key,
    which goes when the membership ends; ``buyer_id`` is never told to the merchant. Expires on the
    system clock."""

    class State(models.TextChoices):
        INVITED = "invited"
        MEMBER = "member"
        LEFT = "left"
        REMOVED = "removed"

    TRANSITIONS = Transitions(
        State,
        initial=State.INVITED,
        moves={
            State.INVITED: {State.MEMBER, State.REMOVED},
            State.MEMBER: {State.LEFT, State.REMOVED},
        },
    )

    state = models.CharField(max_length=10, choices=State, default=State.INVITED)
    group = TenantForeignKey(BuyerGroup, models.PROTECT, related_name="members", db_index=False)
    merchant_id = models.UUIDField()
    email_sealed = models.TextField()
    email_lookup = models.CharField(max_length=64)
    language = models.CharField(max_length=10, default="zh-hans")
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    buyer_id = models.UUIDField(null=True)
    joined_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "token_hash"], name="marketplace_groupmember_token"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "group", "email_lookup"],
                condition=Q(state__in=["invited", "member"]),
                name="marketplace_groupmember_email",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "group", "buyer_id"],
                condition=Q(state="member"),
                name="marketplace_groupmember_once",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "group", "id"], name="marketplace_groupmember_all"),
            models.Index(
                fields=["platform_id", "buyer_id", "state"],
                name="marketplace_groupmember_buyer",
                condition=Q(buyer_id__isnull=False),
            ),
            models.Index(
                fields=["platform_id", "expires_at"],
                name="marketplace_groupmember_open",
                condition=Q(state="invited"),
            ),
        ]


class PriceList(AggregateModel):
    """What a group pays, from ``starts_at`` until ``ends_at`` (business times). ``percent`` off the
    regular price of everything, None for only what its entries name."""

    merchant_id = models.UUIDField()
    group = TenantForeignKey(BuyerGroup, models.PROTECT, related_name="lists", db_index=False)
    code = models.CharField(max_length=40)
    names = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "code"], name="marketplace_pricelist_code"
            ),
            models.CheckConstraint(
                condition=(Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at"))) & _PERCENT,
                name="marketplace_pricelist_values",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="marketplace_pricelist_list"
            ),
            models.Index(fields=["platform_id", "group", "id"], name="marketplace_pricelist_group"),
        ]


class PriceEntry(TenantModel):
    """One price of a list, from ``minimum`` units on: a variant's ``unit_price`` (major units) or
    ``percent`` off its regular price, or the percent off all of a category's branch."""

    price_list = TenantForeignKey(PriceList, models.CASCADE, related_name="entries", db_index=False)
    variant_id = models.UUIDField(null=True)
    category_id = models.UUIDField(null=True)
    minimum = models.DecimalField(max_digits=10, decimal_places=3, default=0)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "price_list", "variant_id", "minimum"],
                name="marketplace_priceentry_variant",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "price_list", "category_id", "minimum"],
                name="marketplace_priceentry_category",
            ),
            models.CheckConstraint(
                condition=_ONE_KIND
                & _ONE_VALUE
                & _PERCENT
                & (Q(unit_price__isnull=True) | Q(unit_price__gt=0, variant_id__isnull=False))
                & Q(minimum__gte=0),
                name="marketplace_priceentry_values",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "price_list", "id"], name="marketplace_priceentry_list"
            )
        ]
