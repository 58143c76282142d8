"""Identities: one's own, and the operators' review queue."""

from typing import Any

from django.http import HttpResponse
from ninja.params.functions import Query

from certification.api.identity_schemas import (
    EXAMPLE,
    LIST,
    PAPER,
    STATED,
    AmountIn,
    CallbackReceived,
    ClearOut,
    IdentityApproveIn,
    IdentityId,
    IdentityOut,
    IdentityQuery,
    IdentityReasonIn,
    Of,
    OfIn,
    OfQuery,
    PaperId,
    PaperOut,
    PaperQuery,
    ProofAccountIn,
    ReasonQuery,
    StatedIn,
    render,
    render_paper,
)
from certification.api.routes import BOTH, SORTS, merchant_of, routes
from certification.contracts.identity import IdentityInfo, Particulars, Subject
from certification.errors import identity as errors
from certification.selectors import identity as selectors
from certification.services import identity as services
from certification.services import identity_checks as checks
from certification.services import identity_review as review
from kernel.api import ApiRequest, ListOf, set_etag
from kernel.errors import Forbidden, InvalidTransition, Malformed, NotFound
from kernel.files import PAPERS, shown_alone
from kernel.pagination import PageOf

PEOPLE = {"buyer", "merchant", "operator"}
READ, WRITE, REVIEW = "identity:read", "identity:write", "identity:review"


def _subject(request: ApiRequest, of: Of) -> Subject:
    """Whose identity the request is about. Raises NotFound, Forbidden."""
    if of == "merchant" and request.actor.kind == "merchant":
        return Subject.merchant(merchant_of(request.actor))
    if request.actor.person_id is None:
        raise Forbidden
    return Subject.person(request.actor.person_id)


def _shown(request: ApiRequest, info: IdentityInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)


def _own(subject: Subject) -> IdentityInfo:
    info = selectors.identity_of(subject)
    if info is None:
        raise NotFound
    return info


@routes.get(
    "/identity", summary="Your identity: your merchant's, or your own with of=me",
    audience=PEOPLE, scope=READ,
    permission={"merchant": "company", "operator": "own"}, response=IdentityOut, errors=(NotFound,),
    example=EXAMPLE,
)  # fmt: skip
def get_own_identity(request: ApiRequest, q: OfQuery = Query(...)) -> dict[str, Any]:
    return _shown(request, _own(_subject(request, q.of)))


@routes.put(
    "/identity", summary="State who you are; changed legal data must be verified again",
    audience=PEOPLE, scope=WRITE,
    permission={"merchant": "company", "operator": "own"}, response=IdentityOut,
    errors=(errors.InvalidNumber, InvalidTransition),
    example={**EXAMPLE, "state": "draft", "level": "none", "proven": []},
    request_example=STATED,
)  # fmt: skip
def put_own_identity(request: ApiRequest, body: StatedIn) -> dict[str, Any]:
    stated = Particulars(**body.model_dump(exclude={"of"}))
    subject = _subject(request, body.of)
    return _shown(request, services.state_identity(subject=subject, particulars=stated))


@routes.post(
    "/identity/papers", summary="Upload a paper: the body is the PDF, JPEG or PNG itself",
    audience=PEOPLE, scope=WRITE,
    permission={"merchant": "company", "operator": "own"}, status=201, response=PaperOut,
    errors=(errors.UnreadablePaper,), example=PAPER, takes=PAPERS,
)  # fmt: skip
def add_paper(request: ApiRequest, q: PaperQuery = Query(...)) -> dict[str, Any]:
    return render_paper(
        services.add_paper(
            subject=_subject(request, q.of), kind=q.kind, data=request.body,
            expires_on=q.expires_on,
        )
    )  # fmt: skip


