"""Facts this context publishes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class ProductCreated(Event):
    NAME: ClassVar[str] = "catalog.product.created.v1"

    product_id: UUID
    merchant_id: UUID
    external_id: str | None


@dataclass(frozen=True)
class ProductUpdated(Event):
    """Texts, variants or pictures changed; ``changed`` names which."""

    NAME: ClassVar[str] = "catalog.product.updated.v1"

    product_id: UUID
    merchant_id: UUID
    changed: list[str]
    state: str


@dataclass(frozen=True)
class ProductPublished(Event):
    NAME: ClassVar[str] = "catalog.product.published.v1"

    product_id: UUID
    merchant_id: UUID


@dataclass(frozen=True)
class ProductSubmitted(Event):
    """Its merchant has handed it in for the operator's review."""

    NAME: ClassVar[str] = "catalog.product.submitted.v1"

    product_id: UUID
    merchant_id: UUID


@dataclass(frozen=True)
class ProductReturned(Event):
    """The operator gave it back with words on what to change."""

    NAME: ClassVar[str] = "catalog.product.returned.v1"
    TEXTS: ClassVar[frozenset[str]] = frozenset({"reason"})

    product_id: UUID
    merchant_id: UUID
    reason: str


@dataclass(frozen=True)
class ProductWithdrawn(Event):
    NAME: ClassVar[str] = "catalog.product.withdrawn.v1"
    TEXTS: ClassVar[frozenset[str]] = frozenset({"reason"})

    product_id: UUID
    merchant_id: UUID
    reason: str


@dataclass(frozen=True)
class AttributeChanged(Event):
    """An attribute was made or changed."""

    NAME: ClassVar[str] = "catalog.attribute.changed.v1"

    attribute_id: UUID
    code: str


@dataclass(frozen=True)
class BrandChanged(Event):
    """A brand was made or renamed."""

    NAME: ClassVar[str] = "catalog.brand.changed.v1"

    brand_id: UUID
    code: str


@dataclass(frozen=True)
class CategoryChanged(Event):
    """A category was made, changed, moved or removed (``removed``); ``ordered``: only its place
    among those beside it is new."""

    NAME: ClassVar[str] = "catalog.category.changed.v1"

    category_id: UUID
    removed: bool = False
    ordered: bool = False


@dataclass(frozen=True)
class ShopChanged(Event):
    """A merchant's shop presents itself differently."""

    NAME: ClassVar[str] = "catalog.shop.changed.v1"

    merchant_id: UUID


@dataclass(frozen=True)
class ShopCategoryChanged(Event):
    """A shop's category, its place or what stands in it changed, or it was removed."""

    NAME: ClassVar[str] = "catalog.shop_category.changed.v1"

    shop_category_id: UUID
    merchant_id: UUID
    removed: bool = False


@dataclass(frozen=True)
class BlockChanged(Event):
    """A block of the platform's first page was written, moved, shown, taken off or removed."""

    NAME: ClassVar[str] = "catalog.block.changed.v1"

    block_id: UUID
    removed: bool = False
