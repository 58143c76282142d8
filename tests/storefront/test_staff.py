"""The staff's pages at both desks, and what a role shows and refuses."""

import html
import re
from decimal import Decimal

import pytest

from kernel import mail
from kernel.ids import public_id
from kernel.tenancy import Tenant
from marketplace import facade as marketplace
from platforms import facade as platforms
from platforms.facade import MerchantInfo, PersonInfo, Role
from tests.factories.platforms import make_merchant, make_person
from tests.factories.storefront import (
    PASSWORD,
    SURE,
    Browser,
    ask_passwords_only,
    make_goods,
    operator,
    owner_of,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture(autouse=True)
def by_password(platform: Tenant) -> None:
    ask_passwords_only()


def clerk(merchant: MerchantInfo, *permissions: str, name: str = "Hall") -> PersonInfo:
    """Somebody on the merchant's staff, in a role of its own with these permissions."""
    own = platforms.create_staff_role(name=name, permissions=permissions, merchant_id=merchant.id)
    person = make_person(password=PASSWORD, language="en", name="Li Lei")
    platforms.grant_role(
        person_id=person.id, role=Role.MERCHANT_STAFF, merchant_id=merchant.id,
        staff_role_id=own.id,
    )  # fmt: skip
    return person


def form_fields(page: str) -> dict[str, str]:
    """What the largest form of a page would send as it stands."""
    form = max(re.findall(r"<form.*?</form>", page, re.S), key=len)
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {part}="([^"]*)"', tag) for part in ("name", "value"))
        if name and ('type="checkbox"' not in tag or "checked" in tag):
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name_, body in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name_] = html.unescape(body).strip()
    for name_, body in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name_] = chosen[1] if chosen else ""
    found.pop("csrfmiddlewaretoken", None)
    return found


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_owner_makes_a_role_and_gives_it(language: str) -> None:
    merchant = make_merchant()
    desk = owner_of(merchant, language)
    page = text(desk.see("/merchant/staff/roles/new/", **{"from": "warehouse"}))
    assert page.count("checked") == 2
    assert desk.send("/merchant/staff/roles/new/", name="", **SURE).status_code == 422
    desk.send("/merchant/staff/roles/new/", name="Hall 3", permissions=["stock", "orders"], **SURE)
    [own] = platforms.staff_roles(merchant_id=merchant.id).items
    assert "Hall 3" in text(desk.see("/merchant/staff/"))
    sent = desk.send("/merchant/staff/", email="li@people.example", role=own.public_id, **SURE)
    assert "li@people.example" in text(sent)
    letter = mail.letters(limit=1).items[0]
    assert "/invitations/" in letter.body
    [invited] = platforms.invitations_page(merchant_id=merchant.id).items
    assert invited.staff_role_id == own.id
    refused = desk.send(f"/merchant/staff/roles/{own.public_id}/remove/", page="/merchant/staff/")
    assert platforms.staff_role(own.id, merchant.id)
    assert refused.status_code == 200
    where = f"/merchant/staff/invitations/{public_id('inv', invited.id)}/withdraw/"
    desk.send(where, page="/merchant/staff/")
    desk.send(f"/merchant/staff/roles/{own.public_id}/remove/", page="/merchant/staff/")
    assert platforms.staff_roles(merchant_id=merchant.id).items == []


def test_a_role_shows_and_opens_what_it_includes() -> None:
    goods = make_goods()
    browser = sign_in(clerk(goods.merchant, "stock", "orders"))
    page = text(browser.see("/merchant/"))
    assert "Li Lei" in page
    for shown in ("/merchant/orders/", "/merchant/stock/"):
        assert f'href="{browser.prefix}{shown}"' in page
        assert browser.see(shown).status_code == 200
    for hidden in ("/merchant/products/", "/merchant/money/", "/merchant/keys/", "/merchant/staff/",
                   "/merchant/promotions/", "/contracts/", "/certificates/",
                   "/merchant/seals/"):  # fmt: skip
        assert f'href="{browser.prefix}{hidden}"' not in page
        assert browser.see(hidden).status_code == 403, hidden
    api = f"{browser.prefix}/api/v1"
    assert browser.get(f"{api}/stock").status_code == 200
    refused = browser.get(f"{api}/balance")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert refused.json()["permission"] == "money.see"


def test_the_account_menu_leads_to_no_refusal() -> None:
    """Contracts and certificates are people's and merchants', whose staff needs the permission."""
    merchant = make_merchant()
    signed = ("/contracts/", "/certificates/")

    def offered(desk: Browser) -> list[bool]:
        menu = text(desk.see("/account/"))
        for path in signed:
            assert (desk.see(path).status_code == 200) == (f'{path}"' in menu), path
        assert '/account/identity/"' in menu
        return [f'{path}"' in menu for path in signed]

    assert offered(operator()) == [False, False]
    assert offered(sign_in(clerk(merchant, "orders"), "en")) == [False, False]
    assert offered(sign_in(clerk(merchant, "contracts", name="Papers"), "en")) == [True, True]
    assert offered(owner_of(merchant)) == [True, True]
    assert offered(sign_in(make_person(password=PASSWORD, language="en"), "en")) == [True, True]


