"""Certificate profiles: as they hold at a time, and their change by an operator."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from certification import locks
from certification.contracts.authority import ProfileInfo
from certification.domain.assurance import LEVELS
from certification.domain.profiles import DEFAULTS, LONGEST, LONGEST_OF, Profile
from certification.errors.authority import InvalidProfile, ProfileChangedMeanwhile, UnknownProfile
from certification.models import CertificateProfile
from kernel import audit, clock
from kernel.errors import FieldProblem, NotFound
from kernel.transactions import atomic

_BY_CODE = {profile.code: profile for profile in DEFAULTS}
LANGUAGES = ("en", "zh-Hans")
NAME_MAX = 60
CHANGEABLE = ("names", "days", "algorithms", "level", "held_here")
"""The rest says what a certificate is for, by standards, and stays as shipped."""


def profile(code: str, at: datetime | None = None) -> Profile:
    """The profile that holds at ``at`` (now). Raises UnknownProfile."""
    return _holding(code, at)[0]


def current(*, services: bool = False) -> list[ProfileInfo]:
    """All profiles as they hold now; those of the authority's own services when asked for."""
    added = CertificateProfile.objects.filter(effective_from__lte=clock.business())
    codes = [*_BY_CODE, *added.values_list("code", flat=True)]
    found = [_info(*_holding(code)) for code in dict.fromkeys(codes)]
    return [one for one in found if services or one.holder != "platform"]


def profile_info(code: str) -> ProfileInfo:
    """One profile as it holds now. Raises NotFound."""
    return _info(*_changeable(code))


def versions(code: str) -> list[ProfileInfo]:
    """How a profile was and is, newest first, as shipped last. Raises NotFound."""
    _changeable(code)
    rows = CertificateProfile.objects.filter(code=code).order_by("-effective_from")[:100]
    found = [
        _info(Profile.from_definition(code, row.definition), row.effective_from) for row in rows
    ]
    return found + ([_info(_BY_CODE[code], None)] if code in _BY_CODE else [])


def longest(code: str) -> int:
    """The most days that a certificate of this kind may be valid."""
    return LONGEST_OF.get(code, LONGEST)


def algorithms(code: str) -> tuple[str, ...]:
    """The kinds of keys that may be allowed for this kind of certificate."""
    return _BY_CODE[code].algorithms if code in _BY_CODE else ("p256", "sm2")


def change(*, code: str, changes: Mapping[str, Any]) -> ProfileInfo:
    """Change what is in ``CHANGEABLE``, from now on; certificates issued before stay as they are.

    Raises NotFound; InvalidProfile, naming each field; ProfileChangedMeanwhile.
    """
    with atomic():
        locks.profile(code)
        before, since = _changeable(code)
        problems = list(_problems(code, changes))
        if problems:
            raise InvalidProfile(problems=problems)
        values = before.definition()
        given = {k: list(v) if isinstance(v, tuple) else v for k, v in changes.items()}
        changed = {k: v for k, v in given.items() if v != values[k]}
        if not changed:
            return _info(before, since)
        row = CertificateProfile(
            code=code, effective_from=clock.business(), definition={**values, **changed},
            created_at=clock.system(),
        )  # fmt: skip
        CertificateProfile.objects.bulk_create([row], ignore_conflicts=True)
        if not CertificateProfile.objects.filter(id=row.id).exists():
            raise ProfileChangedMeanwhile  # at the very same moment of the platform's clock
        audit.record(
            action="certification.profile.changed",
            target=row,
            before={"code": code, **{k: values[k] for k in changed}},
            after={"code": code, **changed},
        )
        return _info(Profile.from_definition(code, row.definition), row.effective_from)


def shown(one: ProfileInfo) -> dict[str, Any]:
    """A profile as the API shows it."""
    return {
        "code": one.code,
        "names": dict(one.names),
        "holder": one.holder,
        "algorithms": list(one.algorithms),
        "key_usage": list(one.key_usage),
        "days": one.days,
        "level": one.level,
        "held_here": one.held_here,
        "policy": one.policy,
        "effective_from": one.effective_from,
    }


def _holding(code: str, at: datetime | None = None) -> tuple[Profile, datetime | None]:
    rows = CertificateProfile.objects.filter(code=code, effective_from__lte=at or clock.business())
    row = rows.order_by("-effective_from").first()
    if row is not None:
        return Profile.from_definition(row.code, row.definition), row.effective_from
    if code not in _BY_CODE:
        raise UnknownProfile(field="profile")
    return _BY_CODE[code], None


def _changeable(code: str) -> tuple[Profile, datetime | None]:
    try:
        found = _holding(code)
    except UnknownProfile as error:
        raise NotFound from error
    if found[0].holder == "platform":
        raise NotFound
    return found


def _problems(code: str, changes: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for field in sorted(set(changes) - set(CHANGEABLE)):
        yield FieldProblem(field, _("This can't be changed."), ", ".join(CHANGEABLE))
    if "days" in changes and not 1 <= changes["days"] <= longest(code):
        yield FieldProblem("days", _("1 to %(most)s days.") % {"most": longest(code)})
    if "algorithms" in changes:
        wanted, may = list(changes["algorithms"]), algorithms(code)
        if not wanted or set(wanted) - set(may) or len(set(wanted)) < len(wanted):
            text = _("At least one of these, each once: %(may)s.") % {"may": ", ".join(may)}
            yield FieldProblem("algorithms", text)
    if "level" in changes and changes["level"] not in LEVELS[1:]:
        text = _("One of these: %(may)s.") % {"may": ", ".join(LEVELS[1:])}
        yield FieldProblem("level", text)
    names = changes.get("names", dict.fromkeys(LANGUAGES, "-"))
    for language in sorted({*names, *LANGUAGES}):
        name = names.get(language, "").strip()
        if language not in LANGUAGES:
            yield FieldProblem(f"names.{language}", _("Names are in en and zh-Hans."))
        elif not name or len(name) > NAME_MAX or not name.isprintable():
            text = _("A name has 1 to %(most)s characters.") % {"most": NAME_MAX}
            yield FieldProblem(f"names.{language}", text)


def _info(one: Profile, since: datetime | None) -> ProfileInfo:
    return ProfileInfo(
        code=one.code, names=one.names, holder=one.holder, algorithms=one.algorithms,
        key_usage=one.key_usage, days=one.days, level=one.level, held_here=one.held_here,
        policy=one.policy, effective_from=since,
    )  # fmt: skip
