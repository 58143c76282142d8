"""One data key for each person (or other subject) whose fields are kept sealed."""

from django.db import models

from kernel.models import TenantModel


class PersonalKey(TenantModel):
    """A subject's data key, wrapped by the deployment's master key. Erased: no key, for good."""

    subject_id = models.UUIDField()
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "subject_id"], name="kernel_personal_subject"
            )
        ]
