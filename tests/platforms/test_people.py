"""People, roles, invitations."""

import re
import threading
from datetime import timedelta
from uuid import UUID

import pytest

from kernel import clock, mail, personal, tenancy
from kernel.errors import Forbidden, Invalid, InvalidTransition, NotFound
from kernel.ids import public_id, uuid7
from kernel.records.audit import AuditRecord
from kernel.records.mail import MailMessage
from kernel.tenancy import Tenant
from platforms import facade
from platforms.facade import Role
from platforms.models import Membership, Person
from tests.factories.platforms import (
    PASSWORD,
    api_client,
    make_key,
    make_merchant,
    make_person,
    make_platform,
    unique,
)


def token_in_last_letter() -> str:
    """The token of the link in the newest letter."""
    letter = mail.letters(limit=1).items[0]
    found = re.search(r"/(?:invitations|reset)/([\w-]+)/", letter.body)
    assert found, letter.body
    return found[1]


def test_name_and_address_are_sealed(platform: Tenant) -> None:
    email = f"{unique('fang')}@people.example"
    person = make_person(email=f"  {email.upper()}", name="王芳芳", password=PASSWORD)
    row = Person.objects.values().get(id=person.id)
    trail = list(AuditRecord.objects.filter(target_id=person.id).values("before", "after"))
    for secret in (email, email.upper(), "王芳芳", PASSWORD):
        assert secret not in f"{row} {trail}"
    assert (person.email, person.name) == (email, "王芳芳")
    assert "王芳芳" not in repr(person)


def test_an_address_belongs_to_one_person_a_platform(platform: Tenant) -> None:
    person = make_person()
    with pytest.raises(facade.EmailTaken):
        make_person(email=person.email.upper())
    lookup = Person.objects.values_list("email_lookup", flat=True).get(id=person.id)
    with tenancy.scope(make_platform()):
        twin = make_person(email=person.email)
        other = Person.objects.values_list("email_lookup", flat=True).get(id=twin.id)
    assert lookup != other


@pytest.mark.parametrize("password", ["short", "password123", "1234567890"])
def test_easy_passwords_are_refused(platform: Tenant, password: str) -> None:
    with pytest.raises(facade.InvalidPassword):
        make_person(password=password)
    assert Person.objects.count() == 0


def test_roles(platform: Tenant) -> None:
    person, merchant = make_person(), make_merchant()
    held = facade.grant_role(person_id=person.id, role=Role.MERCHANT_OWNER, merchant_id=merchant.id)
    again = facade.grant_role(
        person_id=person.id, role=Role.MERCHANT_OWNER, merchant_id=merchant.id
    )
    assert held == again
    assert Membership.objects.count() == 1
    assert facade.person(person.id).merchant_ids == (merchant.id,)
    with pytest.raises(Invalid):
        facade.grant_role(person_id=person.id, role=Role.MERCHANT_STAFF)
    with pytest.raises(Invalid):
        facade.grant_role(person_id=person.id, role=Role.OPERATOR, merchant_id=merchant.id)
    with pytest.raises(NotFound):
        facade.grant_role(person_id=person.id, role=Role.MERCHANT_STAFF, merchant_id=uuid7())


def test_the_last_owner_stays(platform: Tenant) -> None:
    merchant = make_merchant()
    first = make_person(role=Role.MERCHANT_OWNER, merchant_id=merchant.id)
    with pytest.raises(facade.LastOwner):
        facade.revoke_role(person_id=first.id, role=Role.MERCHANT_OWNER, merchant_id=merchant.id)
    make_person(role=Role.MERCHANT_OWNER, merchant_id=merchant.id)
    facade.revoke_role(person_id=first.id, role=Role.MERCHANT_OWNER, merchant_id=merchant.id)
    assert facade.person(first.id).memberships == ()
    with pytest.raises(NotFound):
        facade.revoke_role(person_id=first.id, role=Role.MERCHANT_OWNER, merchant_id=merchant.id)


def test_a_revoked_role_takes_its_keys_along(platform: Tenant) -> None:
    merchant = make_merchant()
    person = make_person(role=Role.MERCHANT_STAFF, merchant_id=merchant.id)
    facade.grant_role(person_id=person.id, role=Role.BUYER)
    theirs = make_key(merchant_id=merchant.id, person_id=person.id)
    buying = make_key(kind="buyer", person_id=person.id)
    house = make_key(merchant_id=merchant.id)
    facade.revoke_role(person_id=person.id, role=Role.MERCHANT_STAFF, merchant_id=merchant.id)
    states = [facade.key(key.info.id).state for key in (theirs, buying, house)]
    assert states == ["revoked", "active", "active"]


