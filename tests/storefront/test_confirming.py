"""Pages that change keys, accounts, providers and staff ask for password and second factor."""

import json
from typing import Any
from uuid import UUID

import pytest

from kernel.actors import Actor, acting
from kernel.ids import public_id
from kernel.records.audit import AuditRecord
from payments import facade as payments
from platforms import facade as platforms
from tests.factories.passkeys import TESTSERVER, Device, add_passkey, proof_of
from tests.factories.platforms import PASSWORD, enrol, make_merchant, make_person
from tests.factories.storefront import SURE, sign_in

pytestmark = pytest.mark.usefixtures("platform")
KEYS, MONEY, ACCOUNT = "/merchant/keys/", "/merchant/money/", "/merchant/money/account/"
NEW: dict[str, Any] = {"name": "ERP", "scopes": ["catalog:read"]}
BANK = {"do": "propose", "bank": "吉林银行", "holder": "江茶", "number": "6222020000004321"}


def owner_of(merchant: platforms.MerchantInfo, language: str = "en") -> platforms.PersonInfo:
    return make_person(
        role="merchant_owner", merchant_id=merchant.id, password=PASSWORD, language=language
    )


def test_who_has_no_factor_sets_one_up_first() -> None:
    merchant = make_merchant()
    desk, chinese = (sign_in(owner_of(merchant, language)) for language in ("en", "zh-hans"))
    for page in (KEYS, MONEY):
        shown = desk.see(page).content.decode()
        assert "This needs a second factor" in shown
        assert "/account/security/" in shown
        assert "此操作需要双因素验证" in chinese.see(page).content.decode()
    assert "Create the key" not in desk.see(KEYS).content.decode()
    assert "qk_test_" not in desk.send(KEYS, **NEW, **SURE).content.decode()
    answer = desk.send(ACCOUNT, page=MONEY, **BANK, **SURE).content.decode()
    assert "This needs a second factor, and you have none" in answer
    assert platforms.payout_account(merchant.id) is None
    operator = sign_in(make_person(role="operator", password=PASSWORD, language="en"))
    page = "/operator/ways-to-pay/wechat/"
    assert "This needs a second factor" in operator.see(page).content.decode()


def test_keys() -> None:
    merchant = make_merchant()
    owner, reader = owner_of(merchant), owner_of(merchant, "zh-hans")
    desk, chinese = sign_in(owner), sign_in(reader)
    codes = enrol(owner.id).recovery_codes
    enrol(reader.id)
    assert 'id="new-code"' in desk.see(KEYS).content.decode()
    wrong = desk.send(KEYS, **NEW, password="not my password", code=codes[0])
    assert wrong.status_code == 422
    wrong = chinese.send(KEYS, **NEW, **SURE, code="000000")
    assert "验证码" in wrong.content.decode()
    assert "qk_test_" not in wrong.content.decode()
    assert "qk_test_" in desk.send(KEYS, **NEW, **SURE, code=codes[0]).content.decode()
    assert desk.send(KEYS, **NEW, **SURE, code=codes[0]).status_code == 422, "it is spent"
    [one] = platforms.keys_page(merchant_id=merchant.id).items
    act = {"key": str(one.id)}
    refused = desk.send(KEYS, page=KEYS, **act, **SURE).content.decode()
    assert "qk_test_" not in refused
    assert "The code isn" in refused
    desk.send(f"{KEYS}revoke/", page=KEYS, **act)
    assert platforms.key(one.id).state == "active"
    device, _added = add_passkey(owner.id, Device(TESTSERVER), code=codes[1])
    assert "data-passkey-proof" in desk.see(KEYS).content.decode()
    desk.send(f"{KEYS}revoke/", page=KEYS, **act, **SURE, code=proof_of(owner.id, device))
    assert platforms.key(one.id).state == "revoked"
    used = AuditRecord.objects.filter(action="platforms.person.confirmation_used").order_by("id")
    assert [row.after["method"] for row in used] == ["recovery", "passkey"]


def test_the_payout_account() -> None:
    merchant = make_merchant()
    owner = owner_of(merchant)
    desk, codes = sign_in(owner), enrol(owner.id).recovery_codes
    desk.send(ACCOUNT, page=MONEY, **BANK, **SURE)
    assert platforms.payout_account(merchant.id) is None
    desk.send(ACCOUNT, page=MONEY, **BANK, **SURE, code=codes[0])
    assert platforms.payout_account(merchant.id) is not None
    other = BANK | {"number": "6222020000009999"}
    desk.send(ACCOUNT, page=MONEY, **other, **SURE, code=codes[0])
    assert not payments.account_changes_page(merchant_id=merchant.id).items
    desk.send(ACCOUNT, page=MONEY, **other, **SURE, code=codes[1])
    [change] = payments.account_changes_page(merchant_id=merchant.id).items

    second = owner_of(merchant)
    beside, codes = sign_in(second), enrol(second.id).recovery_codes
    sure = {"do": "confirm", "change": change.public_id, **SURE}
    assert "Confirm the account" in beside.see(MONEY).content.decode()
    beside.send(ACCOUNT, page=MONEY, **sure)
    assert payments.account_change(change_id=change.id).state == "proposed"
    beside.send(ACCOUNT, page=MONEY, **sure, code=codes[0])
    assert payments.account_change(change_id=change.id).state == "confirmed"


