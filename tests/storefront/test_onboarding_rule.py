"""The operator's form for what new merchants are asked for: kept, refused by field."""

import html
from typing import Any

import pytest

from certification import facade as certification
from journeys import facade as journeys
from journeys.facade import DocumentKind
from platforms import facade as platforms
from tests.factories.catalog import make_category
from tests.factories.onboarding import take_applications
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, hidden, operator, owner_of

pytestmark = pytest.mark.usefixtures("platform")
PATH = "/operator/applications/rule/"
GIVEN = {
    "open": "yes", "documents": ["business_licence", "trademark"],
    "c-TOTAL_FORMS": "2", "c-INITIAL_FORMS": "0",
    "level": "verified", "template": "", "party": "", "days": "", "answer_days": "7",
    "proof_days": "20", "remind_days": "2", "keep_days": "60",
}  # fmt: skip


@pytest.fixture
def desk() -> Browser:
    return operator()


def sent(desk: Browser, **changed: Any) -> tuple[int, str]:
    given = {**GIVEN, "version": hidden(desk.see(PATH), "version"), **changed}
    answer = desk.send(PATH, page=PATH, **given)
    return answer.status_code, html.unescape(answer.content.decode())


def test_an_operator_changes_what_is_asked(desk: Browser) -> None:
    assert "takes no applications" in desk.see("/operator/applications/").content.decode()
    food = make_category(slug="food")
    months = platforms.setting("identity", "months")
    status, page = sent(
        desk, **{"c-0-category": food.path, "c-0-documents": ["food_licence", "trademark"]}
    )
    assert (status, "Kept." in page) == (200, True)
    licences = (DocumentKind.FOOD_LICENCE, DocumentKind.TRADEMARK)
    assert journeys.onboarding_rule() == journeys.OnboardingRule(
        open=True,
        documents=(DocumentKind.BUSINESS_LICENCE, DocumentKind.TRADEMARK),
        categories=((food.path, licences),),
        level="verified",
        agreement=None,
        answer_days=7,
        proof_days=20,
        remind_days=2,
        keep_days=60,
    )
    assert platforms.setting("identity", "months") == months
    assert f'value="{food.path}" selected' in page
    rows = page.partition("c-0-category")[2].partition("c-1-category")[0]
    assert rows.count(" checked") == 2
    assert "takes no applications" not in desk.see("/operator/applications/").content.decode()


def test_an_agreement_is_asked_for_with_who_signs_it(desk: Browser) -> None:
    certification.load_contract_templates()
    make_merchant(slug="house")
    sent(desk, template="merchant_agreement", party="house", days="9")
    assert journeys.onboarding_rule().agreement == journeys.AgreementRule(
        "house", "merchant_agreement", 9
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("c-0-category", "nowhere", "not one of the available"),
        ("level", "golden", "not one of the available"),
        ("template", "corn_sale", "not one of the available"),
        ("keep_days", "0", "greater than or equal to 1"),
        ("answer_days", "", "required"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    desk: Browser, field: str, value: str, said: str
) -> None:
    make_category(slug="food")
    status, page = sent(desk, **{field: value})
    assert status == 422
    assert said in page.partition(f'id="id_{field}_error"')[2][:300], page[-3000:]
    assert not journeys.onboarding_rule().open


@pytest.mark.parametrize(
    ("party", "days", "field", "said"),
    [
        ("", "9", "party", "Needed for the agreement."),
        ("house", "", "days", "Needed for the agreement."),
        ("nobody", "9", "party", "no approved merchant nobody"),
    ],
)
def test_an_agreement_without_a_signer_is_refused(
    desk: Browser, party: str, days: str, field: str, said: str
) -> None:
    certification.load_contract_templates()
    status, page = sent(desk, template="merchant_agreement", party=party, days=days)
    assert status == 422
    assert said in page.partition(f'id="id_{field}_error"')[2][:300]


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"c-0-category": "food"}, "c-0-documents", "at least one paper"),
        ({"c-1-documents": "trademark"}, "c-1-category", "Choose the category"),
        (
            {"c-0-category": "food", "c-1-category": "food", "c-0-documents": "trademark",
             "c-1-documents": "trademark"},
            "c-1-category", "has a row already",
        ),
    ],
)  # fmt: skip
def test_a_row_of_papers_is_whole_and_alone(
    desk: Browser, given: dict[str, str], field: str, said: str
) -> None:
    make_category(slug="food")
    status, page = sent(desk, **given)
    assert status == 422
    assert said in page.partition(f'id="id_{field}_error"')[2][:300], page[-3000:]
    assert not journeys.onboarding_rule().open


def test_of_two_operators_the_slower_is_told(desk: Browser) -> None:
    version = hidden(desk.see(PATH), "version")
    take_applications()
    status, page = sent(desk, version=version)
    assert (status, "has changed since you read it" in page) == (422, True)
    assert journeys.onboarding_rule().keep_days == 90


def test_merchants_and_visitors_are_kept_out() -> None:
    assert owner_of(make_merchant()).see(PATH).status_code == 403
    assert "sign-in" in Browser().see(PATH).request["PATH_INFO"]
