"""A merchant's webhooks: addresses that are told of its events, what came back, sending again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel import webhooks
from kernel.errors import DomainError, Malformed
from kernel.ids import public_id
from platforms import facade as platforms
from storefront.confirming import confirmed
from storefront.forms.webhooks import WebhookForm, initial_of
from storefront.lists import window
from storefront.pages import done, merchant_desk, merchant_of, public, words_of
from storefront.views.account import put_error

LIST, ONE = "storefront:merchant_webhooks", "storefront:merchant_webhook"
SHOWN = 20  # deliveries whose attempts are read for a page


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("keys")
def listing(request: HttpRequest) -> HttpResponse:
    """All of them; a POST makes one and shows its secret in the answer, never again."""
    made = None
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with confirmed(request, platforms.Sensitive.WEBHOOKS):
                made = webhooks.create_endpoint(
                    merchant_id=merchant_of(request), **form.cleaned_data
                )
            form = WebhookForm()
        except DomainError as error:
            put_error(form, error)
    page = webhooks.endpoints(merchant_id=merchant_of(request), **window(request))
    context = {"page": page, "form": form, "made": made}
    status = 422 if form.errors else 200
    return _unkept(render(request, "storefront/merchant/webhooks.html", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("keys")
def one(request: HttpRequest, webhook: str) -> HttpResponse:
    """One with what was sent to it. A POST changes it, or gives it a new secret, shown once."""
    merchant_id, key = merchant_of(request), public("whk", webhook)
    info = webhooks.endpoint(key, merchant_id=merchant_id)
    sent = request.method == "POST" and request.POST.get("do") == "save"
    form = WebhookForm(request.POST if sent else None, initial=initial_of(info))
    made = None
    if sent and form.is_valid():
        try:
            return _changed(request, info, form, webhook)
        except DomainError as error:
            put_error(form, error)
    elif request.method == "POST" and request.POST.get("do") == "rotate":
        try:
            with confirmed(request, platforms.Sensitive.WEBHOOKS):
                made = webhooks.rotate_secret(key, merchant_id=merchant_id)
        except DomainError as error:  # this page took the form, so it can't be gone back to
            messages.error(request, words_of(error))
    elif request.method == "POST" and not sent:
        raise Malformed
    page = webhooks.deliveries(key, merchant_id=merchant_id, **window(request))
    context = {
        "form": form,
        "info": info,
        "made": made,
        "page": page,
        "attempts": {
            row.id: webhooks.attempts(row.id, merchant_id=merchant_id) for row in page.items[:SHOWN]
        },
    }
    status = 422 if form.errors else 200
    return _unkept(render(request, "storefront/merchant/webhook.html", context, status=status))


def _changed(
    request: HttpRequest, info: webhooks.EndpointInfo, form: WebhookForm, webhook: str
) -> HttpResponse:
    """Another address is confirmed first: events go there from now on."""
    data = form.cleaned_data

    def change() -> None:
        webhooks.update_endpoint(
            info.id, merchant_id=info.merchant_id, expected_version=info.version, **data
        )

    if data["url"].strip() == info.url:
        change()
    else:
        with confirmed(request, platforms.Sensitive.WEBHOOKS):
            change()
    return done(request, _("Saved."), ONE, webhook=webhook)


@require_POST
@merchant_desk("keys")
def act(request: HttpRequest, webhook: str) -> HttpResponse:
    """Switch it on or off, remove it, or send something again."""
    place = {"merchant_id": merchant_of(request)}
    key, what = public("whk", webhook), request.POST.get("do", "")
    if what in ("on", "off"):
        webhooks.set_enabled(key, enabled=what == "on", **place)
        text = _("Switched on.") if what == "on" else _("Switched off. Nothing is sent there.")
    elif what == "remove":
        webhooks.delete_endpoint(key, **place)
        return done(request, _("Removed. Nothing is sent there any more."), LIST)
    elif what == "resend":
        found = webhooks.resend(public("whd", request.POST.get("delivery", "")), **place)
        text = _("It is sent again.")
        webhook = public_id("whk", found.endpoint_id)
    else:
        raise Malformed
    return done(request, text, ONE, webhook=webhook)


def _unkept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer
