"""What can go wrong with shipping."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Invalid, NotFound, Unauthenticated


class NoRate(Invalid):
    code = "logistics.no_rate"
    title = _("This merchant doesn't deliver there")
    remedy = _("Choose an address in a region the merchant delivers to.")


class UnknownRegion(Invalid):
    code = "logistics.unknown_region"
    title = _("That isn't a province-level region of China")
    remedy = _("Use a two-digit code of GB/T 2260, for example 22 for Jilin.")


class TooHeavy(Invalid):
    code = "logistics.too_heavy"
    title = _("The parcel is heavier than the carrier takes")
    remedy = _("Split the order into several.")


class ShipmentNotFound(NotFound):
    code = "logistics.shipment_not_found"
    title = _("There is no such shipment")


class ShipmentMoving(Conflict):
    code = "logistics.shipment_moving"
    title = _("The parcel is already on its way")
    remedy = _("Ask for a return instead.")


class BadSignature(Unauthenticated):
    code = "logistics.bad_signature"
    title = _("The carrier's signature doesn't fit")
    remedy = _("Check the callback's secret.")
