"""Webhooks: a merchant's own addresses are told of its events, signed, until they answer 2xx."""

from kernel.webhooks.endpoints import (
    CreatedEndpoint,
    EndpointInfo,
    TooManyEndpoints,
    create_endpoint,
    delete_endpoint,
    endpoint,
    endpoints,
    rotate_secret,
    set_enabled,
    update_endpoint,
)
from kernel.webhooks.guard import ForbiddenAddress
from kernel.webhooks.log import AttemptInfo, DeliveryInfo, attempts, deliveries, resend

__all__ = [
    "AttemptInfo",
    "CreatedEndpoint",
    "DeliveryInfo",
    "EndpointInfo",
    "ForbiddenAddress",
    "TooManyEndpoints",
    "attempts",
    "create_endpoint",
    "delete_endpoint",
    "deliveries",
    "endpoint",
    "endpoints",
    "resend",
    "rotate_secret",
    "set_enabled",
    "update_endpoint",
]
