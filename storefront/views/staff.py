"""The staff of a merchant, or the platform's: who has which role, invitations, roles of one's own.
The same pages at both desks."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.actors import current_actor
from kernel.errors import DomainError, Invalid, Malformed, NotFound, PreconditionFailed
from platforms import facade as platforms
from platforms.facade import Role, StaffRoleInfo
from storefront.confirming import confirmed
from storefront.forms.staff import Invite, Place, StaffRoleForm
from storefront.lists import window
from storefront.pages import (
    done,
    language,
    merchant_desk,
    merchant_of,
    operator_desk,
    pressed,
    public,
    words_of,
)
from storefront.views.account import put_error

both = require_http_methods(["GET", "HEAD", "POST"])
STAFF = platforms.Sensitive.STAFF
DESKS = {"merchant": merchant_desk, "operator": operator_desk}


@dataclass(frozen=True)
class Member:
    """Somebody of the staff, with the role there."""

    info: platforms.PersonInfo
    role: str
    label: str
    form: Place
    within: bool


def addresses(desk: str) -> list[URLPattern]:
    """The pages' addresses at one desk."""
    guard, base, more = DESKS[desk]("staff"), f"{desk}/staff/", {"desk": desk}
    return [
        path(base, both(guard(listing)), more, f"{desk}_staff"),
        path(f"{base}roles/new/", both(guard(new)), more, f"{desk}_staff_role_new"),
        path(f"{base}roles/<str:role>/", both(guard(one)), more, f"{desk}_staff_role"),
        path(f"{base}roles/<str:role>/remove/", require_POST(guard(remove)), more,
             f"{desk}_staff_role_remove"),
        path(f"{base}invitations/<str:invitation>/withdraw/", require_POST(guard(withdraw)), more,
             f"{desk}_staff_withdraw"),
        path(f"{base}<str:person>/act/", require_POST(guard(act)), more, f"{desk}_staff_act"),
    ]  # fmt: skip


def listing(request: HttpRequest, desk: str) -> HttpResponse:
    """Everyone on the staff, who is invited, the roles; a POST invites somebody."""
    team = _team(request, desk)
    roles = _roles(team)
    choices = _choices(desk, roles)
    form = Invite(request.POST or None, roles=choices, initial={"role": choices[-1][0]})
    if request.method == "POST" and form.is_valid():
        role, staff_role_id = _chosen(form.cleaned_data["role"], desk)
        try:
            with confirmed(request, STAFF):
                platforms.invite(
                    email=form.cleaned_data["email"], role=role, merchant_id=team,
                    staff_role_id=staff_role_id, language=language(), ceiling=_ceiling(),
                )  # fmt: skip
            return done(request, _("The invitation is on its way."), f"storefront:{desk}_staff")
        except DomainError as error:
            put_error(form, error)
    return _listed(request, desk, form, roles, 422 if form.errors else 200)


def _listed(
    request: HttpRequest,
    desk: str,
    form: Invite,
    roles: dict[UUID, StaffRoleInfo],
    status: int,
    **more: Any,
) -> HttpResponse:
    team = _team(request, desk)
    page = platforms.team(
        merchant_id=team, role=Role.OPERATOR if team is None else None, **window(request)
    )
    invited = [
        one
        for one in platforms.invitations_page(merchant_id=team, limit=50).items
        if one.state == "pending" and one.merchant_id == team and one.role != Role.BUYER
    ]
    entered: dict[str, str] | None = more.get("entered")
    away = entered and entered["person"] not in {one.public_id for one in page.items}
    context = {
        "page": page,
        "refused": entered["refused"] if entered and away else "",
        "members": _members(desk, team, page.items, roles),
        "invited": [(one, _label(one.role, one.staff_role_id, roles)) for one in invited],
        "own_roles": roles,
        "form": form,
        "presets": platforms.presets_of(desk),
        **more,
    }
    return _shown(request, "list", desk, context, status)


