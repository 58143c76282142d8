"""Open a platform from a blueprint."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, currencies, outbox, tenancy, transactions
from kernel.ids import uuid7
from kernel.tenancy import Tenant
from platforms import events, sections, selectors
from platforms.contracts import PlatformInfo, PlatformState
from platforms.directory import DIRECTORY
from platforms.errors import CodeTaken, InvalidBlueprint
from platforms.models import Platform
from platforms.services import blueprint_rules as rules
from platforms.services import directory

# API spelling of the product's languages (BCP 47), by Django's code.
API_LANGUAGES = {"zh-hans": "zh-Hans", "en": "en"}


def languages() -> frozenset[str]:
    """The languages that a platform may offer, as the API spells them."""
    return frozenset(API_LANGUAGES.get(code, code) for code, _name in settings.LANGUAGES)


def open_platform(
    *,
    code: str,
    names: Mapping[str, str],
    blueprint: str | Mapping[str, Any],
    hosts: Iterable[str] = (),
    live: bool = False,
    database: str = "default",
) -> PlatformInfo:
    """Open a platform: directory entry, its own row, then *open* for requests.

    Safe to repeat after a crash: an entry still *opening* is completed. Raises InvalidBlueprint
    naming every wrong field, CodeTaken when the code or a host is in use.
    """
    hosts = tuple(sorted({host.lower() for host in hosts}))
    frame, stored = _read(code, names, blueprint, hosts)
    DIRECTORY.forget()
    before = DIRECTORY.by_code(code)
    if before is not None and before.state != PlatformState.OPENING:
        raise CodeTaken(field="code")
    tenant = directory.enter(
        platform_id=uuid7(), code=code, database=database, live=live, hosts=hosts
    )
    with tenancy.scope(tenant):
        _write(tenant, frame, stored, dict(names), hosts)
        directory.write_state(platform_id=tenant.id, state=PlatformState.OPEN)
        selectors.forget_platform(tenant.id)
        return selectors.current_platform()


def _read(
    code: str, names: Mapping[str, str], blueprint: str | Mapping[str, Any], hosts: tuple[str, ...]
) -> tuple[rules.Frame, dict[str, dict[str, Any]]]:
    given = sections.blueprint_by_name(blueprint) if isinstance(blueprint, str) else dict(blueprint)
    today = clock.today()
    in_use = frozenset(c.code for c in currencies.table().values() if c.valid_on(today))
    frame, problems = rules.read_frame(given, languages=languages(), currencies=in_use)
    problems += rules.code_problems(code, hosts)
    problems += rules.name_problems(names, languages=languages())
    try:
        stored = sections.checked(frame.sections)
    except InvalidBlueprint as error:
        problems += error.problems
    if problems:
        raise InvalidBlueprint(_("The platform can't be opened like this."), problems=problems)
    return frame, stored


def _write(
    tenant: Tenant,
    frame: rules.Frame,
    stored: dict[str, dict[str, Any]],
    names: dict[str, str],
    hosts: tuple[str, ...],
) -> None:
    with transactions.atomic():
        if Platform.objects.filter(id=tenant.id).exists():
            return  # committed before a crash; only the directory's state is missing
        platform = Platform(
            id=tenant.id,
            platform_id=tenant.id,
            code=tenant.code,
            names=names,
            locales=list(frame.locales),
            currency=frame.currency,
            accent=frame.accent,
            settings=stored,
            hosts=list(hosts),
            live=tenant.live,
        )
        platform.save(force_insert=True)
        audit.record(
            action="platforms.platform.created",
            target=platform,
            before={},
            after={"code": platform.code, "names": names, "live": platform.live},
        )
        platform.move(PlatformState.OPEN, action="platforms.platform.opened")
        platform.save()
        outbox.append(
            events.PlatformOpened(platform_id=platform.id, code=platform.code), aggregate=platform
        )
