"""What goes in and out of the catalogue's routes, with examples."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from catalog.api.schemas_video import VIDEO_EXAMPLE, VideoOut
from catalog.contracts import OptionAxis, VariantInput
from catalog.domain.sizes import SIDE_MOST
from kernel.api import ExternalId, Id, Metadata, Schema, Timestamp

Texts = Annotated[
    dict[str, str],
    Field(description="By language tag", examples=[{"zh-Hans": "龙井", "en": "Longjing"}]),
]
AttributeValue = bool | str | list[str] | None
OptionValueIO = str | dict[str, str]
Side = Annotated[
    int,
    Field(strict=True, ge=1, le=SIDE_MOST, description="mm, packed; all three sides or none"),
]
Position = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class OptionIO(Schema):
    """One way in which variants differ."""

    code: Annotated[str, Field(examples=["size"], description="a-z, 0-9, _")]
    titles: Texts = Field(default_factory=dict)

    def contract(self) -> OptionAxis:
        return OptionAxis(self.code, self.titles)


class VariantIn(Schema):
    """A variant, known by its SKU."""

    sku: Annotated[str, Field(min_length=1, max_length=64)]
    options: dict[str, OptionValueIO] = Field(default_factory=dict)
    weight_grams: Annotated[int, Field(strict=True, ge=0, le=100_000_000)] = 0
    length_mm: Side | None = None
    width_mm: Side | None = None
    height_mm: Side | None = None
    barcode: Annotated[str, Field(max_length=64)] = ""
    active: bool = True
    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)

    def contract(self) -> VariantInput:
        return VariantInput(**self.model_dump())


class VariantChange(Schema):
    sku: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    options: dict[str, OptionValueIO] | None = None
    weight_grams: Annotated[int, Field(strict=True, ge=0, le=100_000_000)] | None = None
    length_mm: Side | None = None
    width_mm: Side | None = None
    height_mm: Side | None = None
    barcode: Annotated[str, Field(max_length=64)] | None = None
    active: bool | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = None


class VariantOut(Schema):
    id: Annotated[UUID, Id("var")]
    product: Annotated[UUID, Id("prd")]
    sku: str
    options: dict[str, OptionValueIO]
    weight_grams: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    barcode: str
    active: bool
    external_id: ExternalId | None
    metadata: Metadata


class SizeOut(Schema):
    width: int
    height: int
    url: str


class ImageOut(Schema):
    """WebP copies, smallest first; their sizes are known, so that pages don't shift."""

    width: int
    height: int
    sizes: list[SizeOut]


class PictureOut(Schema):
    id: Annotated[UUID, Id("pic")]
    media: Annotated[UUID, Id("med")]
    variant: Annotated[UUID, Id("var")] | None
    alts: Texts
    image: ImageOut


class CategoryOut(Schema):
    id: Annotated[UUID, Id("cat")]
    parent: Annotated[UUID, Id("cat")] | None
    slug: str
    path: str
    position: int
    names: Texts
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class ProductOut(Schema):
    """``external_id`` and ``metadata`` are shown to the product's merchant and operators."""

    id: Annotated[UUID, Id("prd")]
    merchant: Annotated[UUID, Id("mer")]
    category: Annotated[UUID, Id("cat")] | CategoryOut | None
    brand: Annotated[UUID, Id("brd")] | None = None
    slug: str
    state: str = Field(description="draft, in_review, returned, published, withdrawn")
    titles: Texts
    descriptions: Texts
    options: list[OptionIO]
    unit: str = Field(description="UN/ECE Recommendation 20 code")
    attributes: dict[str, Any] = Field(
        description="Attribute code -> text, number as text, true or false, date, code, codes"
    )
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp
    published_at: Timestamp | None
    variants: list[VariantOut] | None = Field(None, description="In lists with expand=variants")
    pictures: list[PictureOut] | None = Field(None, description="In lists with expand=pictures")
    videos: list[VideoOut] | None = Field(None, description="In lists with expand=videos")


class ProductPut(Schema):
    """``variants`` is the whole list: a SKU that isn't in it becomes inactive."""

    titles: Texts
    descriptions: Texts = Field(default_factory=dict)
    category: Annotated[UUID, Id("cat")] | None = None
    brand: Annotated[UUID, Id("brd")] | None = None
    slug: str | None = None
    options: Annotated[list[OptionIO], Field(max_length=5)] = Field(default_factory=list)
    unit: str = "C62"
    attributes: dict[str, AttributeValue] = Field(default_factory=dict)
    metadata: Metadata = Field(default_factory=dict)
    variants: Annotated[list[VariantIn], Field(max_length=100)] = Field(default_factory=list)
    publish: bool = Field(False, description="Publish it in the same step")


class ProductIn(ProductPut):
    external_id: ExternalId | None = None


class ProductRow(ProductPut):
    external_id: ExternalId


