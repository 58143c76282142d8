"""Jobs of this context."""

from datetime import timedelta
from uuid import UUID

from kernel import clock, tenancy
from kernel.jobs import JobContext, job, periodic
from platforms.contracts import PlatformState
from platforms.models import EmailChange, PasswordReset, Platform
from platforms.services import (
    directory,
    erasure,
    exports,
    passkey_answers,
    sessions,
    sign_in,
    throttle,
)

KEEP_RESETS = timedelta(days=7)
KEEP_COUNTERS = timedelta(days=2)


@job("platforms.send_reset")
def send_reset(job: JobContext, *, lookup: str) -> dict[str, bool]:
    """Write the letter with a reset link, if there is such a person."""
    return {"sent": sign_in.send_reset(email_lookup=lookup)}


@job(exports.JOB)
def make_export(job: JobContext, *, export_id: str) -> dict[str, bool]:
    """Put together what is kept about a person."""
    return {"made": exports.make_export(export_id=UUID(export_id))}


@periodic("platforms.erase_due", seconds=600)
def erase_due(job: JobContext) -> dict[str, int]:
    """Erase who wished it and hasn't taken it back."""
    return {"ended": erasure.erase_due()}


@periodic("platforms.tidy", seconds=3600)
def tidy(job: JobContext) -> dict[str, int]:
    """Delete what has run out: sessions, reset links, counters of attempts,
    questions put to passkeys."""
    now = clock.system()
    resets, _each = PasswordReset.objects.filter(expires_at__lt=now - KEEP_RESETS).delete()
    changes, _each = EmailChange.objects.filter(expires_at__lt=now - KEEP_RESETS).delete()
    return {
        "passkey_challenges": passkey_answers.forget_challenges(now),
        "sessions": sessions.end_expired(now),
        "resets": resets,
        "email_changes": changes,
        "counters": throttle.end_windows(KEEP_COUNTERS),
        "exports": exports.forget_exports(),
    }


@periodic("platforms.sync_directory", seconds=60)
def sync_directory(job: JobContext) -> dict[str, bool]:
    """Bring the directory in line with the platform's own row, if a crash came between."""
    tenant = tenancy.current()
    row = Platform.objects.filter(id=tenant.id).values_list("state", "clock_offset").first()
    if row is None or row == (tenant.state, tenant.clock_offset):
        return {"changed": False}
    state, offset = row
    directory.write_state(platform_id=tenant.id, state=PlatformState(state))
    directory.write_clock(platform_id=tenant.id, offset=offset)
    return {"changed": True}
