"""Routes that begin or steer a journey, and orders' timelines."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja.params.functions import Query

from inventory import facade as inventory
from journeys import facade
from journeys.api.routes import routes
from journeys.contracts import CheckoutInfo
from journeys.shapes import (
    ASKED,
    CHECKOUT,
    LINE,
    ORDER,
    ORDER_CONTRACT,
    STEP,
    WAITING,
    AcceptedOut,
    CheckoutId,
    CheckoutIn,
    CheckoutOut,
    InvoiceAskedOut,
    InvoiceIn,
    JourneyId,
    JourneyOut,
    JourneyQuery,
    OrderContractOut,
    OrderId,
    PayIn,
    ReasonIn,
    TimelineOut,
    page_of,
    render_asked,
    render_checkout,
    render_journey,
    render_line,
    render_order_contract,
)
from kernel.api import ApiRequest, ListOf, ListQuery, headers
from kernel.api.problems import problem_response
from kernel.errors import DomainError, InvalidTransition, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from marketplace import facade as marketplace
from payments import facade as payments


@routes.post(
    "/checkouts",
    summary="Buy a cart: orders are placed, goods held, the payment made",
    audience={"guest", "buyer"},
    scope="checkout:write",
    status=201,
    response=CheckoutOut,
    outside=True,
    inside=lambda body: facade.paid_inside(body.payment_method),
    errors=(
        marketplace.CartNotFound,
        facade.PaymentDeclined,
        marketplace.CartEmpty,
        marketplace.NotPurchasable,
        marketplace.MerchantOnVacation,
        marketplace.AddressMissing,
        marketplace.TotalChanged, marketplace.CouponRefused,
        inventory.OutOfStock,
        facade.BuyerIsSeller,
        facade.ContractNeedsAccount,
        facade.ContractTemplateUnfit,
        facade.NotYourCompany,
    ),
    example=CHECKOUT,
    request_example={
        "cart_id": "crt_01k00000000000000000000000",
        "payment_method": "pm_card_visa",
        "expected_total": 28900,
    },
)  # fmt: skip
def create_checkout(request: ApiRequest, body: CheckoutIn) -> dict[str, Any] | HttpResponse:
    info = facade.start_checkout(
        key=request.idempotency_token,
        cart_id=body.cart_id,
        owner=marketplace.owner_of_request(request),
        payment_method=body.payment_method,
        payer_id=request.actor.person_id if request.actor.kind == "buyer" else None,
        return_url=body.return_url,
        expected_total=body.expected_total,
        note=body.note,
        save_card=body.save_card and request.actor.kind == "buyer",
        company_id=body.company,
    )
    try:
        return _answer(info)
    except DomainError as error:
        return problem_response(error)  # the orders stay, to be paid in another way


def _answer(info: CheckoutInfo) -> dict[str, Any]:
    """A declined payment is a refusal that says where to pay again; a checkout that was undone one
    with the reason that turned it round."""
    if info.declined:
        raise facade.PaymentDeclined(
            info.declined["message"] or None,
            decline_code=info.declined["code"],
            checkout=public_id("jny", info.id),
            payment_page=page_of(info),
            pay_by=info.pay_by,
        )
    if info.state in ("undoing", "undone"):
        error = info.error or {}
        if error.get("code") == facade.DeadlinePassed.code:
            raise facade.DeadlinePassed
        if error.get("code") == facade.CheckoutLeft.code:
            raise facade.CheckoutLeft
        raise facade.PaymentDeclined(
            str(error.get("detail") or "") or None,
            decline_code=str(error.get("decline_code", "")),
            checkout=public_id("jny", info.id),
        )
    return render_checkout(info)


def _visible_checkout(request: ApiRequest, checkout_id: UUID) -> CheckoutInfo:
    """The checkout, if the caller may see its orders. Raises NotFound."""
    info = facade.checkout(checkout_id=checkout_id)
    if info.group_id is None:
        raise NotFound
    marketplace.group_for(
        group_id=info.group_id,
        actor=request.actor,
        **headers.secrets_of(request),
    )
    return info


@routes.get(
    "/checkouts/{checkout_id}",
    summary="How a checkout stands",
    audience={"guest", "buyer", "operator"},
    scope="checkout:read",
    permission="orders.see",
    response=CheckoutOut,
    errors=(marketplace.OrderNotFound,),
    example=WAITING,
)
def get_checkout(request: ApiRequest, checkout_id: CheckoutId) -> dict[str, Any]:
    return render_checkout(_visible_checkout(request, checkout_id))


@routes.post(
    "/checkouts/{checkout_id}/resume",
    summary="Look again how the payment stands, after the buyer confirmed it elsewhere",
    audience={"guest", "buyer", "operator"},
    scope="checkout:write",
    permission="orders",
    response=CheckoutOut,
    outside=True,
    errors=(marketplace.OrderNotFound, facade.PaymentDeclined, facade.DeadlinePassed),
    example=CHECKOUT,
)
def resume_checkout(request: ApiRequest, checkout_id: CheckoutId) -> dict[str, Any]:
    info = _visible_checkout(request, checkout_id)
    return _answer(facade.resume_checkout(checkout_id=info.id))


@routes.post(
    "/checkouts/{checkout_id}/pay",
    summary="Pay the same orders another way, after a decline",
    audience={"guest", "buyer"},
    scope="checkout:write",
    response=CheckoutOut,
    outside=True,
    errors=(
        marketplace.OrderNotFound,
        facade.PaymentDeclined,
        facade.JourneyFinished,
        payments.InvalidPaymentMethod,
        payments.ProviderUnavailable,
        payments.TooLateToPay,
    ),
    example=CHECKOUT,
    request_example={"payment_method": "pm_card_visa"},
)
def pay_checkout(request: ApiRequest, checkout_id: CheckoutId, body: PayIn) -> dict[str, Any]:
    info = _visible_checkout(request, checkout_id)
    return _answer(
        facade.pay_again(
            checkout_id=info.id,
            payment_method=body.payment_method,
            return_url=body.return_url,
            key=request.idempotency_token,
        )
    )


@routes.post(
    "/checkouts/{checkout_id}/leave",
    summary="Give up a checkout that waits for payment: the cart is as it was",
    audience={"guest", "buyer"},
    scope="checkout:write",
    response=CheckoutOut,
    outside=True,
    errors=(marketplace.OrderNotFound, facade.JourneyFinished),
    example={**CHECKOUT, "state": "undone"},
)
def leave_checkout(request: ApiRequest, checkout_id: CheckoutId) -> dict[str, Any]:
    info = _visible_checkout(request, checkout_id)
    return render_checkout(facade.leave_checkout(checkout_id=info.id))


def visible_order(request: ApiRequest, order_id: UUID) -> marketplace.OrderInfo:
    """The order, if the caller may see it. Raises OrderNotFound."""
    return marketplace.order_for(
        order_id=order_id,
        actor=request.actor,
        **headers.secrets_of(request),
    )


@routes.post(
    "/orders/{order_id}/accept",
    summary="Confirm receipt: the order is completed and its money released to the merchant",
    audience={"guest", "buyer", "operator"},
    scope="orders:write",
    permission="orders",
    response=AcceptedOut,
    errors=(
        marketplace.OrderNotFound,
        marketplace.OrderState,
        marketplace.ExchangeOpen,
        payments.EscrowFrozen,
    ),
    example={"order": ORDER, "state": "completed"},
)
def accept_order(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = visible_order(request, order_id)
    done = facade.accept_order(order_id=order.id)
    return {"order": public_id("ord", done.id), "state": done.state}


@routes.get(
    "/orders/{order_id}/contract",
    summary="The contract that an order needs before it ships: who has signed, and where to sign",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="orders:read",
    permission="orders.see",
    response=OrderContractOut,
    errors=(marketplace.OrderNotFound,),
    example=ORDER_CONTRACT,
)
def get_order_contract(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = visible_order(request, order_id)
    return render_order_contract(order.id, facade.order_contract(order_id=order.id))


@routes.get(
    "/orders/{order_id}/timeline",
    summary="All that happened to an order, oldest first",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="orders:read",
    permission="orders.see",
    response=ListOf[TimelineOut],
    errors=(marketplace.OrderNotFound,),
    example={"data": [LINE], "has_more": False, "next_cursor": None},
)
def get_timeline(
    request: ApiRequest, order_id: OrderId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    order = visible_order(request, order_id)
    return PageOf([render_line(line) for line in facade.timeline(order_id=order.id)], False, None)


@routes.get(
    "/orders/{order_id}/invoice-requests",
    summary="The invoices that were asked for of an order, with what was issued",
    audience={"guest", "buyer", "merchant", "operator"}, scope="orders:read",
    permission="orders.see",
    response=ListOf[InvoiceAskedOut], errors=(marketplace.OrderNotFound,),
    example={"data": [ASKED], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_order_invoices(
    request: ApiRequest, order_id: OrderId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    order = visible_order(request, order_id)
    return PageOf([render_asked(one) for one in facade.invoices_of(order=order)], False, None)


@routes.post(
    "/orders/{order_id}/invoice-requests",
    summary="Ask for an order's invoice", audience={"guest", "buyer"}, scope="orders:write",
    status=201, response=InvoiceAskedOut,
    errors=(
        marketplace.OrderNotFound, payments.InvalidInvoice, payments.InvalidTaxNumber,
        payments.InvoiceAsked, payments.NothingToInvoice,
    ),
    example={**ASKED, "state": "requested", "invoices": []},
    request_example={"buyer": {"kind": "person", "title": "李秀英"}},
)  # fmt: skip
def ask_order_invoice(request: ApiRequest, order_id: OrderId, body: InvoiceIn) -> dict[str, Any]:
    info = facade.ask_invoice(
        key=request.idempotency_token,
        order=visible_order(request, order_id),
        buyer=payments.InvoiceBuyer(**body.buyer.model_dump()),
        type=body.type,
        note=body.note,
        person_id=request.actor.person_id if request.actor.kind == "buyer" else None,
    )
    return render_asked(info)


@routes.post(
    "/orders/{order_id}/invoice-requests/cancel",
    summary="Withdraw an order's request for an invoice, before it is issued",
    audience={"guest", "buyer"},
    scope="orders:write",
    response=InvoiceAskedOut,
    errors=(marketplace.OrderNotFound, NotFound, InvalidTransition),
    example={**ASKED, "state": "canceled", "invoices": []},
)
def cancel_order_invoice(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    found = facade.invoices_of(order=visible_order(request, order_id))
    if not found:
        raise NotFound
    return render_asked(payments.cancel_request(request_id=found[0].id))


@routes.get(
    "/journeys",
    summary="Journeys, newest first; state=needs_attention for what waits for a person",
    audience={"operator"},
    scope="journeys:read",
    permission="orders",
    response=ListOf[JourneyOut],
    example={"data": [STEP], "has_more": False, "next_cursor": None},
)
def list_journeys(request: ApiRequest, q: JourneyQuery = Query(...)) -> PageOf[dict[str, Any]]:
    page = facade.journeys(state=q.state, kind=q.kind, cursor=q.cursor, limit=q.limit)
    return page.map(render_journey)


@routes.post(
    "/journeys/{journey_id}/retry",
    summary="Try a stuck journey's step again",
    audience={"operator"},
    scope="journeys:write",
    permission="orders",
    response=JourneyOut,
    outside=True,
    errors=(NotFound, facade.JourneyFinished),
    example=STEP,
)
def retry_journey(request: ApiRequest, journey_id: JourneyId) -> dict[str, Any]:
    return render_journey(facade.retry_journey(journey_id=journey_id))


@routes.post(
    "/journeys/{journey_id}/close",
    summary="Put a stuck journey aside: what was left was done by hand",
    audience={"operator"},
    scope="journeys:write",
    permission="orders",
    response=JourneyOut,
    errors=(NotFound, facade.JourneyFinished),
    example={**STEP, "state": "undone"},
    request_example={"reason": "Refunded by bank transfer on 2 May."},
)
def close_journey(request: ApiRequest, journey_id: JourneyId, body: ReasonIn) -> dict[str, Any]:
    return render_journey(facade.close_journey(journey_id=journey_id, reason=body.reason))
