"""Importing this fills the table of operations, the expandable fields and what is due later."""

from . import balance, charges, customers, endpoints, events, payment_methods, refunds
from .intents import capture, confirm, create, expire

__all__ = [
    "balance",
    "capture",
    "charges",
    "confirm",
    "create",
    "customers",
    "endpoints",
    "events",
    "expire",
    "payment_methods",
    "refunds",
]
