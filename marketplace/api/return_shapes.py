"""How returns look on the wire."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Base64Bytes, Field

from kernel.api import (
    DecimalStr,
    Id,
    ListQuery,
    MoneyIO,
    PositiveDecimalStr,
    Schema,
    Timestamp,
)
from kernel.ids import public_id
from kernel.quantity import Quantity
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
from marketplace.contracts_returns import Piece, Replacement, ReturnInfo
from marketplace.errors import InvalidReturn

ReturnId = Annotated[UUID, Id("ret")]
PictureId = Annotated[UUID, Id("rtp")]
PieceId = Annotated[UUID, Id("rtl")]
SORTS: dict[str, tuple[str, ...]] = {"-requested_at": ("-id",), "requested_at": ("id",)}
STATES = (
    "requested, approved, rejected, withdrawn, sent, received, refunded, lapsed, resent, exchanged"
)
CAUSES = "no_reason, not_as_described, damaged, defective, wrong_item, missing_parts, other"
RETURN: dict[str, Any] = {
    "id": f"ret_{TAIL}",
    "number": "20261124-4K7Q9M2X-1-R1",
    "order": f"ord_{TAIL}",
    "merchant": f"mer_{TAIL}",
    "buyer": f"per_{TAIL}",
    "kind": "refund",
    "turned": "",
    "state": "requested",
    "cause": "damaged",
    "text": "The lid is broken.",
    "answer": "",
    "send_to": "",
    "carrier": "",
    "waybill": "",
    "lines": [
        {
            "id": f"rtl_{TAIL}",
            "piece": None,
            "variant_id": f"var_{TAIL}",
            "sku": "TEA-50",
            "title": TEXTS,
            "quantity": "1",
            "unit": "C62",
            "refund": MONEY,
            "replacement": None,
        }
    ],
    "shipping_refund": {"amount": 900, "currency": "CNY"},
    "refund_total": {"amount": 2899, "currency": "CNY"},
    "restocked": None,
    "refund": None,
    "dispute": None,
    "pictures": [
        {
            "id": f"rtp_{TAIL}",
            "name": "lid.png",
            "type": "image/png",
            "size": 20480,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
    ],
    "requested_at": "2026-05-08T08:00:00Z",
    "answer_by": "2026-05-10T08:00:00Z",
    "answered_at": None,
    "send_by": None,
    "sent_at": None,
    "receive_by": None,
    "received_at": None,
    "ship_by": None,
    "shipment": None,
    "resent_waybill": "",
    "resent_at": None,
    "arrived_at": None,
    "confirm_by": None,
    "closed_at": None,
    "created_at": "2026-05-08T08:00:00Z",
    "updated_at": "2026-05-08T08:00:00Z",
}
RETURNABLE = {
    "order": f"ord_{TAIL}",
    "until": "2026-05-09T16:00:00Z",
    "problem": None,
    "lines": [
        {
            "variant_id": f"var_{TAIL}",
            "piece": None,
            "title": TEXTS,
            "left": "2",
            "unit": "C62",
            "until": "2026-05-09T16:00:00Z",
        }
    ],
}
PREVIEW = {
    "lines": [{"variant_id": f"var_{TAIL}", "piece": None, "refund": MONEY}],
    "shipping": {"amount": 900, "currency": "CNY"},
    "total": {"amount": 2899, "currency": "CNY"},
}
PICTURE_FILE = {"name": "lid.png", "type": "image/png", "content": "iVBORw0KGgo="}
Words = Annotated[str, Field(max_length=1000)]


class ReturnWantedLine(Schema):
    variant_id: VariantId
    quantity: PositiveDecimalStr


class PieceLine(Schema):
    variant_id: VariantId | None = Field(None, description="Goods as they were bought")
    piece: PieceId | None = Field(None, description="Or what this line of an exchange brought")
    quantity: PositiveDecimalStr


class ReturnPreviewIn(Schema):
    lines: Annotated[list[PieceLine], Field(min_length=1, max_length=200)]
    cause: Annotated[str, Field(max_length=20, description=CAUSES)] = "no_reason"

    def wanted(self, order: OrderInfo) -> dict[UUID, Decimal]:
        """Quantities by piece: the order's lines, or lines of exchanges. Raises InvalidReturn for
        what the order has none of, and for what is named twice."""
        return wanted(self.lines, order)


def wanted(lines: Sequence[PieceLine], order: OrderInfo) -> dict[UUID, Decimal]:
    """See ``ReturnPreviewIn.wanted``."""
    known = {line.variant_id: line.id for line in order.lines}
    found: dict[UUID, Decimal] = {}
    for place, one in enumerate(lines):
        piece = one.piece
        if one.variant_id is not None:
            piece = known.pop(one.variant_id, None) if piece is None else None
        if piece is None or piece in found:
            raise InvalidReturn(field=f"lines.{place}.variant_id")
        found[piece] = one.quantity
    return found


class ReturnProofIn(Schema):
    name: Annotated[str, Field(max_length=200)] = ""
    data: Base64Bytes = Field(description="PNG or JPEG of up to 5 MB, in Base64")


class ReturnIn(ReturnPreviewIn):
    cause: Annotated[str, Field(max_length=20, description=CAUSES)]
    text: Words = ""
    pictures: Annotated[list[ReturnProofIn], Field(max_length=20)] = []


class GivenLine(Schema):
    line: PieceId = Field(description="A line of the exchange")
    variant_id: VariantId = Field(description="What you send for it; it costs no less")


class ReturnApproveIn(Schema):
    answer: Words = ""
    send_to: Words = Field("", description="Where the goods go; else your first warehouse")
    lines: Annotated[list[GivenLine], Field(max_length=200)] = Field(
        [], description="Of an exchange: other variants than the buyer asked for"
    )
    refund: bool = Field(False, description="Of an exchange: give the money back instead")


class RejectIn(Schema):
    answer: Annotated[str, Field(min_length=1, max_length=1000)]


class SentIn(Schema):
    carrier: Annotated[str, Field(max_length=40)] = ""
    waybill: Annotated[str, Field(min_length=1, max_length=60)]


class ReturnQuery(ListQuery):
    kind: Literal["refund", "exchange"] | None = None
    state: Annotated[str, Field(max_length=12, description=STATES)] | None = None
    number: Annotated[str, Field(max_length=30, description="A return's or an order's")] | None = (
        None
    )
    order_id: OrderId | None = None
    merchant: MerchantId | None = Field(None, description="For operators")


class ReturnableLine(Schema):
    variant_id: VariantId
    piece: PieceId | None = Field(description="The exchange's line that brought it")
    title: dict[str, str]
    left: DecimalStr
    unit: str
    until: Timestamp | None


class ReturnableOut(Schema):
    order: OrderId
    until: Timestamp | None = Field(description="Until when; null: it isn't delivered")
    problem: str | None = Field(description="The code of the error that asking would give")
    lines: list[ReturnableLine]


class PreviewLine(Schema):
    variant_id: VariantId
    piece: PieceId | None
    refund: MoneyIO


class ReturnPreviewOut(Schema):
    lines: list[PreviewLine]
    shipping: MoneyIO
    total: MoneyIO


class ReplacementOut(Schema):
    variant_id: VariantId
    sku: str
    title: dict[str, str]
    changed: bool = Field(description="It isn't what the buyer asked for")


class ReturnLineOut(Schema):
    id: PieceId = Field(description="Once exchanged: how the replacement is called as a piece")
    piece: PieceId | None = Field(description="The exchange's line that brought these goods")
    variant_id: VariantId
    sku: str
    title: dict[str, str]
    quantity: DecimalStr
    unit: str
    refund: MoneyIO
    replacement: ReplacementOut | None


class PictureInfoOut(Schema):
    id: PictureId
    name: str
    type: str
    size: int
    sha256: str


class ReturnPictureOut(Schema):
    name: str
    type: str
    content: str = Field(description="Base64")


class ReturnOut(Schema):
    id: ReturnId
    number: str
    order: OrderId
    merchant: MerchantId
    buyer: PersonId | None
    kind: str = Field(description="refund or exchange")
    turned: str = Field(description="Why an exchange became a return for a refund; else empty")
    state: str = Field(description=STATES)
    cause: str = Field(description=CAUSES)
    text: str = Field(description="The buyer's words")
    answer: str = Field(description="The merchant's words")
    send_to: str = Field(description="Where the buyer sends the goods")
    carrier: str
    waybill: str
    lines: list[ReturnLineOut]
    shipping_refund: MoneyIO
    refund_total: MoneyIO = Field(description="Foreseen until the goods were received")
    restocked: bool | None = Field(description="Whether the goods went back on sale")
    refund: Annotated[UUID, Id("ref")] | None = Field(description="See /refunds")
    dispute: Annotated[UUID, Id("dsp")] | None = Field(description="See /disputes")
    pictures: list[PictureInfoOut]
    requested_at: Timestamp
    answer_by: Timestamp | None = Field(description="Approved by itself then")
    answered_at: Timestamp | None
    send_by: Timestamp | None = Field(description="Lapses then")
    sent_at: Timestamp | None
    receive_by: Timestamp | None = Field(description="Counts as received then")
    received_at: Timestamp | None
    ship_by: Timestamp | None = Field(description="Refunded then, without a replacement")
    shipment: Annotated[UUID, Id("shp")] | None = Field(description="The replacement's parcel")
    resent_waybill: str = Field(description="The replacement's")
    resent_at: Timestamp | None
    arrived_at: Timestamp | None
    confirm_by: Timestamp | None = Field(description="Counts as exchanged then")
    closed_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


_SAME = (
    "number", "kind", "turned", "state", "cause", "text", "answer", "send_to", "carrier", "waybill",
    "shipping_refund", "restocked", "requested_at", "answer_by", "answered_at", "send_by",
    "sent_at", "receive_by", "received_at", "ship_by", "resent_waybill", "resent_at", "arrived_at",
    "confirm_by", "closed_at", "created_at", "updated_at",
)  # fmt: skip


def _given(found: Replacement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "variant_id": public_id("var", found.variant_id),
        "sku": found.sku,
        "title": found.titles,
        "changed": found.changed,
    }


def render_piece(piece: Piece) -> dict[str, Any]:
    """A piece that may be returned or exchanged."""
    return {
        "variant_id": public_id("var", piece.variant_id),
        "piece": piece_of(piece),
        "title": piece.titles,
        "left": Quantity(piece.left, piece.unit).text(),
        "unit": piece.unit,
        "until": piece.until,
    }


def piece_of(piece: Piece) -> str | None:
    """How a piece is named beside its variant: by the exchange's line that brought it."""
    return public_id("rtl", piece.id) if piece.replaced else None


def render(info: ReturnInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        **{name: getattr(info, name) for name in _SAME},
        "order": public_id("ord", info.order_id),
        "merchant": public_id("mer", info.merchant_id),
        "buyer": shown_id("per", info.buyer_id),
        "lines": [
            {
                "id": public_id("rtl", line.id),
                "piece": shown_id("rtl", line.of),
                "variant_id": public_id("var", line.variant_id),
                "sku": line.sku,
                "title": line.titles,
                "quantity": Quantity(line.quantity, line.unit).text(),
                "unit": line.unit,
                "refund": line.refund,
                "replacement": _given(line.replacement),
            }
            for line in info.lines
        ],
        "refund_total": info.refund,
        "shipment": shown_id("shp", info.shipment_id),
        "refund": shown_id("ref", info.refund_id),
        "dispute": shown_id("dsp", info.dispute_id),
        "pictures": [
            {
                "id": public_id("rtp", one.id),
                "name": one.name,
                "type": one.type,
                "size": one.size,
                "sha256": one.sha256,
            }
            for one in info.pictures
        ],
    }
