"""A person's copy of their data, and the end of it, through every context."""

import io
import json
import threading
import zipfile
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from certification import facade as certification
from kernel import clock, jobs, mail, outbox, personal, tenancy
from kernel.errors import NotFound
from kernel.privacy import SECTIONS
from kernel.tenancy import Tenant
from marketplace import facade as marketplace
from marketplace.models import Cart, Order, SavedAddress, SavedItem
from payments import facade as payments
from payments.services import gateway_account
from platforms import facade
from platforms.models import DataExport, Erasure, Person
from search import facade as search
from tests.factories.identity import someone, verified_person
from tests.factories.logistics import make_address
from tests.factories.payments import make_ways_to_pay
from tests.factories.platforms import (
    PASSWORD,
    api_client,
    enrol,
    make_key,
    make_merchant,
    make_person,
)
from tests.factories.storefront import ADDRESS, Browser, buy, make_goods, sign_in
from tests.factories.world import CONTACT

PAGE = "/account/data/"


@pytest.fixture
def person(platform: Tenant) -> facade.PersonInfo:
    return make_person(
        role="buyer", email="fang@people.example", name="王芳", password=PASSWORD, language="en"
    )


def export(browser: Browser, **more: str) -> Any:
    return browser.send(PAGE, page=PAGE, do="export", **{"export-password": PASSWORD, **more})


def erase(browser: Browser, **more: str) -> Any:
    return browser.send(PAGE, page=PAGE, do="erase", **{"erase-password": PASSWORD, **more})


def contents(person: facade.PersonInfo) -> tuple[dict[str, Any], str]:
    """data.json by section, and the page."""
    [info] = facade.exports_of(person_id=person.id)[:1]
    _name, data = facade.export_content(person_id=person.id, export_id=info.id)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        told = json.loads(file.read("data.json"))
        return {one["name"]: one["rows"] for one in told["sections"]}, file.read(
            "index.html"
        ).decode()


def finish(person: facade.PersonInfo) -> None:
    """The person's orders are at their end."""
    for order in Order.objects.filter(buyer_id=person.id):
        order.state = Order.State.COMPLETED
        order.save()


def later(**gap: float) -> Any:
    return clock.frozen(clock.system() + timedelta(**gap))


def test_a_copy_of_everything(person: facade.PersonInfo) -> None:
    browser = sign_in(person)
    buy(browser, make_goods())
    jobs.drain()
    outbox.drain()
    [order] = marketplace.orders(buyer_id=person.id).items
    marketplace.write_message(
        key=uuid4(), order_id=order.id, side="buyer", text="<b>When</b> does it come?"
    )
    marketplace.save_address(buyer_id=person.id, contact=CONTACT, address=make_address())
    marketplace.save_item(buyer_id=person.id, variant_id=make_goods().variant_id)
    stranger = make_person(role="buyer", email="other@people.example", password=PASSWORD)
    assert export(browser, **{"export-password": "no"}).status_code == 422
    assert not DataExport.objects.exists()
    assert b"being made" in export(browser).content
    assert export(browser).status_code == 200, "asked twice it is one"
    assert DataExport.objects.count() == 1
    jobs.drain()
    jobs.drain()
    told, page = contents(person)
    assert set(told) == set(SECTIONS)
    assert told["profile"][0]["email"] == person.email
    [bought] = told["orders"]
    assert (bought["number"], bought["contact"]["name"]) == (order.number, ADDRESS["name"])
    assert "commission" not in bought
    assert bought["merchant_id"].startswith("mer_")
    assert bought["lines"][0]["variant_id"].startswith("var_")
    assert told["messages"][0]["text"] == "<b>When</b> does it come?"
    assert "&lt;b&gt;When&lt;/b&gt;" in page
    assert (len(told["addresses"]), len(told["kept_for_later"])) == (1, 1)
    assert told["payments"][0]["amount"] == order.total.as_api()
    assert "Your data at" in mail.letters(limit=1).items[0].subject
    shown = browser.see(PAGE).content.decode()
    [info] = facade.exports_of(person_id=person.id)
    where = f"{PAGE}{info.public_id}/"
    assert where in shown
    fetched = browser.see(where)
    assert fetched["Content-Type"] == "application/zip"
    assert fetched.content[:2] == b"PK"
    assert sign_in(stranger).see(where).status_code == 404
    raw = bytes(DataExport.objects.get().content_sealed or b"")
    assert b"PK\x03\x04" not in raw
    with later(days=8):
        assert facade.exports_of(person_id=person.id)[0].state == "ready"
        with pytest.raises(NotFound):
            facade.export_content(person_id=person.id, export_id=info.id)
        jobs.run_periodic("platforms.tidy")
    row = DataExport.objects.get()
    assert (row.state, row.content_sealed) == ("expired", None)


