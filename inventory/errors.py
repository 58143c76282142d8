"""Error catalogue of this context."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Invalid, NotFound


class InvalidStockQuantity(Invalid):
    code = "inventory.invalid_quantity"
    title = _("This isn't a quantity that stock can have")
    remedy = _(
        "Give a decimal as text with at most three decimals, below a trillion; "
        "pieces are whole numbers, and what is reserved is more than 0."
    )


class InvalidReason(Invalid):
    code = "inventory.invalid_reason"
    title = _("This isn't a reason for a stock movement")
    remedy = _("Give one of the reasons named in allowed.")


class WarehouseUnknown(NotFound):
    code = "inventory.warehouse_unknown"
    status = 422
    title = _("There is no such warehouse")
    remedy = _("Take an id from GET /warehouses.")


class VariantUnknown(NotFound):
    code = "inventory.variant_unknown"
    status = 422
    title = _("There is no such variant")
    remedy = _("Use the id or the SKU of a variant of your own products.")


class ExternalIdTaken(Conflict):
    code = "inventory.external_id_taken"
    title = _("This external id belongs to another warehouse of the merchant")
    remedy = _("Use PUT /warehouses/by-external-id/{id} to change that one.")


class StockChanged(Conflict):
    """``actual`` is what is on hand now."""

    code = "inventory.stock_changed"
    title = _("The stock isn't what you expected")
    remedy = _("Look at actual, decide again, and send it as expected.")


class StockReserved(Conflict):
    code = "inventory.stock_reserved"
    title = _("More than that is reserved for buyers")
    remedy = _("On hand can't go below reserved; release the reservations or wait for them.")


class OutOfStock(Conflict):
    """``lines`` names each variant with what is wanted and what is available."""

    code = "inventory.out_of_stock"
    title = _("There isn't enough in stock")
    remedy = _("Take less of what lines names, or something else.")


class ReservationExpired(Conflict):
    code = "inventory.reservation_expired"
    title = _("The reservation has expired and the goods are gone")
    remedy = _("Begin again with what is available now.")


class ReservationClosed(Conflict):
    """The reservation is in ``state`` already, so that step can't follow."""

    code = "inventory.reservation_closed"
    title = _("The reservation has already ended in another way")
    remedy = _("Make a new reservation under a new key; put committed goods back by restocking.")


class ReservationUnknown(NotFound):
    code = "inventory.reservation_unknown"
    title = _("There is no reservation under this key")
    remedy = _("Reserve first, under the same key.")


class KeyMismatch(Invalid):
    code = "inventory.key_mismatch"
    title = _("This key was used with other lines")
    remedy = _("Use a new key for other goods; send the same lines to repeat.")


class RestockRefused(Conflict):
    code = "inventory.restock_refused"
    title = _("These goods didn't leave this stock")
    remedy = _("Put back at most what the reservation took, or restock without naming it.")


class ReferenceTaken(Conflict):
    code = "inventory.reference_taken"
    title = _("Another receipt of the merchant has this reference")
    remedy = _("Use that receipt, or a reference of its own.")


class ReceiptBegun(Conflict):
    """The receipt is in ``state``."""

    code = "inventory.receipt_begun"
    title = _("Goods of this receipt have arrived, or it has ended")
    remedy = _("Only its note and date can change now; adjust the stock to put a mistake right.")


class NotExpected(Conflict):
    """``lines`` names each variant that the receipt doesn't hold."""

    code = "inventory.not_expected"
    title = _("These goods aren't on the receipt")
    remedy = _("Make a receipt for them, or adjust the stock with the reason received.")


class OverDelivery(Conflict):
    """``lines`` names each variant with what is still expected and what came."""

    code = "inventory.over_delivery"
    title = _("More came than was expected")
    remedy = _("Count again; to take it all, send accept_over as true.")


class LossUnexplained(Invalid):
    """``lines`` names what is missing of each variant."""

    code = "inventory.loss_unexplained"
    title = _("Less came than was sent")
    remedy = _("Give the cause of the loss: one of those named in allowed.")


class MoreThanSent(Invalid):
    code = "inventory.more_than_sent"
    title = _("More came than was sent")
    remedy = _("Count again; give at most the quantity that was sent, of what was sent.")


class CountOpen(Conflict):
    code = "inventory.count_open"
    title = _("This warehouse is being counted already")
    remedy = _("Post or cancel the open count first.")


class NothingToCount(Conflict):
    code = "inventory.nothing_to_count"
    title = _("There is nothing to count here")
    remedy = _("Set the stock of a variant in this warehouse first, or name variants.")


class NothingCounted(Conflict):
    code = "inventory.nothing_counted"
    title = _("No number has been entered yet")
    remedy = _("Enter what you counted, or cancel the count.")


class NotInCount(Conflict):
    """``lines`` names each variant that the count doesn't hold."""

    code = "inventory.not_in_count"
    title = _("These goods aren't part of the count")
    remedy = _("Leave them out, or open a count that names them.")


class CountOutdated(Conflict):
    """``lines`` names each variant whose stock was set by hand after it was counted."""

    code = "inventory.count_outdated"
    title = _("Somebody set this stock by hand after it was counted")
    remedy = _("Count these again, and enter the new number.")


class CountBelowReserved(Conflict):
    """``lines`` names each variant with what would be on hand and what is reserved."""

    code = "inventory.count_below_reserved"
    title = _("Less was counted than is reserved for buyers")
    remedy = _("Wait for the reservations to end or cancel those orders, then post again.")


class AheadBelowPromised(Conflict):
    """``promised`` is what was promised and isn't there yet."""

    code = "inventory.ahead_below_promised"
    title = _("More than that is promised to buyers already")
    remedy = _(
        "Set the limit to promised or more, or turn it off: what is promised stays, and nothing "
        "more is."
    )


class InvalidDay(Invalid):
    code = "inventory.invalid_day"
    title = _("Goods can't be promised for this day")
    remedy = _("Give tomorrow or a later day, within the next two years.")


class NothingPromised(Conflict):
    code = "inventory.nothing_promised"
    title = _("Nobody waits for this")
    remedy = _("Change the setting of the variant; there is no promise whose day could move.")
