"""People and what they may do."""

from uuid import UUID

from django.db import models
from django.db.models import Q

from kernel.models import AggregateModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from platforms.contracts import PersonState, Role


class Person(StatefulModel):
    """One human on one platform. Name and address are stored sealed under the person's key;
    the address is found by a keyed hash of it."""

    TRANSITIONS = Transitions(
        PersonState,
        initial=PersonState.ACTIVE,
        moves={
            PersonState.ACTIVE: {PersonState.DISABLED},
            PersonState.DISABLED: {PersonState.ACTIVE},
        },
        endless=True,
    )

    state = models.CharField(max_length=10, choices=PersonState, default=PersonState.ACTIVE)
    email_sealed = models.TextField()
    email_lookup = models.CharField(max_length=64)
    name_sealed = models.TextField(default="", blank=True)
    password = models.CharField(max_length=255, default="", blank=True)
    language = models.CharField(max_length=10, default="zh-hans")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "email_lookup"], name="platforms_person_email"
            )
        ]


def at(merchant_id: UUID | None) -> Q:
    """Condition on ``merchant``: this one, or (None) the platform itself."""
    return Q(merchant__isnull=True) if merchant_id is None else Q(merchant_id=merchant_id)


class StaffRole(AggregateModel):
    """A role that a merchant, or (None) the platform, has made for its staff (岗位): a named set of
    permissions, by the codes of ``platforms.permissions``. Its name is sealed under itself."""

    merchant = TenantForeignKey(
        "platforms.Merchant",
        on_delete=models.PROTECT,
        related_name="staff_roles",
        null=True,
        db_index=False,
    )
    name = SealedText()
    permissions = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["platform_id", "merchant"], name="platforms_staffrole_of")]


class Membership(AggregateModel):
    """A person's role: of the platform (operator, buyer) or of one merchant (owner, staff).

    Without a ``staff_role`` an operator is a chief one, who may do everything, and a merchant's
    staff has the preset for general staff.
    """

    person = TenantForeignKey(
        Person, on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    role = models.CharField(max_length=20, choices=Role)
    merchant = TenantForeignKey(
        "platforms.Merchant",
        on_delete=models.PROTECT,
        related_name="memberships",
        null=True,
        db_index=False,
    )
    staff_role = TenantForeignKey(
        StaffRole, on_delete=models.PROTECT, related_name="memberships", null=True
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "person", "role", "merchant"],
                name="platforms_membership_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(
                    role__in=[Role.MERCHANT_OWNER, Role.MERCHANT_STAFF], merchant__isnull=False
                )
                | models.Q(role__in=[Role.OPERATOR, Role.BUYER], merchant__isnull=True),
                name="platforms_membership_merchant",
            ),
            models.CheckConstraint(
                condition=models.Q(staff_role__isnull=True)
                | models.Q(role__in=[Role.MERCHANT_STAFF, Role.OPERATOR]),
                name="platforms_membership_staff_role",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant"], name="platforms_membership_team")
        ]