def test_erased_after_some_days(person: facade.PersonInfo) -> None:
    browser = sign_in(person)
    buy(browser, make_goods())
    jobs.drain()
    outbox.drain()
    refused = erase(browser)
    assert refused.status_code == 422
    assert b"is in the state" in refused.content, "says which order"
    finish(person)
    marketplace.save_address(buyer_id=person.id, contact=CONTACT, address=make_address())
    marketplace.save_item(buyer_id=person.id, variant_id=make_goods().variant_id)
    planned = erase(browser)
    assert b"Keep the account" in planned.content
    assert erase(browser).status_code == 200
    assert Erasure.objects.count() == 1
    assert "will be deleted" in mail.letters(limit=1).items[0].subject
    assert jobs.run_periodic("platforms.erase_due") == {"ended": 0}
    assert b"Your account stays" in browser.send(f"{PAGE}keep/", page=PAGE).content
    assert b"Nothing is planned" in browser.send(f"{PAGE}keep/", page=PAGE).content
    with later(days=30):
        assert jobs.run_periodic("platforms.erase_due") == {"ended": 0}
    export(browser)
    jobs.drain()
    erase(browser)
    with later(days=7, minutes=1):
        assert jobs.run_periodic("platforms.erase_due") == {"ended": 1}
        assert jobs.run_periodic("platforms.erase_due") == {"ended": 0}
    outbox.drain()
    jobs.drain()
    assert personal.erased(person.id)
    for table in (Cart, SavedAddress, SavedItem):
        assert not table.objects.filter(buyer_id=person.id).exists()
    assert Order.objects.filter(buyer_id=person.id).exists(), "the books keep it"
    [kept] = marketplace.orders(buyer_id=person.id).items
    whole = marketplace.order(order_id=kept.id, with_address=True)
    assert whole is not None
    assert (whole.contact, whole.address) == (None, None)
    with pytest.raises(NotFound):
        contents(person)
    assert b"Sign in" in browser.see(PAGE).content
    with pytest.raises(facade.WrongCredentials):
        facade.sign_in(email=person.email, password=PASSWORD)
    again = make_person(role="buyer", email=person.email, password=PASSWORD)
    assert again.id != person.id, "the address is free"


def test_what_began_meanwhile_holds(person: facade.PersonInfo) -> None:
    browser = sign_in(person)
    erase(browser)
    buy(browser, make_goods())
    jobs.drain()
    outbox.drain()
    with later(days=8):
        assert jobs.run_periodic("platforms.erase_due") == {"ended": 1}
    assert not personal.erased(person.id)
    letter = mail.letters(limit=1).items[0]
    [order] = marketplace.orders(buyer_id=person.id).items
    assert order.number in letter.body
    held = facade.last_erasure(person_id=person.id)
    assert held is not None
    assert (held.state, order.number in held.held_by[0]) == ("held", True)
    finish(person)
    assert b"Keep the account" in erase(browser).content, "asked again"


def test_who_is_needed(platform: Tenant) -> None:
    merchant = make_merchant()
    owner = make_person(role="merchant_owner", merchant_id=merchant.id, password=PASSWORD)
    [only] = facade.obstacles(person_id=owner.id)
    assert merchant.name("en") in only or merchant.name("zh-hans") in only
    make_person(role="merchant_owner", merchant_id=merchant.id)
    assert facade.obstacles(person_id=owner.id) == ()
    operator = make_person(role="operator", password=PASSWORD)
    assert len(facade.obstacles(person_id=operator.id)) == 1
    with pytest.raises(facade.ErasureHeld):
        facade.request_erasure(person_id=operator.id, password=PASSWORD)


