"""A buyer's address book."""

from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from logistics.facade import Address, UnknownRegion
from marketplace.api.cart_shapes import DETAILS, AddressIO, ContactIO, render_details
from marketplace.api.routes import TAIL, buyer_of, routes
from marketplace.contracts import Contact, SavedAddressInfo
from marketplace.errors import AddressBookFull
from marketplace.services import address_book

BUYERS = {"buyer"}
AddressId = Annotated[UUID, Id("adr")]
EXAMPLE = {"id": f"adr_{TAIL}", **DETAILS, "preferred": True}


class SavedAddressIn(Schema):
    contact: ContactIO
    address: AddressIO
    preferred: bool = Field(False, description="Fill it in from now on")


class SavedAddressOut(Schema):
    id: AddressId
    contact: ContactIO
    address: AddressIO
    preferred: bool


def render(info: SavedAddressInfo) -> dict[str, Any]:
    return {
        "id": public_id("adr", info.id),
        **render_details(info.contact, info.address),
        "preferred": info.preferred,
    }


@routes.get(
    "/addresses",
    summary="Your address book, the preferred address first",
    audience=BUYERS,
    response=ListOf[SavedAddressOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_addresses(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    found = address_book.addresses(buyer_id=buyer_of(request))
    return PageOf([render(one) for one in found], False, None)


@routes.post(
    "/addresses",
    summary="Keep an address; the same again is the one that is there",
    audience=BUYERS,
    status=201,
    response=SavedAddressOut,
    errors=(AddressBookFull, UnknownRegion),
    example=EXAMPLE,
    request_example={**DETAILS, "preferred": True},
)
def create_address(request: ApiRequest, body: SavedAddressIn) -> dict[str, Any]:
    return _save(request, body, None)


@routes.put(
    "/addresses/{address_id}",
    summary="Change an address",
    audience=BUYERS,
    response=SavedAddressOut,
    errors=(NotFound, UnknownRegion),
    example=EXAMPLE,
    request_example={**DETAILS, "preferred": True},
)
def change_address(
    request: ApiRequest, address_id: AddressId, body: SavedAddressIn
) -> dict[str, Any]:
    return _save(request, body, address_id)


@routes.delete(
    "/addresses/{address_id}",
    summary="Forget an address",
    audience=BUYERS,
    response=None,
    status=204,
    errors=(NotFound,),
)
def remove_address(request: ApiRequest, address_id: AddressId) -> None:
    address_book.forget_address(buyer_id=buyer_of(request), address_id=address_id)


def _save(request: ApiRequest, body: SavedAddressIn, address_id: UUID | None) -> dict[str, Any]:
    contact = Contact(**body.contact.model_dump())
    info = address_book.save_address(
        buyer_id=buyer_of(request),
        contact=contact,
        address=Address(name=contact.name, phone=contact.phone, **body.address.model_dump()),
        address_id=address_id,
        preferred=body.preferred,
    )
    return render(info)
