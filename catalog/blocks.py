"""Reads of the first page's blocks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.contracts import ImageInfo
from catalog.contracts_home import (
    BlockContent,
    BlockInfo,
    BlockKind,
    BlockState,
    HomeBlock,
    ProductSource,
)
from catalog.models import Block
from catalog.selectors import image_info
from kernel import clock
from kernel.errors import NotFound

MOST = 40
_MEDIA = ("id", "digest", "width", "height", "sizes")
_FIELDS = (
    "id", "kind", "state", "position", "draft", "live", "version", "created_at", "updated_at",
    *(f"{which}__{name}" for which in ("picture", "live_picture") for name in _MEDIA),
)  # fmt: skip


def to_json(content: BlockContent) -> dict[str, Any]:
    """As the row keeps it; the picture stands in a column of its own."""
    return {
        "titles": dict(content.titles),
        "texts": dict(content.texts),
        "alts": dict(content.alts),
        "link": content.link,
        "source": str(content.source),
        "category_id": str(content.category_id) if content.category_id else None,
        "product_ids": [str(one) for one in content.product_ids],
        "category_ids": [str(one) for one in content.category_ids],
        "merchant_ids": [str(one) for one in content.merchant_ids],
        "count": content.count,
        "starts_at": content.starts_at.isoformat() if content.starts_at else None,
        "ends_at": content.ends_at.isoformat() if content.ends_at else None,
        "languages": list(content.languages),
    }


def from_json(kept: dict[str, Any], picture_id: UUID | None) -> BlockContent:
    """Back from the row."""
    return BlockContent(
        titles=kept["titles"],
        texts=kept["texts"],
        alts=kept["alts"],
        link=kept["link"],
        source=ProductSource(kept["source"]),
        category_id=UUID(kept["category_id"]) if kept["category_id"] else None,
        product_ids=tuple(UUID(one) for one in kept["product_ids"]),
        category_ids=tuple(UUID(one) for one in kept["category_ids"]),
        merchant_ids=tuple(UUID(one) for one in kept.get("merchant_ids", ())),  # newer than blocks
        count=kept["count"],
        starts_at=datetime.fromisoformat(kept["starts_at"]) if kept["starts_at"] else None,
        ends_at=datetime.fromisoformat(kept["ends_at"]) if kept["ends_at"] else None,
        languages=tuple(kept["languages"]),
        picture_id=picture_id,
    )


def blocks() -> tuple[BlockInfo, ...]:
    """All blocks in order. One query."""
    rows: Any = Block.objects.order_by("position", "id").values(*_FIELDS)
    return tuple(_info(row) for row in rows)


def block(block_id: UUID) -> BlockInfo:
    """One block. Raises NotFound."""
    row: Any = Block.objects.filter(id=block_id).values(*_FIELDS).first()
    if row is None:
        raise NotFound
    return _info(row)


def home_blocks(*, language: str, preview: bool = False) -> tuple[HomeBlock, ...]:
    """What the first page shows in a language now, in order; ``preview``: as it would be if all
    that was written were published. One query."""
    rows: Any = Block.objects.order_by("position", "id")
    if not preview:
        rows = rows.filter(state=BlockState.PUBLISHED)
    now, found = clock.business(), []
    for row in rows.values(*_FIELDS):
        info = _info(row)
        content = info.draft if preview else info.live
        if content is not None and content.seen(language, now):
            image = info.picture if preview else info.live_picture
            found.append(HomeBlock(info.id, info.kind, content, image))
    return tuple(found)


def _info(row: dict[str, Any]) -> BlockInfo:
    published = row["state"] == BlockState.PUBLISHED
    live = from_json(row["live"], row["live_picture__id"]) if published else None
    return BlockInfo(
        id=row["id"],
        kind=BlockKind(row["kind"]),
        state=BlockState(row["state"]),
        position=row["position"],
        draft=from_json(row["draft"], row["picture__id"]),
        live=live,
        picture=_image(row, "picture", row["draft"]["alts"]),
        live_picture=_image(row, "live_picture", row["live"]["alts"]) if published else None,
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _image(row: dict[str, Any], which: str, alts: dict[str, str]) -> ImageInfo | None:
    if row[f"{which}__id"] is None:
        return None
    return image_info((*(row[f"{which}__{name}"] for name in _MEDIA), alts))
