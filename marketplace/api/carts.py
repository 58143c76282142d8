"""Carts: a guest's by its secret, a buyer's by who asks."""

from typing import Any

from kernel.api import ApiRequest
from logistics.facade import Address, UnknownRegion
from marketplace.api.cart_shapes import (
    CART,
    DETAILS,
    SENT_LINE,
    CartIn,
    CartLineIn,
    CartOut,
    ChoicesIn,
    CouponCodeIn,
    DetailsIO,
    NewCartOut,
    QuantityIn,
    render,
    render_details,
)
from marketplace.api.routes import TAIL, CartId, VariantId, routes
from marketplace.contracts import Contact
from marketplace.errors import (
    AddressMissing,
    CartFull,
    CartNotFound,
    CouponRefused,
    InvalidQuantity,
    LineNotFound,
    MerchantOnVacation,
    NotPurchasable,
    ShippingChoiceGone,
    TooManyCodes,
    UnknownVariant,
)
from marketplace.selectors.carts import cart_details, cart_view
from marketplace.services import carts as services
from marketplace.services import coupons
from marketplace.visitors import owner_of_request

BUYERS = {"guest", "buyer"}
REFUSALS = (
    CartNotFound,
    UnknownVariant,
    NotPurchasable,
    MerchantOnVacation,
    InvalidQuantity,
    CartFull,
)


@routes.post(
    "/carts",
    summary="Open a cart; a guest's secret is shown once, a buyer has one cart",
    audience=BUYERS,
    status=201,
    response=NewCartOut,
    errors=REFUSALS[1:],
    example={**CART, "token": "cart_Xb0…"},
    request_example={"lines": [SENT_LINE]},
)
def create_cart(request: ApiRequest, body: CartIn) -> dict[str, Any]:
    buyer_id = request.actor.person_id if request.actor.kind == "buyer" else None
    view, token = services.open_cart_view(
        buyer_id=buyer_id, lines=[(line.variant_id, line.quantity) for line in body.lines]
    )
    return {**render(request, view), "token": token}


@routes.get(
    "/carts/{cart_id}",
    summary="The cart at today's prices, by merchant",
    audience=BUYERS,
    response=CartOut,
    errors=(CartNotFound,),
    example=CART,
)
def get_cart(request: ApiRequest, cart_id: CartId) -> dict[str, Any]:
    return render(request, cart_view(cart_id=cart_id, owner=owner_of_request(request)))


@routes.post(
    "/carts/{cart_id}/lines",
    summary="Put something in, or more of it",
    audience=BUYERS,
    response=CartOut,
    errors=REFUSALS,
    example=CART,
    request_example=SENT_LINE,
)
def add_line(request: ApiRequest, cart_id: CartId, body: CartLineIn) -> dict[str, Any]:
    view = services.add_to_cart(
        cart_id=cart_id,
        owner=owner_of_request(request),
        variant_id=body.variant_id,
        quantity=body.quantity,
    )
    return render(request, view)


@routes.put(
    "/carts/{cart_id}/lines/{variant_id}",
    summary="Set a line's quantity; today's price becomes the remembered one",
    audience=BUYERS,
    response=CartOut,
    errors=(*REFUSALS, LineNotFound),
    example=CART,
    request_example={"quantity": "3"},
)
def put_line(
    request: ApiRequest, cart_id: CartId, variant_id: VariantId, body: QuantityIn
) -> dict[str, Any]:
    view = services.set_cart_line(
        cart_id=cart_id,
        owner=owner_of_request(request),
        variant_id=variant_id,
        quantity=body.quantity,
    )
    return render(request, view)


@routes.delete(
    "/carts/{cart_id}/lines/{variant_id}",
    summary="Take a line out",
    audience=BUYERS,
    response=CartOut,
    errors=(CartNotFound, LineNotFound),
    example=CART,
)
def delete_line(request: ApiRequest, cart_id: CartId, variant_id: VariantId) -> dict[str, Any]:
    return render(
        request,
        services.remove_cart_line(
            cart_id=cart_id, owner=owner_of_request(request), variant_id=variant_id
        ),
    )


@routes.post(
    "/carts/{cart_id}/codes",
    summary="Enter a coupon code",
    audience=BUYERS,
    response=CartOut,
    errors=(CartNotFound, CouponRefused, TooManyCodes),
    example=CART,
    request_example={"code": "SPRING"},
)
def add_code(request: ApiRequest, cart_id: CartId, body: CouponCodeIn) -> dict[str, Any]:
    view = coupons.apply_code(cart_id=cart_id, owner=owner_of_request(request), code=body.code)
    return render(request, view)


@routes.delete(
    "/carts/{cart_id}/codes/{code}",
    summary="Take a coupon code out",
    audience=BUYERS,
    response=CartOut,
    errors=(CartNotFound,),
    example=CART,
)
def delete_code(request: ApiRequest, cart_id: CartId, code: str) -> dict[str, Any]:
    view = coupons.remove_code(cart_id=cart_id, owner=owner_of_request(request), code=code)
    return render(request, view)


@routes.put(
    "/carts/{cart_id}/address",
    summary="Say who receives it and where; kept sealed",
    audience=BUYERS,
    response=CartOut,
    errors=(CartNotFound, UnknownRegion),
    example=CART,
    request_example=DETAILS,
)
def put_address(request: ApiRequest, cart_id: CartId, body: DetailsIO) -> dict[str, Any]:
    contact = Contact(**body.contact.model_dump())
    address = Address(name=contact.name, phone=contact.phone, **body.address.model_dump())
    view = services.set_cart_address(
        cart_id=cart_id, owner=owner_of_request(request), contact=contact, address=address
    )
    return render(request, view)


@routes.get(
    "/carts/{cart_id}/address",
    summary="Contact and address of your cart",
    audience=BUYERS,
    response=DetailsIO,
    errors=(CartNotFound, AddressMissing),
    example=DETAILS,
)
def get_address(request: ApiRequest, cart_id: CartId) -> dict[str, Any]:
    found = cart_details(cart_id=cart_id, owner=owner_of_request(request))
    if found is None:
        raise AddressMissing
    return render_details(*found)


@routes.put(
    "/carts/{cart_id}/shipping",
    summary="Choose a way of delivery for each merchant",
    audience=BUYERS,
    response=CartOut,
    errors=(CartNotFound, ShippingChoiceGone),
    example=CART,
    request_example={"choices": [{"merchant_id": f"mer_{TAIL}", "rate_code": "standard"}]},
)
def put_shipping(request: ApiRequest, cart_id: CartId, body: ChoicesIn) -> dict[str, Any]:
    choices = {choice.merchant_id: choice.rate_code for choice in body.choices}
    return render(
        request,
        services.choose_shipping(cart_id=cart_id, owner=owner_of_request(request), choices=choices),
    )
