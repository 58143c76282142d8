"""Groups of buyers at the merchant's desk: who is in them, and who is invited."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.errors import DomainError
from marketplace import facade as marketplace
from storefront import words
from storefront.forms.price_lists import GroupForm, InviteForm, shown_group
from storefront.lists import choice, window
from storefront.pages import done, merchant_desk, merchant_of, public
from storefront.views.account import put_error

STATES = [one for one in words.STATES["group_member"] if one != "expired"]
both = require_http_methods(["GET", "HEAD", "POST"])


@both
@merchant_desk("prices")
def listing(request: HttpRequest) -> HttpResponse:
    """The groups, and the form for another."""
    merchant_id = merchant_of(request)
    form = GroupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = marketplace.create_buyer_group(
                merchant_id=merchant_id,
                code=form.cleaned_data["code"].strip(),
                names=form.names(),
                active=form.cleaned_data["active"],
            )
        except DomainError as error:
            form.refuse(error)
        else:
            text = _("The group is there. Invite its members, then make its price list.")
            return done(request, text, "storefront:merchant_buyer_group", group=made.public_id)
    active = choice(request, "active", ("on", "off"))
    page = marketplace.buyer_groups(
        merchant_id=merchant_id, active=active == "on" if active else None, **window(request)
    )
    context = {"page": page, "form": form, "active": active}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/buyer_groups.html", context, status=status)


@both
@merchant_desk("prices")
def one(request: HttpRequest, group: str) -> HttpResponse:
    """One group: its members, an invitation, its lists, its own form."""
    merchant_id, group_id = merchant_of(request), public("bgr", group)
    info = marketplace.buyer_group(group_id=group_id, merchant_id=merchant_id)
    inviting = request.method == "POST" and request.POST.get("do") == "invite"
    changing = request.method == "POST" and not inviting
    invite = InviteForm(request.POST if inviting else None)
    form = GroupForm(request.POST if changing else None, initial=shown_group(info))
    if inviting and invite.is_valid():
        try:
            marketplace.invite_member(
                group_id=group_id, merchant_id=merchant_id, email=invite.cleaned_data["email"]
            )
        except DomainError as error:
            put_error(invite, error)
        else:
            text = _("The letter is on its way.")
            return done(request, text, "storefront:merchant_buyer_group", group=group)
    if changing and form.is_valid():
        try:
            marketplace.change_buyer_group(
                group_id=group_id,
                merchant_id=merchant_id,
                code=form.cleaned_data["code"].strip(),
                names=form.names(),
                active=form.cleaned_data["active"],
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return done(request, _("Changed."), "storefront:merchant_buyer_group", group=group)
    state = choice(request, "state", STATES)
    context = {
        "group": info,
        "form": form,
        "invite": invite,
        "state": state,
        "states": STATES,
        "page": marketplace.group_members(
            group_id=group_id, merchant_id=merchant_id, state=state, **window(request)
        ),
        "lists": marketplace.price_lists(merchant_id=merchant_id, group_id=group_id).items,
    }
    status = 422 if form.errors or invite.errors else 200
    return render(request, "storefront/merchant/buyer_group.html", context, status=status)


@require_POST
@merchant_desk("prices")
def remove(request: HttpRequest, group: str, member: str) -> HttpResponse:
    """Withdraw an invitation, or end a membership."""
    marketplace.remove_member(
        group_id=public("bgr", group),
        merchant_id=merchant_of(request),
        member_id=public("gmb", member),
    )
    text = _("Removed. The address is forgotten; invite it again to undo this.")
    return done(request, text, "storefront:merchant_buyer_group", group=group)


@require_POST
@merchant_desk("prices")
def delete(request: HttpRequest, group: str) -> HttpResponse:
    """Delete a group that no price list is for."""
    marketplace.delete_buyer_group(group_id=public("bgr", group), merchant_id=merchant_of(request))
    return done(request, _("The group is deleted."), "storefront:merchant_buyer_groups")
