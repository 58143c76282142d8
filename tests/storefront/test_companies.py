"""The other party's company: suggested while it is typed, looked for without a script."""

import html
from typing import Any

import pytest

from certification import facade as certification
from kernel import tenancy
from tests.factories.identity import company, verified_merchant
from tests.factories.platforms import make_merchant, make_person, make_platform
from tests.factories.storefront import PASSWORD, Browser, sign_in
from tests.storefront.test_contracts import Side

pytestmark = pytest.mark.usefixtures("platform")
PATH = "/contracts/companies/"


def offered(browser: Browser, text: str) -> list[str]:
    answer = browser.see(PATH, q=text)
    assert answer.status_code == 200
    found = html.unescape(answer.content.decode()).split('data-text="')[1:]
    return [one.partition('"')[0] for one in found]


def test_companies_are_offered_by_a_part_of_their_name_or_their_code() -> None:
    seller, number = Side("丰泽粮贸"), company().number
    make_merchant(name="大金牧饲料")
    make_merchant(name="金牧种业")
    make_merchant(name="金牧草业", approved=False)
    verified = make_merchant(name="吉林谷物")
    verified_merchant(verified.id)
    # Whose name begins with it comes first; who isn't approved, and oneself, never.
    assert offered(seller.browser, "金牧") == ["金牧种业", "大金牧饲料"]
    assert offered(seller.browser, "丰泽") == []
    assert offered(seller.browser, number.lower()) == ["吉林谷物"]
    assert offered(seller.browser, "") == offered(seller.browser, "%") == []


def test_all_companies_can_be_found_however_many_there_are() -> None:
    seller = Side("丰泽粮贸")
    for place in range(101):
        make_merchant(name=f"粮站 {place:03}", slug=f"a-{place:03}")
    last = make_merchant(name="远方油脂", slug="zzz")
    assert offered(seller.browser, "远方") == [last.names["en"]]
    assert len(offered(seller.browser, "粮站")) == 10


def test_other_platforms_companies_stay_there() -> None:
    seller = Side("丰泽粮贸")
    with tenancy.scope(make_platform()):
        make_merchant(name="金牧饲料")
        other = Side("金牧种业")
        assert offered(other.browser, "金牧") == ["金牧饲料"]
    assert offered(seller.browser, "金牧") == []


def test_only_people_who_may_draft_are_answered_and_not_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "sign-in" in Browser().see(PATH, q="a").request["PATH_INFO"]
    from storefront.views.contracts import companies

    monkeypatch.setattr(companies, "PER_MINUTE", 2)
    buyer = sign_in(make_person(password=PASSWORD))
    codes = [buyer.see(PATH, q="a").status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_without_a_script_a_company_is_looked_for_and_picked() -> None:
    seller, mill = Side("丰泽粮贸"), make_merchant(name="金牧饲料")
    make_merchant(name="金牧种业")
    certification.load_contract_templates()
    template = certification.current_template(code="corn_sale").public_id
    filled: dict[str, Any] = {"template": template, "role": "seller", "language": "zh-Hans",
                              "order": "sequential", "detail_buyer": "Gate 3"}  # fmt: skip
    found = seller.browser.send("/contracts/new/", **filled, company_buyer="金牧", find="buyer")
    page = found.content.decode()
    assert found.status_code == 200
    assert f'value="buyer:{mill.public_id}"' in page
    assert 'value="Gate 3"' in page  # what was filled in stays
    picked = seller.browser.send(
        "/contracts/new/", **filled, company_buyer="金牧", pick=f"buyer:{mill.public_id}"
    ).content.decode()
    assert 'value="金牧饲料"' in picked
    none = seller.browser.send("/contracts/new/", **filled, company_buyer="xyz", find="buyer")
    assert "No company on this platform has this name." in none.content.decode()
