"""Signed-in sessions and the counters that slow down guessing."""

from django.db import models

from kernel.models import TenantForeignKey, TenantModel


class Session(TenantModel):
    """A signed-in browser. The cookie's token is stored as its SHA-256 only.

    One that ``awaits_code`` of the second factor is nobody's yet.
    """

    token_hash = models.CharField(max_length=64)
    person = TenantForeignKey(
        "platforms.Person", on_delete=models.CASCADE, related_name="sessions", db_index=False
    )
    membership = TenantForeignKey(
        "platforms.Membership", on_delete=models.SET_NULL, related_name="+", null=True
    )
    awaits_code = models.BooleanField(default=False)
    user_agent = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "token_hash"], name="platforms_session_token"
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "person"], name="platforms_session_person"),
            models.Index(fields=["platform_id", "expires_at"], name="platforms_session_expiry"),
        ]


class SignInThrottle(TenantModel):
    """Attempts to sign in as one address in the present window, and its lockout.

    ``subject`` is a keyed hash, so the table tells nothing about who tried.
    """

    subject = models.CharField(max_length=64)
    window_started_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "subject"], name="platforms_throttle_subject"
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "window_started_at"], name="platforms_throttle_age")
        ]
