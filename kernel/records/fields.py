"""Column helpers shared by the kernel's tables."""

from django.db import models
from django.db.models import Func
from django.db.models.functions import Cast


def transaction_id() -> models.BigIntegerField:  # type: ignore[type-arg]
    """The writing transaction's 64-bit number, given by the database.

    Readers that must miss nothing take only rows below ``pg_snapshot_xmin``: every transaction
    with a lower number has ended, so no row can appear behind them.
    """
    number = Cast(
        Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
    )
    return models.BigIntegerField(db_default=number, editable=False)
