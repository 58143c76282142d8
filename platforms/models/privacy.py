"""A person's copy of their data, and the end of it."""

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions
from platforms.contracts_privacy import ErasureState, ExportState


class DataExport(StatefulModel):
    """A copy (个人信息副本) as a ZIP, sealed under the person's key; gone after some days."""

    TRANSITIONS = Transitions(
        ExportState,
        initial=ExportState.REQUESTED,
        moves={
            ExportState.REQUESTED: {ExportState.READY},
            ExportState.READY: {ExportState.EXPIRED},
        },
    )

    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.REQUESTED)
    person = TenantForeignKey(
        "platforms.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    content_sealed = models.BinaryField(null=True)
    size = models.PositiveIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "person"],
                condition=Q(state=ExportState.REQUESTED),
                name="platforms_export_one_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["platform_id", "person"], name="platforms_export_of")]


class Erasure(StatefulModel):
    """A person's wish to be erased (注销): carried out after some days, unless withdrawn."""

    TRANSITIONS = Transitions(
        ErasureState,
        initial=ErasureState.WAITING,
        moves={
            ErasureState.WAITING: {ErasureState.WITHDRAWN, ErasureState.HELD, ErasureState.DONE}
        },
    )

    state = models.CharField(max_length=10, choices=ErasureState, default=ErasureState.WAITING)
    person = TenantForeignKey("platforms.Person", on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    held_by = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "person"],
                condition=Q(state=ErasureState.WAITING),
                name="platforms_erasure_once",
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "state", "due_at"], name="platforms_erasure_due")
        ]
