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
