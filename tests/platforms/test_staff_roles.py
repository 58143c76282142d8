"""Roles of one's own: what they include, who gives them, who must stay."""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config.api  # noqa: F401 - it loads the routes
from kernel import tenancy
from kernel.actors import Actor
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id, uuid7
from kernel.records.audit import AuditRecord
from kernel.tenancy import Tenant
from platforms import facade
from platforms.api.keys import scopes_of
from platforms.facade import PersonInfo, Role, StaffRoleInfo
from platforms.models import Invitation, Membership
from platforms.permissions import EVERYTHING, GENERAL_STAFF, complete, of_desk
from platforms.services.ceilings import held_at, held_by, keyable
from platforms.services.sessions import actor_of, find_session
from tests.factories.platforms import (
    api_client,
    make_key,
    make_merchant,
    make_person,
    make_platform,
)
from tests.platforms.test_people import at_once, token_in_last_letter

CODES = [one.code for one in of_desk("merchant")]


def role(merchant_id: UUID | None, *permissions: str, name: str = "仓库") -> StaffRoleInfo:
    return facade.create_staff_role(name=name, permissions=permissions, merchant_id=merchant_id)


def clerk(merchant_id: UUID, own: StaffRoleInfo | None = None) -> PersonInfo:
    person = make_person()
    facade.grant_role(
        person_id=person.id, role=Role.MERCHANT_STAFF, merchant_id=merchant_id,
        staff_role_id=own.id if own else None,
    )  # fmt: skip
    return person


def acts_as(token: str) -> Actor:
    return actor_of(find_session(token), live=False)


def test_a_change_holds_for_open_sessions(platform: Tenant) -> None:
    shop = make_merchant().id
    own = role(shop, "stock", "orders")
    person = clerk(shop, own)
    token = facade.open_session(person_id=person.id).token
    assert acts_as(token).permissions == {"stock", "orders", "orders.see"}
    facade.change_staff_role(
        staff_role_id=own.id, merchant_id=shop, name="仓库", permissions=["stock"]
    )
    assert acts_as(token).permissions == {"stock"}
    assert not acts_as(token).holds("orders", "orders.see")
    facade.set_role(person_id=person.id, merchant_id=shop, role=Role.MERCHANT_STAFF)
    assert acts_as(token).permissions == GENERAL_STAFF
    facade.set_role(person_id=person.id, merchant_id=shop, role=Role.MERCHANT_OWNER)
    assert acts_as(token).permissions == EVERYTHING
    make_person(role=Role.MERCHANT_OWNER, merchant_id=shop)
    facade.revoke_role(person_id=person.id, merchant_id=shop, role=Role.MERCHANT_OWNER)
    assert acts_as(token).kind == "buyer"


def test_staff_of_before_keeps_what_it_could(platform: Tenant) -> None:
    """The scopes that a merchant's staff had before there were roles."""
    person = clerk(make_merchant().id)
    actor = acts_as(facade.open_session(person_id=person.id).token)
    before = {f"{area}:{verb}"
              for area in ("catalog", "inventory", "offers", "orders", "promotions", "shipments")
              for verb in ("read", "write")}  # fmt: skip
    before |= {"merchants:read", "jobs:read", "payments:read", "events:read"}
    assert before <= scopes_of("merchant")
    assert before <= keyable(actor, "merchant")
    assert not {"people:write", "keys:write", "payouts:write", "payments:write"} & keyable(
        actor, "merchant"
    )


