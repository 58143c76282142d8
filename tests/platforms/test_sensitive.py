"""Changes of payout accounts, keys, webhooks and providers: a session alone isn't enough."""

import json
from datetime import timedelta
from typing import Any

import pytest

from kernel import clock, tenancy
from kernel.records.audit import AuditRecord
from kernel.tenancy import Tenant
from platforms import facade
from platforms.models import ApiKey
from tests.factories.passkeys import TESTSERVER, Device, add_passkey, proof_of
from tests.factories.platforms import (
    PASSWORD,
    Factor,
    api_client,
    enrol,
    make_key,
    make_merchant,
    make_person,
    make_platform,
)
from tests.factories.storefront import Browser, ask_passwords_only, sign_in

NEW_KEY = {"name": "ERP", "scopes": ["catalog:read"]}
ACCOUNT = {"bank": "Bank", "holder": "江茶", "number": "6222021234564321"}


class Session:
    """A signed-in browser that sends JSON; with an app, signed in before it was set up."""

    def __init__(self, *, role: str = "merchant_owner", factor: bool = True) -> None:
        merchant = make_merchant().id if role == "merchant_owner" else None
        self.person = make_person(role=role, merchant_id=merchant, password=PASSWORD)
        self.browser = sign_in(self.person)
        self.factor: Factor | None = enrol(self.person.id) if factor else None
        self.spare = list(self.factor.recovery_codes) if self.factor else []

    def send(
        self, method: str, path: str, body: Any, confirmation: str = "", **headers: str
    ) -> Any:
        return send(self.browser, method, path, body, confirmation, **headers)

    def confirm(self, change: str = "api_keys", **more: Any) -> Any:
        code = {"code": self.spare.pop()} if self.spare else {}
        body = {"change": change, "password": PASSWORD} | code | more
        return self.send("POST", "/change-confirmations", body)


def send(
    browser: Browser, method: str, path: str, body: Any, confirmation: str = "", **headers: str
) -> Any:
    sent = {"Confirmation": confirmation} if confirmation else {}
    return browser.generic(
        method, f"{browser.prefix}/api/v1{path}", json.dumps(body),
        content_type="application/json", headers=sent | headers,
    )  # fmt: skip


def code_of(answer: Any) -> str:
    return str(answer.json().get("code", ""))


