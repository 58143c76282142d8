"""What the authority registers when the app is ready."""

from typing import Any

from django.core import checks

from certification import crypto
from certification.keystore import wrapping
from certification.models import StoredKey
from kernel.rotation import sealed_column


def register() -> None:
    """Private keys are wrapped anew with the master key; a missing SM2 is told at start."""
    sealed_column(
        StoredKey,
        "handle_sealed",
        purpose=wrapping.PURPOSE,
        bound=lambda row: wrapping.bound_to(row.platform_id, row.id),
        also=lambda row: {"wrapped_by": wrapping.current()},
    )
    checks.register(check_sm2, "certification")


def check_sm2(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """A warning, not an error: everything with P-256 works without SM2. That another engine than
    libcrypto serves is told too."""
    if problem := crypto.problem():
        return [checks.Warning(problem, id="certification.W001")]
    if instead := crypto.substitute():
        return [checks.Info(instead, id="certification.I001")]
    return []
