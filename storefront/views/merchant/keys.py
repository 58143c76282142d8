"""API keys of a merchant: make, rotate, revoke. A secret is shown once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.actors import current_actor
from kernel.errors import DomainError, NotFound
from platforms import facade as platforms
from storefront.confirming import confirmed
from storefront.forms.access import NewKey
from storefront.lists import uuid_of, window
from storefront.pages import done, merchant_desk, merchant_of, words_of
from storefront.views.account import put_error


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("keys")
def keys(request: HttpRequest) -> HttpResponse:
    """The list of keys; a POST makes a new one, or one in the place of an old one, and shows it
    in the answer, never again."""
    issued = None
    if request.method == "POST" and "key" in request.POST:
        info = _own_key(request)
        try:
            with confirmed(request, platforms.Sensitive.API_KEYS):
                issued = platforms.rotate_api_key(key_id=info.id, ceiling=_ceiling())
        except DomainError as error:  # this page took the form, so it can't be gone back to
            messages.error(request, words_of(error))
        return _shown(request, NewKey(), issued)
    form = NewKey(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with confirmed(request, platforms.Sensitive.API_KEYS):
                issued = platforms.issue_api_key(
                    kind=platforms.KeyKind.MERCHANT,
                    name=form.cleaned_data["name"],
                    scopes=form.cleaned_data["scopes"],
                    merchant_id=merchant_of(request),
                    ceiling=_ceiling(),
                )
            form = NewKey()
        except DomainError as error:
            put_error(form, error)
    return _shown(request, form, issued)


@require_POST
@merchant_desk("keys")
def revoke(request: HttpRequest) -> HttpResponse:
    """Stop a key of this merchant at once."""
    info = _own_key(request)
    with confirmed(request, platforms.Sensitive.API_KEYS):
        platforms.revoke_api_key(key_id=info.id, reason="revoked in the console")
    return done(request, _("The key is revoked and works no more."), "storefront:merchant_keys")


def _ceiling() -> frozenset[str]:
    """The scopes that a key of the merchant may get from who makes it."""
    return platforms.keyable(current_actor(), "merchant")


def _own_key(request: HttpRequest) -> platforms.KeyInfo:
    """The key named in the form, if it is this merchant's. Raises NotFound."""
    info = platforms.key(uuid_of(request.POST.get("key", "")))
    if info.merchant_id != merchant_of(request):
        raise NotFound
    return info


def _shown(request: HttpRequest, form: NewKey, issued: platforms.IssuedKey | None) -> HttpResponse:
    page = platforms.keys_page(merchant_id=merchant_of(request), **window(request))
    context = {"page": page, "form": form, "issued": issued}
    response = render(
        request, "storefront/merchant/keys.html", context, status=422 if form.errors else 200
    )
    response["Cache-Control"] = "no-store"
    return response