def test_what_was_typed_of_an_account_stays() -> None:
    """But for what proves who types it."""
    merchant = make_merchant()
    for language, told in (("en", "right"), ("zh-hans", "验证码")):
        owner = owner_of(merchant, language)
        desk, codes = sign_in(owner), enrol(owner.id).recovery_codes
        answer = desk.send(ACCOUNT, page=MONEY, **BANK, password="my secret words", code=codes[0])
        assert answer.status_code in {401, 403}
        answer = desk.send(ACCOUNT, page=MONEY, **BANK, **SURE, code="424242")
        assert answer.status_code == 403
        page = answer.content.decode()
        assert told in page
        for name in ("bank", "holder", "number"):
            assert f'name="{name}" maxlength' in page
            assert f'value="{BANK[name]}"' in page
        assert '<details class="confirm" open>' in page
        assert "424242" not in page
        assert PASSWORD not in page
        assert "no-store" in answer["Cache-Control"]
        wrong = BANK | {"number": '"><b>1'}
        page = desk.send(ACCOUNT, page=MONEY, **wrong, **SURE, code=codes[1]).content.decode()
        assert "&quot;&gt;&lt;b&gt;1" in page
        assert platforms.payout_account(merchant.id) is None
    assert "my secret words" not in page


def test_an_operator_as_the_second_person() -> None:
    merchant, desk_page = make_merchant(), "/operator/guarantee/"
    account = platforms.BankAccount(bank="吉林银行", holder="江茶", number="62220200", last4="")
    platforms.update_merchant(merchant_id=merchant.id, payout_account=account)
    with acting(Actor(kind="merchant", id=owner_of(merchant).id, label="owner")):
        change = payments.propose_account(
            merchant_id=merchant.id, bank="吉林银行", holder="江茶", number="6222020000009999"
        )
    judge = make_person(role="operator", password=PASSWORD, language="en")
    desk, act = sign_in(judge), "/operator/guarantee/accounts/act/"
    assert "This needs a second factor" in desk.see(desk_page).content.decode()
    sure = {"do": "confirm", "change": change.public_id, **SURE}
    desk.send(act, page=desk_page, **sure)
    codes = enrol(judge.id).recovery_codes
    assert f'id="{change.public_id}-code"' in desk.see(desk_page).content.decode()
    desk.send(act, page=desk_page, **sure)
    assert payments.account_change(change_id=change.id).state == "proposed"
    desk.send(act, page=desk_page, **sure, code=codes[0])
    assert payments.account_change(change_id=change.id).state == "confirmed"


@pytest.mark.parametrize("desk", ["merchant", "operator"])
def test_the_staff_and_its_roles(desk: str) -> None:
    merchant = make_merchant() if desk == "merchant" else None
    team = merchant.id if merchant else None
    high, low = (
        (platforms.Role.MERCHANT_OWNER, platforms.Role.MERCHANT_STAFF)
        if merchant
        else (platforms.Role.OPERATOR, platforms.Role.OPERATOR)
    )
    me = make_person(role=str(high), merchant_id=team, password=PASSWORD, language="en")
    own = platforms.create_staff_role(name="Desk", permissions=["orders"], merchant_id=team)
    other = make_person()
    platforms.grant_role(
        person_id=other.id, role=low, merchant_id=team, staff_role_id=own.id
    )  # fmt: skip
    base, role = f"/{desk}/staff/", f"/{desk}/staff/roles/{own.public_id}/"
    act = f"{base}{other.public_id}/act/"
    browser = sign_in(me)
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        (base, {"email": "thief@people.example", "role": str(high)}),
        (act, {"do": "place", "role": str(high)}),
        (act, {"do": "remove"}),
        (role, {"name": "Desk", "permissions": ["orders", "staff"]}),
        (f"{base}roles/new/", {"name": "Wide", "permissions": ["staff"]}),
    )

    def stands() -> tuple[Any, ...]:
        [held] = platforms.person(other.id).memberships or [None]
        return (
            [one.email for one in platforms.invitations_page(merchant_id=team).items],
            held and (held.role, held.staff_role_id),
            [(one.name, one.permissions) for one in platforms.staff_roles(merchant_id=team).items],
        )

    before = stands()
    assert "This needs a second factor" in browser.see(base).content.decode()
    codes = list(enrol(me.id).recovery_codes)
    for (path, given), sure in zip(steps, ({}, SURE, {}, SURE, {"code": codes[0]}), strict=True):
        browser.send(path, page=base, **given, **sure)
        assert stands() == before, path
    kept = browser.send(base, email="thief@people.example", role=str(high), **SURE)
    assert kept.status_code == 422
    assert 'value="thief@people.example"' in kept.content.decode()
    for path, given in (steps[0], steps[1], steps[2], steps[4]):
        browser.send(path, page=base, **given, **SURE, code=codes.pop())
        assert stands() != before, path
        before = stands()


