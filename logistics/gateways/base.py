"""The port that every carrier's adapter fills."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class CarrierUnknown(Exception):
    """No answer, or one that leaves open what happened: ask by reference, never guess."""


@dataclass(frozen=True)
class Report:
    """One tracking report, in the carrier's order of ``sequence``."""

    id: str
    sequence: int
    code: str
    description: str
    location: str
    occurred_at: datetime


class Carrier(Protocol):
    """What is asked of a carrier. Every method calls outside: never inside a transaction."""

    def book(self, request: dict[str, Any]) -> dict[str, Any]:
        """Get a waybill; ``request["key"]`` makes it repeatable.

        Answers {"status": "booked", "waybill", "label_url"} or {"status": "refused", "problem"}.
        Raises CarrierUnknown.
        """
        ...

    def cancel(self, waybill: str) -> dict[str, Any]:
        """Answers {"status": "cancelled"} or {"status": "moving"}. Raises CarrierUnknown."""
        ...

    def reports(self, waybill: str) -> list[Report]:
        """All that was reported of a parcel, oldest first. Raises CarrierUnknown."""
        ...
