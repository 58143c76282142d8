"""The rows of logistics."""

from logistics.models.carrier import CarrierAccount
from logistics.models.rate import Rate
from logistics.models.shipment import Shipment, TrackingEvent

__all__ = ["CarrierAccount", "Rate", "Shipment", "TrackingEvent"]