def act(request: HttpRequest, desk: str, person: str) -> HttpResponse:
    """Put somebody into another role, or take them off the staff. What isn't taken stays chosen,
    but for password and code."""
    try:
        text = _acted(request, desk, public("per", person))
    except (Malformed, NotFound):
        raise
    except DomainError as error:
        roles = _roles(_team(request, desk))
        choices = _choices(desk, roles)
        form = Invite(roles=choices, initial={"role": choices[-1][0]})
        entered = {
            "person": person,
            "do": "remove" if request.POST.get("do") == "remove" else "place",
            "role": request.POST.get("role", ""),
            "refused": words_of(error),
        }
        return _listed(request, desk, form, roles, error.status, entered=entered)
    return done(request, text, f"storefront:{desk}_staff")


def _acted(request: HttpRequest, desk: str, person_id: UUID) -> str:
    """Do it; what to say about it."""
    team = _team(request, desk)
    if pressed(request, "place", "remove") == "remove":
        held = [
            one
            for one in platforms.person(person_id).memberships
            if one.merchant_id == team and one.role != Role.BUYER
        ]
        if not held:
            raise NotFound
        with confirmed(request, STAFF):
            for one in held:
                platforms.revoke_role(
                    person_id=person_id, role=one.role, merchant_id=team, ceiling=_ceiling()
                )
        return _("No longer on the staff.")
    role, staff_role_id = _chosen(request.POST.get("role", ""), desk)
    with confirmed(request, STAFF):
        platforms.set_role(
            person_id=person_id, role=role, merchant_id=team, staff_role_id=staff_role_id,
            ceiling=_ceiling(),
        )  # fmt: skip
    return _("Changed. It holds from now on.")


def withdraw(request: HttpRequest, desk: str, invitation: str) -> HttpResponse:
    """Withdraw an invitation of this staff."""
    info = platforms.invitation_by_id(public("inv", invitation))
    if info.merchant_id != _team(request, desk):
        raise NotFound
    platforms.revoke_invitation(invitation_id=info.id)
    return done(request, _("The invitation is withdrawn."), f"storefront:{desk}_staff")


def new(request: HttpRequest, desk: str) -> HttpResponse:
    """A role, from nothing or from a set to begin with."""
    begin = {one.code: one for one in platforms.presets_of(desk)}.get(request.GET.get("from", ""))
    first = {"name": str(begin.title), "permissions": begin.permissions} if begin else {}
    return _edited(request, desk, None, StaffRoleForm(request.POST or None, desk=desk,
                                                      initial=first))  # fmt: skip


def one(request: HttpRequest, desk: str, role: str) -> HttpResponse:
    """One role: its name, and what it includes."""
    info = platforms.staff_role(public("rol", role), _team(request, desk))
    first = {"name": info.name, "permissions": info.permissions, "version": info.version}
    return _edited(request, desk, info, StaffRoleForm(request.POST or None, desk=desk,
                                                      initial=first))  # fmt: skip


def remove(request: HttpRequest, desk: str, role: str) -> HttpResponse:
    """Take a role off the list that nobody has."""
    platforms.remove_staff_role(
        staff_role_id=public("rol", role), merchant_id=_team(request, desk), ceiling=_ceiling()
    )
    return done(request, _("The role is removed."), f"storefront:{desk}_staff")


def _edited(
    request: HttpRequest, desk: str, info: StaffRoleInfo | None, form: StaffRoleForm
) -> HttpResponse:
    team, held = _team(request, desk), _ceiling()
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {**form.cleaned_data, "merchant_id": team, "ceiling": held}
        read = given.pop("version")
        try:
            with confirmed(request, STAFF):
                if info is None:
                    platforms.create_staff_role(**given)
                else:
                    platforms.change_staff_role(
                        staff_role_id=info.id, check=partial(_same, read), **given
                    )
            return done(request, _("Saved. It holds from now on."), f"storefront:{desk}_staff")
        except DomainError as error:
            put_error(form, error)
    chosen = set(form["permissions"].value() or ())
    lines = [
        {
            "info": one,
            "chosen": one.code in chosen,
            "may": "*" in held or one.code in held,
            "brings": [platforms.PERMISSIONS[code].title for code in one.includes],
        }
        for one in platforms.of_desk(desk)
    ]
    context = {"info": info, "form": form, "lines": lines}
    return _shown(request, "role", desk, context, 422 if form.errors else 200)


