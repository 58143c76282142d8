"""Applications to become a merchant later on: shops opened, what is erased, what is found."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from certification import facade as certification
from journeys import facade as journeys
from journeys.facade import ApplicationState as S
from journeys.models import ApplicationDocument, MerchantApplication
from journeys.onboarding import fields, records
from journeys.services import application_upkeep as upkeep
from kernel import outbox, personal
from platforms import facade as platforms
from tests.factories.identity import credit_code
from tests.factories.onboarding import (
    applicant,
    approved,
    handed_in,
    later,
    own,
    set_up,
    take_applications,
)
from tests.factories.order_contract import settle
from tests.factories.platforms import make_person
from tests.factories.storefront import make_goods

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(platform: Any) -> platforms.PersonInfo:
    take_applications()
    return applicant()


def test_a_shop_opens_behind_those_that_are_not_set_up(
    person: platforms.PersonInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 1)
    for number in (1, 2):
        approved(applicant().id, number)
    merchant_id = approved(person.id, 3).merchant_id
    assert merchant_id is not None
    make_goods(platforms.merchant(merchant_id))
    settle()
    set_up(merchant_id)  # the account and delivery last: no event wakes the journey
    assert upkeep.open_shops() == 1
    assert own(person).state == S.OPEN


def test_what_is_begun_anew_meanwhile_is_not_erased(
    person: platforms.PersonInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = handed_in(person.id)
    journeys.refuse_application(application_id=info.id, reason="no")
    real = records.locked
    with later(91):

        def slower(application_id: UUID) -> MerchantApplication:
            monkeypatch.setattr(records, "locked", real)
            journeys.renew_application(person_id=person.id)
            return real(application_id)

        monkeypatch.setattr(records, "locked", slower)
        assert upkeep.forget_applications() == 0
    assert own(person).state == S.DRAFT
    assert own(person).fields == info.fields


def test_what_came_to_nothing_is_erased(person: platforms.PersonInfo) -> None:
    info = handed_in(person.id)
    journeys.refuse_application(application_id=info.id, reason="no")
    assert upkeep.forget_applications() == 0
    with later(91):
        assert upkeep.forget_applications() == 1
    assert journeys.own_application(person_id=person.id) is None
    row = MerchantApplication.objects.get()
    assert (row.state, row.filled_sealed, row.company_lookup) == (S.ERASED, "", "")
    assert personal.erased(row.id)
    assert not ApplicationDocument.objects.exists()
    gone = platforms.merchant(info.merchant_id)  # type: ignore[arg-type]
    assert set(gone.names.values()) == {"—"}
    identity = certification.identity_of(certification.Subject.merchant(gone.id))
    assert identity is None or identity.state == "erased"
    assert handed_in(person.id).state == S.IN_REVIEW, "a new one may begin"


def test_erasing_a_person(person: platforms.PersonInfo) -> None:
    info = handed_in(person.id)
    assert platforms.obstacles(person_id=person.id), "others work on it"
    journeys.withdraw_application(person_id=person.id)
    assert platforms.obstacles(person_id=person.id) == ()
    platforms.erase_person(person_id=person.id)
    outbox.drain()
    assert personal.erased(info.id)
    keeper = applicant()
    kept = approved(keeper.id)
    make_person(role="merchant_owner", merchant_id=kept.merchant_id)
    platforms.erase_person(person_id=keeper.id)
    outbox.drain()
    still = journeys.application(application_id=kept.id)
    assert still.fields.company == "长春江茶贸易有限公司", "the platform's record of its merchant"


def test_found_by_name_code_and_age(person: platforms.PersonInfo) -> None:
    first = handed_in(person.id)
    second = handed_in(applicant().id, 2)
    page = journeys.applications_page

    def found(**filters: Any) -> list[UUID]:
        return [one.id for one in page(**filters).items]

    assert found() == [second.id, first.id]
    assert found(query="River Tea 2") == [second.id]
    assert found(query=credit_code(1)) == [first.id]
    assert found(query=first.public_id) == [first.id]
    assert found(query="nobody") == []
    assert found(older_than=1) == []
    with later(2):
        assert len(found(older_than=1)) == 2
    assert found(state="refused") == []


def test_no_text_breaks_the_form(platform: Any) -> None:
    """Whatever is typed is kept or named; tidied twice it stays the same."""

    @given(st.text(max_size=30))
    @example("C¸")  # made of a space and a mark, which joins the letter before
    @settings(max_examples=60)
    def check(text: str) -> None:
        once = fields.tidy(
            journeys.ApplicationFields(company=text, credit_code=text, contact_phone=text)
        )
        assert fields.tidy(once) == once
        for problem in fields.wrong(once):
            assert problem.field in ("company", "credit_code", "contact_phone")

    check()