def test_what_a_role_must_be(platform: Tenant) -> None:
    shop, other = make_merchant().id, make_merchant().id
    own = role(shop, "stock")
    for wrong in ((), ("stock", "merchants"), ("nothing",)):
        with pytest.raises(Invalid):
            role(shop, *wrong, name="另一个")
    with pytest.raises(Invalid):
        role(None, "stock")  # an operator's role holds no stock
    for name in ("", "x" * 61, "仓库", "仓\x00库"):
        with pytest.raises(Invalid):
            role(shop, "stock", name=name)
    assert role(other, "stock").name == "仓库"  # names are each merchant's own
    person = clerk(other)
    with pytest.raises(NotFound):
        facade.set_role(person_id=person.id, merchant_id=other, role=Role.MERCHANT_STAFF,
                        staff_role_id=own.id)  # fmt: skip
    with pytest.raises(NotFound):
        facade.invite(email="a@people.example", role=Role.MERCHANT_STAFF, merchant_id=other,
                      staff_role_id=own.id)  # fmt: skip
    with pytest.raises(NotFound):
        facade.staff_role(own.id, other)
    with pytest.raises(Invalid):
        facade.set_role(person_id=person.id, merchant_id=other, role=Role.MERCHANT_OWNER,
                        staff_role_id=own.id)  # fmt: skip
    with pytest.raises(Invalid):
        facade.set_role(person_id=person.id, merchant_id=other, role=Role.BUYER)
    with pytest.raises(NotFound):
        facade.set_role(person_id=person.id, merchant_id=shop, role=Role.MERCHANT_STAFF)


def test_a_role_that_people_have_stays(platform: Tenant) -> None:
    shop = make_merchant().id
    own = role(shop, "stock")
    person = clerk(shop, own)
    sent = facade.invite(email="next@people.example", role=Role.MERCHANT_STAFF, merchant_id=shop,
                         staff_role_id=own.id)  # fmt: skip
    with pytest.raises(facade.RoleInUse) as refused:
        facade.remove_staff_role(staff_role_id=own.id, merchant_id=shop)
    assert refused.value.params == {"people": 1, "invited": 1}
    facade.revoke_role(person_id=person.id, merchant_id=shop, role=Role.MERCHANT_STAFF)
    facade.revoke_invitation(invitation_id=sent.id)
    facade.remove_staff_role(staff_role_id=own.id, merchant_id=shop)
    assert Invitation.objects.get(id=sent.id).staff_role_id is None
    assert facade.staff_roles(merchant_id=shop).items == []


def test_an_invitation_brings_the_role(platform: Tenant) -> None:
    shop = make_merchant().id
    own = role(shop, "stock")
    person = make_person()
    facade.invite(
        email=person.email, role=Role.MERCHANT_STAFF, merchant_id=shop, staff_role_id=own.id
    )
    facade.accept_invitation(token=token_in_last_letter())
    [held] = facade.person(person.id).memberships
    assert held.staff_role_id == own.id
    assert facade.staff_role(own.id, shop).people == 1
    trail = AuditRecord.objects.filter(target_id=person.id, action="platforms.role.granted")
    assert trail.get().after["staff_role_id"] == str(own.id)


def test_nobody_gives_what_they_do_not_hold(platform: Tenant) -> None:
    shop = make_merchant().id
    chief = make_person(role=Role.MERCHANT_OWNER, merchant_id=shop)
    mine = complete(["staff", "stock"])
    small, wide = role(shop, "stock"), role(shop, "stock", "payouts", name="财务")
    person, other = clerk(shop, small), clerk(shop, wide)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: facade.create_staff_role(
            name="X", permissions=["payouts"], merchant_id=shop, ceiling=mine),
        lambda: facade.change_staff_role(
            staff_role_id=small.id, name="X", permissions=["orders"], merchant_id=shop,
            ceiling=mine),
        # Not even to make it smaller: it isn't theirs to take.
        lambda: facade.change_staff_role(
            staff_role_id=wide.id, name="X", permissions=["stock"], merchant_id=shop, ceiling=mine),
        lambda: facade.remove_staff_role(staff_role_id=wide.id, merchant_id=shop, ceiling=mine),
        lambda: facade.set_role(
            person_id=person.id, merchant_id=shop, role=Role.MERCHANT_STAFF,
            staff_role_id=wide.id, ceiling=mine),
        lambda: facade.set_role(
            person_id=person.id, merchant_id=shop, role=Role.MERCHANT_STAFF, ceiling=mine),
        lambda: facade.set_role(
            person_id=person.id, merchant_id=shop, role=Role.MERCHANT_OWNER, ceiling=mine),
        lambda: facade.set_role(
            person_id=other.id, merchant_id=shop, role=Role.MERCHANT_STAFF,
            staff_role_id=small.id, ceiling=mine),
        lambda: facade.revoke_role(
            person_id=chief.id, merchant_id=shop, role=Role.MERCHANT_OWNER, ceiling=mine),
        lambda: facade.invite(
            email="x@people.example", merchant_id=shop, role=Role.MERCHANT_OWNER, ceiling=mine),
        lambda: facade.invite(
            email="x@people.example", merchant_id=shop, role=Role.MERCHANT_STAFF,
            staff_role_id=wide.id, ceiling=mine),
    )  # fmt: skip
    for attempt in attempts:
        with pytest.raises(facade.BeyondOwn):
            attempt()
    facade.set_role(
        person_id=person.id, merchant_id=shop, role=Role.MERCHANT_STAFF,
        staff_role_id=small.id, ceiling=mine,
    )  # fmt: skip


