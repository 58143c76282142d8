"""The account (账户) that everything in the sandbox belongs to, and its secret keys."""

from django.db import models


def id_field(**options: object) -> "models.CharField[str, str]":
    """A text id compared byte by byte, so that time-ordered ids sort by time."""
    return models.CharField(max_length=60, db_collation="C", **options)  # type: ignore[arg-type]


def link_field() -> "models.CharField[str | None, str | None]":
    """An id of something else, or nothing."""
    return models.CharField(max_length=60, db_collation="C", null=True)


class Account(models.Model):
    """One integrator's world; only a platform sees its connected accounts' objects."""

    id = id_field(primary_key=True)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="CN")
    default_currency = models.CharField(max_length=3, default="cny")
    created = models.BigIntegerField()
    # a connected account belongs to a platform, which acts for it
    platform = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")
    # how far the account's own clock is ahead, in seconds
    clock_ahead = models.BigIntegerField(default=0)
    data = models.JSONField(default=dict)
    metadata = models.JSONField(default=dict)


class SecretKey(models.Model):
    """A secret key, kept as a hash with a hint of its ends."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=20)
    created = models.BigIntegerField()


class Owned(models.Model):
    """Anything an account owns; ``id`` sorts by time, ``created`` is in Unix seconds."""

    id = id_field(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    created = models.BigIntegerField()

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["account", "id"], name="sbx_%(class)s_new")]
