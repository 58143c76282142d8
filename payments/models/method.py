"""Cards that a person asked us to keep (已保存的付款方式)."""

from django.db import models

from kernel.models import AggregateModel


class SavedMethod(AggregateModel):
    """``token`` and ``customer`` mean something at the gateway only. ``consent_version`` is the
    version of the text the person agreed to, ``consented_at`` when, in which language."""

    person_id = models.UUIDField()
    gateway = models.CharField(max_length=20)
    token = models.CharField(max_length=255)
    customer = models.CharField(max_length=255)
    brand = models.CharField(max_length=30)
    last4 = models.CharField(max_length=4)
    expires = models.CharField(max_length=7)  # 2031-04
    consent_version = models.CharField(max_length=20)
    consent_language = models.CharField(max_length=10)
    consented_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "gateway", "token"], name="payments_saved_token"
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "person_id", "id"], name="payments_saved_list"),
        ]
