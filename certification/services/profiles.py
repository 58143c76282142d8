"""Certificate profiles as they hold at a time."""

from datetime import datetime
from typing import Any

from certification.domain.profiles import DEFAULTS, Profile
from certification.errors.authority import UnknownProfile
from certification.models import CertificateProfile
from kernel import clock

_BY_CODE = {profile.code: profile for profile in DEFAULTS}


def profile(code: str, at: datetime | None = None) -> Profile:
    """The profile that holds at ``at`` (now). Raises UnknownProfile."""
    rows = CertificateProfile.objects.filter(code=code, effective_from__lte=at or clock.business())
    row = rows.order_by("-effective_from").first()
    if row is not None:
        return Profile.from_definition(row.code, row.definition)
    if code not in _BY_CODE:
        raise UnknownProfile(field="profile")
    return _BY_CODE[code]


def current() -> list[Profile]:
    """All profiles as they hold now, the authority's own services left out."""
    added = CertificateProfile.objects.filter(effective_from__lte=clock.business())
    codes = [*_BY_CODE, *added.values_list("code", flat=True)]
    found = [profile(code) for code in dict.fromkeys(codes)]
    return [one for one in found if one.holder != "platform"]


def shown(one: Profile) -> dict[str, Any]:
    """A profile as the API shows it."""
    return {
        "code": one.code,
        "names": dict(one.names),
        "holder": one.holder,
        "algorithms": list(one.algorithms),
        "key_usage": list(one.key_usage),
        "days": one.days,
        "level": one.level,
        "policy": one.policy,
    }