@routes.post(
    "/identity/submit", summary="Hand it in: checked by the provider, then reviewed",
    audience=PEOPLE, scope=WRITE,
    permission={"merchant": "company", "operator": "own"}, response=IdentityOut,
    errors=(errors.PapersMissing, InvalidTransition),
    example={**EXAMPLE, "state": "checking"}, request_example={"of": "merchant"},
)  # fmt: skip
def submit_identity(request: ApiRequest, body: OfIn) -> dict[str, Any]:
    return _shown(request, services.submit_identity(subject=_subject(request, body.of)))


@routes.post(
    "/identity/small-amount", summary="Have a small amount sent to the company's account",
    audience={"merchant"}, scope=WRITE, permission="company", response=IdentityOut, example=EXAMPLE,
    request_example={"holder": STATED["name"], "bank": "吉林银行", "account": "6222000000000000"},
)  # fmt: skip
def send_small_amount(request: ApiRequest, body: ProofAccountIn) -> dict[str, Any]:
    subject = Subject.merchant(merchant_of(request.actor))
    return _shown(request, checks.send_small_amount(subject=subject, **body.model_dump()))


@routes.post(
    "/identity/small-amount/name", summary="Name the small amount that arrived, in fen",
    audience={"merchant"}, scope=WRITE, permission="company", response=IdentityOut,
    errors=(errors.NoProofPending, errors.WrongAmount), outside=True,
    example={**EXAMPLE, "level": "strong"}, request_example={"amount": 9},
)  # fmt: skip
def name_small_amount(request: ApiRequest, body: AmountIn) -> dict[str, Any]:
    subject = Subject.merchant(merchant_of(request.actor))
    return _shown(request, checks.name_amount(subject=subject, amount=body.amount))


