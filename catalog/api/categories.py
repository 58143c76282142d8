"""Categories: everybody reads, operators write."""

from typing import Any, cast

from ninja.params.functions import Query

from catalog import selectors
from catalog.api.render import category_out
from catalog.api.routes import CategoryId, routes
from catalog.api.schemas import (
    CATEGORY_EXAMPLE,
    CategoryChange,
    CategoryIn,
    CategoryOut,
    CategoryPut,
)
from catalog.contracts import CategoryInfo
from catalog.errors import (
    CategoryInUse,
    CategoryLoop,
    CategoryUnknown,
    ExternalIdTaken,
    SlugTaken,
)
from catalog.services import categories
from catalog.services.categories import CategoryChanges
from kernel.api import ApiRequest, ExternalId, ListOf, ListQuery, check_if_match, set_etag
from kernel.errors import NotFound, PreconditionFailed
from kernel.pagination import PageOf

SORTS: dict[str, tuple[str, ...]] = {
    "path": ("path", "id"),
    "-created_at": ("-id",),
    "created_at": ("id",),
}
WRITING = (SlugTaken, ExternalIdTaken, CategoryUnknown)
CHANGING = (*WRITING, CategoryLoop, PreconditionFailed)
REQUEST_EXAMPLE = {"names": {"zh-Hans": "茶", "en": "Tea"}, "slug": "tea"}


@routes.get(
    "/categories",
    summary="The category tree, branch by branch",
    scope="catalog:read",
    permission="public",
    response=ListOf[CategoryOut],
    example={"data": [CATEGORY_EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_categories(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    page = selectors.categories_page(
        updated_since=q.updated_since,
        order=q.order(SORTS, "path"),
        cursor=q.cursor,
        limit=q.limit,
    )
    private = request.actor.kind == "operator"
    return page.map(lambda info: category_out(info, private=private))


@routes.post(
    "/categories",
    summary="Make a category",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    response=CategoryOut,
    errors=WRITING,
    example=CATEGORY_EXAMPLE,
    request_example=REQUEST_EXAMPLE,
)
def create_category(request: ApiRequest, body: CategoryIn) -> dict[str, Any]:
    values = body.model_dump(exclude={"parent"})
    return _answer(request, categories.create_category(parent_id=body.parent, **values))


@routes.put(
    "/categories/by-external-id/{external_id}",
    summary="Create or change the category with your own id",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    response=CategoryOut,
    errors=CHANGING,
    example=CATEGORY_EXAMPLE,
    request_example=REQUEST_EXAMPLE,
)
def put_category(request: ApiRequest, external_id: ExternalId, body: CategoryPut) -> dict[str, Any]:
    values: dict[str, Any] = {**body.model_dump(exclude={"parent"}), "parent_id": body.parent}
    if body.slug is None:
        del values["slug"]
    try:
        found = selectors.category_by_external_id(external_id)
    except NotFound:
        info = categories.create_category(external_id=external_id, **values)
        return _answer(request, info)
    info = categories.update_category(
        category_id=found.id,
        changes=cast(CategoryChanges, values),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.get(
    "/categories/{category_id}",
    summary="One category",
    scope="catalog:read",
    permission="public",
    response=CategoryOut,
    example=CATEGORY_EXAMPLE,
)
def get_category(request: ApiRequest, category_id: CategoryId) -> dict[str, Any]:
    return _answer(request, selectors.category(category_id))


@routes.patch(
    "/categories/{category_id}",
    summary="Change or move a category with all below it",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    response=CategoryOut,
    errors=CHANGING,
    example=CATEGORY_EXAMPLE,
    request_example={"position": 3},
)
def update_category(
    request: ApiRequest, category_id: CategoryId, body: CategoryChange
) -> dict[str, Any]:
    changes = {
        "parent_id" if name == "parent" else name: getattr(body, name)
        for name in body.model_fields_set
        if name in ("parent", "external_id") or getattr(body, name) is not None
    }
    info = categories.update_category(
        category_id=category_id,
        changes=cast(CategoryChanges, changes),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.delete(
    "/categories/{category_id}",
    summary="Remove an empty category",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    status=204,
    response=None,
    errors=(CategoryInUse,),
)
def remove_category(request: ApiRequest, category_id: CategoryId) -> None:
    categories.remove_category(category_id=category_id)


def _answer(request: ApiRequest, info: CategoryInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return category_out(info, private=request.actor.kind == "operator")
