"""The platform itself (平台), as its own database knows it."""

from datetime import timedelta

from django.db import models

from kernel.models import TenantModel
from kernel.states import StatefulModel, Transitions
from platforms.contracts import PlatformState


class Platform(StatefulModel):
    """A tenant: one row whose id is its own ``platform_id``.

    ``settings`` holds what the blueprint says beyond the sections' defaults: section → values.
    """

    TRANSITIONS = Transitions(
        PlatformState,
        initial=PlatformState.OPENING,
        moves={
            PlatformState.OPENING: {PlatformState.OPEN},
            PlatformState.OPEN: {PlatformState.SUSPENDED, PlatformState.CLOSED},
            PlatformState.SUSPENDED: {PlatformState.OPEN, PlatformState.CLOSED},
        },
    )

    state = models.CharField(max_length=10, choices=PlatformState, default=PlatformState.OPENING)
    code = models.CharField(max_length=32)
    names = models.JSONField(default=dict)
    locales = models.JSONField(default=list)
    currency = models.CharField(max_length=3)
    accent = models.CharField(max_length=7)
    settings = models.JSONField(default=dict)
    hosts = models.JSONField(default=list)
    live = models.BooleanField(default=False)
    clock_offset = models.DurationField(default=timedelta)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id"], name="platforms_platform_one"),
            models.CheckConstraint(
                condition=models.Q(id=models.F("platform_id")), name="platforms_platform_self"
            ),
        ]
