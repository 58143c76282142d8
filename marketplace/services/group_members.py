"""Who is in a group of buyers: invited by letter, and in it when they take it.

A merchant names an address and learns nothing of it: the answer and the letter are the same
whether or not it has an account, and who takes the invitation isn't told. Holding the link proves
the address, as with every invitation; it works once.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext

from kernel import audit, clock, mail, outbox, personal, ratelimit
from kernel.errors import TooMany
from kernel.ids import uuid7
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_price_lists import GroupMemberInfo, OwnMembership
from marketplace.errors import AlreadyMember, GroupFull, GroupInvitationSpent, MemberNotFound
from marketplace.models import BuyerGroup, GroupMember
from marketplace.selectors.buyer_groups import invitation_row, member_info, own_info
from marketplace.tokens import token_hash
from platforms import facade as platforms

OPEN_FOR = timedelta(days=14)
OPEN_MAX = 200  # invitations of a group that nobody took yet
MEMBERS_MAX = 5_000
LETTERS_EACH, LETTERS_MAX = 3, 500  # a day: to one address, and of a shop in all
DAY = 86_400
KEPT_FOR = timedelta(days=30)  # an address that nobody answered for, after the link has expired
BATCH = 200
PURPOSE = "marketplace.group_member"
State = GroupMember.State
STANDING = (State.INVITED, State.MEMBER)


def invite_member(*, group_id: UUID, merchant_id: UUID, email: str) -> GroupMemberInfo:
    """Write to an address; an open invitation is sent anew with another link, and a member stays
    as they are. Raises BuyerGroupNotFound, Invalid (no address), MerchantNotApproved, GroupFull,
    TooMany."""
    normal = platforms.normal_email(email)
    token = secrets.token_urlsafe(32)
    with atomic():
        group = locks.buyer_group(group_id, merchant_id)
        lookup = personal.blind_index(normal, purpose=PURPOSE)
        row = _standing(group, lookup)
        if row is not None and row.state == State.MEMBER:
            return member_info(row)
        merchant = platforms.merchants([merchant_id])[merchant_id]
        if not merchant.approved:  # who doesn't sell here doesn't write to people in our name
            raise platforms.MerchantNotApproved
        _check_often(merchant_id, lookup)
        now = clock.system()
        if row is None:
            _check_room(group)
            row = GroupMember(
                id=uuid7(), group=group, merchant_id=merchant_id, email_lookup=lookup,
                token_hash="", expires_at=now,
            )  # fmt: skip
            row.email_sealed = personal.seal(row.id, normal)
        row.language = platforms.get_platform().locales[0].lower()
        row.token_hash, row.expires_at = token_hash(token), now + OPEN_FOR
        row.save()
        audit.record(
            action="marketplace.group_member.invited",
            target=row,
            after={"group_id": group.id, "email": normal},
            personal={"email"},
            subject=row.id,
        )
        _tell(row)
        _write(row, group, merchant, normal, token)
    return member_info(row)


def _standing(group: BuyerGroup, lookup: str) -> GroupMember | None:
    rows = GroupMember.objects.select_for_update().filter(group=group, email_lookup=lookup)
    return rows.filter(state__in=STANDING).first()


def _check_often(merchant_id: UUID, lookup: str) -> None:
    """A shop writes neither again and again to somebody nor to half the city."""
    for bucket, limit in (
        (f"group-letter:{merchant_id}:{lookup[:32]}", LETTERS_EACH),
        (f"group-letters:{merchant_id}", LETTERS_MAX),
    ):
        verdict = ratelimit.hit(bucket, limit=limit, seconds=DAY)
        if not verdict.allowed:
            told = gettext("At most %(each)s invitations a day to one address, %(most)s in all.")
            raise TooMany(
                told % {"each": LETTERS_EACH, "most": LETTERS_MAX}, retry_after=verdict.reset
            )


def _check_room(group: BuyerGroup) -> None:
    rows = GroupMember.objects.filter(group=group)
    if rows.filter(state=State.INVITED).count() >= OPEN_MAX:
        raise GroupFull(limit=OPEN_MAX)
    if rows.filter(state__in=STANDING).count() >= MEMBERS_MAX:
        raise GroupFull(limit=MEMBERS_MAX)


def _write(
    row: GroupMember, group: BuyerGroup, merchant: platforms.MerchantInfo, email: str, token: str
) -> None:
    with translation.override(row.language):
        whose = {
            "shop": merchant.name(row.language),
            "group": platforms.in_language(group.names, row.language),
        }
        context = {
            "title": gettext("%(shop)s invites you to its prices for: %(group)s") % whose,
            "before": gettext(
                "%(shop)s would like to sell to you at its prices for: %(group)s. Open this link, "
                "sign in and take the invitation:"
            )
            % whose,
            "link": platforms.platform_url(f"/groups/{token}/"),
            "after": gettext(
                "The link works once, within %(days)s days. The shop isn't told which account you "
                "use. If you didn't expect this letter, do nothing."
            )
            % {"days": OPEN_FOR.days},
        }
        mail.send(
            to=email,
            subject=row.id,
            template="marketplace/buyer_group",
            context=context,
            language=row.language,
        )


def join_group(*, token: str, buyer_id: UUID) -> OwnMembership:
    """Take an invitation; once. Raises GroupInvitationSpent, AlreadyMember."""
    known = invitation_row(token)
    with atomic():
        group = locks.buyer_group(known.group_id, known.merchant_id)
        row = GroupMember.objects.select_for_update().filter(id=known.id).first()
        if row is None or row.token_hash != known.token_hash or row.state != State.INVITED:
            raise GroupInvitationSpent
        if row.expires_at <= clock.system():
            raise GroupInvitationSpent
        mine = GroupMember.objects.filter(group=group, buyer_id=buyer_id, state=State.MEMBER)
        if mine.exists():
            raise AlreadyMember
        row.buyer_id, row.joined_at = buyer_id, clock.business()
        row.move(State.MEMBER, action="marketplace.group_member.joined")
        row.save()
        _tell(row)
    return own_info(row, group)


def remove_member(*, group_id: UUID, merchant_id: UUID, member_id: UUID) -> GroupMemberInfo:
    """The merchant withdraws an invitation or ends a membership; ended: as it is. Raises
    BuyerGroupNotFound, MemberNotFound."""
    with atomic():
        group = locks.buyer_group(group_id, merchant_id)
        row = GroupMember.objects.select_for_update().filter(group=group, id=member_id).first()
        if row is None:
            raise MemberNotFound
        if row.state in STANDING:
            _end(row, State.REMOVED, "marketplace.group_member.removed")
    return member_info(row)


def leave_group(*, member_id: UUID, buyer_id: UUID) -> None:
    """A buyer doesn't want to be in it any more; left already: as it is. Raises MemberNotFound."""
    with atomic():
        rows = GroupMember.objects.select_for_update()
        row = rows.filter(id=member_id, buyer_id=buyer_id).first()
        if row is None:
            raise MemberNotFound
        if row.state == State.MEMBER:
            _end(row, State.LEFT, "marketplace.group_member.left")