@routes.get(
    "/identities", summary="Identities of the platform, or the review queue",
    audience={"operator"}, scope=REVIEW,
    permission="identities", response=ListOf[IdentityOut], example=LIST,
)  # fmt: skip
def list_identities(request: ApiRequest, q: IdentityQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = selectors.identities_page(
        state=q.state, queue=q.queue, order=q.order(SORTS, "-created_at"), cursor=q.cursor,
        limit=q.limit, updated_since=q.updated_since,
    )  # fmt: skip
    return page.map(render)


@routes.get(
    "/identities/{identity_id}", summary="One identity, masked",
    audience=BOTH, scope=READ,
    permission={"merchant": "company", "operator": "identities"}, response=IdentityOut,
    example=EXAMPLE,
)  # fmt: skip
def get_identity(request: ApiRequest, identity_id: IdentityId) -> dict[str, Any]:
    info = selectors.identity(identity_id)
    if request.actor.kind != "operator" and info.subject != Subject.merchant(
        merchant_of(request.actor)
    ):
        raise NotFound
    return _shown(request, info)


@routes.post(
    "/identities/{identity_id}/claim", summary="Take a review",
    audience={"operator"}, scope=REVIEW, permission="identities", response=IdentityOut,
    errors=(errors.ReviewTaken, InvalidTransition),
    example={**EXAMPLE, "state": "in_review", "claimed": True},
)  # fmt: skip
def claim(request: ApiRequest, identity_id: IdentityId) -> dict[str, Any]:
    return _shown(request, review.claim_review(identity_id=identity_id))


@routes.post(
    "/identities/{identity_id}/release", summary="Give a review back to the queue",
    audience={"operator"}, scope=REVIEW, permission="identities", response=IdentityOut,
    errors=(errors.ReviewNotClaimed, InvalidTransition),
    example={**EXAMPLE, "state": "in_review"},
)  # fmt: skip
def release(request: ApiRequest, identity_id: IdentityId) -> dict[str, Any]:
    return _shown(request, review.release_review(identity_id=identity_id))


@routes.post(
    "/identities/{identity_id}/approve", summary="The papers prove it",
    audience={"operator"}, scope=REVIEW, permission="identities", response=IdentityOut,
    errors=(errors.ReviewNotClaimed, errors.PapersMissing, InvalidTransition),
    example=EXAMPLE, request_example={"registry_by_hand": False},
)  # fmt: skip
def approve(
    request: ApiRequest, identity_id: IdentityId, body: IdentityApproveIn
) -> dict[str, Any]:
    return _shown(
        request,
        review.approve_identity(identity_id=identity_id, registry_by_hand=body.registry_by_hand),
    )


@routes.post(
    "/identities/{identity_id}/reject", summary="Refuse it, with the reason",
    audience={"operator"}, scope=REVIEW, permission="identities", response=IdentityOut,
    errors=(errors.ReviewNotClaimed, InvalidTransition),
    example={**EXAMPLE, "state": "rejected"}, request_example={"reason": "The licence is forged"},
)  # fmt: skip
def reject(request: ApiRequest, identity_id: IdentityId, body: IdentityReasonIn) -> dict[str, Any]:
    return _shown(request, review.reject_identity(identity_id=identity_id, reason=body.reason))


@routes.post(
    "/identities/{identity_id}/ask-for-more", summary="Send it back for what is missing",
    audience={"operator"}, scope=REVIEW, permission="identities", response=IdentityOut,
    errors=(errors.ReviewNotClaimed, InvalidTransition),
    example={**EXAMPLE, "state": "needs_more"}, request_example={"reason": "The scan is cut off"},
)  # fmt: skip
def ask_for_more(
    request: ApiRequest, identity_id: IdentityId, body: IdentityReasonIn
) -> dict[str, Any]:
    return _shown(request, review.ask_for_more(identity_id=identity_id, reason=body.reason))


@routes.post(
    "/identities/{identity_id}/reveal", summary="The particulars in clear; who looked is kept",
    audience={"operator"}, scope="identity:reveal",
    permission="identities", response=ClearOut, errors=(NotFound,),
    example={**STATED, "representative_number": "", "address": "", "valid_until": None},
    request_example={"reason": "Comparing with the scan"},
)  # fmt: skip
def reveal(request: ApiRequest, identity_id: IdentityId, body: IdentityReasonIn) -> dict[str, Any]:
    found = review.reveal(identity_id=identity_id, reason=body.reason)
    names = ("name", "number", "representative", "representative_number", "address")
    return {name: getattr(found, name) for name in names} | {
        "number_kind": str(found.number_kind), "valid_until": found.valid_until,
    }  # fmt: skip


@routes.get(
    "/identities/{identity_id}/papers/{paper_id}",
    summary="A paper itself; who looked, and why, is kept",
    audience={"operator"}, scope="identity:reveal",
    permission="identities", response=None, sends=PAPERS,
)  # fmt: skip
def open_paper(
    request: ApiRequest, identity_id: IdentityId, paper_id: PaperId, q: ReasonQuery = Query(...)
) -> HttpResponse:
    kind, data = review.open_paper(identity_id=identity_id, paper_id=paper_id, reason=q.reason)
    return shown_alone(data, kind)


@routes.post(
    "/identities/{identity_id}/erase", summary="Destroy an identity's data, once no law keeps it",
    audience={"operator"}, scope="identity:erase", permission="identities", response=IdentityOut,
    errors=(errors.UnderLegalHold, InvalidTransition),
    example={**EXAMPLE, "state": "erased", "level": "none"},
    request_example={"reason": "Asked for by its owner"},
)  # fmt: skip
def erase(request: ApiRequest, identity_id: IdentityId, body: IdentityReasonIn) -> dict[str, Any]:
    services.erase_identity(identity_id=identity_id, reason=body.reason)
    return render(selectors.identity(identity_id))


@routes.post(
    "/callbacks/identity/{provider}", summary="Where an identity provider reports, signed",
    permission="public",
    response=CallbackReceived, takes="application/json",
    errors=(errors.CallbackRefused, errors.ProviderNotConfigured, Malformed),
    example={"new": True},
)  # fmt: skip
def identity_callback(request: ApiRequest, provider: str) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    new = checks.receive_callback(provider=provider, headers=headers, body=request.body)
    return {"new": new}
