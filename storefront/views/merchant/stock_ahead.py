"""What the merchant sells beyond its stock, who waits for it, and when they are promised it."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import facade as catalog
from inventory import facade as inventory
from kernel import clock
from kernel.errors import DomainError
from marketplace import facade as marketplace
from storefront.forms.problems import beside
from storefront.forms.stock_ahead import MODES, AheadForm
from storefront.lists import window
from storefront.pages import done, merchant_desk, merchant_of, public


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("stock")
def settings(request: HttpRequest) -> HttpResponse:
    """Every variant with a setting, and the form that changes one or many."""
    merchant_id = merchant_of(request)
    form = (
        AheadForm(request.POST) if request.method == "POST" else AheadForm(initial=_known(request))
    )
    if request.method == "POST" and form.is_valid():
        try:
            skus, terms = form.cleaned_data["skus"], form.terms()
            found = inventory.set_ahead_of(merchant_id=merchant_id, skus=skus, **terms)
        except DomainError as error:
            beside(form, error, lines="skus")
        else:
            text = ngettext("Kept for %(n)s variant.", "Kept for %(n)s variants.", len(found))
            return done(request, text % {"n": len(found)}, "storefront:merchant_ahead")
    page = inventory.aheads_page(merchant_id=merchant_id, **window(request))
    context = {
        "page": page,
        "variants": catalog.variants({row.variant_id for row in page.items}),
        "modes": dict(MODES),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/ahead.html", context, status=status)


@require_safe
@merchant_desk("stock")
def promises(request: HttpRequest) -> HttpResponse:
    """Who has paid and waits, the one due first before the others."""
    merchant_id = merchant_of(request)
    wanted, late = request.GET.get("variant", ""), bool(request.GET.get("late"))
    page = inventory.promises_page(
        merchant_id=merchant_id,
        variant_id=public("var", wanted) if wanted else None,
        late=late,
        **window(request),
    )
    keys = [one.key for one in page.items]
    found = marketplace.orders(merchant_id=merchant_id, groups=keys, limit=100).items
    today = clock.today()
    context = {
        "page": page,
        "rows": [(one, one.late(today)) for one in page.items],
        "orders": {one.group_id: one for one in found},
        "variants": catalog.variants({one.variant_id for one in page.items}),
        "variant": wanted,
        "late": late,
    }
    return render(request, "storefront/merchant/promises.html", context)


@require_POST
@merchant_desk("stock")
def move(request: HttpRequest) -> HttpResponse:
    """Give another day for what is promised of a variant."""
    try:
        due_on = date.fromisoformat(request.POST.get("due_on", ""))
    except ValueError as error:
        raise inventory.InvalidDay(field="due_on") from error
    count = inventory.move_promises(
        merchant_id=merchant_of(request),
        variant_id=public("var", request.POST.get("variant", "")),
        due_on=due_on,
    )
    text = ngettext("%(n)s buyer is told.", "%(n)s buyers are told.", count) % {"n": count}
    return done(request, text, "storefront:merchant_ahead")


def _known(request: HttpRequest) -> dict[str, Any]:
    """The setting of the variant that the address names, to be changed."""
    sku = request.GET.get("sku", "").strip()
    merchant_id = merchant_of(request)
    found = catalog.variant_ids_by_sku(merchant_id, [sku]).get(sku) if sku else None
    if found is None:
        return {"skus": sku} if sku else {}
    info = inventory.aheads([found]).get(found)
    if info is None:
        return {"skus": sku}
    return {
        "skus": sku,
        "mode": str(info.mode),
        "limit": format(info.limit.normalize(), "f") if info.limit is not None else None,
        "lead_days": info.lead_days,
        "release_on": info.release_on,
    }