def _same(read: int | None, now: int) -> None:
    """Raise PreconditionFailed when somebody else has changed the role since it was read."""
    if read is not None and read != now:
        raise PreconditionFailed


def _shown(
    request: HttpRequest, name: str, desk: str, context: dict[str, Any], status: int
) -> HttpResponse:
    urls = {what: f"storefront:{desk}_staff_{what}" for what in ("act", "withdraw", "role")}
    context |= {
        "desk": desk,
        "base": f"storefront/{desk}/base.html",
        "urls": urls,
        "list_url": reverse(f"storefront:{desk}_staff"),
        "new_url": reverse(f"storefront:{desk}_staff_role_new"),
        "remove_url": f"storefront:{desk}_staff_role_remove",
    }
    answer = render(request, f"storefront/staff/{name}.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _team(request: HttpRequest, desk: str) -> UUID | None:
    """Whose staff it is: the merchant's, or None for the platform's."""
    return merchant_of(request) if desk == "merchant" else None


def _ceiling() -> frozenset[str]:
    return current_actor().permissions


def _roles(team: UUID | None) -> dict[UUID, StaffRoleInfo]:
    return {one.id: one for one in platforms.staff_roles(merchant_id=team, limit=50).items}


def _choices(desk: str, roles: dict[UUID, StaffRoleInfo]) -> list[tuple[str, Any]]:
    """What somebody can be put into: the whole, roles of one's own, general staff."""
    own = [(one.public_id, one.name) for one in roles.values()]
    if desk == "operator":
        return [(str(Role.OPERATOR), _("Chief operator")), *own]
    owner = (str(Role.MERCHANT_OWNER), _("Owner"))
    return [owner, *own, (str(Role.MERCHANT_STAFF), _("General staff"))]


def _chosen(value: str, desk: str) -> tuple[Role, UUID | None]:
    """The role behind a choice. Raises Invalid, NotFound."""
    if value.startswith("rol_"):
        role = Role.OPERATOR if desk == "operator" else Role.MERCHANT_STAFF
        return role, public("rol", value)
    try:
        return Role(value), None
    except ValueError as error:
        raise Invalid(_("Choose one of these."), field="role") from error


def _label(role: str, staff_role_id: UUID | None, roles: dict[UUID, StaffRoleInfo]) -> str:
    if staff_role_id in roles:
        return roles[staff_role_id].name
    if role == Role.OPERATOR:
        return _("Chief operator")
    return _("Owner") if role == Role.MERCHANT_OWNER else _("General staff")


def _members(
    desk: str,
    team: UUID | None,
    people: list[platforms.PersonInfo],
    roles: dict[UUID, StaffRoleInfo],
) -> list[Member]:
    choices, held, found = _choices(desk, roles), _ceiling(), {}
    for person in people:
        mine = [
            one for one in person.memberships if one.merchant_id == team and one.role != Role.BUYER
        ]
        first = min(mine, key=lambda one: (one.role == Role.MERCHANT_STAFF, one.id))
        own = roles.get(first.staff_role_id) if first.staff_role_id else None
        value = own.public_id if own else str(first.role)
        found[person.id] = Member(
            info=person,
            role=value,
            label=_label(first.role, first.staff_role_id, roles),
            form=Place(roles=choices, initial={"role": value}, prefix=""),
            within="*" in held or platforms.permissions_in(first.role, _codes(own)) <= held,
        )
    return list(found.values())


def _codes(own: StaffRoleInfo | None) -> tuple[str, ...] | None:
    return own.permissions if own else None
