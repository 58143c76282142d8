"""The directory's only writer."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Invalid
from kernel.tenancy import Tenant
from platforms.contracts import PlatformState
from platforms.directory import DIRECTORY
from platforms.errors import CodeTaken
from platforms.models import DirectoryEntry, DirectoryHost


def enter(
    *, platform_id: UUID, code: str, database: str, live: bool, hosts: Iterable[str]
) -> Tenant:
    """Write a new platform down as *opening*; the same call again finds what it wrote.

    A crash between this and the platform's own rows leaves an *opening* entry, which the next
    ``open_platform`` with the code completes. Raises CodeTaken when a host is another platform's.
    """
    if database not in settings.SHARDS:
        raise Invalid(
            _("There is no database by this alias."), field="database", allowed=settings.SHARDS
        )
    DirectoryEntry.objects.bulk_create(
        [
            DirectoryEntry(
                id=platform_id,
                code=code,
                database=database,
                live=live,
                state=PlatformState.OPENING,
                updated_at=clock.system(),
            )
        ],
        ignore_conflicts=True,
    )
    entry = DirectoryEntry.objects.get(code=code)
    hosts = sorted({host.lower() for host in hosts})
    DirectoryHost.objects.bulk_create(
        [DirectoryHost(host=host, entry=entry) for host in hosts], ignore_conflicts=True
    )
    taken = DirectoryHost.objects.filter(host__in=hosts).exclude(entry=entry)
    if taken.exists():
        raise CodeTaken(
            _("The host %(host)s belongs to another platform.") % {"host": taken[0].host},
            field="hosts",
        )
    return _now(entry.id)


def write_state(*, platform_id: UUID, state: PlatformState) -> Tenant:
    """Write the platform's state down, for every process to see within a second."""
    DirectoryEntry.objects.filter(id=platform_id).update(state=state, updated_at=clock.system())
    return _now(platform_id)


def write_clock(*, platform_id: UUID, offset: timedelta) -> Tenant:
    """Write the platform's test clock down."""
    DirectoryEntry.objects.filter(id=platform_id).update(
        clock_offset=offset, updated_at=clock.system()
    )
    return _now(platform_id)


def _now(platform_id: UUID) -> Tenant:
    DIRECTORY.forget()
    tenant = DIRECTORY.by_id(platform_id)
    if tenant is None:
        raise RuntimeError("The directory lost the platform that was just written.")
    return tenant
