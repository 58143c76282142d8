"""The platform itself."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    Currency,
    Id,
    ListOf,
    ListQuery,
    Schema,
    check_if_match,
    set_etag,
)
from kernel.errors import PreconditionFailed, fields_told
from kernel.pagination import PageOf
from platforms import selectors
from platforms.api.routes import STAFF, routes
from platforms.contracts import PlatformInfo, Role, Sensitive
from platforms.domain.roles import actor_kind, permissions_in
from platforms.errors import CONFIRMED, InvalidBlueprint
from platforms.services.platform_state import change_settings
from platforms.services.sensitive import check_confirmed

Names = Annotated[
    dict[str, str],
    Field(description="By language tag", examples=[{"zh-Hans": "城市", "en": "City"}]),
]
EXAMPLE = {
    "id": "plt_01k00000000000000000000000",
    "code": "city",
    "names": {"zh-Hans": "城市商城", "en": "City Retail"},
    "locales": ["zh-Hans", "en"],
    "currency": "CNY",
    "accent": "#0b6b53",
    "live": False,
}
SETTINGS_EXAMPLE = {**EXAMPLE, "settings": {"sign_in": {"session_days": 14}}}


class PlatformOut(Schema):
    """What everybody may know of a platform."""

    id: Annotated[UUID, Id("plt")]
    code: str
    names: Names
    locales: list[str]
    currency: Currency
    accent: str
    live: bool


class PlatformSettingsOut(PlatformOut):
    settings: dict[str, dict[str, Any]]


class PlatformChange(Schema):
    names: Names | None = None
    accent: str | None = None
    settings: dict[str, dict[str, Any]] | None = Field(
        None, description="Sections to replace; see GET /platform/settings for their fields."
    )


class RoleOut(Schema):
    id: str
    audience: Literal["operator", "merchant", "buyer"]
    permissions: list[str] = Field(description="Codes of GET /permissions; * for everything")


def render(info: PlatformInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "code": info.code,
        "names": info.names,
        "locales": list(info.locales),
        "currency": info.currency,
        "accent": info.accent,
        "live": info.live,
    }


@routes.get(
    "/platform",
    summary="This platform: names, languages, currency",
    permission="public",
    response=PlatformOut,
    example=EXAMPLE,
)
def get_platform(request: ApiRequest) -> dict[str, Any]:
    return render(selectors.current_platform())


@routes.get(
    "/platform/settings",
    summary="All settings of the platform, defaults filled in",
    audience={"operator"},
    scope="platform:read",
    permission="settings",
    response=PlatformSettingsOut,
    example=SETTINGS_EXAMPLE,
)
def get_settings(request: ApiRequest) -> dict[str, Any]:
    info = selectors.current_platform()
    set_etag(request, info.version)
    return {**render(info), "settings": info.settings}


@routes.patch(
    "/platform/settings",
    summary="Change names, accent colour or settings of the platform",
    audience={"operator"},
    scope="platform:write",
    permission="settings",
    response=PlatformSettingsOut,
    errors=(InvalidBlueprint, PreconditionFailed, *CONFIRMED),
    example=SETTINGS_EXAMPLE,
    request_example={"settings": {"sign_in": {"session_days": 7}}},
)
def patch_settings(request: ApiRequest, body: PlatformChange) -> dict[str, Any]:
    if body.settings and "sign_in" in body.settings:
        check_confirmed(request, Sensitive.SIGN_IN)
    sections = body.settings or {}
    with fields_told(lambda name: f"settings.{name}" if name.split(".")[0] in sections else name):
        info = change_settings(
            names=body.names,
            accent=body.accent,
            settings=body.settings,
            check=lambda version: check_if_match(request, version),
        )
    set_etag(request, info.version)
    return {**render(info), "settings": info.settings}


@routes.get(
    "/roles",
    summary="The roles that a person can have, and what each may do",
    audience=STAFF,
    scope="people:read",
    permission="staff",
    response=ListOf[RoleOut],
    example={
        "data": [{"id": "operator", "audience": "operator", "permissions": ["*"]}],
        "has_more": False,
        "next_cursor": None,
    },
)
def list_roles(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return PageOf(
        [
            {
                "id": str(role),
                "audience": actor_kind(role),
                "permissions": sorted(permissions_in(role, None)),
            }
            for role in Role
        ],
        has_more=False,
        next_cursor=None,
    )
