"""The filters of the audit trail: out of an address, each understood or told why not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.audit import Sought
from kernel.errors import DomainError, NotFound
from kernel.ids import parse_public_id
from platforms import facade as platforms
from storefront.words.trail import ACTORS, known
from storefront.words.trail_things import AREAS

NAMES = ("about", "area", "action", "by", "who", "merchant", "from", "to", "request")
MOST = 300  # people of a staff among whom a name is looked for
_CODE = re.compile(r"[a-z_]+(\.[a-z_]+){1,3}")
_YEARS = range(2000, 2200)


@dataclass
class Asked:
    """``given`` as it stands in the address, ``sought`` what it means; with ``wrong`` nothing is
    looked for. ``person`` and ``merchant`` are those that were meant."""

    given: dict[str, str]
    sought: Sought = field(default_factory=Sought)
    wrong: list[str] = field(default_factory=list)
    odd: str = ""
    person: platforms.PersonInfo | None = None
    merchant: platforms.MerchantInfo | None = None

    @property
    def any(self) -> bool:
        """Whether something narrows."""
        return any(self.given.values())

    @property
    def more(self) -> bool:
        """Whether one of the filters that are folded away is in use."""
        return any(self.given[name] for name in ("by", "who", "merchant", "from", "to"))


def asked(request: HttpRequest) -> Asked:
    """What the address asks for."""
    given = {name: request.GET.get(name, "").strip()[:120] for name in NAMES}
    if "area" not in request.GET and known(given["action"]):
        given["area"] = given["action"].partition(".")[0]
    if given["area"] and given["action"].partition(".")[0] != given["area"]:
        given["action"] = ""  # of the area that was chosen before
    found = Asked(given)
    for read in (_about, _kind, _who, _merchant, _days):
        read(found)
    found.sought = replace(found.sought, request_id=given["request"])
    return found


def _about(found: Asked) -> None:
    text = found.given["about"]
    target = _id(text) if text else None
    if text and target is None:
        found.wrong.append(
            _("“%(text)s” isn't a number of an object; they look like ord_… or mer_….")
            % {"text": text}
        )
    found.sought = replace(found.sought, target=target)


def _kind(found: Asked) -> None:
    area, action, by = (found.given[name] for name in ("area", "action", "by"))
    if area and area not in AREAS:
        found.wrong.append(_("There is no area “%(text)s”.") % {"text": area})
    if action and not _CODE.fullmatch(action):
        found.wrong.append(
            _("“%(text)s” isn't a kind of change; they look like platforms.merchant.approved.")
            % {"text": action}
        )
    elif action and not known(action):
        found.odd = _("The platform writes no such change today; older ones are looked for.")
    if by and by not in ACTORS:
        found.wrong.append(_("There is no kind of actor “%(text)s”.") % {"text": by})
    found.sought = replace(found.sought, area="" if action else area, action=action, actor_kind=by)


def _who(found: Asked) -> None:
    text = found.given["who"]
    if not text:
        return
    people = _people(text)
    if len(people) == 1:
        found.person = people[0]
        found.given["who"] = people[0].public_id
        found.sought = replace(found.sought, person_id=people[0].id)
    elif people:
        found.wrong.append(
            _("Several people on the staff are called so; give the e-mail address: %(names)s.")
            % {"names": ", ".join(sorted(one.name for one in people[:5]))}
        )
    else:
        found.wrong.append(
            _("Nobody here has the name or e-mail address “%(text)s”.") % {"text": text}
        )


def _people(text: str) -> list[platforms.PersonInfo]:
    """By number or e-mail address anybody, by name those of the platform's staff."""
    try:
        if text.startswith("per_"):
            return [platforms.person(parse_public_id("per", text))]
        if "@" in text:
            return [platforms.person_by_email(text)]
    except DomainError:
        return []
    wanted = text.casefold()
    found = {one.id: one for one in _staff() if wanted in one.name.casefold()}
    exact = [one for one in found.values() if one.name.casefold() == wanted]
    return exact or list(found.values())


def _staff() -> Iterator[platforms.PersonInfo]:
    cursor: str | None = None
    for _round in range(MOST // 100):
        page = platforms.team(cursor=cursor, limit=100)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _merchant(found: Asked) -> None:
    text = found.given["merchant"]
    if not text:
        return
    try:
        if text.startswith("mer_"):
            found.merchant = platforms.merchant(parse_public_id("mer", text))
        else:
            found.merchant = platforms.merchant_by_slug(text.casefold())
    except NotFound:
        found.wrong.append(
            _("There is no merchant “%(text)s”; give its number, mer_…, or its name in addresses.")
            % {"text": text}
        )
        return
    found.sought = replace(found.sought, merchant_id=found.merchant.id)


def _days(found: Asked) -> None:
    """Whole days of the viewer's zone, both included."""
    first, last = (_day(found, found.given[name]) for name in ("from", "to"))
    if first and last and last < first:
        found.wrong.append(_("The last day is before the first."))
    zone = timezone.get_current_timezone()
    found.sought = replace(
        found.sought,
        since=datetime.combine(first, time.min, zone) if first else None,
        until=datetime.combine(last + timedelta(days=1), time.min, zone) if last else None,
    )


def _day(found: Asked, text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        found.wrong.append(_("“%(text)s” isn't a day; they look like 2026-05-31.") % {"text": text})
        return None
    return day


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if "_" not in text else parse_public_id(text.partition("_")[0], text)
    except (ValueError, DomainError):
        return None
