"""The shop's holiday, at the merchant's desk."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel import clock
from kernel.errors import DomainError
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront.forms.shops import VacationForm
from storefront.forms.texts import texts_initial
from storefront.pages import done, merchant_desk, merchant_of
from storefront.views.account import put_error


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("shop")
def vacation(request: HttpRequest) -> HttpResponse:
    """Whether one is planned or runs, and the form that sets it."""
    merchant_id = merchant_of(request)
    info = marketplace.vacation(merchant_id)
    state = info.state(clock.business())
    locales = platforms.get_platform().locales
    there = state in ("planned", "running")
    initial = {"starts_at": info.starts_at, "ends_at": info.ends_at} if there else {}
    form = VacationForm(
        request.POST if request.method == "POST" else None,
        initial=initial | texts_initial(locales, message=info.messages),
        locales=locales,
    )
    if request.method == "POST" and form.is_valid():
        try:
            marketplace.set_vacation(
                merchant_id=merchant_id,
                starts_at=form.cleaned_data["starts_at"],
                ends_at=form.cleaned_data["ends_at"],
                messages=form.texts("message"),
            )
            return done(request, _("The holiday is set."), "storefront:merchant_vacation")
        except DomainError as error:
            put_error(form, error)
    context = {"form": form, "info": info, "state": state}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/vacation.html", context, status=status)


@require_POST
@merchant_desk("shop")
def end(request: HttpRequest) -> HttpResponse:
    """End it now, or call it off."""
    marketplace.end_vacation(merchant_id=merchant_of(request))
    return done(request, _("Your shop sells."), "storefront:merchant_vacation")
