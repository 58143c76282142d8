"""What can go wrong with shipping."""

from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Invalid, NotFound, Unauthenticated


class NoRate(Invalid):
    code = "logistics.no_rate"
    title = _("This merchant doesn't deliver there")
    remedy = _("Choose an address in a region the merchant delivers to.")


class RateGone(NotFound):
    code = "logistics.rate_gone"
    title = _("The tariffs were changed meanwhile")
    remedy = _("Open the list of tariffs again.")


class UnknownRegion(Invalid):
    code = "logistics.unknown_region"
    title = _("That isn't a province-level region of China")
    remedy = _("Use a two-digit code of GB/T 2260, for example 22 for Jilin.")


class UnknownArea(Invalid):
    code = "logistics.unknown_area"
    title = _("That is neither a province nor a city of China")
    remedy = _("GET /shipping/regions lists the provinces, with ?of=22 the cities of one.")


class TooHeavy(Invalid):
    code = "logistics.too_heavy"
    title = _("The parcel is heavier than the carrier takes")
    remedy = _("Split the order into several.")


class TooBig(Invalid):
    code = "logistics.too_big"
    title = _("The parcel is bigger than the carrier takes")
    remedy = _("Choose a smaller pack, or ask the merchant for freight.")


class ShipmentNotFound(NotFound):
    code = "logistics.shipment_not_found"
    title = _("There is no such shipment")


class NotByHand(Conflict):
    code = "logistics.not_by_hand"
    title = _("That can't be said of this parcel by hand")
    remedy = _("Carriers report their parcels themselves. Fetched goods can only be handed over.")


class WrongPickupCode(Invalid):
    code = "logistics.wrong_pickup_code"
    title = _("That isn't the buyer's pick-up code")
    remedy = _("Ask for the six digits on the buyer's order page or in the letter.")


class ShipmentMoving(Conflict):
    code = "logistics.shipment_moving"
    title = _("The parcel is already on its way")
    remedy = _("Ask for a return instead.")


class BadSignature(Unauthenticated):
    code = "logistics.bad_signature"
    title = _("The carrier's signature doesn't fit")
    remedy = _("Check the callback's secret.")
