"""Letters to send; recipient and text are kept sealed."""

from django.db import models

from kernel.models import TenantModel


class MailMessage(TenantModel):
    """One letter. ``subject_id`` is whose data key seals it; erasing that makes it unreadable."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    subject_id = models.UUIDField()
    template = models.CharField(max_length=120)
    language = models.CharField(max_length=20)
    sealed = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    error = models.TextField(default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["created_at"], name="kernel_mail_age")]
