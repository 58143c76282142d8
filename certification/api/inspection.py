"""What operators open of contracts: terms, document and evidence, each time for a reason kept."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja.params.functions import Query

from certification.api.agreement_schemas import (
    EXAMPLE,
    PROPOSAL,
    ContractTermsOut,
    render_contract,
    render_proposal,
)
from certification.api.identity_schemas import ReasonQuery
from certification.api.routes import routes
from certification.errors.evidence import NoEvidence
from certification.services.agreements import inspecting
from kernel.api import ApiRequest, Id
from kernel.errors import Invalid
from kernel.files import file_answer

ContractId = Annotated[UUID, Id("ctr")]
SCOPE = "contracts:reveal"


@routes.get(
    "/contracts/{contract_id}/inspection/terms", response=ContractTermsOut, audience={"operator"},
    scope=SCOPE,
    permission="contracts", errors=(Invalid,),
    example={"contract": EXAMPLE, "proposals": [PROPOSAL]},
    summary="A contract's values and free texts, for operators; who looked, and why, is kept",
)  # fmt: skip
def inspect_terms(
    request: ApiRequest, contract_id: ContractId, q: ReasonQuery = Query(...)
) -> dict[str, Any]:
    info, rounds = inspecting.inspect_terms(contract_id=contract_id, reason=q.reason)
    return {
        "contract": render_contract(info),
        "proposals": [render_proposal(one) for one in rounds],
    }


@routes.get(
    "/contracts/{contract_id}/inspection/document", response=None, sends="application/pdf",
    audience={"operator"}, scope=SCOPE, permission="contracts", errors=(Invalid,),
    summary="A contract's PDF, for operators; who looked, and why, is kept",
)  # fmt: skip
def inspect_document(
    request: ApiRequest, contract_id: ContractId, q: ReasonQuery = Query(...)
) -> HttpResponse:
    info, data = inspecting.inspect_document(contract_id=contract_id, reason=q.reason)
    return _file(data, "application/pdf", f"{info.number}.pdf")


@routes.get(
    "/contracts/{contract_id}/inspection/evidence", response=None, sends="application/zip",
    audience={"operator"}, scope=SCOPE, permission="contracts", errors=(Invalid, NoEvidence),
    summary="A contract's evidence package (ZIP), for operators; who looked, and why, is kept",
)  # fmt: skip
def inspect_evidence(
    request: ApiRequest, contract_id: ContractId, q: ReasonQuery = Query(...)
) -> HttpResponse:
    info, found, data = inspecting.inspect_evidence(contract_id=contract_id, reason=q.reason)
    return _file(data, "application/zip", f"evidence-{info.number}-{found.generation}.zip")


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    answer = file_answer(data, kind, name)
    answer["Cache-Control"] = "no-store"
    return answer
