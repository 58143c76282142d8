"""A stranger becomes a merchant on the pages, without JavaScript; the operator decides."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from journeys import facade as journeys
from kernel.ids import public_id
from logistics import facade as logistics
from platforms import facade as platforms
from tests.factories.catalog import make_category
from tests.factories.identity import credit_code, paper
from tests.factories.onboarding import applicant, handed_in, need_level, take_applications
from tests.factories.order_contract import settle
from tests.factories.storefront import (
    SURE,
    Browser,
    ask_passwords_only,
    make_goods,
    operator,
    sign_in,
)
from tests.storefront.test_returns import text

pytestmark = pytest.mark.usefixtures("platform")
PAGE = "/account/shop/"


def fields(category: Any, **more: Any) -> dict[str, Any]:
    return {
        "names_0": "江茶", "names_1": "River Tea", "company": "长春江茶贸易有限公司",
        "credit_code": credit_code(), "representative": "王芳", "contact_name": "李秀英",
        "contact_phone": "13844445678", "contact_email": "tea@applicants.example",
        "categories": [str(category.id)], **more,
    }  # fmt: skip


def file(seed: str = "licence") -> SimpleUploadedFile:
    return SimpleUploadedFile("licence.png", paper(seed), content_type="image/png")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_sign_up_to_an_open_shop(language: str) -> None:
    food = make_category(slug="food")
    take_applications(categories=[{"category": "food", "documents": ["food_licence"]}])
    browser = Browser(language)
    assert "/sign-in/" in browser.see(PAGE).request["PATH_INFO"]
    browser.send(
        "/sign-up/", name="李秀英", email="tea@applicants.example",
        password="a long enough sentence",
    )  # fmt: skip
    first = text(browser.see(PAGE))
    assert ("Sell here" if language == "en" else "商户入驻") in first
    wrong = browser.send(PAGE, page=PAGE, do="save", **fields(food, credit_code="9122"))
    assert wrong.status_code == 422
    assert "李秀英" in text(wrong), "what was typed is kept"
    kept = browser.send(PAGE, page=PAGE, do="save", **fields(food, company=""))
    assert "food_licence" in text(kept), "the category asks for its paper"
    lacking = browser.send(
        PAGE, page=PAGE, do="submit", documents_business_licence=file(), **fields(food)
    )
    assert lacking.status_code == 422
    bad = SimpleUploadedFile("x.exe", b"MZ", content_type="image/png")
    refused = browser.send(PAGE, page=PAGE, do="save", documents_food_licence=bad, **fields(food))
    assert refused.status_code == 422
    browser.send(PAGE, page=PAGE, do="submit", documents_food_licence=file("f"), **fields(food))
    person = platforms.person_by_email("tea@applicants.example")
    assert person is not None
    info = journeys.own_application(person_id=person.id)
    assert info is not None
    assert info.state == "in_review"
    assert info.merchant_id is not None
    assert len(info.documents) == 2
    where = f"{PAGE}{info.documents[0].public_id}/"
    assert browser.see(where).content == paper("licence")
    assert sign_in(applicant()).see(where).status_code == 404
    desk = operator(language)
    there = f"/operator/applications/{info.public_id}/"
    assert info.public_id in text(desk.see("/operator/applications/", q="River", age=""))
    assert info.public_id not in text(desk.see("/operator/applications/", age="7"))
    assert there in text(desk.see(f"/operator/merchants/{public_id('mer', info.merchant_id)}/"))
    seen = desk.see(f"{there}papers/{info.documents[1].public_id}/")
    assert (seen.content, seen["Content-Type"]) == (paper("f"), "image/png")
    assert "sandbox" in seen["Content-Security-Policy"]
    desk.send(f"{there}act/", page=there, do="ask", asked_food_licence="Both sides, please.")
    shown = text(browser.see(PAGE))
    assert "Both sides, please." in shown
    empty = browser.send(PAGE, page=PAGE, do="answer", **fields(food))
    assert empty.status_code == 422
    browser.send(
        PAGE, page=PAGE, do="answer", documents_food_licence=file("both"), text="Here.",
        **fields(food, names_1="River Teas"),
    )  # fmt: skip
    assert "Here." in text(desk.see(there))
    desk.send(f"{there}act/", page=there, do="approve", note="Welcome!")
    done = browser.see(PAGE)
    assert "Welcome!" in text(done)
    [place] = [one for one in platforms.person(person.id).memberships if one.merchant_id]
    today = browser.send("/role/", page=PAGE, membership=str(place.id), next=done.wsgi_request.path)
    assert today.status_code == 200
    console = text(browser.see("/merchant/"))
    assert 'id="setting-up"' in console
    assert place.merchant_id is not None
    ask_passwords_only()
    browser.send(
        "/merchant/money/account/", page="/merchant/money/", do="propose", bank="吉林银行",
        holder="长春江茶贸易有限公司", number="6222020000004321", **SURE,
    )  # fmt: skip
    assert platforms.payout_account(place.merchant_id) is not None
    tariff = {"kind": "sandbox", "name_0": "快递", "first_price": "8", "step_price": "1.50",
              "days_min": "2", "most": "50"}  # fmt: skip
    assert browser.send("/merchant/delivery/", days_max="1", **tariff).status_code == 422
    browser.send("/merchant/delivery/", page="/merchant/delivery/", days_max="4", **tariff)
    [rate] = logistics.rates(merchant_id=place.merchant_id)
    assert (rate.rule["first_price"], rate.rule["step_price"]) == (800, 150)
    make_goods(platforms.merchant(place.merchant_id))
    settle()
    assert 'id="setting-up"' not in text(browser.see("/merchant/"))
    ended = text(browser.see(PAGE))
    assert ("Your shop is open." if language == "en" else "您的店铺已开业。") in ended


def test_refused_withdrawn_anew() -> None:
    take_applications()
    person = applicant()
    info = handed_in(person.id)
    desk, browser = operator(), sign_in(person)
    there = f"/operator/applications/{info.public_id}/"
    desk.send(f"{there}act/", page=there, do="refuse", reason=" ")
    desk.send(f"{there}act/", page=there, do="nonsense")
    assert journeys.application(application_id=info.id).state == "in_review"
    desk.send(f"{there}act/", page=there, do="refuse", reason="The name is taken.")
    assert "The name is taken." in text(browser.see(PAGE))
    browser.send(PAGE, page=PAGE, do="renew")
    assert "Hand it in" in text(browser.see(PAGE))
    browser.send(PAGE, page=PAGE, do="withdraw")
    assert "Apply anew" in text(browser.see(PAGE))
    browser.send(PAGE, page=PAGE, do="nonsense")
    ended = journeys.application(application_id=info.id)
    assert (ended.state, ended.attempt) == ("withdrawn", 1)
    stranger = sign_in(applicant())
    assert stranger.see(there).status_code == 403
    assert stranger.see("/operator/applications/").status_code == 403


def test_what_a_platform_asks_is_said() -> None:
    person = applicant()
    browser = sign_in(person)
    assert "takes no applications" in text(browser.see(PAGE))
    assert PAGE not in text(browser.see("/"))
    take_applications()
    need_level("verified")
    assert PAGE in text(browser.see("/"))
    info = handed_in(person.id)
    shown = text(browser.see(PAGE))
    assert "/merchant/identity/" in shown
    assert "Identity and agreement come first" in text(
        operator().see(f"/operator/applications/{info.public_id}/")
    )
    [place] = [one for one in platforms.person(person.id).memberships if one.merchant_id]
    after = browser.send(
        "/role/", page=PAGE, membership=str(place.id),
        next=f"{browser.prefix}/merchant/identity/",
    )  # fmt: skip
    assert "长春" in text(after) or "91220101" in text(after), "stated already"
