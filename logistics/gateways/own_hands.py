"""Goods that no carrier has: the buyer fetches them (自提), or the merchant brings them itself
(商家配送). Nobody outside is asked; what happens to a parcel is said by hand."""

from typing import Any

from logistics.gateways.base import Report

PICKUP, OWN = "pickup", "own"
BY_HAND = frozenset({PICKUP, OWN})


class OwnHands:
    """Takes every parcel; its number is made of the parcel's own."""

    def __init__(self, name: str) -> None:
        self.name = name

    def book(self, request: dict[str, Any]) -> dict[str, Any]:
        """Always booked; the same key gives the same number."""
        tail = str(request["key"])[-12:].upper()
        prefix = "Z" if self.name == PICKUP else "P"
        return {"status": "booked", "waybill": f"{prefix}{tail}", "label_url": ""}

    def cancel(self, waybill: str) -> dict[str, Any]:
        """Who was handed the goods is known here, so it is never too late without that."""
        return {"status": "cancelled"}

    def reports(self, waybill: str) -> list[Report]:
        """Nobody reports."""
        return []
