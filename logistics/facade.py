"""The only door to logistics. It knows no orders: what it needs comes as data."""

from logistics.contracts import (
    Address,
    RateInfo,
    ShipmentInfo,
    ShipmentLine,
    ShippingQuote,
    TrackingInfo,
)
from logistics.domain.regions import REGIONS, region_name
from logistics.errors import (
    BadSignature,
    NoRate,
    ShipmentMoving,
    ShipmentNotFound,
    TooHeavy,
    UnknownRegion,
)
from logistics.selectors import shipment, shipments, shipments_for
from logistics.services.configure_carrier import configure_carrier
from logistics.services.rates import Tariffs, quotes, quotes_for, rates, rules_question, set_rates
from logistics.services.shipments import (
    cancel_shipment,
    create_shipment,
    perform_booking,
    perform_cancel_booking,
    prepare_booking,
    prepare_cancel_booking,
    record_booking,
    record_cancel_booking,
)
from logistics.services.tracking import poll_shipment, receive_callback, record_tracking

__all__ = [
    "REGIONS",
    "Address",
    "BadSignature",
    "NoRate",
    "RateInfo",
    "ShipmentInfo",
    "ShipmentLine",
    "ShipmentMoving",
    "ShipmentNotFound",
    "ShippingQuote",
    "Tariffs",
    "TooHeavy",
    "TrackingInfo",
    "UnknownRegion",
    "cancel_shipment",
    "configure_carrier",
    "create_shipment",
    "perform_booking",
    "perform_cancel_booking",
    "poll_shipment",
    "prepare_booking",
    "prepare_cancel_booking",
    "quotes",
    "quotes_for",
    "rates",
    "receive_callback",
    "record_booking",
    "record_cancel_booking",
    "record_tracking",
    "region_name",
    "rules_question",
    "set_rates",
    "shipment",
    "shipments",
    "shipments_for",
]
