"""Stock counts: opened, numbers entered, differences posted."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import facade as inventory
from kernel.errors import DomainError, Malformed
from kernel.ids import public_id
from storefront import words
from storefront.forms.goods import REASONS
from storefront.forms.stock import CountForm
from storefront.lists import choice, window
from storefront.pages import back_of, done, merchant_desk, merchant_of, public
from storefront.stock_papers import places_of, told_at, variants_of, warehouses_of
from storefront.views.merchant.stock import number

STATES = list(words.STATES["count"])
ONE = "storefront:merchant_count"
CAUSES = {key: REASONS[key] for key in inventory.CAUSES}


@require_safe
@merchant_desk("stock")
def listing(request: HttpRequest) -> HttpResponse:
    """Counts, the latest first."""
    merchant_id = merchant_of(request)
    state = choice(request, "state", STATES)
    context = {
        "page": inventory.counts_page(merchant_id=merchant_id, state=state, **window(request)),
        "warehouses": places_of(merchant_id),
        "state": state,
        "states": STATES,
    }
    return render(request, "storefront/merchant/counts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("stock")
def new(request: HttpRequest) -> HttpResponse:
    """Begin to count."""
    merchant_id = merchant_of(request)
    asked = request.POST if request.method == "POST" else None
    form = CountForm(asked, warehouses=warehouses_of(merchant_id))
    if asked is not None and form.is_valid():
        try:
            info = inventory.open_count(
                merchant_id=merchant_id,
                warehouse_id=form.cleaned_data["warehouse"],
                skus=form.skus(),
                note=form.cleaned_data["note"],
            )
        except DomainError as error:
            form.refuse(error)
        else:
            text = _("Enter what lies on the shelves.")
            return done(request, text, ONE, paper=public_id("cnt", info.id))
    context = {"form": form}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/count_new.html", context, status=status)


@require_safe
@merchant_desk("stock")
def one(request: HttpRequest, paper: str) -> HttpResponse:
    """One count: its lines with a field for each number, and the differences."""
    merchant_id = merchant_of(request)
    count_id = public("cnt", paper)
    show = choice(request, "show", ("open", "different"))
    lines = inventory.count_lines_page(
        count_id=count_id, merchant_id=merchant_id, show=show, **window(request)
    )
    different = inventory.count_lines_page(count_id=count_id, show="different", limit=100)
    context = {
        "count": inventory.count(count_id, merchant_id),
        "act": paper,
        "page": lines,
        "show": show,
        "different": different,
        "variants": variants_of(lines.items),
        "warehouses": places_of(merchant_id),
        "causes": CAUSES,
    }
    return render(request, "storefront/merchant/count.html", context)


@require_POST
@merchant_desk("stock")
def act(request: HttpRequest, paper: str) -> HttpResponse:
    """Enter numbers, post, cancel."""
    own: dict[str, Any] = {"count_id": public("cnt", paper), "merchant_id": merchant_of(request)}
    what = request.POST.get("do", "")
    if what == "enter":
        entries = _changed(request)
        if entries:
            with told_at(entries):
                inventory.enter_counts(**own, entries=entries)
        text = _("The numbers are kept.")
        back = back_of(request)
        if back.startswith(reverse(ONE, kwargs={"paper": paper})):
            done(request, text, ONE, paper=paper)  # the toast; and back to this page of the list
            return redirect(back)
    elif what == "post":
        inventory.post_count(**own, cause=request.POST.get("cause", ""))
        text = _("The differences are booked.")
    elif what == "cancel":
        inventory.cancel_count(**own)
        text = _("It is cancelled.")
    else:
        raise Malformed
    return done(request, text, ONE, paper=paper)


def _changed(request: HttpRequest) -> list[inventory.CountEntry]:
    """What differs from the form as it was shown: an untouched field must not count anew."""
    found = []
    for name in request.POST:
        if not name.startswith("q-"):
            continue
        text = request.POST.get(name, "").strip()
        if text != request.POST.get(f"was-{name[2:]}", "").strip():
            counted = number(text, name) if text else None
            found.append(inventory.CountEntry(counted, public("var", name[2:])))
    return found
