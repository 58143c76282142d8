"""Another e-mail address: asked for with the password, confirmed there, told to the old one."""

import re
from datetime import timedelta

import pytest

from kernel import clock, jobs, mail
from kernel.records.audit import AuditRecord
from kernel.tenancy import Tenant
from platforms import facade
from platforms.models import EmailChange, Person
from tests.factories.platforms import PASSWORD, enrol, make_person
from tests.factories.storefront import Browser, sign_in

OLD, NEW = "fang@people.example", "fang.wang@people.example"
TOKEN = re.compile(r"/email/([\w-]+)/")


@pytest.fixture
def person(platform: Tenant) -> facade.PersonInfo:
    return make_person(email=OLD, password=PASSWORD, language="en")


def ask(person: facade.PersonInfo, email: str = NEW, **more: str) -> str:
    """The token of the letter that went to the new address."""
    facade.request_email_change(
        person_id=person.id, email=email, password=more.pop("password", PASSWORD), **more
    )
    letter = mail.letters(limit=1).items[0]
    assert letter.to == email
    found = TOKEN.search(letter.body)
    assert found
    return found[1]


def test_nothing_changes_before_the_link_is_followed(person: facade.PersonInfo) -> None:
    facade.request_password_reset(email=OLD)
    jobs.drain()
    reset = re.search(r"/reset/([\w-]+)/", mail.letters(limit=1).items[0].body)
    token, later = ask(person, f" {NEW.upper()} ".strip().lower()), ask(person)
    assert facade.sign_in(email=OLD, password=PASSWORD).person_id == person.id
    assert NEW not in str(list(EmailChange.objects.values()))
    facade.check_email_change(token=token)
    assert facade.confirm_email_change(token=token) == person.id
    assert facade.sign_in(email=NEW, password=PASSWORD).person_id == person.id
    with pytest.raises(facade.WrongCredentials):
        facade.sign_in(email=OLD, password=PASSWORD)
    told = mail.letters(limit=1).items[0]
    assert (told.to, "another address" in told.body, NEW in told.body) == (OLD, True, False)
    assert reset is not None
    for spent in (token, later):
        with pytest.raises(facade.TokenSpent):
            facade.confirm_email_change(token=spent)
        with pytest.raises(facade.TokenSpent):
            facade.check_email_change(token=spent)
    with pytest.raises(facade.TokenSpent):  # whoever reads the old mailbox gets in no more
        facade.reset_password(token=reset[1], password="another long sentence")
    [kept] = AuditRecord.objects.filter(action="platforms.person.email_changed")
    assert NEW not in str(kept.__dict__)


def test_refused(person: facade.PersonInfo) -> None:
    taken = make_person(email="taken@people.example")
    assert taken
    with pytest.raises(facade.EmailTaken) as double:
        ask(person, "taken@people.example")
    assert double.value.field == "email"
    with pytest.raises(facade.WrongCredentials) as wrong:
        ask(person, password="not my password")
    assert wrong.value.field == "password"
    token = ask(person)
    with clock.frozen(clock.system() + timedelta(minutes=61)), pytest.raises(facade.TokenSpent):
        facade.confirm_email_change(token=token)
    make_person(email=NEW)  # somebody took it meanwhile
    with pytest.raises(facade.EmailTaken):
        facade.confirm_email_change(token=token)
    assert facade.sign_in(email=OLD, password=PASSWORD).person_id == person.id
    factor = enrol(person.id)
    with pytest.raises(facade.WrongCode):
        ask(person, "third@people.example")
    assert ask(person, "third@people.example", code=factor.code())
    facade.disable_person(person_id=person.id)
    facade.erase_person(person_id=person.id)
    assert not EmailChange.objects.exists()
    assert Person.objects.filter(id=person.id).exists()


def test_strangers_are_not_written_to_again_and_again(person: facade.PersonInfo) -> None:
    for number in range(3):
        ask(person, f"stranger{number}@people.example")
    with pytest.raises(facade.TooManyAttempts) as enough:
        ask(person, "stranger3@people.example")
    assert enough.value.params["retry_after"] > 0
    assert EmailChange.objects.count() == 3
    for name in ("one", "two"):
        other = make_person(email=f"{name}@people.example", password=PASSWORD)
        ask(other, "stranger0@people.example")
    last = make_person(email="three@people.example", password=PASSWORD)
    with pytest.raises(facade.TooManyAttempts):
        ask(last, "stranger0@people.example")


def test_on_pages(person: facade.PersonInfo) -> None:
    browser, elsewhere = sign_in(person), sign_in(person)
    page = "/account/email/"
    refused = browser.send(page, page=page, email=NEW, password="not my password")
    assert (refused.status_code, "right" in refused.content.decode()) == (422, True)
    assert (
        b"A letter is on its way"
        in browser.send(page, page=page, email=NEW, password=PASSWORD).content
    )
    found = TOKEN.search(mail.letters(limit=1).items[0].body)
    assert found
    stranger, link = Browser(), f"/email/{found[1]}/"  # the letter may be read in another browser
    assert b"Use this address" in stranger.see(link).content
    assert Person.objects.get(id=person.id).email_lookup, "opening it changes nothing"
    assert b"Your new address is in use" in stranger.send(link, page=link).content
    assert stranger.see(link).status_code == 410

    page = "/account/password/"
    short = browser.send(page, page=page, current=PASSWORD, new="short")
    assert short.status_code == 422
    done = browser.send(page, page=page, current=PASSWORD, new="another long sentence")
    assert b"Your new password is set" in done.content
    assert b"Sign in" in elsewhere.see("/account/security/").content
    assert facade.sign_in(email=NEW, password="another long sentence").person_id == person.id