@pytest.mark.usefixtures("platform")
class TestByApi:
    def test_one_confirmation_for_one_change(self) -> None:
        at = Session()
        refused = at.send("POST", "/api-keys", NEW_KEY)
        assert (refused.status_code, code_of(refused)) == (403, "platforms.confirmation_needed")
        assert refused.json()["change"] == "api_keys"
        assert refused.json()["errors"][0]["field"] == "Confirmation"
        chinese = at.send("POST", "/api-keys", NEW_KEY, **{"Accept-Language": "zh"}).json()
        assert "双因素" in chinese["title"]
        assert "确认" in chinese["remedy"]
        assert not ApiKey.objects.exists()

        given = at.confirm()
        assert (given.status_code, given.json()["method"]) == (201, "recovery")
        made = at.send("POST", "/api-keys", NEW_KEY, given.json()["id"])
        assert made.status_code == 201, made.content
        again = at.send("POST", "/api-keys", NEW_KEY, given.json()["id"])
        assert (again.status_code, code_of(again)) == (409, "platforms.confirmation_spent")
        path = f"/api-keys/{made.json()['id']}"
        for act in ("rotate", "revoke"):
            assert code_of(at.send("POST", f"{path}/{act}", {})) == "platforms.confirmation_needed"
            sure = at.confirm().json()["id"]
            assert at.send("POST", f"{path}/{act}", {}, sure).status_code in (200, 201)
        used = AuditRecord.objects.filter(action="platforms.person.confirmation_used")
        assert used.count() == 3
        assert used.order_by("id")[0].after["method"] == "recovery"

    def test_the_staff_its_roles_and_their_factors(self) -> None:
        at, chief = Session(), Session(role="operator")
        [mine] = facade.person(at.person.id).memberships
        own = facade.create_staff_role(
            name="Hall", permissions=["stock"], merchant_id=mine.merchant_id
        )
        other = make_person()
        facade.grant_role(
            person_id=other.id, role=facade.Role.MERCHANT_STAFF, merchant_id=mine.merchant_id,
            staff_role_id=own.id,
        )  # fmt: skip
        lost = make_person(password=PASSWORD)
        enrol(lost.id)
        role = {"name": "Hall", "permissions": ["stock", "staff"]}
        place = {"role": "merchant_owner"}
        steps: tuple[tuple[Session, str, str, dict[str, Any]], ...] = (
            (at, "POST", "/invitations", {"email": "thief@people.example", **place}),
            (at, "POST", "/staff-roles", {**role, "name": "Wide"}),
            (at, "PUT", f"/staff-roles/{own.public_id}", role),
            (at, "PUT", f"/people/{other.public_id}/staff-role", place),
            (at, "POST", f"/people/{other.public_id}/roles/revoke", place),
            (chief, "POST", "/invitations", {"email": "thief@people.example", "role": "operator"}),
            (chief, "POST", f"/people/{other.public_id}/roles", {"role": "operator"}),
            (chief, "POST", f"/people/{lost.public_id}/second-factor/reset", {"reason": "lost"}),
        )
        for who, method, path, body in steps:
            change = "second_factors" if path.endswith("reset") else "staff"
            refused = who.send(method, path, body)
            assert code_of(refused) == "platforms.confirmation_needed", path
            assert refused.json()["change"] == change
            sure = who.confirm(change).json()["id"]
            done = who.send(method, path, body, sure, **{"If-Match": "*"})
            assert done.status_code in (200, 201), (path, done.content)
        assert not facade.has_second_factor(lost.id)

    def test_a_refused_change_leaves_the_confirmation(self) -> None:
        at = Session()
        sure = at.confirm().json()["id"]
        wrong = NEW_KEY | {"name": " "}
        assert at.send("POST", "/api-keys", wrong, sure).status_code == 422
        assert at.send("POST", "/api-keys", NEW_KEY, sure).status_code == 201

    def test_another_change_session_role_person_or_later(self, platform: Tenant) -> None:
        at = Session()
        spent = "platforms.confirmation_spent"
        assert (
            code_of(at.send("POST", "/api-keys", NEW_KEY, at.confirm("webhooks").json()["id"]))
            == spent
        )
        sure = at.confirm().json()["id"]
        other = Browser("en")
        other.send("/sign-in/", email=at.person.email, password=PASSWORD)
        other.send("/sign-in/code/", code=at.spare.pop())
        assert code_of(send(other, "POST", "/api-keys", NEW_KEY, sure)) == spent
        assert code_of(Session().send("POST", "/api-keys", NEW_KEY, sure)) == spent
        assert code_of(at.send("POST", "/api-keys", NEW_KEY, "cnf_nonsense")) == spent
        with tenancy.scope(make_platform()):
            assert code_of(Session().send("POST", "/api-keys", NEW_KEY, sure)) == spent
        shop = make_merchant()
        facade.grant_role(
            person_id=at.person.id, role=facade.Role.MERCHANT_OWNER, merchant_id=shop.id
        )
        [place] = [m for m in facade.person(at.person.id).memberships if m.merchant_id == shop.id]
        at.browser.send("/role/", membership=str(place.id))
        assert code_of(at.send("POST", "/api-keys", NEW_KEY, sure)) == spent
        late = at.confirm().json()["id"]
        with clock.frozen(clock.system() + timedelta(minutes=5, seconds=1)):
            assert code_of(at.send("POST", "/api-keys", NEW_KEY, late)) == spent
        assert not ApiKey.objects.exists()

    def test_wrong_password_and_codes_are_counted(self) -> None:
        at = Session()
        assert code_of(at.confirm(password="not my password")) == "platforms.wrong_credentials"
        for _n in range(5):
            assert code_of(at.confirm(code="000000")) == "platforms.wrong_code"
        locked = at.confirm()
        assert (locked.status_code, code_of(locked)) == (429, "platforms.too_many_codes")

    def test_by_app_and_by_passkey(self) -> None:
        at = Session()
        assert at.factor
        assert at.confirm(code=at.factor.code()).json()["method"] == "totp"
        device, _added = add_passkey(at.person.id, Device(TESTSERVER), code=at.spare.pop())
        by_key = at.confirm(code=proof_of(at.person.id, device)).json()
        assert by_key["method"] == "passkey"
        assert at.send("POST", "/api-keys", NEW_KEY, by_key["id"]).status_code == 201

    def test_who_has_no_factor(self) -> None:
        at = Session(factor=False)
        for answer in (at.confirm(), at.send("POST", "/api-keys", NEW_KEY)):
            assert (answer.status_code, code_of(answer)) == (403, "platforms.second_factor_missing")
        ask_passwords_only()
        assert code_of(at.confirm(password="not my password")) == "platforms.wrong_credentials"
        given = at.confirm().json()
        assert given["method"] == "password"
        assert at.send("POST", "/api-keys", NEW_KEY, given["id"]).status_code == 201

    def test_no_way_round_the_password(self) -> None:
        at = Session()
        body = {"code": at.spare.pop(), "purpose": "platforms.change.api_keys", "digest": "0" * 64}
        answer = at.send("POST", "/second-factor/confirmations", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "purpose")

    def test_accounts_webhooks_and_the_rule_itself(self) -> None:
        at = Session()
        needed = "platforms.confirmation_needed"
        change = {"payout_account": ACCOUNT}
        assert code_of(at.send("PATCH", "/merchant", change)) == needed
        assert at.send("PATCH", "/merchant", {"metadata": {"a": "b"}}).status_code == 200
        sure = at.confirm("payout_account").json()["id"]
        assert at.send("PATCH", "/merchant", change, sure).status_code == 200
        other = ACCOUNT | {"number": "6222000011119999"}
        assert code_of(at.send("POST", "/payout-account-changes", other)) == needed
        sure = at.confirm("payout_account").json()["id"]
        made = at.send("POST", "/payout-account-changes", other, sure)
        assert made.status_code == 201, made.content
        path = f"/payout-account-changes/{made.json()['id']}"
        assert code_of(at.send("POST", f"{path}/confirm", {})) == needed
        assert at.send("POST", f"{path}/refuse", {}).json()["state"] == "withdrawn"

        hook = {"url": "https://example.com/hook"}
        assert code_of(at.send("POST", "/webhook-endpoints", hook)) == needed
        made = at.send("POST", "/webhook-endpoints", hook, at.confirm("webhooks").json()["id"])
        path = f"/webhook-endpoints/{made.json()['id']}"
        assert at.send("PATCH", path, {"description": "ERP"}).status_code == 200
        assert code_of(at.send("PATCH", path, {"url": "https://example.com/b"})) == needed
        assert code_of(at.send("POST", f"{path}/rotate-secret", {})) == needed

        desk = Session(role="operator")
        rule = {"settings": {"sign_in": {"confirm_changes": "if_present"}}}
        assert code_of(desk.send("PATCH", "/platform/settings", rule)) == needed
        body = {"config": {}, "secrets": {}, "enabled": True}
        assert code_of(desk.send("PUT", "/payments/providers/wechat", body)) == needed
        sure = desk.confirm("sign_in").json()["id"]
        assert desk.send("PATCH", "/platform/settings", rule, sure).status_code == 200

    def test_a_key_is_limited_by_its_scopes_alone(self) -> None:
        key = make_key(scopes=("keys:write", "merchants:write"))
        client = api_client(key)
        assert client.post("/api-keys", {"name": "x", "scopes": ["keys:write"]}).status_code == 201
        assert client.patch("/merchant", {"payout_account": ACCOUNT}).status_code == 200
        narrow = api_client(make_key(scopes=("catalog:read",)))
        assert narrow.patch("/merchant", {"payout_account": ACCOUNT}).status_code == 403
        all_ = api_client(make_key())
        answer = all_.post("/change-confirmations", {"change": "api_keys", "password": PASSWORD})
        assert answer.status_code == 403
