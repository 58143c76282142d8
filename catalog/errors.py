"""Error catalogue of this context."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, DomainError, Invalid, NotFound, TooLarge, Unavailable


class CategoryUnknown(NotFound):
    code = "catalog.category_unknown"
    status = 422
    title = _("There is no such category")
    remedy = _("Take an id from GET /categories.")


class CategoryInUse(Conflict):
    code = "catalog.category_in_use"
    title = _("The category still has products or categories below it")
    remedy = _("Move them elsewhere first.")


class AttributeUnknown(NotFound):
    code = "catalog.attribute_unknown"
    status = 422
    title = _("There is no such attribute")
    remedy = _("Take an id from GET /attributes.")


class AttributeTaken(Conflict):
    code = "catalog.attribute_taken"
    title = _("An attribute has this code already")
    remedy = _("Change that one, or choose another code.")


class AttributeInUse(Conflict):
    code = "catalog.attribute_in_use"
    title = _("Products have a value that would go")
    remedy = _("Keep the values named in used, or change those products first.")


class BarcodeWrong(Invalid):
    code = "catalog.barcode_wrong"
    title = _("The last digit of the barcode doesn't fit the others")
    remedy = _("Compare it with the package: a GTIN has 8, 12, 13 or 14 digits, the last a check.")


class BrandUnknown(NotFound):
    code = "catalog.brand_unknown"
    status = 422
    title = _("There is no such brand")
    remedy = _("Take an id from GET /brands, or ask the operator for a new one.")


class BrandTaken(Conflict):
    code = "catalog.brand_taken"
    title = _("A brand has this code already")
    remedy = _("Use that one, or choose another code.")


class RelatedUnknown(NotFound):
    code = "catalog.related_unknown"
    status = 422
    title = _("One of these products isn't yours or isn't there")
    remedy = _("Name products of the same merchant by their ids.")


class ShopCategoryUnknown(NotFound):
    code = "catalog.shop_category_unknown"
    status = 422
    title = _("The shop has no such category")
    remedy = _("Take an id from GET /shop/categories.")


class ShopCategoryInUse(Conflict):
    code = "catalog.shop_category_in_use"
    title = _("The shop's category still has others below it")
    remedy = _("Remove those first, or put them elsewhere.")


class TooManyShopCategories(Conflict):
    code = "catalog.too_many_shop_categories"
    title = _("The shop has as many categories as it can have")
    remedy = _("Remove one first.")


class ShopProductsUnknown(NotFound):
    code = "catalog.shop_products_unknown"
    status = 422
    title = _("One of these products isn't yours or isn't there")
    remedy = _("Name your own products by their ids.")


class BlockIncomplete(Conflict):
    code = "catalog.block_incomplete"
    title = _("The block can't be published yet")
    remedy = _("Add what errors names and publish again.")


class TooManyBlocks(Conflict):
    code = "catalog.too_many_blocks"
    title = _("The first page has as many blocks as it can have")
    remedy = _("Remove one first.")


class CategoryLoop(Invalid):
    code = "catalog.category_loop"
    title = _("A category can't stand below itself")
    remedy = _("Choose a parent outside of the category's own branch.")


class SlugTaken(Conflict):
    code = "catalog.slug_taken"
    title = _("This slug is in use")
    remedy = _("Choose another slug, or leave it out to have one made.")


class SkuTaken(Conflict):
    code = "catalog.sku_taken"
    title = _("Another variant of this merchant has this SKU")
    remedy = _("Give every variant its own SKU.")


class ExternalIdTaken(Conflict):
    code = "catalog.external_id_taken"
    title = _("This external id belongs to another object of the merchant")
    remedy = _("Use PUT …/by-external-id/{id} to change that object, or choose another id.")


class SameOptions(Conflict):
    code = "catalog.same_options"
    title = _("Two variants of the product have the same options")
    remedy = _("Give every variant its own combination of options.")


class NotPublishable(Conflict):
    code = "catalog.not_publishable"
    title = _("The product can't be published yet")
    remedy = _("Add what errors names and publish again.")


class LastVariant(Conflict):
    code = "catalog.last_variant"
    title = _("A published product needs an active variant")
    remedy = _("Withdraw the product, or add another variant first.")


class PictureUnreadable(Invalid):
    code = "catalog.picture_unreadable"
    title = _("This file isn't a picture that can be read")
    remedy = _("Send a whole JPEG, PNG, WebP or GIF file.")


class PictureTooLarge(TooLarge):
    code = "catalog.picture_too_large"
    title = _("The picture is too large")
    remedy = _("Send at most 10 MB and 40 million pixels, no side above 12,000.")


class TooManyPictures(Conflict):
    code = "catalog.too_many_pictures"
    title = _("The product has as many pictures as it can have")
    remedy = _("Remove one first.")


class VideoUnreadable(Invalid):
    code = "catalog.video_unreadable"
    title = _("This file isn't a video that can be shown")
    remedy = _("Send a whole MP4 file with H.264 pictures and AAC sound, or a WebM file.")


class VideoTooLarge(TooLarge):
    code = "catalog.video_too_large"
    title = _("The video is too large")
    remedy = _("Send a shorter one, or one with smaller pictures.")


class TooManyVideos(Conflict):
    code = "catalog.too_many_videos"
    title = _("The product has as many videos as it can have")
    remedy = _("Remove one first.")


class VideoUnknown(NotFound):
    code = "catalog.video_unknown"
    status = 422
    title = _("There is no such uploaded video")
    remedy = _("Upload it again by POST /media/videos; what isn't attached is kept for a day.")


class MediaUnknown(NotFound):
    code = "catalog.media_unknown"
    status = 422
    title = _("There is no such uploaded picture")
    remedy = _("Upload it again by POST /media; what isn't attached is kept for a day.")


class MediaStoreAway(Unavailable):
    """The store of pictures (MEDIA_STORAGE) doesn't answer, or refuses; its log says why."""

    code = "catalog.media_store_away"
    title = _("Pictures can't be stored or fetched just now")
    remedy = _("The picture wasn't stored. Send it again in a few minutes.")


class AddressRefused(Invalid):
    code = "catalog.address_refused"
    title = _("Pictures can't be fetched from this address")
    remedy = _("Give an http or https address of a public server, on port 80 or 443.")


class FetchFailed(DomainError):
    code = "catalog.fetch_failed"
    status = 422
    title = _("The picture could not be fetched")
    remedy = _("Check that the address answers 200 with the picture itself, without a sign-in.")
