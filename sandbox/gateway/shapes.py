"""Parameter shapes that several operations share."""

from sandbox.transport.params import Choice, Email, Hash, Kind, Text

ADDRESS = Hash(
    clear=True,
    fields={name: Text() for name in ("city", "country", "line1", "line2", "postal_code", "state")},
)
PERSON_SHIPPING = Hash(
    clear=True,
    fields={
        "address": Hash(required=True, fields=ADDRESS.fields),
        "name": Text(required=True, clear=False),
        "phone": Text(),
    },
)
SHIPPING = Hash(
    clear=True,
    fields=PERSON_SHIPPING.fields | {"carrier": Text(), "tracking_number": Text()},
)
BILLING = Hash(
    fields={
        "address": ADDRESS,
        "email": Email(),
        "name": Text(),
        "phone": Text(),
        "tax_id": Text(),
    }
)
DESCRIPTOR = Text(
    limit=22,
    pattern=r"(?=.*[A-Za-z])[^<>\\'\"*]+",
    problem="needs a letter and may not contain < > \\ ' \" *",
)
REDISPLAY: Kind = Choice(values=("always", "limited", "unspecified"))


def address(given: dict[str, str] | None) -> dict[str, str | None] | None:
    """An address with all its fields."""
    if given is None:
        return None
    return {name: given.get(name) for name in ADDRESS.fields}


def shipping(given: dict[str, object] | None) -> dict[str, object] | None:
    """A shipping hash with all its fields."""
    if given is None:
        return None
    fields = {name: given.get(name) for name in SHIPPING.fields}
    return fields | {"address": address(given.get("address"))}  # type: ignore[arg-type]


def person_shipping(given: dict[str, object] | None) -> dict[str, object] | None:
    """A customer's shipping hash with all its fields."""
    if given is None:
        return None
    fields = {name: given.get(name) for name in PERSON_SHIPPING.fields}
    return fields | {"address": address(given.get("address"))}  # type: ignore[arg-type]


def billing(given: dict[str, object] | None) -> dict[str, object]:
    """Billing details with all their fields."""
    fields: dict[str, object] = {name: (given or {}).get(name) for name in BILLING.fields}
    empty: dict[str, str] = {}
    return fields | {"address": address(fields["address"] or empty)}  # type: ignore[arg-type]
