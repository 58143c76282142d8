"""Promotions at the merchant's desk, and the platform's at the operator's: the same pages."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import facade as catalog
from kernel.errors import DomainError, Malformed
from kernel.ids import public_id
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import picking, words
from storefront.forms.promotions import PICKED, PromotionForm, shown
from storefront.lists import choice, csv_answer, every, window
from storefront.pages import done, language, merchant_desk, merchant_of, operator_desk, public
from storefront.words.promotions import PAYERS, SCOPES, WAYS

STATES = list(words.STATES["promotion"])


def _desk(request: HttpRequest, *, merchant: bool) -> dict[str, Any]:
    """Whose desk it is; what the templates need to stand on it."""
    return {
        "owner": merchant_of(request) if merchant else None,
        "desk": "merchant" if merchant else "operator",
        "base": f"storefront/{'merchant' if merchant else 'operator'}/base.html",
        "at_list": f"storefront:{'merchant' if merchant else 'operator'}_promotions",
        "at_new": f"storefront:{'merchant' if merchant else 'operator'}_promotion_new",
        "at_one": f"storefront:{'merchant' if merchant else 'operator'}_promotion",
        "at_edit": f"storefront:{'merchant' if merchant else 'operator'}_promotion_edit",
        "at_act": f"storefront:{'merchant' if merchant else 'operator'}_promotion_act",
        "at_codes": f"storefront:{'merchant' if merchant else 'operator'}_promotion_codes",
        "ways": WAYS,
        "scopes": SCOPES,
        "payers": PAYERS,
    }


def _listing(request: HttpRequest, desk: dict[str, Any]) -> HttpResponseBase:
    filters: dict[str, Any] = {
        "merchant_id": desk["owner"],
        "state": choice(request, "state", STATES),
        "query": request.GET.get("q", "").strip()[:60],
    }
    if desk["owner"] is None and request.GET.get("whose") == "all":
        filters["any_owner"] = True
    if request.GET.get("format") == "csv":
        return _exported(filters)
    page = marketplace.promotions(**filters, **window(request))
    owners = {one.merchant_id for one in page.items if one.merchant_id}
    context = {
        **desk,
        "page": page,
        "state": filters["state"],
        "states": STATES,
        "q": filters["query"],
        "whose": "all" if "any_owner" in filters else "",
        "merchants": platforms.merchants(owners) if owners else {},
    }
    return render(request, "storefront/promotions/list.html", context)


def _exported(filters: dict[str, Any]) -> HttpResponseBase:
    header = [_("Promotion"), _("Name"), _("State"), _("Coupon code"), _("From"), _("Until")]
    rows = (
        [
            one.public_id, next(iter(one.names.values()), ""), one.state, one.code,
            one.starts_at.isoformat(), one.ends_at.isoformat() if one.ends_at else "",
        ]
        for one in every(marketplace.promotions, **filters)
    )  # fmt: skip
    return csv_answer("promotions", header, rows)


def _form(
    request: HttpRequest, desk: dict[str, Any], known: marketplace.PromotionInfo | None
) -> HttpResponse:
    """Make one, or change the known one."""
    owner: UUID | None = desk["owner"]
    asked = request.POST if request.method == "POST" else None
    form = PromotionForm(
        asked,
        initial=shown(known) if known else {},
        currency=platforms.get_platform().currency,
        merchant_id=owner,
        tree=catalog.category_tree(language()),
        fixed=known is not None and known.state != "draft",
    )
    if asked is not None and form.is_valid():
        given = form.contract()
        try:
            if known is None:
                found = marketplace.create_promotion(merchant_id=owner, given=given)
                text = _("A draft. Look at it, then activate it.")
            else:
                kept = replace(given, external_id=known.external_id)
                if known.state != "draft":  # the form shows it to the minute only
                    kept = replace(kept, starts_at=known.starts_at)
                found = marketplace.change_promotion(
                    promotion_id=known.id, merchant_id=owner, given=kept
                )
                text = _("Changed.")
        except DomainError as error:
            form.refuse(error)
        else:
            return done(request, text, desk["at_one"], promotion=found.public_id)
    status = 422 if form.errors else 200
    context = {**desk, "form": form, "known": known}
    return render(request, "storefront/promotions/form.html", context, status=status)


def _one(request: HttpRequest, desk: dict[str, Any], promotion: str) -> HttpResponse:
    info = _found(desk, promotion)
    whose: dict[str, Any] = {"promotion_id": info.id, "merchant_id": info.merchant_id}
    context = {
        **desk,
        "promotion": info,
        "own": info.merchant_id == desk["owner"],
        "use": marketplace.promotion_use(**whose),
        "uses": marketplace.redemptions(**whose, limit=50).items,
        "goods": _goods(info),
    }
    return render(request, "storefront/promotions/one.html", context)


def _goods(info: marketplace.PromotionInfo) -> list[str]:
    """What it is for, by name; by id what is gone."""
    ids = [UUID(one) for one in info.scope_names]
    names = picking.named(PICKED.get(info.scope, "category"), ids)
    return [names.get(one, str(one)) for one in ids]


def _found(desk: dict[str, Any], promotion: str) -> marketplace.PromotionInfo:
    """Operators see merchants' promotions too."""
    return marketplace.promotion(
        promotion_id=public("prm", promotion),
        merchant_id=desk["owner"],
        any_owner=desk["owner"] is None,
    )


