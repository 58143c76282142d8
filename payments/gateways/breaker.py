"""A circuit breaker (熔断器) for each provider of a platform: shared by all processes, as a row.

After ``THRESHOLD`` calls in a row without an answer nobody calls for a while (30 s, twice as long
each time, at most five minutes); then one caller at a time may try, and the first answer closes it.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from kernel import clock, tenancy
from kernel.questions import Question, ask
from kernel.statements import Columns
from kernel.transactions import atomic
from payments.models import ProviderHealth

log = logging.getLogger("quancheng.payments")
THRESHOLD = 5
PAUSE, LONGEST = timedelta(seconds=30), timedelta(minutes=5)
PROBE = timedelta(seconds=30)
REMEMBERED = 1.0  # seconds for which a process trusts that a provider is well
_NAMES = Columns(ProviderHealth, "name")
_well: dict[tuple[UUID, str], float] = {}


@dataclass(frozen=True)
class Health:
    """How a provider has answered lately. ``open`` while nobody calls it."""

    name: str
    open: bool
    failures: int
    since: datetime | None
    retry_at: datetime | None
    reason: str


def may_call(name: str) -> bool:
    """Whether to call now; while the provider is away, one caller at a time tries it."""
    tenant = tenancy.current_or_none()
    if tenant is None or _lately_well(tenant.id, name):
        return True
    row = ProviderHealth.objects.filter(name=name).first()
    if row is None or row.open_until is None:
        if row is None or not row.failures:
            _well[tenant.id, name] = time.monotonic()
        return True
    now = clock.system()
    if row.open_until > now:
        return False
    mine = ProviderHealth.objects.filter(Q(probe_until=None) | Q(probe_until__lte=now), id=row.id)
    return bool(mine.update(probe_until=now + PROBE))


def away() -> set[str]:
    """The providers that nobody calls at the moment."""
    return ask(away_question())[0]


def away_question() -> Question[set[str]]:
    """``away``, to be asked with others."""
    return _NAMES.question(
        "open_until > %s", [clock.system()], lambda rows: {row["name"] for row in rows}
    )


def due() -> list[str]:
    """The providers whose pause is over, so that somebody may try them."""
    rows = ProviderHealth.objects.filter(open_until__lte=clock.system())
    return list(rows.order_by("name").values_list("name", flat=True))


def forget(name: str) -> None:
    """Nothing more is held against a provider."""
    ProviderHealth.objects.filter(name=name).delete()


def answered(name: str) -> None:
    """The provider answered, whatever it said."""
    tenant = tenancy.current_or_none()
    if tenant is None or _lately_well(tenant.id, name):
        return  # older knowledge may have been overtaken by another process's failures
    changed = ProviderHealth.objects.filter(name=name, failures__gt=0).update(
        failures=0, opened_at=None, open_until=None, probe_until=None, reason="",
        answered_at=clock.system(),
    )  # fmt: skip
    if changed:
        log.warning("%s answers again", name)


def _lately_well(platform: UUID, name: str) -> bool:
    return time.monotonic() - _well.get((platform, name), -9.0) < REMEMBERED


def failed(name: str, reason: str) -> None:
    """No answer came, or one that says that the provider is broken."""
    tenant = tenancy.current_or_none()
    if tenant is None:
        return
    _well.pop((tenant.id, name), None)
    now = clock.system()
    ProviderHealth.objects.bulk_create([ProviderHealth(name=name)], ignore_conflicts=True)
    with atomic():
        row = ProviderHealth.objects.select_for_update().get(name=name)
        if row.open_until and row.open_until > now:
            return  # a call that had begun before: no reason to stay away for longer
        row.failures, row.failed_at, row.reason = row.failures + 1, now, reason[:200]
        row.probe_until = None
        opened = row.failures >= THRESHOLD and row.opened_at is None
        if row.failures >= THRESHOLD:
            wait = min(PAUSE * (1 << min(row.failures - THRESHOLD, 8)), LONGEST)
            row.opened_at, row.open_until = row.opened_at or now, now + wait
        row.save()
    if opened:
        log.error("%s is away: %s", name, reason)


def health() -> list[Health]:
    """Providers that don't answer, or didn't lately, worst first."""
    rows = ProviderHealth.objects.filter(failures__gt=0).order_by("-failures", "name")
    return [
        Health(
            name=row.name,
            open=row.opened_at is not None,
            failures=row.failures,
            since=row.opened_at or row.failed_at,
            retry_at=row.open_until,
            reason=row.reason,
        )
        for row in rows
    ]
