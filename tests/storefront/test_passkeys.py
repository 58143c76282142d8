"""Passkeys on pages: what the page's script sends, sent by hand; tests/browser has the script."""

import json
import re
from typing import Any

import pytest

from platforms import facade as platforms
from tests.factories.passkeys import TESTSERVER, Device, add_passkey
from tests.factories.platforms import PASSWORD, enrol, make_person
from tests.factories.storefront import Browser, sign_in

pytestmark = pytest.mark.usefixtures("platform")
SECURITY, NEW = "/account/security/", "/account/passkeys/new/"


def asked(answer: Any) -> dict[str, Any]:
    """The options that a page carries for its script."""
    found = re.search(r'id="passkey-options"[^>]*>(.*?)</script>', answer.content.decode())
    assert found, answer.content.decode()
    options: dict[str, Any] = json.loads(found[1])
    return options


def enter(browser: Browser, device: Device, **more: Any) -> Any:
    options = browser.send("/sign-in/passkey/options/").json()
    return browser.send(
        "/sign-in/passkey/", page="/sign-in/", credential=device.sign(options), **more
    )


def test_add_sign_in_confirm_rename_remove() -> None:
    person = make_person(password=PASSWORD, language="en")
    browser, device = sign_in(person), Device(TESTSERVER)
    assert "Add a passkey" in browser.see(SECURITY).content.decode()
    assert browser.send(NEW, name="My phone", password="wrong one!").status_code == 422
    page = browser.send(NEW, name="My phone", password=PASSWORD)
    added = browser.send(NEW, name="My phone", credential=device.make(asked(page)))
    text = added.content.decode()
    assert "Your recovery codes" in text
    assert "My phone" in text

    other = Browser("en")
    assert "Sign in with a passkey" in other.see("/sign-in/").content.decode()
    answer = enter(other, device, next=f"{other.prefix}{SECURITY}")
    assert answer.request["PATH_INFO"].endswith(SECURITY)
    assert "Signing in and confirming" in answer.content.decode()

    third = Browser("en")
    second = third.send("/sign-in/", email=person.email, password=PASSWORD).content.decode()
    assert "data-passkey-proof" in second
    options = third.send("/account/passkeys/options/").json()
    proof = third.send("/account/passkeys/prove/", credential=device.sign(options)).json()
    third.send("/sign-in/code/", code=proof["code"])
    assert "My phone" in third.see(SECURITY).content.decode()

    [one] = platforms.passkeys_of(person.id)
    path = f"/account/passkeys/{one.public_id}/"
    assert "The name is changed" in third.send(path, do="rename", name="Key").content.decode()
    assert third.send(path, do="rename", name="").status_code == 422
    assert third.send(path, do="remove", code="1").status_code == 422
    options = third.send("/account/passkeys/options/").json()
    proof = third.send("/account/passkeys/prove/", credential=device.sign(options)).json()
    answer = third.send(path, do="remove", code=proof["code"])
    assert "The passkey is removed" in answer.content.decode()
    assert third.see(path).status_code == 404
    refused = enter(Browser("en"), device).content.decode()
    assert "open anything here" in refused


def test_what_is_refused_is_said_in_the_readers_language() -> None:
    browser = Browser("zh-hans")
    assert browser.send("/account/passkeys/options/").status_code == 403
    answer = browser.send("/sign-in/passkey/", page="/sign-in/", credential="{}")
    assert "此通行密钥在这里无法使用" in answer.content.decode()
    person = make_person(password=PASSWORD, language="zh-hans")
    inside = sign_in(person, "zh-hans")
    none = inside.send("/account/passkeys/options/")
    assert none.status_code == 409
    assert "您没有可在此网址使用的通行密钥" in none.json()["error"]


def test_an_answer_belongs_to_its_browser() -> None:
    person = make_person(password=PASSWORD)
    device, _added = add_passkey(person.id, Device(TESTSERVER))
    thief, mine = Browser("en"), Browser("en")
    answer = device.sign(mine.send("/sign-in/passkey/options/").json())
    stolen = thief.send("/sign-in/passkey/", page="/sign-in/", credential=answer)
    assert "took too long" in stolen.content.decode()
    back = mine.send("/sign-in/passkey/", page="/sign-in/", credential=answer)
    assert "took too long" not in back.content.decode()


def test_strangers_see_nothing_of_ones_passkeys() -> None:
    person = make_person(password=PASSWORD)
    _device, added = add_passkey(person.id, Device(TESTSERVER))
    path = f"/account/passkeys/{added.passkey.public_id}/"
    stranger = sign_in(make_person(password=PASSWORD))
    assert stranger.see(path).status_code == 404
    assert stranger.send(path, page=path, do="rename", name="mine").status_code == 404
    assert "data-passkey-proof" not in stranger.see(SECURITY).content.decode()


def test_with_an_app_a_code_is_asked_for_and_a_lost_step_is_begun_anew() -> None:
    person = make_person(password=PASSWORD, language="en")
    factor = enrol(person.id)
    browser = Browser("en")
    browser.send("/sign-in/", email=person.email, password=PASSWORD)
    browser.send("/sign-in/code/", code=factor.recovery_codes[0])
    assert browser.send(NEW, name="Phone", password=PASSWORD, code="1").status_code == 422
    code = factor.recovery_codes[1]
    page = browser.send(NEW, name="Phone", password=PASSWORD, code=code)
    made = Device(TESTSERVER).make(asked(page))
    done = browser.send(NEW, name="Phone", credential=made).content.decode()
    assert "The passkey is added" in done
    again = browser.send(NEW, name="Phone", credential=made).content.decode()
    assert "took too long" in again
    assert 'name="password"' in again


def test_an_app_beside_passkeys_is_begun_with_a_code() -> None:
    person = make_person(password=PASSWORD, language="en")
    browser, begin = sign_in(person), "/account/security/begin/"
    _device, added = add_passkey(person.id, Device(TESTSERVER))
    assert 'id="begin-code"' in browser.see(SECURITY).content.decode()
    for wrong in ("", "123456"):
        answer = browser.send(begin, page=SECURITY, code=wrong)
        assert answer.status_code == 422
        assert "Secret" not in answer.content.decode()
    code = added.recovery_codes[0]
    assert "Secret" in browser.send(begin, page=SECURITY, code=code).content.decode()
