"""What crosses this context's border: frozen dataclasses and enums."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import models
from django.urls import get_script_prefix
from django.utils.translation import gettext_lazy as _

from catalog.contracts_video import VideoInfo
from catalog.domain.sizes import Measured, Sided
from catalog.domain.texts import pick
from kernel import tenancy

Texts = Mapping[str, str]
OptionValue = str | Mapping[str, str]


class ProductState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    RETURNED = "returned", _("Returned to its merchant")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class AttributeKind(models.TextChoices):
    TEXT = "text", _("A text")
    NUMBER = "number", _("A number")
    BOOLEAN = "boolean", _("Yes or no")
    DATE = "date", _("A date")
    CHOICE = "choice", _("One of several values")
    CHOICES = "choices", _("Several of several values")


@dataclass(frozen=True)
class AttributeInfo:
    """A typed property of goods (属性). ``values`` are what a choice allows: code and names.
    ``facet``: buyers filter by it."""

    id: UUID
    code: str
    kind: AttributeKind
    names: Texts
    unit: str
    values: tuple[Mapping[str, Any], ...]
    facet: bool
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class BrandInfo:
    """A brand (品牌) of the operator's list."""

    id: UUID
    code: str
    names: Texts
    external_id: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class SetEntry:
    """That goods of a category have an attribute; ``inherited`` from one above."""

    attribute: AttributeInfo
    required: bool
    inherited: bool = False


@dataclass(frozen=True)
class AttributeShown:
    """An attribute of a product in one language; ``value`` of a boolean is ``yes`` or ``no``."""

    code: str
    name: str
    value: str
    kind: AttributeKind
    unit: str


class ImageInfo(NamedTuple):
    """A stored picture (图片). ``sizes`` are (width, height) of its WebP copies, smallest first."""

    media_id: UUID
    digest: str
    width: int
    height: int
    sizes: tuple[tuple[int, int], ...]
    alts: Texts

    def path(self, width: int) -> str:
        """The path, below the platform, of the smallest copy at least ``width`` wide."""
        return f"/media/{self.digest}-{self._wide(width)}.webp"

    def url(self, width: int) -> str:
        """The address of that copy: whole where pictures have a public address of their own
        (``MEDIA_PUBLIC_URL``), else ``path`` with the prefix of the platform that was asked."""
        return f"{self._start}-{self._wide(width)}.webp"

    @property
    def srcset(self) -> str:
        """The value of ``srcset``: every copy with its width."""
        start = self._start
        return ", ".join([f"{start}-{width}.webp {width}w" for width, _height in self.sizes])

    @property
    def _start(self) -> str:
        """What all addresses begin with, here or where the platform's objects are public."""
        if settings.MEDIA_PUBLIC_URL:
            whose = tenancy.current_id().hex
            return f"{settings.MEDIA_PUBLIC_URL}/{whose}/{self.digest[:2]}/{self.digest}"
        return f"{get_script_prefix().rstrip('/')}/media/{self.digest}"

    def _wide(self, width: int) -> int:
        return next((w for w, _height in self.sizes if w >= width), self.sizes[-1][0])

    def alt(self, language: str, main: str = "") -> str:
        """The picture's description in ``language``, else in another it has, else empty."""
        return pick(self.alts, language, main)


@dataclass(frozen=True)
class MediaInfo:
    """An uploaded picture, attached to a product or still waiting for it."""

    id: UUID
    merchant_id: UUID | None
    image: ImageInfo
    filename: str
    created_at: datetime


@dataclass(frozen=True)
class ShopInfo:
    """How a merchant's shop (店铺) presents itself; ``version`` 0: nothing was written yet."""

    merchant_id: UUID
    abouts: Texts = field(default_factory=dict)
    notices: Texts = field(default_factory=dict)
    banner: ImageInfo | None = None
    logo: ImageInfo | None = None
    version: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True)
class ShopCategoryInfo:
    """A category of one shop (店铺分类). ``products``: how many stand in it, in any state."""

    id: UUID
    merchant_id: UUID
    parent_id: UUID | None
    names: Texts
    position: int
    version: int
    created_at: datetime
    updated_at: datetime
    products: int = 0
    children: tuple["ShopCategoryInfo", ...] = ()


@dataclass(frozen=True)
class PublishedAddress:
    """Where a published product is found, and when it last changed."""

    slug: str
    updated_at: datetime


@dataclass(frozen=True)
class PictureInfo:
    """A picture at its place on a product; of one variant when ``variant_id`` is set."""

    id: UUID
    position: int
    variant_id: UUID | None
    image: ImageInfo


