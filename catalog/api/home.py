"""The first page's blocks: operators write, everybody reads what is published."""

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import get_language
from pydantic import Field

from catalog import blocks as reads
from catalog.api.routes import CategoryId, MediaId, MerchantId, ProductId, image_out, routes
from catalog.api.schemas import IMAGE_EXAMPLE, ImageOut, Texts
from catalog.contracts import ImageInfo
from catalog.contracts_home import BlockContent, BlockInfo, BlockKind, HomeBlock, ProductSource
from catalog.errors import BlockIncomplete, MediaUnknown, TooManyBlocks
from catalog.services import blocks
from kernel.api import ApiRequest, Id, Schema, Timestamp, check_if_match, set_etag
from kernel.errors import PreconditionFailed
from kernel.ids import public_id

BlockId = Annotated[UUID, Id("hbl")]
TAIL = "01k00000000000000000000000"
WHAT: dict[str, Any] = {
    "titles": {"zh-Hans": "新米上市", "en": "The new rice is in"},
    "texts": {},
    "alts": {"zh-Hans": "一碗米饭", "en": "A bowl of rice"},
    "link": "/categories/rice/",
    "source": "newest",
    "category": None,
    "products": [],
    "categories": [],
    "merchants": [],
    "count": 8,
    "starts_at": "2026-10-01T00:00:00Z",
    "ends_at": None,
    "languages": [],
}
CONTENT = {**WHAT, "picture": IMAGE_EXAMPLE}
BLOCK: dict[str, Any] = {
    "id": f"hbl_{TAIL}",
    "kind": "banner",
    "state": "published",
    "changed": False,
    "draft": CONTENT,
    "live": CONTENT,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
WRITTEN = {**WHAT, "picture": f"med_{TAIL}"}
SHOWN = {"id": f"hbl_{TAIL}", "kind": "banner", **CONTENT}


class What(Schema):
    """``products``, ``count`` and ``category`` by ``source``: hand, newest, on_sale, category."""

    titles: Texts = Field(default_factory=dict)
    texts: Texts = Field(default_factory=dict)
    alts: Texts = Field(default_factory=dict, description="What the picture shows")
    link: str = Field("", max_length=300, description="A path of this platform's own pages")
    source: ProductSource = ProductSource.NEWEST
    category: CategoryId | None = None
    products: Annotated[list[ProductId], Field(max_length=blocks.PRODUCTS_MOST)] = Field(
        default_factory=list
    )
    categories: Annotated[list[CategoryId], Field(max_length=blocks.CATEGORIES_MOST)] = Field(
        default_factory=list
    )
    merchants: Annotated[list[MerchantId], Field(max_length=blocks.SHOPS_MOST)] = Field(
        default_factory=list, description="Of a block of shops; none: the newest"
    )
    count: int = Field(8, ge=1, le=blocks.COUNT_MOST)
    starts_at: Timestamp | None = None
    ends_at: Timestamp | None = None
    languages: Annotated[list[str], Field(max_length=20)] = Field(
        default_factory=list, description="None: in every language"
    )


class BlockPut(What):
    picture: MediaId | None = Field(None, description="From POST /media with an operator's key")


class BlockIn(BlockPut):
    kind: BlockKind


class ContentOut(What):
    picture: ImageOut | None


class BlockOut(Schema):
    id: BlockId
    kind: str = Field(description="banner, text, products, categories, shops")
    state: str = Field(description="draft, published")
    changed: bool = Field(description="Published, but the draft says something else by now")
    draft: ContentOut
    live: ContentOut | None
    created_at: Timestamp
    updated_at: Timestamp


class BlocksOut(Schema):
    data: list[BlockOut] = Field(description="In order")


class ShownOut(ContentOut):
    id: BlockId
    kind: str


class HomeOut(Schema):
    data: list[ShownOut] = Field(description="In order")


class BlockOrderIn(Schema):
    blocks: Annotated[list[BlockId], Field(max_length=reads.MOST)]


@routes.get(
    "/home",
    summary="What the platform's first page shows now, in the language asked for",
    scope="catalog:read",
    permission="public",
    response=HomeOut,
    example={"data": [SHOWN]},
)
def get_home(request: ApiRequest) -> dict[str, Any]:
    found = reads.home_blocks(language=get_language() or "")
    return {"data": [_shown(request, one) for one in found]}


@routes.get(
    "/home/blocks",
    summary="All blocks of the first page, in order",
    audience={"operator"},
    scope="catalog:read",
    permission="content",
    response=BlocksOut,
    example={"data": [BLOCK]},
)
def list_blocks(request: ApiRequest) -> dict[str, Any]:
    return _all(request, reads.blocks())


@routes.post(
    "/home/blocks",
    summary="Draft a block, the last on the page",
    audience={"operator"},
    scope="catalog:write",
    permission="content",
    status=201,
    response=BlockOut,
    errors=(MediaUnknown, TooManyBlocks),
    example={**BLOCK, "state": "draft", "live": None},
    request_example={"kind": "banner", **WRITTEN},
)
def create_block(request: ApiRequest, body: BlockIn) -> dict[str, Any]:
    return _answer(request, blocks.create_block(kind=body.kind, content=_content(body)))


@routes.put(
    "/home/blocks/order",
    summary="Order all blocks",
    audience={"operator"},
    scope="catalog:write",
    permission="content",
    response=BlocksOut,
    example={"data": [BLOCK]},
    request_example={"blocks": [f"hbl_{TAIL}"]},
)
def order_blocks(request: ApiRequest, body: BlockOrderIn) -> dict[str, Any]:
    return _all(request, blocks.order_blocks(block_ids=body.blocks))


@routes.get(
    "/home/blocks/{block_id}",
    summary="One block",
    audience={"operator"},
    scope="catalog:read",
    permission="content",
    response=BlockOut,
    example=BLOCK,
)
def get_block(request: ApiRequest, block_id: BlockId) -> dict[str, Any]:
    return _answer(request, reads.block(block_id))


@routes.put(
    "/home/blocks/{block_id}",
    summary="Write a block's draft anew; visitors see it once it is published",
    audience={"operator"},
    scope="catalog:write",
    permission="content",
    response=BlockOut,
    errors=(MediaUnknown, PreconditionFailed),
    example={**BLOCK, "changed": True},
    request_example=WRITTEN,
)
def put_block(request: ApiRequest, block_id: BlockId, body: BlockPut) -> dict[str, Any]:
    info = blocks.change_block(
        block_id=block_id,
        content=_content(body),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.post(
    "/home/blocks/{block_id}/publish",
    summary="Show what the draft says",
    audience={"operator"},
    scope="catalog:write",
    permission="content",
    response=BlockOut,
    errors=(BlockIncomplete,),
    example=BLOCK,
)
def publish_block(request: ApiRequest, block_id: BlockId) -> dict[str, Any]:
    return _answer(request, blocks.publish_block(block_id=block_id))


@routes.post(
    "/home/blocks/{block_id}/unpublish",
    summary="Take a block off the page; its draft stays",
    audience={"operator"},
    scope="catalog:write",
    permission="content",
    response=BlockOut,
    example={**BLOCK, "state": "draft", "live": None},
)
def unpublish_block(request: ApiRequest, block_id: BlockId) -> dict[str, Any]:
    return _answer(request, blocks.unpublish_block(block_id=block_id))


@routes.delete(
    "/home/blocks/{block_id}",
    summary="Remove a block",
    audience={"operator"},
    scope="catalog:write",
    permission="content",
    status=204,
    response=None,
)
def remove_block(request: ApiRequest, block_id: BlockId) -> None:
    blocks.remove_block(block_id=block_id)


def _content(body: BlockPut) -> BlockContent:
    return BlockContent(
        titles=body.titles,
        texts=body.texts,
        alts=body.alts,
        link=body.link,
        source=body.source,
        category_id=body.category,
        product_ids=tuple(body.products),
        category_ids=tuple(body.categories),
        merchant_ids=tuple(body.merchants),
        count=body.count,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        languages=tuple(body.languages),
        picture_id=body.picture,
    )


def _all(request: ApiRequest, found: tuple[BlockInfo, ...]) -> dict[str, Any]:
    return {"data": [_out(request, one) for one in found]}


def _answer(request: ApiRequest, info: BlockInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _out(request, info)


def _out(request: ApiRequest, info: BlockInfo) -> dict[str, Any]:
    return {
        "id": public_id("hbl", info.id),
        "kind": str(info.kind),
        "state": str(info.state),
        "changed": info.changed,
        "draft": _said(request, info.draft, info.picture),
        "live": _said(request, info.live, info.live_picture) if info.live else None,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def _shown(request: ApiRequest, one: HomeBlock) -> dict[str, Any]:
    said = _said(request, one.content, one.image)
    return {"id": public_id("hbl", one.id), "kind": str(one.kind), **said}


def _said(request: ApiRequest, content: BlockContent, image: ImageInfo | None) -> dict[str, Any]:
    return {
        "titles": content.titles,
        "texts": content.texts,
        "alts": content.alts,
        "link": content.link,
        "source": str(content.source),
        "category": public_id("cat", content.category_id) if content.category_id else None,
        "products": [public_id("prd", one) for one in content.product_ids],
        "categories": [public_id("cat", one) for one in content.category_ids],
        "merchants": [public_id("mer", one) for one in content.merchant_ids],
        "count": content.count,
        "starts_at": content.starts_at,
        "ends_at": content.ends_at,
        "languages": list(content.languages),
        "picture": image_out(request, image) if image else None,
    }
