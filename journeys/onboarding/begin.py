"""The application is handed in: the merchant stands as an applicant, who applied is its owner, and
its identity is stated with the papers that are there. Undone: the merchant is closed again."""

from uuid import UUID

from django.db import IntegrityError

from certification import facade as certification
from journeys.contracts_onboarding import (
    ApplicationFields,
    ApplicationState,
    DocumentKind,
    Missing,
)
from journeys.engine.definition import Run
from journeys.errors import ApplicationIncomplete, CompanyTaken, OnboardingShut
from journeys.models import ApplicationDocument, MerchantApplication
from journeys.onboarding import fields, records, terms
from kernel import clock, personal
from kernel.transactions import atomic, table_of
from platforms import facade as platforms

S = ApplicationState
ENDS = {"refuse": S.REFUSED, "withdraw": S.WITHDRAWN}


def do(run: Run) -> None:
    row = records.locked(UUID(run.data["application_id"]))
    if not terms.setting("open"):
        raise OnboardingShut
    filled = fields.opened(row)
    row.TRANSITIONS.check(row.state, S.SUBMITTED)
    problems = fields.wrong(filled) + fields.lacking(filled, missing(row, filled))
    if problems:
        raise ApplicationIncomplete(problems=problems)
    run.data["agreement"] = asked = terms.setting("agreement")
    if asked:
        terms.agreement_template(asked["template"])
        terms.agreement_party(asked["party"])
    row.merchant_id = _merchant(row, filled)
    run.journey.merchant_id, run.journey.subject = row.merchant_id, str(row.id)
    _check_company(row, filled)
    _state_identity(row, filled)
    row.attempt += 1
    row.verdict, row.reason = "", ""
    row.submitted_at, row.decided_at, row.decided_by = clock.business(), None, None
    row.answer_by = row.reminded_at = None
    try:
        with atomic():
            records.move(row, S.SUBMITTED)
    except IntegrityError as error:  # another application of this company is under way, or through
        if table_of(error) != MerchantApplication._meta.db_table:
            raise  # of a write that waited
        raise CompanyTaken(field="credit_code") from error


def undo(run: Run) -> None:
    row = records.locked(UUID(run.data["application_id"]))
    to = ENDS.get(row.verdict, S.CLOSED)
    row.answer_by, row.decided_at = None, clock.business()
    row.asked_sealed = ""
    records.move(row, to, reason=row.reason if row.verdict == "refuse" else "")
    if row.merchant_id is not None:
        platforms.close_application(merchant_id=row.merchant_id, reason=str(to))


def missing(row: MerchantApplication, filled: ApplicationFields) -> list[Missing]:
    """The papers that are needed and aren't there."""
    there = {one.kind for one in records.papers(row)}
    return [one for one in terms.papers_for(filled.categories) if one.kind not in there]


def _merchant(row: MerchantApplication, filled: ApplicationFields) -> UUID:
    """The merchant of this application, as it stands from now on, with its owner."""
    names, email = filled.names, filled.contact_email
    if row.merchant_id is None:
        found = platforms.create_merchant(names=names, contact_email=email)
    else:
        found = platforms.apply_anew(merchant_id=row.merchant_id, names=names, contact_email=email)
    platforms.grant_role(
        person_id=row.person_id, role=platforms.Role.MERCHANT_OWNER, merchant_id=found.id
    )
    return found.id


def _check_company(row: MerchantApplication, filled: ApplicationFields) -> None:
    """No other merchant has proven to be the same company. Raises CompanyTaken."""
    other = certification.merchant_with_number(number=filled.credit_code)
    if other is not None and other != row.merchant_id:
        raise CompanyTaken(field="credit_code")
    row.company_lookup = fields.company_index(filled.credit_code)


def _state_identity(row: MerchantApplication, filled: ApplicationFields) -> None:
    """The company's identity as filled in, with its licence; handed in if the platform asks for
    more than a statement."""
    subject = certification.Subject.merchant(records.shop_of(row))
    known = certification.identity_of(subject)
    info = certification.state_identity(
        subject=subject,
        particulars=certification.Particulars(
            name=filled.company,
            number_kind=certification.NumberKind.CREDIT_CODE,
            number=filled.credit_code,
            representative=filled.representative,
        ),
    )
    licence = (
        ApplicationDocument.objects.filter(
            application_id=row.id, kind=DocumentKind.BUSINESS_LICENCE, replaced_at=None
        )
        .order_by("-id")
        .first()
    )
    shown = {one.sha256 for one in known.papers} if known else set()
    data = personal.open_data(row.id, bytes(licence.data_sealed)) if licence else None
    if licence is not None and data and licence.sha256 not in shown:
        certification.add_paper(
            subject=subject, kind=certification.PaperKind.BUSINESS_LICENCE, data=data
        )
    resting = ("draft", "needs_more", "rejected", "expired")
    if terms.level_needed() != "none" and str(info.state) in resting and (licence or shown):
        certification.submit_identity(subject=subject)