class ProductChange(Schema):
    titles: Texts | None = None
    descriptions: Texts | None = None
    category: Annotated[UUID, Id("cat")] | None = None
    brand: Annotated[UUID, Id("brd")] | None = None
    slug: str | None = None
    options: Annotated[list[OptionIO], Field(max_length=5)] | None = None
    unit: str | None = None
    attributes: dict[str, AttributeValue] | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = None
    variants: Annotated[list[VariantIn], Field(max_length=100)] | None = None


class ProductBatch(Schema):
    products: Annotated[
        list[dict[str, Any]],
        Field(description="Up to 500; each as PUT …/by-external-id takes it, with external_id"),
    ]


class RowResult(Schema):
    """What became of one row: ``object``, or ``error`` as a problem document."""

    index: int
    status: int
    object: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


class ProductBatchOut(Schema):
    data: list[RowResult]
    succeeded: int
    failed: int


class CategoryPut(Schema):
    names: Texts
    slug: str | None = None
    parent: Annotated[UUID, Id("cat")] | None = None
    position: Position = 0
    metadata: Metadata = Field(default_factory=dict)


class CategoryIn(CategoryPut):
    external_id: ExternalId | None = None


class CategoryChange(Schema):
    names: Texts | None = None
    slug: str | None = None
    parent: Annotated[UUID, Id("cat")] | None = None
    position: Position | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = None


class MediaOut(Schema):
    id: Annotated[UUID, Id("med")]
    filename: str
    image: ImageOut
    created_at: Timestamp


class ProductReasonIn(Schema):
    reason: Annotated[str, Field(max_length=300)] = ""


IMAGE_EXAMPLE = {
    "width": 1600,
    "height": 1200,
    "sizes": [
        {
            "width": 320,
            "height": 240,
            "url": "https://city.example/media/" + "0" * 64 + "-320.webp",
        }
    ],
}
PICTURE_EXAMPLE = {
    "id": "pic_01k00000000000000000000000",
    "media": "med_01k00000000000000000000000",
    "variant": None,
    "alts": {"zh-Hans": "一袋龙井", "en": "A bag of Longjing"},
    "image": IMAGE_EXAMPLE,
}
VARIANT_EXAMPLE = {
    "id": "var_01k00000000000000000000000",
    "product": "prd_01k00000000000000000000000",
    "sku": "LJ-500",
    "options": {"size": {"zh-Hans": "一斤", "en": "500 g"}},
    "weight_grams": 560,
    "length_mm": 240,
    "width_mm": 160,
    "height_mm": 90,
    "barcode": "6901234567892",
    "active": True,
    "external_id": None,
    "metadata": {},
}
VARIANT_IN_EXAMPLE = {
    "sku": "LJ-500",
    "options": {"size": {"zh-Hans": "一斤", "en": "500 g"}},
    "weight_grams": 560,
    "length_mm": 240,
    "width_mm": 160,
    "height_mm": 90,
    "barcode": "6901234567892",
}
PRODUCT_EXAMPLE = {
    "id": "prd_01k00000000000000000000000",
    "merchant": "mer_01k00000000000000000000000",
    "category": "cat_01k00000000000000000000000",
    "brand": "brd_01k00000000000000000000000",
    "slug": "longjing-7qk2m4",
    "state": "published",
    "titles": {"zh-Hans": "龙井", "en": "Longjing"},
    "descriptions": {"zh-Hans": "明前茶。", "en": "Picked before Qingming."},
    "options": [{"code": "size", "titles": {"zh-Hans": "规格", "en": "Size"}}],
    "unit": "C62",
    "attributes": {"tea_kind": "green"},
    "external_id": "A-17",
    "metadata": {"erp": "A-17"},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
    "published_at": "2026-05-01T08:00:00Z",
}
DETAIL_EXAMPLE = {
    **PRODUCT_EXAMPLE,
    "variants": [VARIANT_EXAMPLE],
    "pictures": [PICTURE_EXAMPLE],
    "videos": [VIDEO_EXAMPLE],
}
PRODUCT_IN_EXAMPLE = {
    "titles": {"zh-Hans": "龙井", "en": "Longjing"},
    "category": "cat_01k00000000000000000000000",
    "options": [{"code": "size", "titles": {"zh-Hans": "规格", "en": "Size"}}],
    "variants": [VARIANT_IN_EXAMPLE],
    "metadata": {"erp": "A-17"},
    "publish": True,
}
CATEGORY_EXAMPLE = {
    "id": "cat_01k00000000000000000000000",
    "parent": None,
    "slug": "tea",
    "path": "tea",
    "position": 0,
    "names": {"zh-Hans": "茶", "en": "Tea"},
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
MEDIA_EXAMPLE = {
    "id": "med_01k00000000000000000000000",
    "filename": "longjing.jpg",
    "image": IMAGE_EXAMPLE,
    "created_at": "2026-05-01T08:00:00Z",
}
