"""A buyer's address book: at most twenty, one of them preferred."""

from collections.abc import Iterable
from uuid import UUID

from kernel import personal
from kernel.errors import NotFound
from kernel.ids import uuid7
from logistics.facade import Address
from marketplace import locks
from marketplace.contracts import Contact, SavedAddressInfo
from marketplace.errors import AddressBookFull
from marketplace.models import SavedAddress
from marketplace.selectors.carts import opened_details
from marketplace.services.carts import details_text

MOST = 20


def addresses(*, buyer_id: UUID) -> list[SavedAddressInfo]:
    """The buyer's, the preferred one first, then the latest."""
    rows = SavedAddress.objects.filter(buyer_id=buyer_id).order_by("-preferred", "-id")
    return _infos(rows)


def address(*, buyer_id: UUID, address_id: UUID) -> SavedAddressInfo:
    """One of the buyer's. Raises NotFound, also once its data were erased."""
    found = _infos(SavedAddress.objects.filter(id=address_id, buyer_id=buyer_id))
    if not found:
        raise NotFound
    return found[0]


def save_address(
    *,
    buyer_id: UUID,
    contact: Contact,
    address: Address,
    address_id: UUID | None = None,
    preferred: bool = False,
) -> SavedAddressInfo:
    """Keep one more, or change ``address_id``. The same again is the one that is there; the first
    is preferred. Raises NotFound, Invalid, UnknownRegion, AddressBookFull."""
    text = details_text(contact, address)
    with locks.shelf(buyer_id):
        rows = list(SavedAddress.objects.filter(buyer_id=buyer_id))
        if address_id is None:
            row = next((one for one in rows if _opened(one) == text), None)
            if row is None and len(rows) >= MOST:
                raise AddressBookFull(limit=MOST)
            fresh = row is None
            row = row or SavedAddress(id=uuid7(), buyer_id=buyer_id)
        else:
            row, fresh = _one(rows, address_id), False
        row.region = address.region
        row.sealed_details = personal.seal(buyer_id, text)
        row.save(force_insert=fresh)
        if (preferred or not rows) and not row.preferred:
            _prefer(rows, row)
    return SavedAddressInfo(row.id, contact, address, row.preferred)


def prefer_address(*, buyer_id: UUID, address_id: UUID) -> None:
    """The address that is filled in from now on. Raises NotFound."""
    with locks.shelf(buyer_id):
        rows = list(SavedAddress.objects.filter(buyer_id=buyer_id))
        _prefer(rows, _one(rows, address_id))


def forget_address(*, buyer_id: UUID, address_id: UUID) -> None:
    """Remove one; of those that are left the latest becomes the preferred one, if it was that.
    Raises NotFound."""
    with locks.shelf(buyer_id):
        rows = list(SavedAddress.objects.filter(buyer_id=buyer_id).order_by("id"))
        row = _one(rows, address_id)
        was_preferred = row.preferred
        row.delete()
        left = [one for one in rows if one.pk is not None and one is not row]
        if was_preferred and left:
            _prefer(left, left[-1])


def _prefer(rows: Iterable[SavedAddress], chosen: SavedAddress) -> None:
    for other in rows:
        if other.preferred and other.id != chosen.id:
            other.preferred = False
            other.save(update_fields=["preferred"])
    if not chosen.preferred:
        chosen.preferred = True
        chosen.save(update_fields=["preferred"])


def _one(rows: Iterable[SavedAddress], address_id: UUID) -> SavedAddress:
    found = next((row for row in rows if row.id == address_id), None)
    if found is None:
        raise NotFound
    return found


def _opened(row: SavedAddress) -> str | None:
    return personal.open_(row.buyer_id, row.sealed_details)


def _infos(rows: Iterable[SavedAddress]) -> list[SavedAddressInfo]:
    found = []
    for row in rows:
        details = opened_details(row.buyer_id, row.sealed_details)
        if details is not None:
            found.append(SavedAddressInfo(row.id, *details, row.preferred))
    return found
