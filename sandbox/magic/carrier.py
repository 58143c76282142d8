"""Magic postcodes and names: the course a parcel takes. Anything else arrives."""

from sandbox.models import WaybillStatus as S

Step = tuple[str, S, str]
_ACCEPTED: Step = ("accepted", S.ACCEPTED, "Accepted by the carrier")
_TRANSIT: Step = ("in_transit", S.IN_TRANSIT, "On the way between sorting centres")
_OUT: Step = ("out_for_delivery", S.OUT_FOR_DELIVERY, "Out for delivery")
_DELIVERED: Step = ("delivered", S.DELIVERED, "Delivered and signed for")
_RETURNED: Step = ("returned", S.RETURNED, "Returned to the sender")

ROUTES: dict[str, list[Step]] = {
    "normal": [_ACCEPTED, _TRANSIT, _OUT, _DELIVERED],
    "damaged": [
        _ACCEPTED,
        _TRANSIT,
        ("damaged", S.EXCEPTION, "The parcel was damaged on the way"),
        _RETURNED,
    ],
    "second_attempt": [
        _ACCEPTED,
        _TRANSIT,
        _OUT,
        ("delivery_failed", S.EXCEPTION, "Nobody at the address; another attempt follows"),
        _OUT,
        _DELIVERED,
    ],
    "lost": [_ACCEPTED, _TRANSIT, ("lost", S.EXCEPTION, "The parcel was lost")],
    "refused": [
        _ACCEPTED,
        _TRANSIT,
        _OUT,
        ("refused", S.EXCEPTION, "The recipient refused the parcel"),
        _RETURNED,
    ],
}
UNDELIVERABLE = "undeliverable"
POSTCODES = {
    "000001": UNDELIVERABLE,
    "000002": "damaged",
    "000003": "second_attempt",
    "000004": "lost",
    "000005": "refused",
}
NAMES = {
    "SANDBOX UNDELIVERABLE": UNDELIVERABLE,
    "SANDBOX DAMAGED": "damaged",
    "SANDBOX SECOND ATTEMPT": "second_attempt",
    "SANDBOX LOST": "lost",
    "SANDBOX REFUSED": "refused",
}


def route(*, name: str, postcode: str) -> str:
    """The name of the course, or ``undeliverable`` (refused when booking)."""
    return NAMES.get(name.strip().upper()) or POSTCODES.get(postcode.strip()) or "normal"


def published() -> list[dict[str, object]]:
    """The rows of the public table."""
    names = {course: name for name, course in NAMES.items()}
    return [
        {
            "postcode": postcode,
            "recipient_name": names[course],
            "course": course,
            "events": [step[0] for step in ROUTES.get(course, [])],
        }
        for postcode, course in POSTCODES.items()
    ]