def test_password_and_second_factor(person: facade.PersonInfo) -> None:
    with pytest.raises(facade.WrongCredentials):
        facade.request_erasure(person_id=person.id, password="not my password")
    factor = enrol(person.id)
    with pytest.raises(facade.WrongCode):
        facade.request_erasure(person_id=person.id, password=PASSWORD, code="000000")
    assert not Erasure.objects.exists()
    made = facade.request_erasure(
        person_id=person.id, password=PASSWORD, code=factor.recovery_codes[0]
    )
    assert made.state == "waiting"
    for _each in range(5):
        facade.request_export(person_id=person.id, password=PASSWORD)
    with pytest.raises(facade.TooManyAttempts):
        facade.request_export(person_id=person.id, password=PASSWORD)


def test_over_the_api(person: facade.PersonInfo) -> None:
    api = api_client(make_key(kind="buyer", person_id=person.id))
    wrong = api.post("/personal-data/exports", {"password": "not my password"})
    assert wrong.status_code in (401, 403, 422)
    made = api.post("/personal-data/exports", {"password": PASSWORD}).json()
    assert made["state"] == "requested"
    assert api.get(f"/personal-data/exports/{made['id']}/content").status_code == 404
    jobs.drain()
    assert api.get(f"/personal-data/exports/{made['id']}").json()["state"] == "ready"
    assert api.get("/personal-data/exports").json()["data"][0]["size"] > 500
    assert api.get(f"/personal-data/exports/{made['id']}/content").content[:2] == b"PK"
    assert api.get("/personal-data/erasure").status_code == 404
    planned = api.post("/personal-data/erasure", {"password": PASSWORD})
    assert (planned.status_code, planned.json()["state"]) == (201, "waiting")
    assert api.delete("/personal-data/erasure").json()["deleted"] is True
    assert api.delete("/personal-data/erasure").status_code == 404
    shop = api_client(make_key(kind="merchant"))
    assert shop.get("/personal-data/exports").status_code == 403, "a key that is nobody's own"


def test_what_others_keep_goes_too(
    person: facade.PersonInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept searches, cards (at the gateway as well) and an identity that no law keeps yet."""
    search.save_search(owner=search.Owner(person_id=person.id), name="Tea", text="tea")
    certification.state_identity(
        subject=certification.Subject.person(person.id), particulars=someone()
    )
    make_ways_to_pay(person_id=person.id)
    forgotten: list[str] = []
    monkeypatch.setattr(
        gateway_account,
        "card_gateway",
        lambda: SimpleNamespace(forget_card=forgotten.append),
    )
    facade.erase_person(person_id=person.id)
    outbox.drain()
    jobs.drain()
    assert search.saved_searches(owner=search.Owner(person_id=person.id)).items == []
    assert certification.identity_of(certification.Subject.person(person.id)) is None
    assert payments.saved_cards(person_id=person.id) == []
    assert [token[:3] for token in forgotten] == ["pm_"]


def test_an_identity_that_a_law_keeps(person: facade.PersonInfo) -> None:
    """It goes on the day after; asked again before, nothing happens."""
    found = verified_person(person.id)
    until = certification.identity_kept_until(identity_id=found.id)
    assert until is not None
    facade.erase_person(person_id=person.id)
    outbox.drain()
    jobs.drain()
    subject = certification.Subject.person(person.id)
    assert certification.identity_of(subject) is not None
    with clock.frozen(datetime.combine(until + timedelta(days=1), time(1), UTC)):
        jobs.drain()
    assert certification.identity_of(subject) is None


@pytest.mark.django_db(transaction=True)
def test_erased_and_withdrawn_at_once(person: facade.PersonInfo) -> None:
    """Whichever comes first: either all stays or all goes."""
    facade.request_erasure(person_id=person.id, password=PASSWORD)
    tenant, found = tenancy.current(), []

    def run(call: Any) -> None:
        try:
            with tenancy.scope(tenant), personal.keyring():
                call()
        except NotFound as error:
            found.append(error)
        finally:
            connections.close_all()

    with later(days=8):
        threads = [
            threading.Thread(target=run, args=(call,))
            for call in (
                facade.erase_due,
                lambda: facade.withdraw_erasure(person_id=person.id),
                facade.erase_due,
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    state = Erasure.objects.get().state
    assert state in ("done", "withdrawn")
    assert personal.erased(person.id) == (state == "done") == bool(found)
    active = Person.objects.get(id=person.id).state == "active"
    assert active == (state == "withdrawn")
