"""How journeys and checkouts look on the wire."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from journeys.contracts import CheckoutInfo, JourneyInfo, OrderContractInfo, TimelineLine
from kernel.api import Id, ListQuery, Minor, MoneyIO, Schema, Timestamp
from kernel.ids import public_id
from payments import facade as payments
from platforms import facade as platforms

OrderId = Annotated[UUID, Id("ord")]
CheckoutId = Annotated[UUID, Id("jny")]
JourneyId = Annotated[UUID, Id("jny")]
ORDER = "ord_01k00000000000000000000000"
JOURNEY = "jny_01k00000000000000000000000"
CHECKOUT = {
    "id": JOURNEY,
    "state": "done",
    "order_group": "ogr_01k00000000000000000000000",
    "orders": [ORDER],
    "redirect_url": "",
    "declined": None,
    "payment_page": None,
    "pay_by": None,
    "error": None,
}
WAITING = {
    **CHECKOUT,
    "state": "waiting",
    "declined": {"code": "insufficient_funds", "message": "The card has too little money."},
    "payment_page": "https://market.example/p/corn/pay/01k0000000000000000000000001k00000000/",
    "pay_by": "2026-05-01T08:29:00Z",
}
STEP = {
    "id": JOURNEY,
    "kind": "cancel",
    "state": "done",
    "step": "finish",
    "subject": ORDER,
    "contract": None,
    "attempts": 0,
    "error": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:02Z",
}
ORDER_CONTRACT = {
    "order": ORDER,
    "needed": True,
    "signed": False,
    "journey": JOURNEY,
    "contract": "ctr_01k00000000000000000000000",
    "number": "HT20260501C0FFEE00",
    "state": "signing",
    "sign_by": "2026-05-08T15:59:59Z",
    "page": "https://market.example/p/corn/contracts/ctr_01k00000000000000000000000/",
    "parties": [
        {
            "role": "seller",
            "name": "公主岭丰泽玉米专业合作社",
            "merchant": "mer_01k00000000000000000000000",
            "signed_at": "2026-05-01T09:00:00Z",
        },
        {"role": "buyer", "name": "王芳", "merchant": None, "signed_at": None},
    ],
}
ASKED: dict[str, Any] = {
    "request": "irq_01k00000000000000000000000",
    "state": "issued",
    "type": "ordinary",
    "title": "长春市宏远饲料有限公司",
    "amount": {"amount": 28900, "currency": "CNY"},
    "reason": None,
    "invoices": [
        {
            "id": "siv_01k00000000000000000000000",
            "number": "2026-000001",
            "kind": "blue",
            "gross": {"amount": 28900, "currency": "CNY"},
            "issued_at": "2026-05-02T08:00:00Z",
            "pdf": "https://market.example/invoices/01k0000000000000/",
        }
    ],
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-02T08:00:00Z",
}
LINE = {
    "type": "marketplace.order.paid.v1",
    "title": "Order paid",
    "actor": "buyer",
    "at": "2026-05-01T08:00:00Z",
    "document": "",
}


class CheckoutIn(Schema):
    """``expected_total`` is what the buyer was shown, in minor units; another total is refused."""

    cart_id: Annotated[UUID, Id("crt")]
    payment_method: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        description="alipay, wechat, bank_transfer, offline_test, a card's token such as "
        "pm_card_visa, a saved card's id, or a buyer's wallet"
    )
    save_card: bool = Field(
        False, description="A signed-in buyer agreed to have the card kept (see /payments/cards)"
    )
    expected_total: Minor | None = None
    company: Annotated[UUID, Id("mer")] | None = Field(
        None, description="The merchant that a buyer of its team buys for: it signs the contract"
    )
    return_url: Annotated[str, Field(max_length=500)] = ""
    note: Annotated[str, Field(max_length=500)] = ""


class Declined(Schema):
    code: str
    message: str


class PayIn(Schema):
    payment_method: Annotated[str, Field(min_length=1, max_length=100)]
    return_url: Annotated[str, Field(max_length=500)] = ""


class CheckoutOut(Schema):
    id: CheckoutId
    state: str = Field(description="running, waiting, done, undoing, undone, needs_attention")
    order_group: Annotated[UUID, Id("ogr")] | None
    orders: list[OrderId]
    redirect_url: str = Field(description="Where the buyer confirms the payment, while waiting")
    declined: Declined | None = Field(description="Why the last way to pay was refused")
    payment_page: str | None = Field(description="Where the buyer can pay it, while waiting")
    pay_by: Timestamp | None
    error: dict[str, Any] | None


class ContractParty(Schema):
    role: str = Field(description="seller or buyer")
    name: str
    merchant: Annotated[UUID, Id("mer")] | None
    signed_at: Timestamp | None


class OrderContractOut(Schema):
    order: OrderId
    needed: bool = Field(description="Whether the order needs a signed contract")
    signed: bool = Field(description="Whether it is in force: both have signed")
    journey: JourneyId | None
    contract: Annotated[UUID, Id("ctr")] | None = Field(description="See /contracts/{contract_id}")
    number: str | None
    state: str | None = Field(description="The contract's: signing, effective, rejected, …")
    sign_by: Timestamp | None
    page: str | None = Field(description="Where its parties read and sign it")
    parties: list[ContractParty]


class AcceptedOut(Schema):
    order: OrderId
    state: str


class CancelIn(Schema):
    reason: Annotated[str, Field(max_length=200)] = ""


class JourneyOut(Schema):
    id: JourneyId
    kind: str
    state: str
    step: str
    subject: str | None
    contract: Annotated[UUID, Id("ctr")] | None
    attempts: int
    error: dict[str, Any] | None
    created_at: Timestamp
    updated_at: Timestamp


class TimelineOut(Schema):
    type: str
    title: str
    actor: str
    at: Timestamp
    document: str


class InvoiceBuyerIn(Schema):
    kind: Literal["company", "person"]
    title: Annotated[str, Field(max_length=300)]
    tax_number: Annotated[str, Field(max_length=300, description="A company's")] = ""
    address: Annotated[str, Field(max_length=300)] = ""
    phone: Annotated[str, Field(max_length=300)] = ""
    bank: Annotated[str, Field(max_length=300)] = ""
    bank_account: Annotated[str, Field(max_length=300)] = ""
    email: Annotated[str, Field(max_length=300, description="Where to send it")] = ""


class InvoiceIn(Schema):
    buyer: InvoiceBuyerIn
    type: Literal["ordinary", "special"] = "ordinary"
    note: Annotated[str, Field(max_length=300)] = ""


class OrderInvoiceOut(Schema):
    id: Annotated[UUID, Id("siv")]
    number: str
    kind: str = Field(description="blue, or red: taken back")
    gross: MoneyIO
    issued_at: Timestamp
    pdf: str = Field(description="Where it can be fetched, without a key")


class InvoiceAskedOut(Schema):
    request: Annotated[UUID, Id("irq")]
    state: str = Field(description="requested, issued, declined, canceled, reversed")
    type: str
    title: str
    amount: MoneyIO
    reason: str | None = Field(description="Why it was declined")
    invoices: list[OrderInvoiceOut]
    created_at: Timestamp
    updated_at: Timestamp


class JourneyQuery(ListQuery):
    state: str | None = Field(None, description="needs_attention for what waits for a person")
    kind: str | None = None


class ReasonIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


def render_checkout(info: CheckoutInfo) -> dict[str, Any]:
    return {
        "id": public_id("jny", info.id),
        "state": info.state,
        "order_group": public_id("ogr", info.group_id) if info.group_id else None,
        "orders": [public_id("ord", order) for order in info.order_ids],
        "redirect_url": info.redirect_url,
        "declined": info.declined,
        "payment_page": page_of(info),
        "pay_by": info.pay_by,
        "error": info.error,
    }


def page_of(info: CheckoutInfo) -> str | None:
    if info.state != "waiting" or info.intent_id is None:
        return None
    return payments.payment_page(info.intent_id)


_SUBJECTS = {
    "checkout": "ogr",
    "return": "ret",
    "replace": "ret",
    "cancel_part": "can",
    "onboarding": "map",
}


def render_journey(info: JourneyInfo) -> dict[str, Any]:
    prefix = _SUBJECTS.get(info.kind, "ord")
    return {
        "id": public_id("jny", info.id),
        "kind": info.kind,
        "state": info.state,
        "step": info.step,
        "subject": public_id(prefix, info.subject) if info.subject else None,
        "contract": public_id("ctr", info.contract_id) if info.contract_id else None,
        "attempts": info.attempts,
        "error": info.error,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def render_order_contract(order_id: UUID, info: OrderContractInfo | None) -> dict[str, Any]:
    contract = info.contract if info else None
    return {
        "order": public_id("ord", order_id),
        "needed": info is not None,
        "signed": info is not None and info.signed,
        "journey": public_id("jny", info.journey.id) if info else None,
        "contract": contract.public_id if contract else None,
        "number": contract.number if contract else None,
        "state": contract.state if contract else None,
        "sign_by": contract.sign_by if contract else None,
        "page": platforms.platform_url(f"/contracts/{contract.public_id}/") if contract else None,
        "parties": [
            {
                "role": party.role,
                "name": party.name,
                "merchant": public_id("mer", party.merchant_id) if party.merchant_id else None,
                "signed_at": party.signed_at,
            }
            for party in (contract.parties if contract else ())
        ],
    }


def render_line(line: TimelineLine) -> dict[str, Any]:
    return {
        "type": line.kind,
        "title": line.title,
        "actor": line.actor,
        "at": line.at,
        "document": line.document,
    }


def render_asked(info: payments.InvoiceRequestInfo) -> dict[str, Any]:
    return {
        "request": info.public_id,
        "state": info.state,
        "type": info.type,
        "title": info.buyer.title if info.buyer else "",
        "amount": info.amount,
        "reason": info.reason or None,
        "invoices": [
            {
                "id": one.public_id,
                "number": one.number,
                "kind": one.kind,
                "gross": one.gross,
                "issued_at": one.issued_at,
                "pdf": payments.invoice_address(one.id),
            }
            for one in payments.sales_invoices_of(request_ids=[info.id])
        ],
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }
