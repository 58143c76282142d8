"""Routes by which people become merchants: an applicant's own, and the operator's review."""

from typing import Any

from django.http import HttpResponse
from ninja.params.functions import Query

from certification import facade as certification
from journeys import facade
from journeys.api.onboarding_shapes import (
    APPLICATION,
    DOCUMENT,
    FIELDS,
    ROW,
    SORTS,
    TERMS,
    ApplicationAnswerIn,
    ApplicationApproveIn,
    ApplicationAskIn,
    ApplicationId,
    ApplicationOut,
    ApplicationRefuseIn,
    ApplicationRowOut,
    ApplicationsQuery,
    DocumentId,
    DocumentOut,
    DocumentQuery,
    FieldsIn,
    OnboardingTermsOut,
    render,
    render_document,
    render_row,
    render_terms,
)
from journeys.api.routes import routes
from journeys.contracts_onboarding import ApplicationInfo
from kernel.api import ApiRequest, ListOf, person_of, set_etag
from kernel.errors import InvalidTransition
from kernel.files import PAPERS, shown_alone
from kernel.pagination import PageOf

OWN, OPERATOR = {"buyer"}, {"operator"}
READ, WRITE = "merchants:read", "merchants:write"
DRAFT = {**APPLICATION, "state": "draft", "attempt": 0, "merchant": None, "submitted_at": None}
CHANGING = (facade.ApplicationFixed, facade.OnboardingShut)
DECIDING = (facade.ApplicationNotFound, facade.ApplicationDecided, InvalidTransition)


@routes.get(
    "/merchant-application/terms",
    summary="What this platform asks of who wants to sell here",
    permission="public",
    response=OnboardingTermsOut,
    example=TERMS,
)
def get_terms(request: ApiRequest) -> dict[str, Any]:
    return render_terms(facade.onboarding_terms())


@routes.get(
    "/merchant-application",
    summary="Your application to sell here, and how it stands",
    audience=OWN, scope=READ, response=ApplicationOut,
    errors=(facade.ApplicationNotFound,), example=APPLICATION,
)  # fmt: skip
def get_own_application(request: ApiRequest) -> dict[str, Any]:
    return _shown(request, _own(request))


@routes.put(
    "/merchant-application",
    summary="Fill it in, complete or not; the first time begins it",
    audience=OWN, scope=WRITE, response=ApplicationOut, errors=CHANGING, example=DRAFT,
    request_example=FIELDS,
)  # fmt: skip
def put_own_application(request: ApiRequest, body: FieldsIn) -> dict[str, Any]:
    info = facade.save_application(person_id=person_of(request), given=body.contract())
    return _shown(request, info)


@routes.post(
    "/merchant-application/documents",
    summary="Upload a paper: the body is the PDF, JPEG or PNG itself",
    audience=OWN, scope=WRITE, status=201, response=DocumentOut, takes=PAPERS,
    errors=(certification.UnreadablePaper, *CHANGING), example=DOCUMENT,
)  # fmt: skip
def add_document(request: ApiRequest, q: DocumentQuery = Query(...)) -> dict[str, Any]:
    return render_document(
        facade.add_document(
            person_id=person_of(request), kind=q.kind, data=request.body, name=q.name
        )
    )


@routes.get(
    "/merchant-application/documents/{document_id}",
    summary="A paper of your application itself",
    audience=OWN, scope=READ, response=None, sends=PAPERS,
)  # fmt: skip
def get_own_document(request: ApiRequest, document_id: DocumentId) -> HttpResponse:
    info, data = facade.document_content(application_id=_own(request).id, document_id=document_id)
    return shown_alone(data, info.content_type)


@routes.delete(
    "/merchant-application/documents/{document_id}",
    summary="Take a paper out of a draft",
    audience=OWN, scope=WRITE, status=204, response=None, errors=(facade.ApplicationFixed,),
)  # fmt: skip
def remove_document(request: ApiRequest, document_id: DocumentId) -> None:
    facade.remove_document(person_id=person_of(request), document_id=document_id)


@routes.post(
    "/merchant-application/submit",
    summary="Hand it in",
    audience=OWN, scope=WRITE, response=ApplicationOut, outside=True,
    errors=(
        facade.ApplicationNotFound, facade.ApplicationIncomplete, facade.CompanyTaken,
        facade.OnboardingShut, facade.AgreementUnfit, InvalidTransition,
    ),
    example=APPLICATION,
)  # fmt: skip
def submit(request: ApiRequest) -> dict[str, Any]:
    return _shown(request, facade.submit_application(person_id=person_of(request)))


@routes.post(
    "/merchant-application/answer",
    summary="What the operator asked for is there",
    audience=OWN, scope=WRITE, response=ApplicationOut, outside=True,
    errors=(
        facade.ApplicationNotFound, facade.NotAnswered, facade.ApplicationIncomplete,
        facade.ApplicationDecided, InvalidTransition,
    ),
    example=APPLICATION, request_example={"text": "The licence is uploaded anew."},
)  # fmt: skip
def answer(request: ApiRequest, body: ApplicationAnswerIn) -> dict[str, Any]:
    info = facade.answer_application(person_id=person_of(request), text=body.text)
    return _shown(request, info)


@routes.post(
    "/merchant-application/withdraw",
    summary="You don't want it any more; it can be begun anew",
    audience=OWN, scope=WRITE, response=ApplicationOut, outside=True, errors=DECIDING,
    example={**APPLICATION, "state": "withdrawn"},
)  # fmt: skip
def withdraw(request: ApiRequest) -> dict[str, Any]:
    return _shown(request, facade.withdraw_application(person_id=person_of(request)))


@routes.post(
    "/merchant-application/renew",
    summary="Begin anew one that was refused, withdrawn or closed, with what it holds",
    audience=OWN, scope=WRITE, response=ApplicationOut,
    errors=(facade.ApplicationNotFound, facade.OnboardingShut, InvalidTransition), example=DRAFT,
)  # fmt: skip
def renew(request: ApiRequest) -> dict[str, Any]:
    return _shown(request, facade.renew_application(person_id=person_of(request)))


@routes.get(
    "/merchant-applications",
    summary="Applications to sell on the platform",
    audience=OPERATOR, scope=READ, permission="merchants", response=ListOf[ApplicationRowOut],
    example={"data": [ROW], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_applications(
    request: ApiRequest, q: ApplicationsQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = facade.applications_page(
        state=q.state, query=q.q, older_than=q.older_than, updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"), cursor=q.cursor, limit=q.limit,
    )  # fmt: skip
    return page.map(render_row)


@routes.get(
    "/merchant-applications/{application_id}",
    summary="One application with everything",
    audience=OPERATOR, scope=READ, permission="merchants", response=ApplicationOut,
    errors=(facade.ApplicationNotFound,), example=APPLICATION,
)  # fmt: skip
def get_application(request: ApiRequest, application_id: ApplicationId) -> dict[str, Any]:
    return _shown(request, facade.application(application_id=application_id))


@routes.get(
    "/merchant-applications/{application_id}/documents/{document_id}",
    summary="A paper itself; that you looked is kept",
    audience=OPERATOR, scope=READ, permission="merchants", response=None, sends=PAPERS,
)  # fmt: skip
def get_document(
    request: ApiRequest, application_id: ApplicationId, document_id: DocumentId
) -> HttpResponse:
    info, data = facade.open_document(application_id=application_id, document_id=document_id)
    return shown_alone(data, info.content_type)


@routes.post(
    "/merchant-applications/{application_id}/approve",
    summary="Let the merchant sell; it sets up its shop then",
    audience=OPERATOR, scope=WRITE, permission="merchants", response=ApplicationOut, outside=True,
    errors=(*DECIDING, certification.AssuranceTooLow),
    example={**APPLICATION, "state": "approved"}, request_example={"note": "Welcome."},
)  # fmt: skip
def approve(
    request: ApiRequest, application_id: ApplicationId, body: ApplicationApproveIn
) -> dict[str, Any]:
    info = facade.approve_application(application_id=application_id, note=body.note)
    return _shown(request, info)


@routes.post(
    "/merchant-applications/{application_id}/ask",
    summary="Ask for something, in words for each paper",
    audience=OPERATOR, scope=WRITE, permission="merchants", response=ApplicationOut, outside=True,
    errors=(*DECIDING, facade.NothingAsked),
    example={**APPLICATION, "state": "needs_more", "asked": {"business_licence": "It is cut off."}},
    request_example={"asked": {"business_licence": "It is cut off.", "": "Which brands?"}},
)  # fmt: skip
def ask(
    request: ApiRequest, application_id: ApplicationId, body: ApplicationAskIn
) -> dict[str, Any]:
    return _shown(request, facade.ask_applicant(application_id=application_id, asked=body.asked))


@routes.post(
    "/merchant-applications/{application_id}/refuse",
    summary="Refuse it, saying why; it can be begun anew",
    audience=OPERATOR, scope=WRITE, permission="merchants", response=ApplicationOut,
    outside=True, errors=DECIDING,
    example={**APPLICATION, "state": "refused", "reason": "Not this trade."},
    request_example={"reason": "Not this trade."},
)  # fmt: skip
def refuse(
    request: ApiRequest, application_id: ApplicationId, body: ApplicationRefuseIn
) -> dict[str, Any]:
    info = facade.refuse_application(application_id=application_id, reason=body.reason)
    return _shown(request, info)


def _own(request: ApiRequest) -> ApplicationInfo:
    found = facade.own_application(person_id=person_of(request))
    if found is None:
        raise facade.ApplicationNotFound
    return found


def _shown(request: ApiRequest, info: ApplicationInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)
