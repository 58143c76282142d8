"""Suspend, reopen and close a platform; move its test clock; change its settings.

The platform's own row is the truth; the directory repeats it for every process. Both are written
by each call, so repeating a call that a crash cut short completes it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel import audit, outbox, tenancy, transactions
from kernel.errors import FieldProblem, Invalid
from kernel.tenancy import Tenant
from platforms import events, locks, sections, selectors
from platforms.contracts import PlatformInfo, PlatformState
from platforms.directory import DIRECTORY
from platforms.errors import InvalidBlueprint, PlatformUnknown
from platforms.services import blueprint_rules as rules
from platforms.services import directory
from platforms.services.open_platform import languages

LONGEST_OFFSET = timedelta(days=3660)


def suspend_platform(*, code: str, reason: str) -> PlatformInfo:
    """No request is answered and nobody signs in until it is reopened; nothing is lost."""
    return _change(code, PlatformState.SUSPENDED, "platforms.platform.suspended", reason)


def reopen_platform(*, code: str, reason: str = "") -> PlatformInfo:
    """End a suspension."""
    return _change(code, PlatformState.OPEN, "platforms.platform.reopened", reason)


def close_platform(*, code: str, reason: str) -> PlatformInfo:
    """Close it for good; its rows stay for their legal terms."""
    return _change(code, PlatformState.CLOSED, "platforms.platform.closed", reason)


def _change(code: str, to: PlatformState, action: str, reason: str) -> PlatformInfo:
    tenant = _tenant(code)
    with tenancy.scope(tenant):
        with transactions.atomic():
            platform = locks.platform()
            if platform.state != to:
                platform.move(to, action=action, reason=reason)
                platform.save()
                outbox.append(
                    events.PlatformStateChanged(platform_id=platform.id, state=str(to)),
                    aggregate=platform,
                )
        directory.write_state(platform_id=tenant.id, state=to)
        selectors.forget_platform(tenant.id)
        return selectors.current_platform()


def move_clock(*, code: str, offset: timedelta) -> PlatformInfo:
    """Set the business clock of a test platform ``offset`` away from the machine's."""
    tenant = _tenant(code)
    if tenant.live and offset:
        raise Invalid(_("A live platform's clock can't be moved."), field="offset")
    if abs(offset) > LONGEST_OFFSET:
        raise Invalid(_("The clock moves by ten years at most."), field="offset")
    with tenancy.scope(tenant):
        with transactions.atomic():
            platform = locks.platform()
            before, platform.clock_offset = platform.clock_offset, offset
            platform.save()
            audit.record(
                action="platforms.platform.clock_moved",
                target=platform,
                before={"clock_offset_seconds": int(before.total_seconds())},
                after={"clock_offset_seconds": int(offset.total_seconds())},
            )
        directory.write_clock(platform_id=tenant.id, offset=offset)
        selectors.forget_platform(tenant.id)
        return selectors.current_platform()


def change_settings(
    *,
    names: Mapping[str, str] | None = None,
    accent: str | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    check: Callable[[int], None] | None = None,
) -> PlatformInfo:
    """Change the platform in scope; ``settings`` replaces the values of the sections it names.
    ``check`` is called with the locked row's version (If-Match).

    Raises InvalidBlueprint naming every wrong field.
    """
    problems: list[FieldProblem] = []
    if names is not None:
        problems += rules.name_problems(names, languages=languages())
    if accent is not None:
        accent = accent.lower()
        problems += rules.accent_problems(accent)
    if problems:
        raise InvalidBlueprint(problems=problems)
    stored = sections.checked(settings or {})
    sections.check_here(stored)
    with transactions.atomic():
        platform = locks.platform()
        if check is not None:
            check(platform.version)
        before = {"names": platform.names, "accent": platform.accent, "settings": platform.settings}
        platform.names = dict(names) if names is not None else platform.names
        platform.accent = accent or platform.accent
        platform.settings = {**platform.settings, **stored}
        platform.save()
        audit.record(
            action="platforms.platform.changed",
            target=platform,
            before=before,
            after={
                "names": platform.names,
                "accent": platform.accent,
                "settings": platform.settings,
            },
        )
        outbox.append(
            events.PlatformChanged(platform_id=platform.id, sections=sorted(stored)),
            aggregate=platform,
        )
        platform_id = platform.id
        transactions.on_commit(lambda: selectors.forget_platform(platform_id))
    selectors.forget_platform(platform_id)
    return selectors.current_platform()


def _tenant(code: str) -> Tenant:
    DIRECTORY.forget()
    tenant = DIRECTORY.by_code(code)
    if tenant is None:
        raise PlatformUnknown(field="code")
    return tenant