@given(held=st.sets(st.sampled_from(CODES)), wanted=st.sets(st.sampled_from(CODES), min_size=1))
def test_a_ceiling_is_never_passed(held: set[str], wanted: set[str]) -> None:
    """Whatever is held and asked for: what is let through is within what is held, and a key made
    by that person opens no route that isn't open to them."""
    from kernel.api import OPERATIONS
    from platforms.services.ceilings import check_within

    ceiling = complete(held)
    beyond = complete(wanted) - ceiling
    if beyond:
        with pytest.raises(facade.BeyondOwn) as refused:
            check_within(complete(wanted), ceiling)
        assert set(refused.value.params["beyond"]) == beyond
    else:
        check_within(complete(wanted), ceiling)
    actor = Actor(kind="merchant", id=uuid7(), scopes=EVERYTHING, permissions=ceiling)
    scopes = keyable(actor, "merchant")
    for one in OPERATIONS:
        if "merchant" in one.audience and one.scope in scopes:
            assert actor.holds(*one.permissions["merchant"])
    assert keyable(actor, "operator") == frozenset()


def test_a_key_gives_as_far_as_its_scopes_reach(platform: Tenant) -> None:
    every = Actor(kind="merchant", id=uuid7(), scopes=frozenset({"*"}))
    few = Actor(kind="merchant", id=uuid7(),
                scopes=frozenset({"people:write", "people:read", "promotions:read",
                                  "promotions:write"}))  # fmt: skip
    assert held_by(every) == EVERYTHING
    assert held_by(few) == {"staff", "promotions"}
    reviewer = Actor(kind="operator", id=uuid7(), permissions=complete(["merchants"]))
    plain = Actor(kind="operator", id=uuid7(), permissions=complete(["staff"]))
    assert held_at(reviewer, uuid7()) == EVERYTHING
    assert held_at(plain, uuid7()) == frozenset()
    assert held_at(plain, None) == {"staff"}


def test_the_last_chief_stays(platform: Tenant) -> None:
    own = role(None, "orders", name="客服")
    chief = make_person(role=Role.OPERATOR)
    helper = make_person()
    facade.grant_role(person_id=helper.id, role=Role.OPERATOR, staff_role_id=own.id)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: facade.set_role(person_id=chief.id, role=Role.OPERATOR, staff_role_id=own.id),
        lambda: facade.revoke_role(person_id=chief.id, role=Role.OPERATOR),
    )
    for attempt in attempts:
        with pytest.raises(facade.LastOwner):
            attempt()
    facade.set_role(person_id=helper.id, role=Role.OPERATOR)
    facade.set_role(person_id=chief.id, role=Role.OPERATOR, staff_role_id=own.id)
    # One that can't sign in doesn't count.
    third = make_person(role=Role.OPERATOR)
    facade.disable_person(person_id=third.id)
    with pytest.raises(facade.LastOwner):
        facade.revoke_role(person_id=helper.id, role=Role.OPERATOR)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_demote_each_other_at_once() -> None:
    town = make_platform()
    with tenancy.scope(town):
        shop = make_merchant().id
        owners = [make_person(role=Role.MERCHANT_OWNER, merchant_id=shop) for _each in range(2)]

    def demote(number: int) -> None:
        facade.set_role(person_id=owners[1 - number].id, merchant_id=shop, role=Role.MERCHANT_STAFF)

    assert sorted(at_once(2, town, demote)) == ["LastOwner", "NoneType"]
    with tenancy.scope(town):
        assert Membership.objects.filter(role=Role.MERCHANT_OWNER).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_role_is_given_and_removed_at_once() -> None:
    town = make_platform()
    with tenancy.scope(town):
        shop = make_merchant().id
        own = role(shop, "stock")
        person = clerk(shop)

    def race(number: int) -> None:
        if number:
            facade.remove_staff_role(staff_role_id=own.id, merchant_id=shop)
        else:
            facade.set_role(person_id=person.id, merchant_id=shop, role=Role.MERCHANT_STAFF,
                            staff_role_id=own.id)  # fmt: skip

    assert sorted(at_once(2, town, race)) in (["NoneType", "NotFound"], ["NoneType", "RoleInUse"])
    with tenancy.scope(town):
        held = Membership.objects.get(person_id=person.id).staff_role_id
        assert [one.id for one in facade.staff_roles(merchant_id=shop).items] == (
            [held] if held else []
        )


