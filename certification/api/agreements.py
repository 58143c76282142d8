"""Contracts: drafted, negotiated, agreed, signed, amended, ended."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja.params.functions import Query

from certification.api.agreement_schemas import (
    EXAMPLE,
    PROPOSAL,
    AmendIn,
    ContractIn,
    ContractJoinIn,
    ContractOut,
    ContractProposalOut,
    ContractQuery,
    ContractReasonIn,
    HistoryOut,
    OpenSigningIn,
    ProposeIn,
    RemindIn,
    RoundIn,
    SignIn,
    TerminateIn,
    ValuesIn,
    WithdrawIn,
    render_contract,
    render_proposal,
)
from certification.api.routes import BOTH, SORTS, routes
from certification.contracts.agreements import ContractInfo, PartyInput
from certification.errors import agreements as wrong
from certification.errors.evidence import SigningFailed, SigningInProgress
from certification.errors.identity import AssuranceTooLow
from certification.selectors import agreements
from certification.services.agreements import (
    chaining,
    draft,
    ending,
    negotiate,
    signing,
    uploads,
)
from kernel.api import ApiRequest, ExternalId, Id, ListOf, ListQuery, set_etag
from kernel.errors import Forbidden, Invalid, InvalidTransition, NotFound
from kernel.files import file_answer
from kernel.pagination import PageOf
from platforms.facade import SecondFactorMissing, TooManyCodes, WrongCode

ContractId = Annotated[UUID, Id("ctr")]
ALL = {"buyer", *BOTH}
READ, WRITE = "certification:read", "certification:write"


@routes.get(
    "/contracts", audience=ALL, scope=READ, permission="contracts",
    summary="Your contracts; an operator's are all of the platform, without what they say",
    response=ListOf[ContractOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_contracts(request: ApiRequest, q: ContractQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return agreements.contracts_page(
        actor=request.actor, box=q.box, state=q.state, kind=q.kind, parent_id=q.parent,
        number=q.number, updated_since=q.updated_since, order=q.order(SORTS, "-created_at"),
        cursor=q.cursor, limit=q.limit,
    ).map(render_contract)  # fmt: skip


@routes.post(
    "/contracts", summary="Draft a contract from a template, or for a PDF of your own",
    audience={"buyer", "merchant"}, scope=WRITE,
    permission="contracts", status=201, response=ContractOut,
    errors=(wrong.BadParties, wrong.BadValues, wrong.TemplateNotPublished,
            wrong.ContractKeyReused, Invalid, NotFound),
    example=EXAMPLE,
    request_example={
        "template": EXAMPLE["template"], "drafter": "seller",
        "parties": [{"role": one["role"], "merchant": one["merchant"]}
                    for one in EXAMPLE["parties"]],
        "values": EXAMPLE["values"],
    },
)  # fmt: skip
def create_contract(request: ApiRequest, body: ContractIn) -> dict[str, Any]:
    actor = request.actor
    parties = [
        PartyInput(
            one.role, one.merchant, one.person, one.name, one.email, one.detail, one.language or ""
        )
        for one in body.parties
    ]
    mine = next((party for party in parties if party.role == body.drafter), None)
    if mine is None or (mine.merchant_id, mine.person_id) != (
        actor.merchant_id, None if actor.merchant_id else actor.person_id,
    ):  # fmt: skip
        raise wrong.BadParties(_("The drafter's role is your own."), field="drafter")
    info = draft.draft_contract(
        key=request.idempotency_token, drafter=body.drafter, parties=parties,
        template_id=body.template, title=body.title, values=body.values, language=body.language,
        order=body.order, ends_at=body.ends_at, merchant_id=actor.merchant_id,
        external_id=body.external_id, metadata=body.metadata,
    )  # fmt: skip
    return _shown(request, info)


@routes.get(
    "/contracts/by-external-id/{external_id}", summary="The contract you drafted under your id",
    audience={"merchant"}, scope=READ,
    permission="contracts", response=ContractOut, example=EXAMPLE,
)  # fmt: skip
def contract_by_external_id(request: ApiRequest, external_id: ExternalId) -> dict[str, Any]:
    if request.actor.merchant_id is None:
        raise NotFound
    found = agreements.by_external_id(
        merchant_id=request.actor.merchant_id, external_id=external_id
    )
    if found is None:
        raise NotFound
    return _shown(request, found)


@routes.get(
    "/contracts/{contract_id}", summary="One contract", audience=ALL, scope=READ,
    permission="contracts",
    response=ContractOut, example=EXAMPLE,
)  # fmt: skip
def get_contract(request: ApiRequest, contract_id: ContractId) -> dict[str, Any]:
    return _shown(request, _mine(request, contract_id)[0])


@routes.put(
    "/contracts/{contract_id}", summary="Replace a draft's values",
    audience={"buyer", "merchant"}, scope=WRITE, permission="contracts", response=ContractOut,
    errors=(wrong.BadValues, InvalidTransition), example=EXAMPLE,
    request_example={"values": EXAMPLE["values"]},
)  # fmt: skip
def put_contract(request: ApiRequest, contract_id: ContractId, body: ValuesIn) -> dict[str, Any]:
    _mine(request, contract_id)
    return _shown(request, draft.change_draft(contract_id=contract_id, values=body.values))


@routes.put(
    "/contracts/{contract_id}/document", takes="application/pdf",
    summary="Your own PDF as the text of a draft without template: the file as body",
    audience={"buyer", "merchant"}, scope=WRITE, permission="contracts", response=ContractOut,
    errors=(wrong.UploadRefused, wrong.ContractTooLarge, InvalidTransition), example=EXAMPLE,
)  # fmt: skip
def put_contract_document(request: ApiRequest, contract_id: ContractId) -> dict[str, Any]:
    _mine(request, contract_id)
    uploads.refuse_large(request.META.get("CONTENT_LENGTH"))
    data = request.read(uploads.UPLOAD_MAX + 1)
    return _shown(request, draft.put_document(contract_id=contract_id, data=data))


@routes.get(
    "/contracts/{contract_id}/document", response=None, sends="application/pdf",
    audience={"buyer", "merchant"}, scope=READ,
    permission="contracts",
    summary="The PDF: as agreed, then with every signature so far",
)  # fmt: skip
def get_contract_document(request: ApiRequest, contract_id: ContractId) -> HttpResponse:
    info, _role = _mine(request, contract_id)
    if info.agreed_sha256:
        data = agreements.document(contract_id=contract_id)
    else:
        data = negotiate.document_of(info, at=info.updated_at).pdf
    return file_answer(data, "application/pdf", f"{info.number}.pdf", inline=True)


@routes.get(
    "/contracts/{contract_id}/proposals", summary="Rounds of the negotiation, the last first",
    audience={"buyer", "merchant"}, scope=READ,
    permission="contracts", response=ListOf[ContractProposalOut],
    example={"data": [PROPOSAL], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_proposals(
    request: ApiRequest, contract_id: ContractId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    info, _role = _mine(request, contract_id)
    return agreements.proposals_page(info, cursor=q.cursor, limit=q.limit).map(render_proposal)


@routes.post(
    "/contracts/{contract_id}/proposals", status=201, audience={"buyer", "merchant"}, scope=WRITE,
    permission="contracts",
    summary="Send the draft, or answer a proposal with your own", response=ContractOut,
    errors=(wrong.BadValues, wrong.NotYourTurn, wrong.StaleRound, InvalidTransition),
    example={**EXAMPLE, "state": "negotiating", "round": 1},
    request_example={"values": EXAMPLE["values"], "message": "10 t more"},
)  # fmt: skip
def propose_contract(
    request: ApiRequest, contract_id: ContractId, body: ProposeIn
) -> dict[str, Any]:
    info = negotiate.propose(
        contract_id=contract_id, role=_role(request, contract_id), values=body.values,
        message=body.message, round=body.round,
    )  # fmt: skip
    return _shown(request, info)


@routes.post(
    "/contracts/{contract_id}/agree", summary="Say yes to the round you have read", outside=True,
    audience={"buyer", "merchant"}, scope=WRITE, permission="contracts", response=ContractOut,
    errors=(wrong.StaleRound, wrong.PartyMissing, wrong.TypesettingFailed, InvalidTransition),
    example={**EXAMPLE, "state": "agreed"}, request_example={"round": 1},
)  # fmt: skip
def agree_contract(request: ApiRequest, contract_id: ContractId, body: RoundIn) -> dict[str, Any]:
    role = _role(request, contract_id)
    return _shown(request, negotiate.agree(contract_id=contract_id, role=role, round=body.round))


@routes.post(
    "/contracts/{contract_id}/open-signing", summary="Let the parties sign what they agreed on",
    audience={"buyer", "merchant"}, scope=WRITE, permission="contracts", response=ContractOut,
    errors=(InvalidTransition, Invalid), example={**EXAMPLE, "state": "signing"},
    request_example={"sign_by": "2026-05-15T08:00:00Z"},
)  # fmt: skip
def open_signing(
    request: ApiRequest, contract_id: ContractId, body: OpenSigningIn
) -> dict[str, Any]:
    info = negotiate.open_signing(
        contract_id=contract_id, role=_role(request, contract_id), sign_by=body.sign_by,
        order=body.order,
    )  # fmt: skip
    return _shown(request, info)


@routes.post(
    "/contracts/{contract_id}/sign", outside=True, audience={"buyer", "merchant"}, scope=WRITE,
    permission="contracts",
    summary="Sign for your side, confirmed by a person's code of this moment",
    response=ContractOut,
    errors=(wrong.AlreadySigned, wrong.NotYourTurn, wrong.WrongDigest, wrong.SigningOver,
            wrong.SignerNotAllowed, wrong.NoSigningCertificate, InvalidTransition,
            AssuranceTooLow, SigningInProgress, SigningFailed, SecondFactorMissing, WrongCode,
            TooManyCodes),
    example={**EXAMPLE, "state": "signing", "signatures": 1},
    request_example={"sha256": "0" * 64, "code": "123456",
                     "signer": "per_01k00000000000000000000000"},
)  # fmt: skip
def sign_contract(request: ApiRequest, contract_id: ContractId, body: SignIn) -> dict[str, Any]:
    role = _role(request, contract_id)
    person = request.actor.person_id or body.signer
    if person is None:
        raise Invalid(_("Name the person who signs."), field="signer")
    info = signing.sign(
        contract_id=contract_id, role=role, certificate_id=body.certificate, seal_id=body.seal,
        signer=signing.Signer(person, body.code, body.sha256),
    )  # fmt: skip
    return _shown(request, info)


@routes.post(
    "/contracts/{contract_id}/reject", summary="Say no for good, with a reason",
    audience={"buyer", "merchant"}, scope=WRITE, permission="contracts", response=ContractOut,
    errors=(InvalidTransition, wrong.TooLateToWithdraw, Invalid),
    example={**EXAMPLE, "state": "rejected"}, request_example={"reason": "The price is too high"},
)  # fmt: skip
def reject_contract(
    request: ApiRequest, contract_id: ContractId, body: ContractReasonIn
) -> dict[str, Any]:
    role = _role(request, contract_id)
    return _shown(request, ending.reject(contract_id=contract_id, role=role, reason=body.reason))


@routes.post(
    "/contracts/{contract_id}/withdraw", summary="Take your contract back before others signed",
    audience={"buyer", "merchant"}, scope=WRITE, permission="contracts", response=ContractOut,
    errors=(InvalidTransition, wrong.TooLateToWithdraw),
    example={**EXAMPLE, "state": "withdrawn"}, request_example={"reason": "Sold elsewhere"},
)  # fmt: skip
def withdraw_contract(
    request: ApiRequest, contract_id: ContractId, body: WithdrawIn
) -> dict[str, Any]:
    role = _role(request, contract_id)
    return _shown(request, ending.withdraw(contract_id=contract_id, role=role, reason=body.reason))


@routes.post(
    "/contracts/{contract_id}/remind", summary="Remind a party that the others wait for",
    audience={"buyer", "merchant"}, scope=WRITE, permission="contracts", response=ContractOut,
    errors=(wrong.RemindedRecently, wrong.PartyMissing, Invalid), example=EXAMPLE,
    request_example={"party": "buyer"},
)  # fmt: skip
def remind_party(request: ApiRequest, contract_id: ContractId, body: RemindIn) -> dict[str, Any]:
    role = _role(request, contract_id)
    return _shown(request, ending.remind(contract_id=contract_id, role=role, whom=body.party))


@routes.post(
    "/contracts/{contract_id}/amendments", status=201, response=ContractOut, scope=WRITE,
    permission="contracts",
    audience={"buyer", "merchant"}, summary="Draft an amendment of a contract in force",
    errors=(wrong.NotInForce, wrong.ChainBusy, wrong.BadValues),
    example={**EXAMPLE, "kind": "amendment"}, request_example={"text": "Delivery in two lots."},
)  # fmt: skip
def amend_contract(request: ApiRequest, contract_id: ContractId, body: AmendIn) -> dict[str, Any]:
    info = chaining.amend(
        contract_id=contract_id, role=_role(request, contract_id), key=request.idempotency_token,
        merchant_id=request.actor.merchant_id, values=body.values, text=body.text,
        external_id=body.external_id,
    )  # fmt: skip
    return _shown(request, info)


@routes.post(
    "/contracts/{contract_id}/terminations", status=201, response=ContractOut, scope=WRITE,
    permission="contracts",
    audience={"buyer", "merchant"}, summary="Draft an agreement to end a contract in force",
    errors=(wrong.NotInForce, wrong.ChainBusy, wrong.BadValues),
    example={**EXAMPLE, "kind": "termination"},
    request_example={"end_day": "2026-06-30", "reason": "The harvest failed."},
)  # fmt: skip
def terminate_contract(
    request: ApiRequest, contract_id: ContractId, body: TerminateIn
) -> dict[str, Any]:
    info = chaining.terminate(
        contract_id=contract_id, role=_role(request, contract_id), key=request.idempotency_token,
        merchant_id=request.actor.merchant_id, end_day=body.end_day, reason=body.reason,
        settlement=body.settlement, external_id=body.external_id,
    )  # fmt: skip
    return _shown(request, info)


@routes.post(
    "/contracts/join", summary="Take the place you were invited to", response=ContractOut,
    audience={"buyer", "merchant"}, scope=WRITE,
    permission="contracts", errors=(wrong.InvitationUnknown, Forbidden),
    example=EXAMPLE, request_example={"secret": "from-the-invitation-letter"},
)  # fmt: skip
def join_contract(request: ApiRequest, body: ContractJoinIn) -> dict[str, Any]:
    return _shown(request, negotiate.join(secret=body.secret, actor=request.actor))


@routes.get(
    "/contracts/{contract_id}/history", summary="What happened to a contract, oldest first",
    audience=ALL, scope=READ, permission="contracts", response=ListOf[HistoryOut],
    example={"data": [{"at": "2026-05-01T08:00:00Z", "actor": "merchant", "detail": {},
                       "action": "certification.contract.drafted"}],
             "has_more": False, "next_cursor": None},
)  # fmt: skip
def contract_history(
    request: ApiRequest, contract_id: ContractId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    _mine(request, contract_id)
    page = agreements.history_page(contract_id=contract_id, cursor=q.cursor, limit=q.limit)
    return page.map(
        lambda line: {
            "at": line.at, "action": line.action, "actor": line.actor, "detail": line.detail,
        }
    )  # fmt: skip


def _mine(request: ApiRequest, contract_id: UUID) -> tuple[ContractInfo, str]:
    """The contract and the actor's role, empty for an operator. Raises NotFound; a draft is its
    drafter's alone."""
    info = agreements.contract_for(contract_id=contract_id, actor=request.actor)
    if request.actor.kind == "operator":
        return info, ""
    role = agreements.role_of(info, request.actor)
    if info.state == "draft" and role != info.drafter:
        raise NotFound
    return info, role


def _role(request: ApiRequest, contract_id: UUID) -> str:
    return _mine(request, contract_id)[1]


def _shown(request: ApiRequest, info: ContractInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render_contract(info)