@dataclass(frozen=True)
class OptionAxis:
    """One way in which variants differ: ``code`` (``size``) and its titles by language."""

    code: str
    titles: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class VariantInput(Sided):
    """A variant (规格) to make or change, known by its ``sku``. Weight in grams, with packing."""

    sku: str
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    weight_grams: int = 0
    barcode: str = ""
    active: bool = True
    external_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class VariantDraft(Sided):
    """What a list says of a variant; ``options`` by the draft's ``axes``, in the main language."""

    sku: str
    options: tuple[str, ...] = ()
    weight_grams: int | None = None
    barcode: str | None = None
    active: bool | None = None


@dataclass(frozen=True)
class ProductDraft:
    """What a list says of one product. What it doesn't say stays as it is, and a variant that it
    doesn't name, too; a new product gets the defaults. ``attributes``: values as they are written,
    by code. ``axes``: what the options are called."""

    variants: tuple[VariantDraft, ...]
    external_id: str | None = None
    titles: Texts = field(default_factory=dict)
    descriptions: Texts = field(default_factory=dict)
    category_id: UUID | None = None
    brand_id: UUID | None = None
    unit: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    axes: tuple[str, ...] = ()
    publish: bool = False


@dataclass(frozen=True)
class DraftDone:
    """What became of a draft: its product, its variants by SKU, whether it was made or changed."""

    product_id: UUID
    variant_ids: Mapping[str, UUID]
    made: bool
    changed: bool


@dataclass(frozen=True)
class VariantInfo(Measured):
    """A variant as other contexts see it; ``published``: its product is, and it is active."""

    id: UUID
    product_id: UUID
    merchant_id: UUID
    sku: str
    title: Texts
    options: Mapping[str, OptionValue]
    weight_grams: int
    published: bool
    image: ImageInfo | None
    category_id: UUID | None
    unit: str
    slug: str = ""
    barcode: str = ""
    active: bool = True
    axes: tuple[OptionAxis, ...] = ()

    def option_text(self, language: str) -> str:
        """The chosen options in ``language``: ``Large · Red``."""
        order = [axis.code for axis in self.axes] or sorted(self.options)
        found = [self.options[code] for code in order if code in self.options]
        return " · ".join(v if isinstance(v, str) else pick(v, language) for v in found)


@dataclass(frozen=True)
class VariantRecord(Sided):
    """A variant as its merchant sees it."""

    id: UUID
    product_id: UUID
    sku: str
    options: Mapping[str, OptionValue]
    weight_grams: int
    barcode: str
    active: bool
    position: int
    external_id: str | None
    metadata: Mapping[str, Any]
    version: int


@dataclass(frozen=True)
class ProductInfo:
    """A product (商品) as its merchant sees it, in every language; ``variants``, ``pictures`` and
    ``videos`` are filled in where one product was asked for."""

    id: UUID
    merchant_id: UUID
    category_id: UUID | None
    slug: str
    state: ProductState
    titles: Texts
    descriptions: Texts
    options: tuple[OptionAxis, ...]
    unit: str
    external_id: str | None
    metadata: Mapping[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    brand_id: UUID | None = None
    variants: tuple[VariantRecord, ...] = ()
    pictures: tuple[PictureInfo, ...] = ()
    videos: tuple[VideoInfo, ...] = ()


@dataclass(frozen=True)
class CategoryInfo:
    """A category (类目). ``path`` is made of the slugs from the root: ``pantry/rice``."""

    id: UUID
    parent_id: UUID | None
    slug: str
    path: str
    depth: int
    position: int
    names: Texts
    external_id: str | None
    metadata: Mapping[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class CategoryNode:
    """A category in one language with its children."""

    id: UUID
    slug: str
    path: str
    depth: int
    name: str
    children: tuple["CategoryNode", ...] = ()


def every_category(nodes: Iterable[CategoryNode]) -> Iterator[CategoryNode]:
    """Each category of a tree, before those below it."""
    for node in nodes:
        yield node
        yield from every_category(node.children)


class ProductCard(NamedTuple):
    """One tile of a product list, in one language. ``variant_ids`` are its active variants."""

    id: UUID
    slug: str
    title: str
    merchant_id: UUID
    category_id: UUID | None
    unit: str
    image: ImageInfo | None
    variant_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class PageVariant(Measured):
    """A variant that can be chosen on the product page; ``options`` in the page's language."""

    id: UUID
    sku: str
    options: Mapping[str, str]
    weight_grams: int
    picture_id: UUID | None = None


@dataclass(frozen=True)
class ProductPage:
    """A published product in one language, with all that its page shows of the catalogue."""

    id: UUID
    slug: str
    title: str
    description: str
    merchant_id: UUID
    unit: str
    category: CategoryNode | None
    trail: tuple[CategoryNode, ...]
    axes: tuple[tuple[str, str], ...]
    variants: tuple[PageVariant, ...]
    pictures: tuple[PictureInfo, ...]
    version: int
    attributes: tuple[AttributeShown, ...] = ()
    brand: str = ""
    related: tuple[UUID, ...] = ()
    videos: tuple[VideoInfo, ...] = ()