def test_erasing_a_person(platform: Tenant) -> None:
    person = make_person(password=PASSWORD)
    facade.invite(email=person.email, role=Role.BUYER)
    with personal.keyring():
        facade.erase_person(person_id=person.id)
    gone = facade.person(person.id)
    assert (gone.name, gone.email, gone.state) == ("", "", "disabled")
    assert AuditRecord.objects.filter(action="platforms.person.erased").count() == 1
    assert mail.letters(limit=1).items[0].to == ""  # the invitation to the same address
    make_person(email=person.email)  # the address is free again


def test_invitation_of_a_new_person(platform: Tenant) -> None:
    merchant = make_merchant()
    email = f"{unique('staff')}@people.example"
    sent = facade.invite(email=email, role=Role.MERCHANT_STAFF, merchant_id=merchant.id)
    assert (sent.state, sent.email) == ("pending", email)
    assert email not in str(list(MailMessage.objects.values()))
    token = token_in_last_letter()
    assert facade.read_invitation(token=token).id == sent.id
    assert not facade.invited_person_exists(token=token)
    with pytest.raises(Invalid):
        facade.accept_invitation(token=token, name="Li Wei")
    with pytest.raises(facade.InvalidPassword):
        facade.accept_invitation(token=token, name="Li Wei", password="short")
    person = facade.accept_invitation(token=token, name="Li Wei", password=PASSWORD)
    assert (person.name, person.email) == ("Li Wei", email)
    assert [m.merchant_id for m in person.memberships] == [merchant.id]
    with pytest.raises(facade.TokenSpent):
        facade.accept_invitation(token=token, name="Li Wei", password=PASSWORD)
    with pytest.raises(InvalidTransition):
        facade.revoke_invitation(invitation_id=sent.id)


def test_invitation_of_a_known_person(platform: Tenant) -> None:
    person = make_person(password=PASSWORD)
    facade.invite(email=person.email.upper(), role=Role.OPERATOR)
    token = token_in_last_letter()
    assert facade.invited_person_exists(token=token)
    before = Person.objects.values_list("password", flat=True).get(id=person.id)
    assert facade.accept_invitation(token=token, password="another long sentence").id == person.id
    assert Person.objects.values_list("password", flat=True).get(id=person.id) == before
    assert facade.person(person.id).is_operator


def test_invitations_end(platform: Tenant) -> None:
    email = f"{unique('late')}@people.example"
    facade.invite(email=email, role=Role.BUYER)
    first = token_in_last_letter()
    second_sent = facade.invite(email=email, role=Role.BUYER)
    second = token_in_last_letter()
    assert first != second
    for dead in (first, "x" * 43, ""):
        with pytest.raises(facade.TokenSpent):
            facade.read_invitation(token=dead)
    with (
        clock.frozen(clock.system() + timedelta(days=7, seconds=1)),
        pytest.raises(facade.TokenSpent),
    ):
        facade.accept_invitation(token=second, password=PASSWORD)
    facade.revoke_invitation(invitation_id=second_sent.id)
    with pytest.raises(facade.TokenSpent):
        facade.accept_invitation(token=second, password=PASSWORD)


def test_another_platforms_token_is_spent(platform: Tenant) -> None:
    facade.invite(email="a@people.example", role=Role.BUYER)
    token = token_in_last_letter()
    with tenancy.scope(make_platform()), pytest.raises(facade.TokenSpent):
        facade.accept_invitation(token=token, password=PASSWORD)
    assert facade.read_invitation(token=token).state == "pending"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_accepted_twice_at_once() -> None:
    """Eight clicks on one link: one person, one membership, seven told that it is spent."""
    shop = make_platform()
    with tenancy.scope(shop):
        merchant = make_merchant()
        facade.invite(
            email="race@people.example", role=Role.MERCHANT_STAFF, merchant_id=merchant.id
        )
        token = token_in_last_letter()
    outcomes = at_once(
        8, shop, lambda _n: facade.accept_invitation(token=token, name="R", password=PASSWORD)
    )
    assert sorted(outcomes) == ["PersonInfo"] + ["TokenSpent"] * 7
    with tenancy.scope(shop):
        assert Person.objects.count() == 1
        assert Membership.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_remove_each_other_at_once() -> None:
    shop = make_platform()
    with tenancy.scope(shop):
        merchant = make_merchant()
        owners = [
            make_person(role=Role.MERCHANT_OWNER, merchant_id=merchant.id) for _each in range(2)
        ]

    def remove(number: int) -> None:
        facade.revoke_role(
            person_id=owners[1 - number].id, role=Role.MERCHANT_OWNER, merchant_id=merchant.id
        )

    assert sorted(at_once(2, shop, remove)) == ["LastOwner", "NoneType"]
    with tenancy.scope(shop):
        assert Membership.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_address_signs_up_twice_at_once() -> None:
    shop = make_platform()
    outcomes = at_once(4, shop, lambda _n: make_person(email="same@people.example"))
    assert sorted(outcomes) == ["EmailTaken"] * 3 + ["PersonInfo"]


