"""Somebody becomes a merchant: every way through, every way out, by the clock too."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from certification import facade as certification
from certification.services.agreements import ending
from journeys import facade as journeys
from journeys.engine.sweep import sweep
from journeys.facade import ApplicationState as S
from journeys.facade import DocumentKind
from journeys.models import ApplicationDocument, Journey, MerchantApplication
from journeys.services import application_upkeep as upkeep
from kernel import clock, jobs, mail, tenancy
from kernel.errors import DomainError, Invalid, InvalidTransition
from kernel.ids import public_id
from platforms import facade as platforms
from tests.factories.catalog import make_category
from tests.factories.identity import company, credit_code, paper, verified_merchant
from tests.factories.onboarding import (
    applicant,
    draft,
    filled,
    handed_in,
    later,
    need_level,
    own,
    prove,
    set_up,
    take_applications,
)
from tests.factories.order_contract import make_party, settle
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.factories.storefront import make_goods

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(platform: Any) -> platforms.PersonInfo:
    take_applications()
    return applicant()


def journey() -> Journey:
    return Journey.objects.filter(kind="onboarding").latest("id")


def letters() -> list[str]:
    return [one.subject.split(" · ")[0] for one in mail.letters(limit=50).items][::-1]


def roles(person: platforms.PersonInfo) -> list[tuple[str, UUID | None]]:
    from platforms.models import Membership

    rows = Membership.objects.filter(person_id=person.id).order_by("id")
    return [(str(row.role), row.merchant_id) for row in rows]


def test_from_nothing_to_an_open_shop(person: platforms.PersonInfo) -> None:
    made = draft(person.id)
    assert (made.state, made.merchant_id, made.missing) == (S.DRAFT, None, ())
    again = journeys.save_application(person_id=person.id, given=made.fields)
    assert again.id == made.id, "a draft is kept between visits"
    info = journeys.submit_application(person_id=person.id)
    assert info.state == S.IN_REVIEW, "nothing else is asked on this platform"
    assert info.merchant_id is not None
    assert platforms.merchant(info.merchant_id).state == "in_review"
    assert ("merchant_owner", info.merchant_id) in roles(person)
    assert journeys.submit_application(person_id=person.id).attempt == 1, "handed in once"
    identity = certification.identity_of(certification.Subject.merchant(info.merchant_id))
    assert identity is not None
    assert [one.kind for one in identity.papers] == ["business_licence"]
    assert identity.state == "draft", "stated, and not handed in: no level is asked"
    assert journeys.waiting_applications() == 1
    with pytest.raises(journeys.ApplicationUndecided):
        platforms.approve_merchant(merchant_id=info.merchant_id)
    done = journeys.approve_application(application_id=info.id, note="Welcome")
    assert (done.state, journey().state) == (S.APPROVED, "waiting")
    assert platforms.merchant(info.merchant_id).approved
    left = journeys.setting_up(merchant_id=info.merchant_id)
    assert left == journeys.Checklist(account=False, rates=False, product=False)
    set_up(info.merchant_id)
    assert upkeep.open_shops() == 0
    make_goods(platforms.merchant(info.merchant_id))
    settle()
    assert own(person).state == S.OPEN
    assert journey().state == "done"
    assert journeys.setting_up(merchant_id=info.merchant_id) is None
    assert letters() == [
        "Your application has been handed in", "Your shop is approved", "Your shop is open",
    ]  # fmt: skip
    whats = [one.what for one in own(person).entries]
    assert whats == ["begun", "submitted", "in_review", "approved", "open"]
    second = journeys.save_application(person_id=person.id, given=filled(7))
    assert second.id != info.id, "the next shop is the next application"


def test_what_is_missing_is_named(person: platforms.PersonInfo) -> None:
    food, rice = make_category(slug="food"), None
    rice = make_category(slug="rice", parent_id=food.id)
    take_applications(categories=[{"category": "food", "documents": ["food_licence"]}])
    with pytest.raises(Invalid) as wrong:
        journeys.save_application(
            person_id=person.id,
            given=filled(credit_code="91220101MA00000010", contact_phone="call me"),
        )
    assert [one.field for one in wrong.value.problems] == ["credit_code", "contact_phone"]
    journeys.save_application(
        person_id=person.id, given=filled(categories=(rice.id,), company="", names={})
    )
    with pytest.raises(journeys.ApplicationIncomplete) as lacking:
        journeys.submit_application(person_id=person.id)
    assert [one.field for one in lacking.value.problems] == [
        "names.zh-Hans", "company", "documents.business_licence", "documents.food_licence",
    ]  # fmt: skip
    assert not Journey.objects.exists()
    with pytest.raises(certification.UnreadablePaper):
        journeys.add_document(person_id=person.id, kind=DocumentKind.OTHER, data=b"MZ")
    journeys.save_application(person_id=person.id, given=filled(categories=(rice.id,)))
    for kind in (DocumentKind.BUSINESS_LICENCE, DocumentKind.FOOD_LICENCE, DocumentKind.OTHER):
        made = journeys.add_document(person_id=person.id, kind=kind, data=paper(kind))
    journeys.remove_document(person_id=person.id, document_id=made.id)
    stored = bytes(ApplicationDocument.objects.all()[0].data_sealed)
    assert b"PNG" not in stored
    assert journeys.submit_application(person_id=person.id).state == S.IN_REVIEW
    with pytest.raises(journeys.ApplicationFixed):
        journeys.save_application(person_id=person.id, given=filled())


def test_asked_answered_approved(person: platforms.PersonInfo) -> None:
    info = handed_in(person.id)
    with pytest.raises(journeys.NothingAsked):
        journeys.ask_applicant(application_id=info.id, asked={"business_licence": " "})
    asked = journeys.ask_applicant(
        application_id=info.id, asked={"business_licence": "It is cut off.", "": "Call us."}
    )
    assert asked.state == S.NEEDS_MORE
    assert asked.asked == {"business_licence": "It is cut off.", "": "Call us."}
    assert "Business licence: It is cut off." in mail.letters(limit=1).items[0].body
    with pytest.raises(journeys.NotAnswered) as open_:
        journeys.answer_application(person_id=person.id)
    assert open_.value.problems[0].problem == "It is cut off."
    with pytest.raises(journeys.ApplicationFixed):
        journeys.save_application(person_id=person.id, given=filled(2, categories=()))
    renamed = filled(names={"zh-Hans": "新江茶", "en": "New River"})
    journeys.save_application(person_id=person.id, given=renamed)
    journeys.add_document(
        person_id=person.id, kind=DocumentKind.BUSINESS_LICENCE, data=paper("whole")
    )
    back = journeys.answer_application(person_id=person.id, text="Here it is.")
    assert (back.state, back.asked, back.answer_by) == (S.IN_REVIEW, {}, None)
    assert platforms.merchant(back.merchant_id).names["en"] == "New River"  # type: ignore[arg-type]
    assert len(back.documents) == 1
    with later(40):
        assert not [one for one in [sweep()] if one], "nothing lapses while the operator looks"
    assert journeys.approve_application(application_id=info.id).state == S.APPROVED


def test_a_question_left_alone_reminds_then_closes(person: platforms.PersonInfo) -> None:
    info = handed_in(person.id)
    journeys.ask_applicant(application_id=info.id, asked={"": "Which brands?"})
    with later(10):
        assert upkeep.remind_applicants() == 0
        assert sweep() == 0
    with later(12):
        assert upkeep.remind_applicants() == 1
        assert upkeep.remind_applicants() == 0
        assert own(person).state == S.NEEDS_MORE
    with later(14.1):
        sweep()
    closed = own(person)
    assert (closed.state, journey().state) == (S.CLOSED, "undone")
    assert platforms.merchant(closed.merchant_id).state == "closed"  # type: ignore[arg-type]
    assert roles(person) == [("buyer", None)]
    assert letters()[-2:] == [
        "Your application is still waiting for you", "Your application was closed",
    ]  # fmt: skip


def test_refused_and_applied_anew(person: platforms.PersonInfo) -> None:
    info = handed_in(person.id)
    with pytest.raises(Invalid):
        journeys.refuse_application(application_id=info.id, reason=" ")
    refused = journeys.refuse_application(application_id=info.id, reason="Not this trade.")
    assert (refused.state, refused.reason) == (S.REFUSED, "Not this trade.")
    assert journeys.refuse_application(application_id=info.id, reason="x").reason == refused.reason
    with pytest.raises(journeys.ApplicationDecided):
        journeys.approve_application(application_id=info.id)
    assert "Not this trade." in mail.letters(limit=1).items[0].body
    with pytest.raises(journeys.ApplicationFixed):
        journeys.save_application(person_id=person.id, given=refused.fields)
    anew = journeys.renew_application(person_id=person.id)
    assert (anew.id, anew.state, len(anew.documents)) == (info.id, S.DRAFT, 1)
    again = journeys.submit_application(person_id=person.id)
    assert (again.attempt, again.merchant_id) == (2, info.merchant_id)
    assert journeys.approve_application(application_id=info.id).state == S.APPROVED
    assert ("merchant_owner", info.merchant_id) in roles(person)


def test_withdrawn(person: platforms.PersonInfo) -> None:
    draft(person.id)
    assert journeys.withdraw_application(person_id=person.id).state == S.WITHDRAWN
    journeys.renew_application(person_id=person.id)
    info = journeys.submit_application(person_id=person.id)
    gone = journeys.withdraw_application(person_id=person.id)
    assert gone.state == S.WITHDRAWN
    assert platforms.merchant(info.merchant_id).state == "closed"  # type: ignore[arg-type]
    assert journeys.withdraw_application(person_id=person.id).state == S.WITHDRAWN
    with pytest.raises(InvalidTransition):
        platforms.return_application(merchant_id=info.merchant_id, reason="")  # type: ignore[arg-type]
    platforms.change_settings(settings={"onboarding": {"open": False}})
    with pytest.raises(journeys.OnboardingShut):
        journeys.renew_application(person_id=person.id)
    with pytest.raises(journeys.OnboardingShut):
        journeys.save_application(person_id=applicant().id, given=filled())


def test_the_level_of_identity_comes_first(person: platforms.PersonInfo) -> None:
    need_level("verified")
    info = handed_in(person.id)
    assert (info.state, info.level_needed) == (S.SUBMITTED, "verified")
    assert info.answer_by is not None
    assert info.merchant_id is not None
    with pytest.raises(InvalidTransition):
        journeys.approve_application(application_id=info.id)
    prove(info.merchant_id)
    settle()
    assert own(person).state == S.IN_REVIEW
    need_level("strong")
    with pytest.raises(certification.AssuranceTooLow):
        journeys.approve_application(application_id=info.id)
    assert own(person).state == S.IN_REVIEW, "the operator reads why; nothing is undone"
    need_level("verified")
    assert journeys.approve_application(application_id=info.id).state == S.APPROVED


def test_an_identity_never_proven_closes_it(person: platforms.PersonInfo) -> None:
    need_level("verified")
    handed_in(person.id)
    with later(31):
        sweep()
    assert own(person).state == S.CLOSED


def test_the_agreement_is_signed_by_both(person: platforms.PersonInfo) -> None:
    certification.load_contract_templates()
    city = make_merchant(name="City", slug="city")
    take_applications(agreement={"party": "city"})
    info = handed_in(person.id)
    assert info.state == S.SUBMITTED
    assert info.contract_id is not None
    contract = certification.contract_state(contract_id=info.contract_id)
    assert contract.state == "signing"
    for merchant_id in (city.id, info.merchant_id):
        party = make_party(merchant_id=merchant_id)
        found = certification.contract_state(contract_id=contract.id)
        client = api_client(make_key(merchant_id=merchant_id))
        shown = client.get(f"/contracts/{found.public_id}").json()
        body = {
            "sha256": shown["agreed_sha256"], "code": party.factor.code(),
            "signer": public_id("per", party.person_id),
        }  # fmt: skip
        answer = client.post(f"/contracts/{found.public_id}/sign", body)
        assert answer.status_code == 200, answer.content
    settle()
    assert own(person).state == S.IN_REVIEW
    assert "An agreement is waiting to be signed" in letters()
    assert journeys.approve_application(application_id=info.id).state == S.APPROVED


def test_an_agreement_not_signed_closes_it(person: platforms.PersonInfo) -> None:
    certification.load_contract_templates()
    make_merchant(name="City", slug="city")
    take_applications(agreement={"party": "city"})
    info = handed_in(person.id)
    assert info.contract_id is not None
    with clock.offset(timedelta(days=15)):
        assert ending.expire_due() == 1
        settle()
    assert own(person).state == S.CLOSED
    journeys.renew_application(person_id=person.id)
    second = journeys.submit_application(person_id=person.id)
    assert second.contract_id not in (None, info.contract_id)
    assert journeys.withdraw_application(person_id=person.id).state == S.WITHDRAWN
    ended = certification.contract_state(contract_id=second.contract_id)
    assert ended.state == "withdrawn"


def test_one_company_once(person: platforms.PersonInfo) -> None:
    handed_in(person.id)
    other = applicant()
    draft(other.id)
    with pytest.raises(journeys.CompanyTaken):
        journeys.submit_application(person_id=other.id)
    known = make_merchant()
    verified_merchant(known.id, company(number=credit_code(9)))
    third = applicant()
    draft(third.id, 9)
    with pytest.raises(journeys.CompanyTaken):
        journeys.submit_application(person_id=third.id)
    assert Journey.objects.count() == 1


def race(*calls: Any) -> list[Any]:
    """All at once, each with a connection of its own; answers or errors."""
    tenant, gate = tenancy.current(), threading.Barrier(len(calls))
    found: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        with tenancy.scope(tenant):
            gate.wait()
            try:
                found[place] = calls[place]()
            except DomainError as error:
                found[place] = error
        connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_applicants_of_one_company_race(person: platforms.PersonInfo) -> None:
    people = [person, applicant(), applicant()]
    for one in people:
        draft(one.id)
    found = race(*[lambda p=p: journeys.submit_application(person_id=p.id) for p in people])
    refused = [one for one in found if isinstance(one, journeys.CompanyTaken)]
    assert len(refused) == 2, found
    assert MerchantApplication.objects.filter(state=S.IN_REVIEW).count() == 1
    assert Journey.objects.count() == 1


def test_deciding_races(person: platforms.PersonInfo) -> None:
    """Approved, refused and withdrawn at once: one of them, wholly."""
    info = handed_in(person.id)
    race(
        lambda: journeys.approve_application(application_id=info.id),
        lambda: journeys.refuse_application(application_id=info.id, reason="no"),
        lambda: journeys.withdraw_application(person_id=person.id),
        lambda: journeys.submit_application(person_id=person.id),
    )
    jobs.drain()
    ended = own(person)
    merchant = platforms.merchant(info.merchant_id)  # type: ignore[arg-type]
    owner = ("merchant_owner", info.merchant_id) in roles(person)
    if ended.state == S.APPROVED:
        assert (merchant.state, owner) == ("approved", True)
    else:
        assert ended.state in (S.REFUSED, S.WITHDRAWN)
        assert (merchant.state, owner) == ("closed", False)


def test_two_visits_begin_one_draft(person: platforms.PersonInfo) -> None:
    given = filled()
    found = race(
        *[lambda: journeys.save_application(person_id=person.id, given=given) for _ in range(3)]
    )
    assert len({one.id for one in found}) == 1
    assert MerchantApplication.objects.count() == 1
