"""How cancellations of parts of an order look on the wire."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kernel.api import DecimalStr, Id, ListQuery, MoneyIO, Schema, Timestamp
from kernel.ids import public_id
from kernel.quantity import Quantity
from marketplace.api.return_shapes import ReturnWantedLine
from marketplace.api.routes import (
    MONEY,
    TAIL,
    TEXTS,
    MerchantId,
    OrderId,
    PersonId,
    VariantId,
    shown_id,
)
from marketplace.contracts import OrderInfo
from marketplace.contracts_cancelling import CancellationInfo
from marketplace.errors import InvalidCancellation

CancellationId = Annotated[UUID, Id("can")]
SORTS: dict[str, tuple[str, ...]] = {"-requested_at": ("-id",), "requested_at": ("id",)}
STATES = "requested, refunding, refunded, rejected, withdrawn, lapsed"
Words = Annotated[str, Field(max_length=1000)]
CANCELLATION: dict[str, Any] = {
    "id": f"can_{TAIL}",
    "number": "20261124-4K7Q9M2X-1-C1",
    "order": f"ord_{TAIL}",
    "merchant": f"mer_{TAIL}",
    "buyer": f"per_{TAIL}",
    "state": "refunded",
    "side": "merchant",
    "cause": "out_of_stock",
    "text": "The last one was broken.",
    "answer": "",
    "whole": False,
    "restocked": False,
    "lines": [
        {
            "variant_id": f"var_{TAIL}",
            "sku": "TEA-50",
            "title": TEXTS,
            "quantity": "1",
            "unit": "C62",
            "refund": MONEY,
        }
    ],
    "shipping_refund": {"amount": 0, "currency": "CNY"},
    "refund_total": MONEY,
    "refund": f"ref_{TAIL}",
    "requested_at": "2026-05-02T08:00:00Z",
    "answer_by": None,
    "by_itself": False,
    "begun_at": "2026-05-02T08:00:00Z",
    "closed_at": "2026-05-02T08:00:02Z",
    "created_at": "2026-05-02T08:00:00Z",
    "updated_at": "2026-05-02T08:00:02Z",
}
REQUESTED = {
    **CANCELLATION,
    "state": "requested",
    "side": "buyer",
    "cause": "changed_mind",
    "text": "",
    "restocked": None,
    "refund": None,
    "answer_by": "2026-05-04T08:00:00Z",
    "begun_at": None,
    "closed_at": None,
}
CANCELLABLE = {
    "order": f"ord_{TAIL}",
    "at_once": True,
    "problem": None,
    "lines": [{"variant_id": f"var_{TAIL}", "title": TEXTS, "left": "2", "unit": "C62"}],
}
PREVIEW = {
    "lines": [{"variant_id": f"var_{TAIL}", "refund": MONEY}],
    "shipping": {"amount": 0, "currency": "CNY"},
    "total": MONEY,
    "whole": False,
    "at_once": True,
}


class CancelPreviewIn(Schema):
    lines: Annotated[list[ReturnWantedLine], Field(min_length=1, max_length=200)]

    def wanted(self, order: OrderInfo) -> dict[UUID, Decimal]:
        """Quantities by the order's lines. Raises InvalidCancellation for what it has none of, and
        for what is named twice."""
        lines = {line.variant_id: line.id for line in order.lines}
        found: dict[UUID, Decimal] = {}
        for place, one in enumerate(self.lines):
            line = lines.pop(one.variant_id, None)
            if line is None:
                raise InvalidCancellation(field=f"lines.{place}.variant_id")
            found[line] = one.quantity
        return found


class CancellationRefuseIn(Schema):
    answer: Annotated[str, Field(min_length=1, max_length=1000)]


class CancellationQuery(ListQuery):
    state: Annotated[str, Field(max_length=12, description=STATES)] | None = None
    order_id: OrderId | None = None
    merchant: MerchantId | None = Field(None, description="For operators")


class CancelledLineOut(Schema):
    variant_id: VariantId
    sku: str
    title: dict[str, str]
    quantity: DecimalStr
    unit: str
    refund: MoneyIO


class CancellationOut(Schema):
    id: CancellationId
    number: str
    order: OrderId
    merchant: MerchantId
    buyer: PersonId | None
    state: str = Field(description=STATES)
    side: str = Field(description="Who began it: buyer, merchant, operator")
    cause: str
    text: str
    answer: str
    whole: bool = Field(description="Nothing of the order was left: it is cancelled")
    restocked: bool | None = Field(description="Whether the goods went back on sale")
    lines: list[CancelledLineOut]
    shipping_refund: MoneyIO
    refund_total: MoneyIO = Field(description="Foreseen while it is only asked for")
    refund: Annotated[UUID, Id("ref")] | None = Field(description="See /refunds")
    requested_at: Timestamp
    answer_by: Timestamp | None = Field(
        description="Until when the merchant answers; without an answer it is accepted"
    )
    by_itself: bool = Field(description="Accepted at begun_at because nobody had answered")
    begun_at: Timestamp | None
    closed_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class CancellableLineOut(Schema):
    variant_id: VariantId
    title: dict[str, str]
    left: DecimalStr
    unit: str


class CancellableOut(Schema):
    order: OrderId
    at_once: bool = Field(description="Whether it needs no answer of the merchant")
    problem: str | None = Field(description="An error's code, if nothing can be cancelled")
    lines: list[CancellableLineOut]


class CancelledPartOut(Schema):
    variant_id: VariantId
    refund: MoneyIO


class CancelPreviewOut(Schema):
    lines: list[CancelledPartOut]
    shipping: MoneyIO
    total: MoneyIO
    whole: bool = Field(description="Nothing of the order would be left")
    at_once: bool = Field(description="Whether it needs no answer of the merchant")


_SAME = (
    "number", "state", "side", "cause", "text", "answer", "whole", "restocked", "shipping_refund",
    "requested_at", "answer_by", "by_itself", "begun_at", "closed_at", "created_at", "updated_at",
)  # fmt: skip


def render(info: CancellationInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        **{name: getattr(info, name) for name in _SAME},
        "order": public_id("ord", info.order_id),
        "merchant": public_id("mer", info.merchant_id),
        "buyer": shown_id("per", info.buyer_id),
        "lines": [
            {
                "variant_id": public_id("var", line.variant_id),
                "sku": line.sku,
                "title": line.titles,
                "quantity": Quantity(line.quantity, line.unit).text(),
                "unit": line.unit,
                "refund": line.refund,
            }
            for line in info.lines
        ],
        "refund_total": info.refund,
        "refund": shown_id("ref", info.refund_id),
    }
