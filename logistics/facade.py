"""The only door to logistics. It knows no orders: what it needs comes as data."""

from logistics.contracts import (
    Address,
    RateInfo,
    ShipmentInfo,
    ShipmentLine,
    ShippingQuote,
    TrackingInfo,
)
from logistics.domain.areas import areas_of, province_of
from logistics.domain.regions import REGIONS, region_name
from logistics.errors import (
    BadSignature,
    NoRate,
    NotByHand,
    RateGone,
    ShipmentMoving,
    ShipmentNotFound,
    TooHeavy,
    UnknownArea,
    UnknownRegion,
    WrongPickupCode,
)
from logistics.gateways.own_hands import BY_HAND, OWN, PICKUP
from logistics.selectors import shipment, shipments, shipments_for
from logistics.services.by_hand import pickup_code, report_by_hand
from logistics.services.configure_carrier import configure_carrier
from logistics.services.rates import (
    Tariffs,
    put_rate,
    quotes,
    quotes_for,
    rates,
    remove_rate,
    rules_question,
    set_rates,
    standard_rates,
)
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
    "BY_HAND",
    "OWN",
    "PICKUP",
    "REGIONS",
    "Address",
    "BadSignature",
    "NoRate",
    "NotByHand",
    "RateGone",
    "RateInfo",
    "ShipmentInfo",
    "ShipmentLine",
    "ShipmentMoving",
    "ShipmentNotFound",
    "ShippingQuote",
    "Tariffs",
    "TooHeavy",
    "TrackingInfo",
    "UnknownArea",
    "UnknownRegion",
    "WrongPickupCode",
    "areas_of",
    "cancel_shipment",
    "configure_carrier",
    "create_shipment",
    "perform_booking",
    "perform_cancel_booking",
    "pickup_code",
    "poll_shipment",
    "prepare_booking",
    "prepare_cancel_booking",
    "province_of",
    "put_rate",
    "quotes",
    "quotes_for",
    "rates",
    "receive_callback",
    "record_booking",
    "record_cancel_booking",
    "record_tracking",
    "region_name",
    "remove_rate",
    "report_by_hand",
    "rules_question",
    "set_rates",
    "shipment",
    "shipments",
    "shipments_for",
    "standard_rates",
]