def at_once(count: int, tenant: Tenant, act: object) -> list[str]:
    """What each of ``count`` threads got: the type of its result or of its error."""
    from django.db import connections

    outcomes: list[str] = []
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        try:
            with tenancy.scope(tenant):
                outcomes.append(type(act(number)).__name__)  # type: ignore[operator]
        except Exception as error:
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


@pytest.mark.django_db
def test_another_platforms_people_are_absent() -> None:
    here, there = make_platform(), make_platform()
    with tenancy.scope(there):
        foreign = make_person(password=PASSWORD)
        invitation = facade.invite(email="a@b.example", role=Role.BUYER)
        key = make_key()
        before = Person.objects.values().get(id=foreign.id)
    with tenancy.scope(here):
        assert facade.people([foreign.id]) == {}
        for attempt in (
            lambda: facade.person(foreign.id),
            lambda: facade.update_person(person_id=foreign.id, name="Stolen"),
            lambda: facade.disable_person(person_id=foreign.id),
            lambda: facade.enable_person(person_id=foreign.id),
            lambda: facade.erase_person(person_id=foreign.id),
            lambda: facade.grant_role(person_id=foreign.id, role=Role.OPERATOR),
            lambda: facade.revoke_role(person_id=foreign.id, role=Role.BUYER),
            lambda: facade.issue_api_key(kind="buyer", name="x", person_id=foreign.id),
            lambda: facade.revoke_invitation(invitation_id=invitation.id),
            lambda: facade.key(key.info.id),
            lambda: facade.rotate_api_key(key_id=key.info.id),
            lambda: facade.revoke_api_key(key_id=key.info.id),
        ):
            with pytest.raises(NotFound):
                attempt()
    with tenancy.scope(there):
        assert Person.objects.values().get(id=foreign.id) == before
        assert facade.key(key.info.id).state == "active"


