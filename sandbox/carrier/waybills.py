"""Booking waybills and letting parcels move."""

import secrets
from typing import Any

from django.db.models import Prefetch, QuerySet
from pydantic import Field, model_validator

from sandbox import clock, conf, database, idents
from sandbox.delivery import due
from sandbox.delivery.callbacks import tell
from sandbox.magic import carrier as magic
from sandbox.models import Channel, TrackingEvent, Waybill, WaybillStatus
from sandbox.transport.call import Call
from sandbox.transport.plain import Body, PlainError, fingerprint

Status = WaybillStatus


class AddressIn(Body):
    name: str = Field(min_length=1, max_length=200)
    line1: str = Field(min_length=1, max_length=300)
    line2: str = ""
    phone: str = ""
    country: str = ""
    region: str = ""
    city: str = ""
    district: str = ""
    postcode: str = ""


class SenderIn(AddressIn):
    name: str = ""
    line1: str = ""


class ParcelIn(Body):
    weight_grams: int = Field(gt=0, le=100_000_000)
    length_mm: int | None = Field(default=None, gt=0)
    width_mm: int | None = Field(default=None, gt=0)
    height_mm: int | None = Field(default=None, gt=0)
    description: str = ""


class WaybillIn(Body):
    reference: str = Field(default="", max_length=140)
    service: str = Field(default="standard", max_length=30)
    recipient: AddressIn
    sender: SenderIn | None = None
    parcels: list[ParcelIn] = Field(default_factory=list, max_length=100)
    weight_grams: int | None = Field(default=None, gt=0, le=100_000_000)

    @model_validator(mode="after")
    def weighed(self) -> "WaybillIn":
        if not self.parcels and self.weight_grams is None:
            raise ValueError("give parcels, or weight_grams")
        return self


def render(row: Waybill, base_url: str) -> dict[str, Any]:
    """The waybill with its events so far."""
    return {
        "no": row.no,
        "object": "waybill",
        "status": row.status,
        "service": row.service,
        "reference": row.reference,
        "key": row.key,
        "weight_grams": row.weight_grams,
        "label_url": f"{base_url}/carrier/v1/labels/{row.label_token}.png",
        "recipient": row.recipient,
        "sender": row.sender,
        "parcels": row.parcels,
        "created": clock.iso(row.created_at),
        "events": [render_event(event) for event in row.events.all()],
    }


def render_event(event: TrackingEvent) -> dict[str, Any]:
    """One tracking event."""
    return {
        "id": event.pk,
        "sequence": event.sequence,
        "code": event.code,
        "description": event.description,
        "location": event.location,
        "occurred_at": clock.iso(event.occurred_at),
    }


def with_events() -> QuerySet[Waybill]:
    """Waybills with their events in order, two queries for any number of them."""
    ordered = TrackingEvent.objects.order_by("sequence")
    return Waybill.objects.prefetch_related(Prefetch("events", queryset=ordered))


def find(call: Call, no: str) -> Waybill:
    """The waybill. Raises 404."""
    row = with_events().filter(account=call.account, no=no).first()
    if row is None:
        raise _absent()
    return row


def _absent() -> PlainError:
    return PlainError(404, "not_found", "There is no such waybill.")


def book(call: Call, key: str, wanted: WaybillIn) -> tuple[Waybill, bool]:
    """The waybill of this key, and whether it is new. 409 when its fields differ."""
    fields = wanted.model_dump()
    mark = fingerprint(fields)
    database.wait_lock(f"carrier:{call.account.pk}:{key}")
    row = with_events().filter(account=call.account, key=key).first()
    if row is not None:
        if row.fingerprint != mark:
            raise PlainError(
                409,
                "key_reused",
                f"The key was used for waybill {row.no}, with other fields.",
                "key",
            )
        return row, False
    course = magic.route(name=wanted.recipient.name, postcode=wanted.recipient.postcode)
    if course == magic.UNDELIVERABLE:
        raise PlainError(
            422, "address_undeliverable", "The carrier doesn't serve this address.", "recipient"
        )
    row = Waybill.objects.create(
        id=idents.new("wb"),
        account=call.account,
        created=call.now,
        no=_number(),
        key=key,
        fingerprint=mark,
        reference=wanted.reference,
        service=wanted.service,
        recipient=fields["recipient"],
        sender=fields["sender"] or {},
        parcels=fields["parcels"],
        weight_grams=wanted.weight_grams or sum(p.weight_grams for p in wanted.parcels),
        status=Status.BOOKED,
        route=course,
        label_token=idents.random(32),
        created_at=clock.now(),
    )
    _soon(call, row)
    return row, True


def _number() -> str:
    digits = f"1{secrets.randbelow(10**10):010d}"
    check = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return f"SBX{digits}{check}"


def _soon(call: Call, row: Waybill) -> None:
    pause = float(conf.get("CARRIER_ADVANCE_SECONDS"))
    if pause > 0:
        due.later(call.account, "carrier.advance", row.no, pause)


def _locked(call: Call, no: str) -> Waybill:
    row = Waybill.objects.select_for_update().filter(account=call.account, no=no).first()
    if row is None:
        raise _absent()
    return row


def advance(call: Call, no: str) -> Waybill:
    """Let the next event of the parcel's course happen. 409 when there is none."""
    row = _locked(call, no)
    done = row.events.count()
    steps = magic.ROUTES[row.route]
    if row.status == Status.CANCELLED or done >= len(steps):
        raise PlainError(409, "nothing_next", f"Waybill {no} is {row.status}; nothing follows.")
    code, status, description = steps[done]
    row.status = status
    row.save(update_fields=["status"])
    event = TrackingEvent.objects.create(
        id=idents.new("trk"),
        account=call.account,
        created=call.now,
        waybill=row,
        sequence=done + 1,
        code=code,
        description=description,
        location=_place(row, done, len(steps)),
        occurred_at=clock.now(),
    )
    tell(
        call,
        Channel.CARRIER,
        subject=event.pk,
        kind="carrier.tracking",
        moment=clock.iso(event.occurred_at),
        data={
            "waybill": row.no,
            "reference": row.reference,
            "status": row.status,
            "event": render_event(event),
        },
    )
    if done + 1 < len(steps):
        _soon(call, row)
    return find(call, no)


def _place(row: Waybill, done: int, steps: int) -> str:
    start, end = row.sender.get("city") or "Origin", row.recipient.get("city") or "Destination"
    return str(start if done == 0 else "Hub" if done == 1 else end)[:100]


@due.action("carrier.advance")
def _advance_later(call: Call, no: str) -> None:
    try:
        advance(call, no)
    except PlainError:
        return  # cancelled or moved by hand meanwhile


def cancel(call: Call, no: str) -> Waybill:
    """Cancel before the parcel moves; again is harmless. 409 once it moved."""
    row = _locked(call, no)
    if row.status not in (Status.BOOKED, Status.CANCELLED):
        raise PlainError(409, "already_moving", f"Waybill {no} is {row.status} already.")
    row.status = Status.CANCELLED
    row.save(update_fields=["status"])
    due.drop(call.account, "carrier.advance", row.no)
    return find(call, no)
