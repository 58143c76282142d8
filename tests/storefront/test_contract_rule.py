"""The operator's form for which orders need a contract: kept, refused by field, who did it."""

import html
from typing import Any

import pytest

from certification import facade as certification
from journeys import facade as journeys
from kernel.audit import Sought, entries
from platforms import facade as platforms
from tests.factories.catalog import make_category
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, hidden, operator, owner_of

pytestmark = pytest.mark.usefixtures("platform")
PATH = "/operator/contracts/rule/"
FITTING = {"asked": "yes", "over": "5,000", "template": "order_sale", "days": "10"}  # fmt: skip


@pytest.fixture
def desk() -> Browser:
    certification.load_contract_templates()
    return operator()


def sent(desk: Browser, **changed: str) -> tuple[int, str]:
    page = desk.see(PATH)
    given = {**FITTING, "over": "5000", "version": hidden(page, "version"), **changed}
    answer = desk.send(PATH, page=PATH, **given)
    return answer.status_code, html.unescape(answer.content.decode())


def test_an_operator_sees_and_changes_the_rule(desk: Browser) -> None:
    assert "Now: no order needs a contract." in desk.see(PATH).content.decode()
    grain = make_category(slug="grain")
    status, page = sent(desk, categories=grain.path)
    assert f'value="{grain.path}"' in page
    assert (status, "Kept." in page) == (200, True)
    rule = journeys.contract_rule()
    assert rule == journeys.ContractRule(500_000, (grain.path,), "order_sale", 10)
    assert "to be signed by both within 10 days of payment." in page
    entry = entries(Sought(action="platforms.platform.changed")).items[0]
    assert entry.actor_kind == "operator"
    assert entry.actor_person_id is not None
    name = platforms.people({entry.actor_person_id})[entry.actor_person_id].name
    assert name in page.partition("Last changes")[2]
    minutes = platforms.setting("journeys", "payment_minutes")
    status, page = sent(desk, asked="no", over="", days="")
    assert (status, journeys.contract_rule()) == (200, None)
    assert platforms.setting("journeys", "payment_minutes") == minutes
    assert len(journeys.contract_rule_changes()) == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("over", "many", "such as 5000"),
        ("over", "-1", "Nothing or more"),
        ("over", "1.234", "such as 5000"),
        ("days", "91", "90"),
        ("days", "", "required"),
        ("categories", "no-such-thing", "not one of the available"),
        ("template", "corn_sale", "not one of the available"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    desk: Browser, field: str, value: str, said: str
) -> None:
    status, page = sent(desk, **{field: value})
    assert status == 422
    assert said in page.partition(f'id="id_{field}_error"')[2][:300], page[-3000:]
    assert journeys.contract_rule() is None


def test_of_two_operators_the_slower_is_told(desk: Browser) -> None:
    version = hidden(desk.see(PATH), "version")
    assert sent(desk)[0] == 200
    status, page = sent(desk, version=version, days="3")
    assert (status, "has changed since you read it" in page) == (422, True)
    rule = journeys.contract_rule()
    assert rule is not None
    assert rule.days == 10


def test_without_a_fitting_template_the_page_says_where_to_get_one() -> None:
    page = operator().see(PATH).content.decode()
    assert "No published template fits an order." in page


def test_merchants_and_visitors_are_kept_out(platform: Any) -> None:
    assert owner_of(make_merchant()).see(PATH).status_code == 403
    assert "sign-in" in Browser().see(PATH).request["PATH_INFO"]
