"""The letters this deployment has written, for machines without a mail server."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kernel import mail
from kernel.errors import NotFound
from storefront.lists import window
from storefront.pages import page


@require_safe
@page
def letters(request: HttpRequest) -> HttpResponse:
    """The platform's letters, newest first. Absent in production: they hold sign-in links."""
    if settings.PRODUCTION:
        raise NotFound
    found = mail.letters(**window(request))
    return render(request, "storefront/mail.html", {"page": found})
