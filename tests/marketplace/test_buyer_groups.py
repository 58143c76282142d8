"""Groups of buyers: invited without learning anything, joined once, left, removed, forgotten."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from kernel import clock, mail
from kernel.errors import Invalid, TooMany
from kernel.tenancy import Tenant
from marketplace import facade
from marketplace.models import GroupMember
from marketplace.services.group_members import forget_invitations
from platforms import facade as platforms
from tests.factories.platforms import make_merchant, make_person
from tests.factories.price_lists import (
    NAMES,
    invited,
    join,
    make_buyer_group,
    make_price_list,
    secret_of_last_letter,
)
from tests.marketplace.test_races import at_once


@pytest.fixture
def shop(platform: Tenant) -> UUID:
    return make_merchant().id


def members(group: facade.BuyerGroupInfo, state: str | None = None) -> list[tuple[str, str]]:
    found = facade.group_members(group_id=group.id, merchant_id=group.merchant_id, state=state)
    return [(one.state, one.email) for one in found.items]


def test_an_address_is_invited_alike_with_and_without_an_account(shop: UUID) -> None:
    group, known = make_buyer_group(shop), make_person()
    answers = [
        facade.invite_member(group_id=group.id, merchant_id=shop, email=email)
        for email in (known.email.upper(), "nobody@people.example")
    ]
    assert {(one.state, one.joined_at) for one in answers} == {("invited", None)}
    letters = mail.letters(limit=2).items
    assert {one.template for one in letters} == {"marketplace/buyer_group"}
    facade.join_group(token=secret_of_last_letter(), buyer_id=known.id)
    assert members(group) == [("member", "nobody@people.example"), ("invited", known.email)]
    with pytest.raises(Invalid):
        facade.invite_member(group_id=group.id, merchant_id=shop, email="no address")


def test_a_link_works_once_and_only_the_latest(shop: UUID) -> None:
    group, buyer = make_buyer_group(shop), make_person().id
    first = invited(group, "a@people.example")
    second = invited(group, "a@people.example")
    assert len(members(group)) == 1
    for token in (first, "x" * 43):
        with pytest.raises(facade.GroupInvitationSpent):
            facade.group_invitation(token=token)
    assert facade.group_invitation(token=second).names == NAMES
    facade.join_group(token=second, buyer_id=buyer)
    with pytest.raises(facade.GroupInvitationSpent):
        facade.join_group(token=second, buyer_id=make_person().id)
    again = invited(group, "b@people.example")
    with pytest.raises(facade.AlreadyMember):
        facade.join_group(token=again, buyer_id=buyer)
    late = invited(group, "c@people.example")
    with clock.frozen(clock.system() + timedelta(days=15)):
        with pytest.raises(facade.GroupInvitationSpent):
            facade.join_group(token=late, buyer_id=make_person().id)
        assert members(group)[0] == ("expired", "c@people.example")


def test_what_ends_keeps_no_address(shop: UUID) -> None:
    group, buyer = make_buyer_group(shop), make_person().id
    member = join(group, buyer)
    assert [one.id for one in facade.own_memberships(buyer_id=buyer).items] == [member]
    with pytest.raises(facade.MemberNotFound):
        facade.leave_group(member_id=member, buyer_id=make_person().id)
    facade.leave_group(member_id=member, buyer_id=buyer)
    facade.leave_group(member_id=member, buyer_id=buyer)
    token = invited(group, "c@people.example")
    [open_one] = facade.group_members(group_id=group.id, merchant_id=shop).items
    with pytest.raises(facade.BuyerGroupNotFound):
        facade.remove_member(
            group_id=group.id, merchant_id=make_merchant().id, member_id=open_one.id
        )
    facade.remove_member(group_id=group.id, merchant_id=shop, member_id=open_one.id)
    with pytest.raises(facade.GroupInvitationSpent):
        facade.join_group(token=token, buyer_id=buyer)
    assert members(group) == []
    assert members(group, "left") == [("left", "")]
    assert members(group, "removed") == [("removed", "")]
    assert mail.letters(limit=1).items[0].to == ""
    assert set(GroupMember.objects.values_list("email_sealed", "email_lookup")) == {("", "")}


def test_nobody_is_written_to_again_and_again(shop: UUID) -> None:
    group = make_buyer_group(shop)
    for _letter in range(3):
        invited(group, "a@people.example")
    with pytest.raises(TooMany):
        invited(group, "a@people.example")
    assert make_buyer_group(make_merchant().id, make_person().id).members == 0
    assert invited(group, "b@people.example")


def test_who_isnt_approved_writes_to_nobody(shop: UUID) -> None:
    applicant = make_merchant(approved=False).id
    platforms.suspend_merchant(merchant_id=shop, reason="sends spam")
    for merchant_id in (applicant, shop):
        group = make_buyer_group(merchant_id)
        before = mail.letters(limit=1).items
        with pytest.raises(platforms.MerchantNotApproved):
            facade.invite_member(
                group_id=group.id, merchant_id=merchant_id, email="a@people.example"
            )
        assert members(group) == []
        assert mail.letters(limit=1).items == before


def test_addresses_that_nobody_answered_for_are_forgotten(shop: UUID) -> None:
    group = make_buyer_group(shop, make_person().id)
    invited(group, "a@people.example")
    assert forget_invitations() == 0
    with clock.frozen(clock.system() + timedelta(days=45)):
        assert forget_invitations() == 1
        assert forget_invitations() == 0
    assert [state for state, _email in members(group)] == ["member"]
    assert members(group, "removed") == [("removed", "")]


def test_a_group_with_lists_stays(shop: UUID) -> None:
    group = make_buyer_group(shop, make_person().id)
    listed = make_price_list(group, percent="5")
    with pytest.raises(facade.BuyerGroupInUse):
        facade.delete_buyer_group(group_id=group.id, merchant_id=shop)
    facade.delete_price_list(list_id=listed.id, merchant_id=shop)
    facade.delete_buyer_group(group_id=group.id, merchant_id=shop)
    assert not GroupMember.objects.exists()
    with pytest.raises(facade.BuyerGroupNotFound):
        facade.buyer_group(group_id=group.id, merchant_id=shop)


def test_codes_are_the_merchants_own(shop: UUID) -> None:
    make_buyer_group(shop, code="vip")
    make_buyer_group(make_merchant().id, code="vip")
    for code in ("vip", "", "Vip", "-a", "a" * 41):
        with pytest.raises(facade.InvalidBuyerGroup) as caught:
            make_buyer_group(shop, code=code) if code else facade.create_buyer_group(
                merchant_id=shop, code="", names=NAMES
            )
        assert [one.field for one in caught.value.problems] == ["code"]
    with pytest.raises(facade.InvalidBuyerGroup):
        facade.create_buyer_group(merchant_id=shop, code="b", names={})


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_link_one_gets_it(shop: UUID, platform: Tenant) -> None:
    group = make_buyer_group(shop)
    token, buyers = invited(group), [make_person().id, make_person().id]
    found = at_once(
        platform,
        *[partial(facade.join_group, token=token, buyer_id=buyer) for buyer in buyers],
    )
    refused = [isinstance(one, facade.GroupInvitationSpent) for one in found]
    assert sorted(refused) == [False, True], found
    assert [state for state, _email in members(group)] == ["member"]
