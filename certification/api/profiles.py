"""Kinds of certificates (证书模板): what they are now, were before, and their change."""

from typing import Annotated, Any, Literal

from ninja.params.functions import Path, Query
from pydantic import Field

from certification.api.routes import routes
from certification.errors.authority import InvalidProfile, ProfileChangedMeanwhile
from certification.services import profiles
from kernel.api import ApiRequest, ListOf, ListQuery, Schema, Timestamp
from kernel.pagination import PageOf

Code = Annotated[str, Path(max_length=40)]
PROFILE: dict[str, Any] = {
    "code": "organization",
    "names": {"en": "Organization, signing", "zh-Hans": "单位签名证书"},
    "holder": "merchant",
    "algorithms": ["p256", "sm2"],
    "key_usage": ["digital_signature", "non_repudiation"],
    "days": 730,
    "level": "verified",
    "held_here": True,
    "policy": "2.25.1",
    "effective_from": None,
}


class CertificateProfileOut(Schema):
    code: str
    names: dict[str, str]
    holder: str
    algorithms: list[str]
    key_usage: list[str]
    days: int = Field(description="The longest validity")
    level: str = Field(description="The assurance of identity that its holder needs")
    held_here: bool = Field(description="Whether a key may be made and kept here")
    policy: str
    effective_from: Timestamp | None = Field(description="Since when; null: as shipped")


class ProfileChange(Schema):
    names: dict[str, str] | None = Field(None, max_length=2)
    days: int | None = Field(None, ge=1, le=1825)
    algorithms: list[Literal["p256", "sm2"]] | None = Field(None, min_length=1, max_length=2)
    level: Literal["basic", "verified", "strong"] | None = None
    held_here: bool | None = None


@routes.get(
    "/certificate-profiles",
    summary="What kinds of certificates there are, as they hold now",
    permission="public",
    response=ListOf[CertificateProfileOut],
    example={"data": [PROFILE], "has_more": False, "next_cursor": None},
)
def list_profiles(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return PageOf([profiles.shown(one) for one in profiles.current()], False, None)


@routes.get(
    "/certificate-profiles/{profile}",
    summary="One kind of certificate, as it holds now",
    permission="public",
    response=CertificateProfileOut,
    example=PROFILE,
)
def get_profile(request: ApiRequest, profile: Code) -> dict[str, Any]:
    return profiles.shown(profiles.profile_info(profile))


@routes.get(
    "/certificate-profiles/{profile}/versions",
    summary="How a kind of certificate was and is, newest first",
    audience={"operator"},
    scope="certification:read",
    permission="contracts",
    response=ListOf[CertificateProfileOut],
    example={"data": [PROFILE], "has_more": False, "next_cursor": None},
)
def list_profile_versions(
    request: ApiRequest, profile: Code, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    return PageOf([profiles.shown(one) for one in profiles.versions(profile)], False, None)


@routes.patch(
    "/certificate-profiles/{profile}",
    summary="Change a kind of certificate, from now on; those issued stay as they are",
    audience={"operator"},
    scope="certification:write",
    permission="contracts",
    response=CertificateProfileOut,
    errors=(InvalidProfile, ProfileChangedMeanwhile),
    example={**PROFILE, "days": 365, "effective_from": "2026-05-01T08:00:00Z"},
    request_example={"days": 365, "held_here": True},
)
def change_profile(request: ApiRequest, profile: Code, body: ProfileChange) -> dict[str, Any]:
    given = body.model_dump(exclude_none=True)
    return profiles.shown(profiles.change(code=profile, changes=given))
