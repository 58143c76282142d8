"""The platform's first page, as it crosses this context's border."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.contracts import ImageInfo

Texts = Mapping[str, str]


class BlockKind(models.TextChoices):
    BANNER = "banner", _("Picture")
    TEXT = "text", _("Text")
    PRODUCTS = "products", _("Products")
    CATEGORIES = "categories", _("Categories")
    SHOPS = "shops", _("Shops")


class BlockState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class ProductSource(models.TextChoices):
    """Where a block's products come from."""

    HAND = "hand", _("Chosen by hand")
    NEWEST = "newest", _("The newest")
    ON_SALE = "on_sale", _("On sale at a reduced price")
    CATEGORY = "category", _("The newest of a category")


@dataclass(frozen=True)
class BlockContent:
    """What a block says. ``link``: a path of the platform's own pages. ``source``, ``category_id``,
    ``product_ids`` and ``count`` choose products; ``category_ids`` are tiles, ``merchant_ids``
    shops (none: the newest ``count``). It is seen from ``starts_at`` until ``ends_at`` (business
    times) in ``languages`` (none: all)."""

    titles: Texts = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)
    alts: Texts = field(default_factory=dict)
    link: str = ""
    source: ProductSource = ProductSource.NEWEST
    category_id: UUID | None = None
    product_ids: tuple[UUID, ...] = ()
    category_ids: tuple[UUID, ...] = ()
    merchant_ids: tuple[UUID, ...] = ()
    count: int = 8
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    languages: tuple[str, ...] = ()
    picture_id: UUID | None = None

    def seen(self, language: str, now: datetime) -> bool:
        """Whether visitors of this language see it at a business time, once it is published."""
        begun = self.starts_at is None or self.starts_at <= now
        over = self.ends_at is not None and self.ends_at <= now
        known = {tag.lower() for tag in self.languages}
        return begun and not over and (not known or language.lower() in known)


@dataclass(frozen=True)
class BlockInfo:
    """A block as operators see it; ``live`` is None while it isn't published."""

    id: UUID
    kind: BlockKind
    state: BlockState
    position: int
    draft: BlockContent
    live: BlockContent | None
    picture: ImageInfo | None
    live_picture: ImageInfo | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def changed(self) -> bool:
        """Published, but the draft says something else by now."""
        return self.live is not None and self.live != self.draft


@dataclass(frozen=True)
class HomeBlock:
    """A block on the first page."""

    id: UUID
    kind: BlockKind
    content: BlockContent
    image: ImageInfo | None
