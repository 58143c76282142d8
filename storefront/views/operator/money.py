"""The operator's desk of payments: transfers that came in, and the accounts at providers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import DomainError, Malformed
from payments import facade as payments
from platforms import facade as platforms
from storefront.confirming import confirmed
from storefront.pages import done, operator_desk, public, words_of

STATES = ("unmatched", "underpaid", "overpaid", "returning", "returned", "matched")
LONG = frozenset({"private_key", "public_key", "alipay_public_key"})


@require_safe
@operator_desk("money.see")
def credits_(request: HttpRequest) -> HttpResponse:
    """What came in at the bank; first what waits for a decision."""
    state = request.GET.get("state", "")
    page = payments.credits_page(
        state=state if state in STATES else None,
        only_open=bool(request.GET.get("open")),
        cursor=request.GET.get("cursor"),
        limit=25,
    )
    context = {"page": page, "state": state, "states": STATES, "open": request.GET.get("open")}
    return render(request, "storefront/operator/credits.html", context)


@require_POST
@operator_desk("money")
def act_on_credit(request: HttpRequest, credit: str) -> HttpResponse:
    """Match it, or send it back."""
    credit_id = public("bcr", credit)
    what = request.POST.get("do")
    if what == "match":
        intent_id = public("pay", request.POST.get("payment", "").strip())
        payments.match_credit(credit_id=credit_id, intent_id=intent_id)
        text = _("The transfer was used for the payment.")
        return done(request, text, "storefront:operator_credits")
    if what != "return":
        raise Malformed
    payments.return_credit(credit_id=credit_id)
    return done(request, _("The money goes back to its payer."), "storefront:operator_credits")


@require_safe
@operator_desk("terms")
def providers(request: HttpRequest) -> HttpResponse:
    """The accounts at Alipay, WeChat Pay and the bank, and whether they answer."""
    away = {one.name: one for one in payments.health()}
    rows = [(one, away.get(one.name)) for one in payments.providers()]
    return render(request, "storefront/operator/providers.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("terms")
def provider(request: HttpRequest, name: str) -> HttpResponse:
    """One account: see, set, turn off."""
    info = payments.provider(name=name)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _save(request, info)
        except DomainError as refused:
            error = refused
        else:
            return done(request, _("The way to pay was set up."), "storefront:operator_providers")
    context = {
        "info": info,
        "fields": _fields(request, info),
        "enabled": request.POST.get("enabled") == "on" if error else info.enabled,
        "error": words_of(error) if error else "",
        "wrong": error.field if error else "",
        "detail": str(error.detail) if error else "",
        "notify": platforms.platform_url(f"/api/v1/webhooks/{_hook(name)}"),
    }
    status = 422 if error else 200
    return render(request, "storefront/operator/provider.html", context, status=status)


def _hook(name: str) -> str:
    return "bank" if name == payments.BANK_TRANSFER else name


def _save(request: HttpRequest, info: payments.ProviderInfo) -> None:
    names = payments.PROVIDER_FIELDS[info.name]
    with confirmed(request, platforms.Sensitive.PROVIDERS):
        payments.configure_provider(
            name=info.name,
            config={key: request.POST.get(key, "") for key in names.config},
            secrets={key: request.POST.get(key, "") for key in names.secrets},
            enabled=request.POST.get("enabled") == "on",
        )


def _fields(request: HttpRequest, info: payments.ProviderInfo) -> list[dict[str, Any]]:
    names = payments.PROVIDER_FIELDS[info.name]
    return [
        {
            "name": key,
            "value": request.POST.get(key, info.config.get(key, "")),
            "long": key in LONG,
            "secret": False,
            "there": False,
        }
        for key in names.config
    ] + [
        {
            "name": key,
            "value": "",
            "long": key in LONG,
            "secret": True,
            "there": key in info.secrets,
        }
        for key in names.secrets
    ]
