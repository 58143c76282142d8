"""Attributes and the sets of them by category: everybody reads, operators write."""

from typing import Annotated, Any, Literal, cast
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from catalog import attribute_sets
from catalog.api.routes import CategoryId, routes
from catalog.api.schemas import Texts
from catalog.contracts import AttributeInfo, SetEntry
from catalog.errors import AttributeInUse, AttributeTaken, AttributeUnknown
from catalog.services import attributes
from catalog.services.attributes import AttributeChanges
from kernel.api import (
    ApiRequest,
    Id,
    ListOf,
    ListQuery,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from kernel.units import UnknownUnit

AttributeId = Annotated[UUID, Id("atr")]
Kind = Literal["text", "number", "boolean", "date", "choice", "choices"]
SORTS: dict[str, tuple[str, ...]] = {"code": ("code", "id"), "-created_at": ("-id",)}
VALUE = {"code": "green", "names": {"zh-Hans": "绿茶", "en": "Green"}}
ATTRIBUTE: dict[str, Any] = {
    "id": "atr_01k00000000000000000000000",
    "code": "tea_kind",
    "kind": "choice",
    "names": {"zh-Hans": "茶类", "en": "Kind of tea"},
    "unit": "",
    "values": [VALUE],
    "facet": True,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
ENTRY = {"attribute": ATTRIBUTE, "required": True, "inherited": False}


class ValueIO(Schema):
    code: str = Field(description="a-z, 0-9, _ and -")
    names: Texts = Field(default_factory=dict)


class AttributeOut(Schema):
    id: AttributeId
    code: str
    kind: str = Field(description="text, number, boolean, date, choice, choices")
    names: Texts
    unit: str = Field(description="Of a number: UN/ECE Recommendation 20 code; P1 is per cent")
    values: list[ValueIO] = Field(description="What a choice allows")
    facet: bool = Field(description="Buyers filter by it")
    created_at: Timestamp
    updated_at: Timestamp


class AttributeIn(Schema):
    code: str = Field(description="a-z, 0-9, _; stays")
    kind: Kind
    names: Texts
    unit: str = ""
    values: Annotated[list[ValueIO], Field(max_length=200)] = Field(default_factory=list)
    facet: bool = False


class AttributeChange(Schema):
    names: Texts | None = None
    unit: str | None = None
    values: Annotated[list[ValueIO], Field(max_length=200)] | None = None
    facet: bool | None = None


class AttributeEntryIn(Schema):
    attribute: AttributeId
    required: bool = Field(False, description="A product without it can't be published")


class SetIn(Schema):
    attributes: Annotated[list[AttributeEntryIn], Field(max_length=60)]


class AttributeEntryOut(Schema):
    attribute: AttributeOut
    required: bool
    inherited: bool = Field(description="Named by a category above")


class SetOut(Schema):
    data: list[AttributeEntryOut]


@routes.get(
    "/attributes",
    summary="The platform's attributes of goods",
    scope="catalog:read",
    permission="public",
    response=ListOf[AttributeOut],
    example={"data": [ATTRIBUTE], "has_more": False, "next_cursor": None},
)
def list_attributes(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = attribute_sets.attributes_page(
        order=q.order(SORTS, "code"), cursor=q.cursor, limit=q.limit
    )
    return page.map(_out)


@routes.post(
    "/attributes",
    summary="Make an attribute",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    response=AttributeOut,
    errors=(AttributeTaken, UnknownUnit),
    example=ATTRIBUTE,
    request_example={
        "code": "tea_kind",
        "kind": "choice",
        "names": ATTRIBUTE["names"],
        "values": [VALUE],
        "facet": True,
    },
)
def create_attribute(request: ApiRequest, body: AttributeIn) -> dict[str, Any]:
    return _answer(request, attributes.create_attribute(**body.model_dump()))


@routes.get(
    "/attributes/{attribute_id}",
    summary="One attribute",
    scope="catalog:read",
    permission="public",
    response=AttributeOut,
    example=ATTRIBUTE,
)
def get_attribute(request: ApiRequest, attribute_id: AttributeId) -> dict[str, Any]:
    return _answer(request, attribute_sets.attribute(attribute_id))


@routes.patch(
    "/attributes/{attribute_id}",
    summary="Change an attribute; its code and kind stay",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    response=AttributeOut,
    errors=(AttributeInUse, UnknownUnit, PreconditionFailed),
    example=ATTRIBUTE,
    request_example={"facet": False},
)
def update_attribute(
    request: ApiRequest, attribute_id: AttributeId, body: AttributeChange
) -> dict[str, Any]:
    given = body.model_dump()
    changes = {name: given[name] for name in body.model_fields_set if given[name] is not None}
    info = attributes.update_attribute(
        attribute_id=attribute_id,
        changes=cast(AttributeChanges, changes),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.get(
    "/categories/{category_id}/attributes",
    summary="What goods of a category have, with what comes from above",
    scope="catalog:read",
    permission="public",
    response=SetOut,
    example={"data": [ENTRY]},
)
def get_set(request: ApiRequest, category_id: CategoryId) -> dict[str, Any]:
    attribute_sets.require_category(category_id)
    return _set(attribute_sets.of_category(category_id))


@routes.put(
    "/categories/{category_id}/attributes",
    summary="Name the attributes of a category's goods, besides what comes from above",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    response=SetOut,
    errors=(AttributeUnknown,),
    example={"data": [ENTRY]},
    request_example={"attributes": [{"attribute": ATTRIBUTE["id"], "required": True}]},
)
def put_set(request: ApiRequest, category_id: CategoryId, body: SetIn) -> dict[str, Any]:
    entries = attributes.put_category_attributes(
        category_id=category_id,
        entries=[(entry.attribute, entry.required) for entry in body.attributes],
    )
    return _set(entries)


def _set(entries: tuple[SetEntry, ...]) -> dict[str, Any]:
    return {
        "data": [
            {
                "attribute": _out(entry.attribute),
                "required": entry.required,
                "inherited": entry.inherited,
            }
            for entry in entries
        ]
    }


def _answer(request: ApiRequest, info: AttributeInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _out(info)


def _out(info: AttributeInfo) -> dict[str, Any]:
    return {
        "id": public_id("atr", info.id),
        "code": info.code,
        "kind": str(info.kind),
        "names": info.names,
        "unit": info.unit,
        "values": list(info.values),
        "facet": info.facet,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }
