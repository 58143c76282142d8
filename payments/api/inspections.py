"""Inspectors' results for escrows: a key that can do nothing else is enough to report one."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments.api.escrow import EscrowId, visible
from payments.api.routes import BOTH, routes
from payments.contracts_guarantee import InspectionInfo
from payments.errors_guarantee import EscrowHeldBack, EscrowNotHeld, InspectionGiven
from payments.services import inspections

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
EXAMPLE: dict[str, Any] = {
    "id": "eni_01k00000000000000000000000",
    "escrow": "esc_01k00000000000000000000000",
    "report": "CCIC-2026-0717",
    "result": "passed",
    "document_sha256": SHA,
    "note": "Moisture 13.6 %, broken 2.1 %",
    "effect": "released",
    "dispute": None,
    "at": "2026-05-03T08:00:00Z",
}


class ResultIn(Schema):
    report: Annotated[str, Field(min_length=1, max_length=100, description="Its number")]
    result: Literal["passed", "failed"]
    document_sha256: Annotated[str, Field(description="Of the report, 64 hexadecimal digits")]
    note: Annotated[str, Field(max_length=1000)] = ""


class ResultOut(ResultIn):
    id: Annotated[UUID, Id("eni")]
    escrow: EscrowId
    effect: str = Field(description="released, disputed, refunded, noted: only kept and shown")
    dispute: Annotated[UUID, Id("dsp")] | None = Field(description="The one that it speaks in")
    at: Timestamp


def _out(info: InspectionInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "escrow": public_id("esc", info.escrow_id),
        "report": info.report,
        "result": info.result,
        "document_sha256": info.document_sha256,
        "note": info.note,
        "effect": info.effect,
        "dispute": public_id("dsp", info.dispute_id) if info.dispute_id else None,
        "at": info.at,
    }


@routes.post(
    "/escrows/{escrow_id}/inspection-results",
    summary="For inspectors: the result for goods whose money is kept",
    audience={"operator"}, scope="inspections:write",
    permission="disputes", status=201, response=ResultOut,
    errors=(NotFound, Invalid, EscrowHeldBack, EscrowNotHeld, InspectionGiven), example=EXAMPLE,
    request_example={n: EXAMPLE[n] for n in ("report", "result", "document_sha256", "note")},
)  # fmt: skip
def report(request: ApiRequest, escrow_id: EscrowId, body: ResultIn) -> dict[str, Any]:
    return _out(inspections.report_inspection(escrow_id=escrow_id, **body.model_dump()))


@routes.get(
    "/escrows/{escrow_id}/inspection-results",
    summary="What inspectors found of the goods",
    audience={"buyer", *BOTH}, scope="payments:read",
    permission=("money.see", "disputes"), response=ListOf[ResultOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_results(
    request: ApiRequest, escrow_id: EscrowId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    visible(request, escrow_id)
    found = inspections.inspections_of(escrow_id=escrow_id)
    return PageOf([_out(one) for one in found], False, None)
