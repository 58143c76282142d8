"""What this context does when others tell of something that a document is made from."""

from catalog.events import (
    AttributeChanged,
    BrandChanged,
    CategoryChanged,
    ProductCreated,
    ProductPublished,
    ProductUpdated,
    ProductWithdrawn,
    ShopCategoryChanged,
)
from inventory.events import AheadChanged, StockChanged, WarehouseChanged
from kernel.outbox import EventMeta, subscribe, subscribe_batch
from marketplace.events import PriceChanged
from platforms.events import (
    MerchantApproved,
    MerchantChanged,
    MerchantCreated,
    MerchantSuspended,
    PersonErased,
    PlatformChanged,
)
from search.models import SavedSearch
from search.services import following
from search.services.changes import note_published

subscribe_batch(
    [
        ProductCreated,
        ProductUpdated,
        ProductPublished,
        ProductWithdrawn,
        PriceChanged,
        StockChanged,
        AheadChanged,
        MerchantCreated,
        MerchantChanged,
        MerchantApproved,
        MerchantSuspended,
    ],
    handler="search.notes",
)(note_published)


@subscribe(CategoryChanged, handler="search.follows_category")
def category(event: CategoryChanged, meta: EventMeta) -> None:
    # Only an empty one is removed; goods aren't found otherwise because of its place among others.
    if not (event.removed or event.ordered):
        following.follow("category", event.category_id)


@subscribe(BrandChanged, handler="search.follows_brand")
def brand(event: BrandChanged, meta: EventMeta) -> None:
    following.follow("brand", event.brand_id)


@subscribe(AttributeChanged, handler="search.follows_attribute")
def attribute(event: AttributeChanged, meta: EventMeta) -> None:
    following.follow("attribute", event.attribute_id)


@subscribe(ShopCategoryChanged, handler="search.follows_shop_category")
def shop_category(event: ShopCategoryChanged, meta: EventMeta) -> None:
    following.follow("merchant", event.merchant_id)


@subscribe(MerchantChanged, handler="search.follows_renamed_merchant")
def renamed(event: MerchantChanged, meta: EventMeta) -> None:
    following.follow("merchant", event.merchant_id)


@subscribe(MerchantApproved, handler="search.follows_approved_merchant")
def approved(event: MerchantApproved, meta: EventMeta) -> None:
    following.follow("merchant", event.merchant_id)


@subscribe(MerchantSuspended, handler="search.follows_suspended_merchant")
def suspended(event: MerchantSuspended, meta: EventMeta) -> None:
    following.follow("merchant", event.merchant_id)


@subscribe(WarehouseChanged, handler="search.follows_warehouse")
def warehouse(event: WarehouseChanged, meta: EventMeta) -> None:
    following.follow("warehouse", event.warehouse_id)


@subscribe(PlatformChanged, handler="search.follows_settings")
def settings(event: PlatformChanged, meta: EventMeta) -> None:
    if "search" in event.sections:
        following.follow("platform", meta.aggregate_id)


@subscribe(PersonErased, handler="search.forgets_erased")
def person_erased(event: PersonErased, meta: EventMeta) -> None:
    SavedSearch.objects.filter(person_id=event.person_id).delete()