def test_a_refused_page_says_whom_to_ask() -> None:
    merchant = make_merchant()
    make_person(role="merchant_owner", merchant_id=merchant.id, name="Wang Fang")
    page = text(sign_in(clerk(merchant, "stock")).see("/merchant/money/"))
    assert "See money" in page
    assert "Wang Fang" in page


def test_taking_a_permission_away_holds_for_who_is_signed_in() -> None:
    merchant = make_merchant()
    person = clerk(merchant, "stock", "promotions")
    browser, desk = sign_in(person), owner_of(merchant)
    assert browser.see("/merchant/promotions/").status_code == 200
    [own] = platforms.staff_roles(merchant_id=merchant.id).items
    desk.send(f"/merchant/staff/roles/{own.public_id}/", name="Hall", permissions=["stock"], **SURE)
    assert browser.see("/merchant/promotions/").status_code == 403
    act = f"/merchant/staff/{person.public_id}/act/"
    desk.send(act, page="/merchant/staff/", do="place", role="merchant_staff", **SURE)
    assert browser.see("/merchant/promotions/").status_code == 200
    desk.send(act, page="/merchant/staff/", do="remove", **SURE)
    assert browser.see("/merchant/").status_code == 403
    assert platforms.person(person.id).memberships == ()


def test_who_gives_roles_gives_no_more_than_their_own() -> None:
    merchant = make_merchant()
    owner = make_person(role="merchant_owner", merchant_id=merchant.id, name="Wang Fang")
    browser = sign_in(clerk(merchant, "staff", "stock"))
    page = text(browser.see("/merchant/staff/"))
    assert "Their role goes beyond yours." in page
    form = text(browser.see("/merchant/staff/roles/new/"))
    assert form.count("disabled") >= 10
    wide = browser.send("/merchant/staff/roles/new/", name="X", permissions=["payouts"], **SURE)
    assert wide.status_code == 422
    browser.send("/merchant/staff/", email="x@people.example", role="merchant_owner", **SURE)
    assert platforms.invitations_page(merchant_id=merchant.id).items == []
    act = f"/merchant/staff/{owner.public_id}/act/"
    browser.send(act, page="/merchant/staff/", do="remove", **SURE)
    assert platforms.person(owner.id).memberships
    stranger = make_person(role="merchant_owner", merchant_id=make_merchant().id)
    browser.send(f"/merchant/staff/{stranger.public_id}/act/", do="remove", **SURE)
    assert platforms.person(stranger.id).memberships


def test_a_price_needs_its_own_permission() -> None:
    goods = make_goods(price="12.50")
    browser = sign_in(clerk(goods.merchant, "catalogue"))
    path = f"/merchant/products/{public_id('prd', goods.product.id)}/"
    fields = form_fields(text(browser.see(path)))
    price = min(name for name in fields if name.endswith("-price"))
    refused = browser.send(path, page=path, **{**fields, price: "1"})
    assert "Your role doesn&#x27;t include this" in text(refused)
    assert marketplace.prices([goods.variant_id])[goods.variant_id].unit_price == Decimal("12.50")


def test_the_platforms_staff() -> None:
    desk = operator()
    desk.send("/operator/staff/roles/new/", name="Desk", permissions=["service", "audit"], **SURE)
    [own] = platforms.staff_roles().items
    person = make_person(password=PASSWORD, language="en")
    platforms.grant_role(person_id=person.id, role=Role.OPERATOR, staff_role_id=own.id)
    browser = sign_in(person)
    assert browser.see("/operator/").status_code == 200
    assert browser.see("/operator/returns/").status_code == 200
    assert browser.see("/operator/audit/").status_code == 200
    assert browser.see("/admin/").status_code == 200
    for closed in ("/operator/ledger/", "/operator/merchants/", "/operator/staff/",
                   "/operator/attention/"):  # fmt: skip
        assert browser.see(closed).status_code == 403, closed
    act = f"/operator/staff/{person.public_id}/act/"
    platforms.change_staff_role(staff_role_id=own.id, name="Desk", permissions=["service"])
    assert browser.see("/admin/").status_code == 403
    desk.send(act, page="/operator/staff/", do="place", role="operator", **SURE)
    assert browser.see("/operator/ledger/").status_code == 200
    assert Browser().see("/operator/staff/").redirect_chain


def test_of_two_who_change_a_role_the_slower_is_told() -> None:
    merchant = make_merchant()
    desk = owner_of(merchant, "en")
    own = platforms.create_staff_role(name="Hall", permissions=["stock"], merchant_id=merchant.id)
    path = f"/merchant/staff/roles/{own.public_id}/"
    given = form_fields(text(desk.see(path)))
    platforms.change_staff_role(
        staff_role_id=own.id, name="Hall", permissions=["stock", "orders"], merchant_id=merchant.id
    )
    answer = desk.send(path, page=path, **{**given, "permissions": ["stock", "money"], **SURE})
    assert answer.status_code == 422
    assert "has changed since you read it" in html.unescape(text(answer))
    [kept] = platforms.staff_roles(merchant_id=merchant.id).items
    assert "money" not in kept.permissions
    given = form_fields(text(desk.see(path)))
    desk.send(path, page=path, **{**given, "permissions": ["stock", "money"], **SURE})
    [kept] = platforms.staff_roles(merchant_id=merchant.id).items
    assert "money" in kept.permissions