def forget_invitations() -> int:
    """Let go of addresses whose invitations expired long ago; how many."""
    late = clock.system() - KEPT_FOR
    due = GroupMember.objects.filter(state=State.INVITED, expires_at__lte=late).order_by("id")
    done = 0
    for member_id in list(due.values_list("id", flat=True)[:BATCH]):
        with atomic():
            rows = due.select_for_update(skip_locked=True)
            row = rows.filter(id=member_id).first()
            if row is not None:
                _end(row, State.REMOVED, "marketplace.group_member.expired")
                done += 1
    return done


def _end(row: GroupMember, to: str, action: str) -> None:
    """What ended needs no address: its key goes, and with it the copies in letters and audit."""
    row.move(to, action=action)
    row.email_sealed = row.email_lookup = ""
    row.save()
    _tell(row)
    personal.erase(row.id)


def forget_members(rows: Iterable[GroupMember]) -> None:
    """Rows of erased people and deleted groups go, with what their keys sealed."""
    for row in rows:
        personal.erase(row.id)
        row.delete()


def _tell(row: GroupMember) -> None:
    outbox.append(
        events.GroupMemberMoved(
            member_id=row.id,
            buyer_group_id=row.group_id,
            merchant_id=row.merchant_id,
            state=str(row.state),
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
