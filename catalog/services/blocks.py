"""The first page's blocks: write, order, publish, take off, remove. The operator's business."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import blocks, events, locks
from catalog.contracts_home import (
    BlockContent,
    BlockInfo,
    BlockKind,
    BlockState,
    ProductSource,
)
from catalog.errors import BlockIncomplete, MediaUnknown, TooManyBlocks
from catalog.models import Block, Category, Media, Product
from catalog.services.links import own_path
from catalog.services.writing import TITLE_LENGTH, main_language, texts
from kernel import audit, outbox, transactions
from kernel.errors import FieldProblem, Invalid, NotFound
from platforms.facade import get_platform, merchants

TEXT_LENGTH = 5000
PRODUCTS_MOST, CATEGORIES_MOST, SHOPS_MOST, COUNT_MOST = 24, 24, 24, 24


def create_block(*, kind: BlockKind, content: BlockContent) -> BlockInfo:
    """A draft, the last on the page. Raises Invalid, MediaUnknown, TooManyBlocks."""
    row = Block(kind=kind)
    with transactions.atomic():
        locks.home()
        last = Block.objects.order_by("-position").values_list("position", flat=True).first()
        if Block.objects.count() >= blocks.MOST:
            raise TooManyBlocks(limit=blocks.MOST)
        row.position = 0 if last is None else last + 1
        _write(row, content)
        row.save(force_insert=True)
        _tell(row, "catalog.block.created", {})
    return blocks.block(row.id)


def change_block(
    *, block_id: UUID, content: BlockContent, check: Callable[[int], None] | None = None
) -> BlockInfo:
    """Write the draft anew; visitors see it once it is published. ``check`` gets the version under
    the lock (If-Match). Raises NotFound, Invalid, MediaUnknown."""
    with transactions.atomic():
        row = _locked(block_id)
        if check is not None:
            check(row.version)
        before = _seen(row)
        _write(row, content)
        if _seen(row) != before:
            row.save()
            _release(before["picture_id"], row)
            _tell(row, "catalog.block.changed", before)
    return blocks.block(block_id)


def publish_block(*, block_id: UUID) -> BlockInfo:
    """Show what the draft says. Raises NotFound, BlockIncomplete."""
    with transactions.atomic():
        row = _locked(block_id)
        before, was = _seen(row), row.live_picture_id
        problems = _missing(row.kind, blocks.from_json(row.draft, row.picture_id))
        if problems:
            raise BlockIncomplete(problems=problems)
        if row.state == BlockState.PUBLISHED and row.live == row.draft and was == row.picture_id:
            return blocks.block(block_id)
        row.live, row.live_picture_id = row.draft, row.picture_id
        if row.state != BlockState.PUBLISHED:
            row.move(BlockState.PUBLISHED, action="catalog.block.published")
        row.save()
        _release(was, row)
        _tell(row, "catalog.block.shown", before)
    return blocks.block(block_id)


def unpublish_block(*, block_id: UUID) -> BlockInfo:
    """Take it off the page; the draft stays. Raises NotFound."""
    with transactions.atomic():
        row = _locked(block_id)
        if row.state == BlockState.PUBLISHED:
            before, was = _seen(row), row.live_picture_id
            row.live, row.live_picture_id = {}, None
            row.move(BlockState.DRAFT, action="catalog.block.unpublished")
            row.save()
            _release(was, row)
            _tell(row, "catalog.block.taken_off", before)
    return blocks.block(block_id)


def order_blocks(*, block_ids: Sequence[UUID]) -> tuple[BlockInfo, ...]:
    """Put all blocks in this order. Raises Invalid."""
    with transactions.atomic():
        locks.home()
        rows = {row.id: row for row in Block.objects.all()}
        if len(block_ids) != len(rows) or set(block_ids) != rows.keys():
            told = _("Name every block once, in the wanted order.")
            raise Invalid(told, field="blocks")
        for place, key in enumerate(block_ids):
            row = rows[key]
            if row.position != place:
                before = _seen(row)
                row.position = place
                row.save()
                _tell(row, "catalog.block.moved", before)
    return blocks.blocks()


def move_block(*, block_id: UUID, by: int) -> tuple[BlockInfo, ...]:
    """One place towards the top (-1) or the end (1); at the edge it stays. Raises NotFound."""
    with transactions.atomic():
        _locked(block_id)
        order = list(Block.objects.order_by("position", "id").values_list("id", flat=True))
        here = order.index(block_id)
        there = min(max(here + by, 0), len(order) - 1)
        order.insert(there, order.pop(here))
        return order_blocks(block_ids=order)


def remove_block(*, block_id: UUID) -> None:
    """Remove it, published or not. Raises NotFound."""
    with transactions.atomic():
        row = _locked(block_id)
        _tell(row, "catalog.block.removed", _seen(row), removed=True)
        media = [row.picture_id, row.live_picture_id]
        Block.objects.filter(id=block_id).delete()
        for one in Media.objects.filter(id__in=[key for key in media if key]):
            one.save()  # its day as an unused upload begins


def _locked(block_id: UUID) -> Block:
    """The block, with the page locked. Raises NotFound."""
    locks.home()
    row = Block.objects.filter(id=block_id).first()
    if row is None:
        raise NotFound
    found: Block = row
    return found


def _write(row: Block, content: BlockContent) -> None:
    stored = _checked(content)
    if stored.picture_id not in (None, row.picture_id) and not (
        Media.objects.filter(id=stored.picture_id, merchant_id=None).exists()
    ):
        raise MediaUnknown(field="picture")
    row.draft, row.picture_id = blocks.to_json(stored), stored.picture_id


def _checked(content: BlockContent) -> BlockContent:
    """As it is stored. Raises Invalid naming the fields."""
    wrong = []
    known = {tag.lower(): tag for tag in get_platform().locales}
    if any(tag.lower() not in known for tag in content.languages):
        told = gettext("This platform's languages are %(languages)s.")
        wrong.append(FieldProblem("languages", told % {"languages": ", ".join(known.values())}))
    if content.link and own_path(content.link) is None:
        told = gettext("A path of this platform's pages, such as /categories/tea/.")
        wrong.append(FieldProblem("link", gettext("There is no such page here."), told))
    if content.starts_at and content.ends_at and content.ends_at <= content.starts_at:
        wrong.append(FieldProblem("ends_at", gettext("It ends after it begins.")))
    if not 1 <= content.count <= COUNT_MOST:
        wrong.append(FieldProblem("count", gettext("From 1 to %(most)s.") % {"most": COUNT_MOST}))
    categories = {*content.category_ids, *([content.category_id] if content.category_id else [])}
    if len(content.product_ids) > PRODUCTS_MOST or (
        Product.objects.filter(id__in=content.product_ids).count() != len(set(content.product_ids))
    ):
        told = gettext("Name at most %(most)s products that are there.")
        wrong.append(FieldProblem("products", told % {"most": PRODUCTS_MOST}))
    if len(content.category_ids) > CATEGORIES_MOST or (
        Category.objects.filter(id__in=categories).count() != len(categories)
    ):
        told = gettext("Name at most %(most)s categories that are there.")
        wrong.append(FieldProblem("categories", told % {"most": CATEGORIES_MOST}))
    known_shops = merchants(content.merchant_ids).values()
    if len(content.merchant_ids) > SHOPS_MOST or (
        sum(one.approved for one in known_shops) != len(set(content.merchant_ids))
    ):
        told = gettext("Name at most %(most)s approved merchants.")
        wrong.append(FieldProblem("merchants", told % {"most": SHOPS_MOST}))
    if wrong:
        raise Invalid(problems=wrong)
    return replace(
        content,
        titles=texts(content.titles, field="titles", longest=TITLE_LENGTH),
        texts=texts(content.texts, field="texts", longest=TEXT_LENGTH),
        alts=texts(content.alts, field="alts", longest=TITLE_LENGTH),
        link=own_path(content.link) or "",
        product_ids=tuple(dict.fromkeys(content.product_ids)),
        category_ids=tuple(dict.fromkeys(content.category_ids)),
        merchant_ids=tuple(dict.fromkeys(content.merchant_ids)),
        languages=tuple(dict.fromkeys(known[tag.lower()] for tag in content.languages)),
    )


def _missing(kind: str, content: BlockContent) -> list[FieldProblem]:
    """What is needed before visitors may see it."""
    main, wrong = main_language(), []
    if kind == BlockKind.BANNER:
        if content.picture_id is None:
            wrong.append(FieldProblem("picture", gettext("Choose a picture.")))
        if not content.alts.get(main):
            told = gettext("Say what the picture shows, for those who don't see it.")
            wrong.append(FieldProblem(f"alts.{main}", told))
    elif kind == BlockKind.TEXT:
        if not content.texts.get(main):
            told = gettext("A text in the platform's main language is needed.")
            wrong.append(FieldProblem(f"texts.{main}", told))
    elif kind == BlockKind.PRODUCTS:
        if not content.titles.get(main):
            told = gettext("A title in the platform's main language is needed.")
            wrong.append(FieldProblem(f"titles.{main}", told))
        if content.source == ProductSource.HAND and not content.product_ids:
            wrong.append(FieldProblem("products", gettext("Choose a product.")))
        if content.source == ProductSource.CATEGORY and content.category_id is None:
            wrong.append(FieldProblem("category", gettext("Choose a category.")))
    elif kind == BlockKind.CATEGORIES and not content.category_ids:
        wrong.append(FieldProblem("categories", gettext("Choose a category.")))
    return wrong


def _release(media_id: UUID | None, row: Block) -> None:
    """A picture that the block no longer uses begins its day as an unused upload."""
    if media_id is not None and media_id not in (row.picture_id, row.live_picture_id):
        for media in Media.objects.filter(id=media_id):
            media.save()


def _seen(row: Block) -> dict[str, Any]:
    names = ("kind", "state", "position", "draft", "live", "picture_id", "live_picture_id")
    return {name: getattr(row, name) for name in names}


def _tell(row: Block, action: str, before: Mapping[str, Any], *, removed: bool = False) -> None:
    audit.record(action=action, target=row, before=before, after={} if removed else _seen(row))
    outbox.append(events.BlockChanged(block_id=row.id, removed=removed), aggregate=row)