def _act(request: HttpRequest, desk: dict[str, Any], promotion: str) -> HttpResponse:
    what, owner = request.POST.get("do", ""), desk["owner"]
    promotion_id = public("prm", promotion)
    said = {
        "active": _("It holds from its beginning on."),
        "paused": _("It takes nothing off until it is activated again."),
        "ended": _("It has ended; orders placed keep what they were given."),
    }
    if what in said:
        marketplace.move_promotion(promotion_id=promotion_id, merchant_id=owner, to=what)
        text = said[what]
    elif what == "draw":
        count = request.POST.get("count", "")
        if not (count.isascii() and count.isdigit()):
            raise Malformed
        codes = marketplace.draw_codes(
            promotion_id=promotion_id, merchant_id=owner, count=int(count[:6])
        )
        text = _("%(n)s new codes. Export them to hand them out.") % {"n": len(codes)}
    else:
        raise Malformed
    return done(request, text, desk["at_one"], promotion=promotion)


def _codes(request: HttpRequest, desk: dict[str, Any], promotion: str) -> HttpResponseBase:
    """All codes as a CSV file."""
    info = _found(desk, promotion)
    rows = every(marketplace.coupons, promotion_id=info.id, merchant_id=info.merchant_id)
    return csv_answer(
        f"codes-{public_id('prm', info.id)}",
        [_("Coupon code"), _("Works once"), pgettext("coupon", "Used")],
        ([one.code, one.once, one.uses] for one in rows),
    )


@require_safe
@merchant_desk("promotions")
def merchant_list(request: HttpRequest) -> HttpResponseBase:
    """The merchant's promotions."""
    return _listing(request, _desk(request, merchant=True))


@require_safe
@operator_desk("promotions")
def operator_list(request: HttpRequest) -> HttpResponseBase:
    """The platform's promotions, or everyone's."""
    return _listing(request, _desk(request, merchant=False))


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("promotions")
def merchant_new(request: HttpRequest) -> HttpResponse:
    """The form of a merchant's promotion."""
    return _form(request, _desk(request, merchant=True), None)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("promotions")
def operator_new(request: HttpRequest) -> HttpResponse:
    """The form of a promotion that the platform pays."""
    return _form(request, _desk(request, merchant=False), None)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("promotions")
def merchant_edit(request: HttpRequest, promotion: str) -> HttpResponse:
    """Change a merchant's promotion."""
    desk = _desk(request, merchant=True)
    return _form(request, desk, _found(desk, promotion))


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("promotions")
def operator_edit(request: HttpRequest, promotion: str) -> HttpResponse:
    """Change a promotion of the platform."""
    desk = _desk(request, merchant=False)
    info = marketplace.promotion(promotion_id=public("prm", promotion), merchant_id=None)
    return _form(request, desk, info)


@require_safe
@merchant_desk("promotions")
def merchant_one(request: HttpRequest, promotion: str) -> HttpResponse:
    """One promotion of the merchant: what it gives, what came of it."""
    return _one(request, _desk(request, merchant=True), promotion)


@require_safe
@operator_desk("promotions")
def operator_one(request: HttpRequest, promotion: str) -> HttpResponse:
    """Any promotion."""
    return _one(request, _desk(request, merchant=False), promotion)


@require_POST
@merchant_desk("promotions")
def merchant_act(request: HttpRequest, promotion: str) -> HttpResponse:
    """Activate, pause, end, draw codes."""
    return _act(request, _desk(request, merchant=True), promotion)


@require_POST
@operator_desk("promotions")
def operator_act(request: HttpRequest, promotion: str) -> HttpResponse:
    """Activate, pause, end, draw codes of the platform's promotion."""
    return _act(request, _desk(request, merchant=False), promotion)


@require_safe
@merchant_desk("promotions")
def merchant_codes(request: HttpRequest, promotion: str) -> HttpResponseBase:
    """The codes of the merchant's promotion."""
    return _codes(request, _desk(request, merchant=True), promotion)


@require_safe
@operator_desk("promotions")
def operator_codes(request: HttpRequest, promotion: str) -> HttpResponseBase:
    """The codes of any promotion."""
    return _codes(request, _desk(request, merchant=False), promotion)