def test_an_owner_is_invited_by_a_confirmed_operator() -> None:
    merchant = make_merchant()
    judge = make_person(role="operator", password=PASSWORD, language="en")
    desk, page = sign_in(judge), f"/operator/merchants/{merchant.public_id}/"
    codes = enrol(judge.id).recovery_codes
    assert 'id="invite-code"' in desk.see(page).content.decode()
    given = {"email": "thief@people.example"}
    desk.send(f"{page}invite/", page=page, **given, **SURE)
    assert platforms.invitations_page(merchant_id=merchant.id).items == []
    desk.send(f"{page}invite/", page=page, **given, **SURE, code=codes[0])
    [invited] = platforms.invitations_page(merchant_id=merchant.id).items
    assert invited.email == "thief@people.example"


def test_what_a_refused_form_confirmed_is_good_for_nothing_else() -> None:
    """Whoever shares the open session reads the confirmation's id in the audit trail."""
    merchant = make_merchant()
    owner = make_person(
        role="merchant_owner", merchant_id=merchant.id, password=PASSWORD, language="en"
    )
    desk, codes = sign_in(owner), enrol(owner.id).recovery_codes
    own = platforms.create_staff_role(name="Hall", permissions=["stock"], merchant_id=merchant.id)
    stale = {"name": "Hall", "permissions": ["orders"], "version": "99"}
    page = f"/merchant/staff/roles/{own.public_id}/"
    refused = desk.send(page, page=page, **stale, **SURE, code=codes[0])
    assert refused.status_code == 422
    trail = AuditRecord.objects.filter(action="platforms.person.confirmed", target_id=owner.id)
    left = public_id("cnf", UUID(trail.latest("id").after["id"]))
    answer = desk.generic(
        "POST", f"{desk.prefix}/api/v1/invitations",
        json.dumps({"email": "thief@people.example", "role": "merchant_owner"}),
        content_type="application/json", headers={"Confirmation": left},
    )  # fmt: skip
    assert answer.json().get("code") == "platforms.confirmation_spent"
    assert platforms.invitations_page(merchant_id=merchant.id).items == []


def test_whom_an_operator_invites_stays_typed() -> None:
    merchant = make_merchant()
    judge = make_person(role="operator", password=PASSWORD, language="en")
    desk, page = sign_in(judge), f"/operator/merchants/{merchant.public_id}/"
    enrol(judge.id)
    answer = desk.send(
        f"{page}invite/", page=page, email="owner@tea.example", **SURE, code="424242"
    )
    assert answer.status_code == 403
    seen = answer.content.decode()
    assert 'value="owner@tea.example"' in seen
    assert "424242" not in seen
    assert PASSWORD not in seen
    assert "right" in seen, "says why"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("desk", ["merchant", "operator"])
def test_the_role_that_was_chosen_stays(desk: str) -> None:
    merchant = make_merchant() if desk == "merchant" else None
    team = merchant.id if merchant else None
    high, low = (
        (platforms.Role.MERCHANT_OWNER, platforms.Role.MERCHANT_STAFF)
        if merchant
        else (platforms.Role.OPERATOR, platforms.Role.OPERATOR)
    )
    me = make_person(role=str(high), merchant_id=team, password=PASSWORD, language="en")
    own = platforms.create_staff_role(name="Desk", permissions=["orders"], merchant_id=team)
    wide = platforms.create_staff_role(name="Wide", permissions=["orders.see"], merchant_id=team)
    other = make_person()
    platforms.grant_role(person_id=other.id, role=low, merchant_id=team, staff_role_id=own.id)
    browser = sign_in(me)
    enrol(me.id)
    base = f"/{desk}/staff/"
    act = {"path": f"{base}{other.public_id}/act/", "page": base}
    answer = browser.send(**act, do="place", role=wide.public_id, **SURE, code="424242")
    assert answer.status_code == 403
    seen = answer.content.decode()
    assert f'value="{wide.public_id}" selected' in seen
    assert '<details class="confirm float" open>' in seen
    assert "right" in seen
    assert "424242" not in seen
    answer = browser.send(**act, do="remove", **SURE, code="424242")
    assert answer.status_code == 403
    assert answer.content.decode().count('<details class="confirm float" open>') == 1
