"""The second factor on pages: set up by the account's settings, asked for when signing in."""

import re

import pytest

from platforms import facade as platforms
from tests.factories.platforms import PASSWORD, code_of, enrol, make_person
from tests.factories.storefront import Browser, sign_in

pytestmark = pytest.mark.usefixtures("platform")


def test_set_up_and_sign_in_with_it() -> None:
    person = make_person(password=PASSWORD, language="en")
    browser = sign_in(person)
    assert "Set up an authenticator app" in browser.see("/account/security/").content.decode()
    begin = {"path": "/account/security/begin/", "page": "/account/security/"}
    for password in ("", "not my password"):
        refused = browser.send(**begin, password=password)
        assert refused.status_code == 422
        assert "Secret" not in refused.content.decode(), "an open session alone adds no app"
    page = browser.send(**begin, password=PASSWORD).content.decode()
    assert "<svg" in page
    found = re.search(r"<code translate=\"no\">([A-Z2-7]{32})</code>", page)
    assert found
    wrong = browser.send("/account/security/act/", do="finish", code="1")
    assert wrong.status_code == 422
    assert "used already" in wrong.content.decode() or "right" in wrong.content.decode()
    done = browser.send("/account/security/act/", do="finish", code=code_of(found[1]))
    assert "recovery codes" in done.content.decode()
    assert platforms.has_second_factor(person.id)

    other = Browser("en")
    answer = other.send("/sign-in/", email=person.email, password=PASSWORD)
    assert "Confirm that it is you" in answer.content.decode()
    assert "Authenticator app" not in other.see("/account/security/").content.decode()
    answer = other.send("/sign-in/", email=person.email, password=PASSWORD)
    assert other.send("/sign-in/code/", code="123").status_code == 422
    other.send("/sign-in/code/", code=code_of(found[1], ahead=1))
    assert "In use since" in other.see("/account/security/").content.decode()


def test_a_platform_that_requires_it_leads_there() -> None:

    platforms.change_settings(settings={"sign_in": {"second_factor": "operators"}})
    person = make_person(role="operator", password=PASSWORD, language="en")
    browser = sign_in(person)
    assert "Set up an authenticator app" in browser.see("/operator/").content.decode()
    enrol(person.id)
    assert browser.see("/operator/").redirect_chain == []


PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " Mobile/15E148 MicroMessenger/8.0.50"
)


def test_signed_in_elsewhere_is_seen_and_ended() -> None:
    person = make_person(password=PASSWORD, language="en")
    stranger = make_person(password=PASSWORD, language="en")
    here, theirs = sign_in(person), sign_in(stranger)
    assert "Sign out everywhere else" not in here.see("/account/sessions/").content.decode()
    phone = Browser("en", HTTP_USER_AGENT=PHONE)
    phone.send("/sign-in/", email=person.email, password=PASSWORD)
    third = sign_in(person)
    page = here.see("/account/sessions/").content.decode()
    assert "WeChat on iPhone" in page
    assert page.count("Sign out there") == 2

    [foreign] = [one.id for one in platforms.sessions_of(stranger.id)]
    for wrong in (str(foreign), "not-an-id"):
        answer = here.send("/account/sessions/end/", page="/account/sessions/", session=wrong)
        assert "signed out already" in answer.content.decode()
    on_phone = next(one for one in platforms.sessions_of(person.id) if "iPhone" in one.user_agent)
    here.send("/account/sessions/end/", page="/account/sessions/", session=str(on_phone.id))
    assert "Sign in" in phone.see("/account/sessions/").content.decode()
    answer = here.send("/account/sessions/end/", page="/account/sessions/")
    assert "Signed out in 1 other browser." in answer.content.decode()
    assert "Sign in" in third.see("/account/sessions/").content.decode()
    assert "Where you are signed in" in here.see("/account/sessions/").content.decode()
    assert "Where you are signed in" in theirs.see("/account/sessions/").content.decode()
