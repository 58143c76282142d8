"""What a buyer sees of groups: a shop's invitation, and whose prices are theirs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import Forbidden
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront.lists import window
from storefront.pages import buyer_of, done, public, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Whose prices are offered; taken with a click, so that a mail program's look takes nothing."""
    buyer_id = buyer_of(request)
    if buyer_id is None:
        raise Forbidden
    if request.method == "POST":
        marketplace.join_group(token=token, buyer_id=buyer_id)
        return done(request, _("These prices are yours now."), "storefront:price_groups")
    info = marketplace.group_invitation(token=token)
    merchants = platforms.merchants([info.merchant_id])
    context = {"info": info, "merchant": merchants[info.merchant_id]}
    response = render(request, "storefront/account/price_group.html", context)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """The groups that the buyer is in."""
    buyer_id = buyer_of(request)
    if buyer_id is None:
        raise Forbidden
    page = marketplace.own_memberships(buyer_id=buyer_id, **window(request))
    merchants = platforms.merchants({one.merchant_id for one in page.items})
    context = {"page": page, "merchants": merchants}
    return render(request, "storefront/account/price_groups.html", context)


@require_POST
@signed_in
def leave(request: HttpRequest, member: str) -> HttpResponse:
    """Not to be in it any more."""
    buyer_id = buyer_of(request)
    if buyer_id is None:
        raise Forbidden
    marketplace.leave_group(member_id=public("gmb", member), buyer_id=buyer_id)
    text = _("You have left the group; public prices hold again.")
    return done(request, text, "storefront:price_groups")