class TestApi:
    def test_a_merchant_makes_and_gives_roles(self, platform: Tenant) -> None:
        shop = make_merchant().id
        api = api_client(make_key(merchant_id=shop))
        listed = {one["code"] for one in api.get("/permissions").json()["data"]}
        assert listed == set(CODES)
        presets = api.get("/permission-presets").json()["data"]
        assert {"general", "warehouse", "service", "finance"} <= {one["code"] for one in presets}
        made = api.post("/staff-roles", {"name": "仓库", "permissions": ["orders", "stock"]})
        assert made.status_code == 201, made.content
        path = f"/staff-roles/{made.json()['id']}"
        assert made.json()["includes"] == ["orders", "orders.see", "stock"]
        change = {"name": "库房", "permissions": ["stock"]}
        assert api.put(path, change, headers={"If-Match": '"9"'}).status_code == 412
        assert api.put(path, change, headers={"If-Match": made["ETag"]}).json()["name"] == "库房"
        assert (
            api.put(path, {"name": "x", "permissions": ["all"]}).json()["errors"][0]["field"]
            == "permissions"
        )
        person = clerk(shop)
        place = {"role": "merchant_staff", "staff_role": made.json()["id"]}
        put = api.put(f"/people/{person.public_id}/staff-role", place)
        assert put.json()["roles"][0]["staff_role"] == made.json()["id"]
        assert api.get(path).json()["people"] == 1
        refused = api.delete(path)
        assert (refused.status_code, refused.json()["code"]) == (409, "platforms.role_in_use")
        api.put(f"/people/{person.public_id}/staff-role", {"role": "merchant_staff"})
        assert api.delete(path).status_code == 204
        assert api.get("/staff-roles").json()["data"] == []
        foreign = role(make_merchant().id, "stock")
        assert api.get(f"/staff-roles/{foreign.public_id}").status_code == 404

    def test_a_key_with_some_scopes_makes_no_owner(self, platform: Tenant) -> None:
        shop = make_merchant().id
        api = api_client(make_key(merchant_id=shop, scopes=("people:read", "people:write")))
        sent = api.post("/invitations", {"email": "a@people.example", "role": "merchant_owner"})
        assert (sent.status_code, sent.json()["code"]) == (403, "platforms.beyond_own")
        wide = {"name": "X", "permissions": ["payouts"]}
        assert api.post("/staff-roles", wide).status_code == 403

    def test_an_operator_gives_roles_of_the_platform(self, platform: Tenant) -> None:
        api = api_client(make_key(kind="operator"))
        made = api.post("/staff-roles", {"name": "客服", "permissions": ["service"]}).json()
        assert made["merchant"] is None
        sent = api.post("/invitations", {"email": "b@people.example", "role": "operator",
                                         "staff_role": made["id"]})  # fmt: skip
        assert sent.json()["staff_role"] == made["id"]
        theirs = role(make_merchant().id, "stock")
        assert api.get(f"/staff-roles/{theirs.public_id}").json()["name"] == theirs.name
        absent = public_id("rol", uuid7())
        assert api.post("/invitations", {"email": "b@people.example", "role": "operator",
                                         "staff_role": absent}).status_code == 404  # fmt: skip