class TestApi:
    def test_operator_invites_and_grants(self, platform: Tenant) -> None:
        api = api_client(make_key(kind="operator"))
        made = api.post("/people", {"email": "op@people.example", "name": "Chen"})
        assert made.status_code == 201, made.content
        person = made.json()
        assert api.post("/people", {"email": "OP@people.example"}).status_code == 409
        granted = api.post(f"/people/{person['id']}/roles", {"role": "operator"})
        assert granted.json()["roles"] == [
            {"role": "operator", "merchant": None, "staff_role": None}
        ]
        refused = api.post(f"/people/{person['id']}/roles/revoke", {"role": "operator"})
        assert refused.status_code == 409
        assert [row["id"] for row in api.get("/people").json()["data"]] == [person["id"]]
        assert api.get(f"/people/{person['id']}").json()["email"] == "op@people.example"
        odd = {"email": "new@people.example", "role": "operator", "language": "x" * 11}
        refused = api.post("/invitations", odd)
        assert refused.status_code == 422
        assert [one["field"] for one in refused.json()["errors"]] == ["language"]
        sent = api.post("/invitations", {"email": "new@people.example", "role": "operator"})
        assert sent.status_code == 201
        path = f"/invitations/{sent.json()['id']}"
        assert api.get(path).json()["state"] == "pending"
        assert api.post(f"{path}/revoke").json()["state"] == "revoked"

    def test_a_merchant_keeps_to_its_team(self, platform: Tenant) -> None:
        mine, theirs = make_merchant(), make_merchant()
        ours = make_person(role=Role.MERCHANT_OWNER, merchant_id=mine.id)
        stranger = make_person(role=Role.MERCHANT_OWNER, merchant_id=theirs.id)
        facade.grant_role(person_id=ours.id, role=Role.OPERATOR)
        foreign = facade.invite(
            email="x@people.example", role=Role.MERCHANT_STAFF, merchant_id=theirs.id
        )
        foreign_key = make_key(merchant_id=theirs.id)
        api = api_client(make_key(merchant_id=mine.id))
        people = api.get("/people").json()["data"]
        assert [(row["id"], len(row["roles"])) for row in people] == [(ours.public_id, 1)]
        absent = api.get(f"/people/{public_id('per', UUID(int=7 << 76 | 2 << 62))}")
        for path in (
            f"/people/{stranger.public_id}",
            f"/invitations/{public_id('inv', foreign.id)}",
            f"/api-keys/{public_id('key', foreign_key.info.id)}",
            f"/people?merchant={theirs.public_id}",
            f"/api-keys?merchant={theirs.public_id}",
        ):
            answer = api.get(path)
            assert answer.status_code == 404, path
            assert without_request(answer.json()) == without_request(absent.json())
        sent = api.post("/invitations", {"email": "a@people.example", "role": "merchant_staff"})
        assert sent.json()["merchant"] == mine.public_id
        for role in ("operator", "buyer"):
            answer = api.post("/invitations", {"email": "a@people.example", "role": role})
            assert answer.status_code == 403
        answer = api.post(
            "/invitations",
            {
                "email": "a@people.example",
                "role": "merchant_staff",
                "merchant": theirs.public_id,
            },
        )
        assert answer.status_code == 404
        for kind in ("operator", "buyer"):
            made = api.post("/api-keys", {"name": "x", "scopes": ["*"], "kind": kind})
            assert made.json()["code"] == Forbidden.code

    def test_keys_are_shown_once(self, platform: Tenant) -> None:
        api = api_client(make_key())
        made = api.post("/api-keys", {"name": "ERP", "scopes": ["merchants:read"]})
        assert made.status_code == 201, made.content
        raw = made.json()["key"]
        assert api_client(raw).get("/merchant").status_code == 200
        assert api_client(raw).patch("/merchant", {}).status_code == 403
        listed = api.get("/api-keys")
        assert raw not in listed.content.decode()
        assert listed.json()["data"][0]["hint"].endswith(raw[-4:])
        path = f"/api-keys/{made.json()['id']}"
        successor = api.post(f"{path}/rotate", {"overlap_hours": 0})
        assert successor.status_code == 201, successor.content
        assert api_client(raw).get("/merchant").status_code == 401
        assert api.post(f"{path}/revoke").json()["state"] == "revoked"
        unknown = api.post("/api-keys", {"name": "ERP", "scopes": ["weather:read"]})
        assert unknown.json()["code"] == "platforms.unknown_scope"

    def test_audit_trail(self, platform: Tenant) -> None:
        merchant = make_merchant()
        api = api_client(make_key(kind="operator"))
        api.post(f"/merchants/{merchant.public_id}/suspend", {"reason": "counterfeit"})
        newest = api.get("/audit-trail", query={"limit": 1}).json()["data"][0]
        assert newest["action"] == "platforms.merchant.suspended"
        assert newest["actor"]["kind"] == "operator"
        assert newest["after"] == {"state": "suspended", "reason": "counterfeit"}
        one = api.get("/audit-trail", query={"action": "platforms.merchant.created"}).json()
        assert {row["action"] for row in one["data"]} == {"platforms.merchant.created"}
        assert api_client(make_key()).get("/audit-trail").status_code == 403

    def test_settings(self, platform: Tenant) -> None:
        api = api_client(make_key(kind="operator"))
        tag = api.get("/platform/settings")["ETag"]
        body = {"settings": {"sign_in": {"session_days": 5}}}
        changed = api.patch("/platform/settings", body, headers={"If-Match": tag})
        assert changed.json()["settings"]["sign_in"]["session_days"] == 5
        assert api.patch("/platform/settings", body, headers={"If-Match": tag}).status_code == 412
        wrong = api.patch("/platform/settings", {"accent": "#eeeeee"})
        assert wrong.json()["errors"][0]["field"] == "accent"
        assert api_client(code=platform.code).get("/platform").json()["currency"] == "CNY"
        assert {row["id"] for row in api.get("/roles").json()["data"]} == set(Role.values)


def without_request(problem: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in problem.items() if name != "request_id"}
