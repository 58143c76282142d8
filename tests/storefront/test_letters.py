"""What begins with a letter: a new password, an invitation."""

import re

import pytest

from kernel import jobs, mail
from platforms import facade as platforms
from tests.factories.platforms import make_merchant, make_person
from tests.factories.storefront import (
    PASSWORD,
    SURE,
    Browser,
    ask_passwords_only,
    operator,
    sign_in,
)

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "another long sentence"


@pytest.fixture(autouse=True)
def _in_scope(platform: object) -> None:
    """Letters are sent by jobs, which want to be outside of a transaction."""


def last_link(browser: Browser) -> str:
    """The address in the latest letter, below the platform."""
    jobs.drain()
    letter = mail.letters(limit=1).items[0]
    found = re.search(r"https?://[^/\s]+(/p/[^\s]+)", letter.body)
    assert found, letter.body
    return found[1]


def test_forgotten_password() -> None:
    person = make_person(password=PASSWORD)
    browser = Browser()
    known = browser.send("/reset/", email=person.email).content.decode()
    unknown = browser.send("/reset/", email="nobody@buyers.example").content.decode()
    assert "a letter is on its way" in known
    assert "a letter is on its way" in unknown
    link = last_link(browser)
    assert browser.see(link).status_code == 200
    assert browser.send(link, password="short").status_code == 422
    assert "Your new password is set" in browser.send(link, password=NEW).content.decode()
    assert browser.see(link).status_code >= 400  # a link works once
    assert Browser().send("/sign-in/", email=person.email, password=PASSWORD).status_code == 422
    assert Browser().send("/sign-in/", email=person.email, password=NEW).status_code == 200


def test_invitation_of_an_owner() -> None:
    ask_passwords_only()
    merchant = make_merchant()
    desk = operator()
    path = f"/operator/merchants/{merchant.public_id}/"
    desk.send(path + "invite/", page=path, email="boss@merchants.example", **SURE)
    browser = Browser()
    link = last_link(browser)
    page = browser.see(link).content.decode()
    assert "boss@merchants.example" in page
    assert browser.send(link, name="", password=NEW).status_code == 422
    assert "Welcome" in browser.send(link, name="Li Na", password=NEW).content.decode()
    answer = browser.send("/sign-in/", email="boss@merchants.example", password=NEW)
    assert answer.request["PATH_INFO"].endswith("/merchant/")
    assert browser.see(link).status_code >= 400


def test_invitation_of_somebody_known_asks_for_no_password() -> None:
    merchant = make_merchant()
    person = make_person(password=PASSWORD)
    platforms.invite(
        email=person.email, role=platforms.Role.MERCHANT_STAFF, merchant_id=merchant.id
    )
    browser = Browser()
    link = last_link(browser)
    assert 'type="password"' not in browser.see(link).content.decode()
    browser.send(link)
    assert sign_in(person).see("/merchant/").status_code == 200


def test_letters_are_shown_only_outside_of_production(settings: object) -> None:
    assert Browser().see("/mail/").status_code == 200
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    assert Browser().see("/mail/").status_code == 404
