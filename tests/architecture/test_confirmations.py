"""What may take over money, keys or people asks again: each route and page that changes something
under the permissions below says so, or says why an open session is enough (docs/identity.md)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory

import config.api  # noqa: F401 - it loads the routes
from kernel.api import OPERATIONS, Operation
from platforms.errors import ConfirmationNeeded, WrongCode, WrongCredentials
from tests.architecture.called import words_of
from tests.architecture.test_permissions import pages

# Whoever holds one of these reaches accounts, keys, providers, people, or the rules of asking.
SENSITIVE = {"staff", "keys", "payouts", "terms", "settings", "merchants", "own"}
# Pages that are nobody's desk: one's own account, and the ways into it.
OWN_PAGES = ("account", "sign-in", "sign-up", "sign-out", "reset", "email", "role", "invitations")

CONFIRMED = {
    "POST /api-keys",
    "POST /api-keys/{key_id}/revoke",
    "POST /api-keys/{key_id}/rotate",
    "POST /invitations",
    "PATCH /merchants/{merchant_id}",
    "POST /people/{person_id}/roles",
    "POST /people/{person_id}/roles/revoke",
    "POST /people/{person_id}/second-factor/reset",
    "PUT /people/{person_id}/staff-role",
    "PUT /payments/providers/{name}",
    "PATCH /platform/settings",
    "POST /payout-account-changes",
    "POST /payout-account-changes/{change_id}/confirm",
    "POST /staff-roles",
    "PUT /staff-roles/{staff_role_id}",
    "POST /webhook-endpoints",
    "PATCH /webhook-endpoints/{endpoint_id}",
    "POST /webhook-endpoints/{endpoint_id}/rotate-secret",
    "merchant/keys/",
    "merchant/keys/revoke/",
    "merchant/money/account/",
    "merchant/webhooks/",
    "merchant/webhooks/<str:webhook>/",
    "operator/guarantee/accounts/act/",
    "operator/merchants/<str:merchant>/invite/",
    "operator/ways-to-pay/<str:name>/",
    *(
        f"{desk}/staff/{page}"
        for desk in ("merchant", "operator")
        for page in ("", "roles/new/", "roles/<str:role>/", "<str:person>/act/")
    ),
}
# They take the person's own password or code, as part of what they do.
BY_OWN_PROOF = {
    "POST /change-confirmations",
    "POST /passkeys/options",
    "POST /passkeys/{passkey_id}/remove",
    "POST /personal-data/erasure",
    "POST /personal-data/exports",
    "POST /second-factor",
    "POST /second-factor/activate",
    "POST /second-factor/confirmations",
    "POST /second-factor/recovery-codes",
    "POST /second-factor/remove",
    "account/data/",
    "account/email/",
    "account/passkeys/<str:passkey>/",
    "account/passkeys/new/",
    "account/password/",
    "account/security/act/",
    "account/security/begin/",
    "sign-in/",
    "sign-in/code/",
    "sign-up/",
}
LESS = "It only takes away, or goes back to what was."
SHOPPING = "A buyer's own things; money comes back to where it came from."
BY_LETTER = "The link of a letter is what opens it."
DEVICE = "The person's own device signs; the question put to it came with password or code."
TERMS = "What it costs and when, not to whom: each party's account stays."
PLAN = "It says when money goes to the account that is known, not where."
REVIEW = "It opens or closes a merchant to its own owner; nobody else's account is given away."
DATA = "The person's or company's own statements, reviewed by somebody else."
NEEDS_NONE = {
    "POST /commission-rules": TERMS,
    "POST /commission-rules/{rule_id}/end": TERMS,
    "POST /instalment-terms": TERMS,
    "DELETE /instalment-terms/{terms_id}": TERMS,
    "operator/terms/new/": TERMS,
    "operator/terms/<str:rule>/end/": TERMS,
    "operator/terms/instalments/": TERMS,
    "operator/terms/instalments/<str:terms>/remove/": TERMS,
    "PUT /payout-plan": PLAN,
    "POST /payout-plan/hold": PLAN,
    "POST /payout-plan/resume": PLAN,
    "POST /payouts": PLAN,
    "PUT /payouts/by-external-id/{external_id}": PLAN,
    "merchant/money/payout/": PLAN,
    "merchant/money/plan/": PLAN,
    "operator/terms/payouts/<str:merchant>/": PLAN,
    "operator/terms/payouts/<str:merchant>/hold/": PLAN,
    "POST /merchants": "A merchant nobody works at yet; who does is invited, which is confirmed.",
    "PUT /merchants/by-external-id/{external_id}": "Its names and contact, never its account.",
    "POST /merchants/{merchant_id}/review": REVIEW,
    "POST /merchants/{merchant_id}/return": REVIEW,
    "POST /merchants/{merchant_id}/approve": REVIEW,
    "POST /merchants/{merchant_id}/suspend": REVIEW,
    "POST /merchants/{merchant_id}/reopen": REVIEW,
    "POST /merchant-applications/{application_id}/approve": REVIEW,
    "POST /merchant-applications/{application_id}/ask": REVIEW,
    "POST /merchant-applications/{application_id}/refuse": REVIEW,
    "operator/merchants/<str:merchant>/act/": REVIEW,
    "operator/applications/<str:application>/act/": REVIEW,
    "operator/applications/rule/": REVIEW,
    "POST /people": "Somebody without a role or password, whose own letter opens the account.",
    "POST /invitations/{invitation_id}/revoke": LESS,
    "DELETE /staff-roles/{staff_role_id}": LESS,  # nobody may have it
    "DELETE /webhook-endpoints/{endpoint_id}": LESS,
    "POST /webhook-deliveries/{delivery_id}/resend": "To the endpoint as it is.",
    "merchant/webhooks/<str:webhook>/act/": "On, off, removed or sent again: to the one as it is.",
    "POST /payout-account-changes/{change_id}/refuse": LESS,
    "DELETE /personal-data/erasure": LESS,
    **{
        f"{desk}/staff/{page}": LESS
        for desk in ("merchant", "operator")
        for page in ("roles/<str:role>/remove/", "invitations/<str:invitation>/withdraw/")
    },
    "account/sessions/end/": LESS,
    "account/groups/<str:member>/leave/": LESS,
    "account/data/keep/": LESS,
    "sign-out/": LESS,
    "role/": "Another of the person's own roles; a confirmation holds for one of them only.",
    "POST /passkeys": DEVICE,
    "POST /passkeys/challenges": DEVICE,
    "POST /passkeys/proofs": DEVICE,
    "PUT /passkeys/{passkey_id}": "Its name alone.",
    "account/passkeys/options/": DEVICE,
    "account/passkeys/prove/": DEVICE,
    "sign-in/passkey/": DEVICE,
    "sign-in/passkey/options/": DEVICE,
    "reset/": BY_LETTER,
    "reset/<str:token>/": BY_LETTER,
    "email/<str:token>/": BY_LETTER,
    "invitations/<str:token>/": BY_LETTER,
    "PUT /identity": DATA,
    "POST /identity/papers": DATA,
    "POST /identity/submit": DATA,
    "account/identity/": DATA,
    "account/shop/": DATA,
    "POST /saved-searches": SHOPPING,
    "PATCH /saved-searches/{saved_id}": SHOPPING,
    "DELETE /saved-searches/{saved_id}": SHOPPING,
    "POST /saved-searches/{saved_id}/seen": SHOPPING,
    "account/searches/<str:saved>/act/": SHOPPING,
    "account/wallet/top-up/": SHOPPING,
    "account/wallet/withdraw/": SHOPPING,
    "account/addresses/act/": SHOPPING,
    "account/addresses/new/": SHOPPING,
    "account/addresses/<str:address>/": SHOPPING,
    "account/saved/keep/": SHOPPING,
    "account/saved/act/": SHOPPING,
    "account/cards/remove/": SHOPPING,
}
LISTED = CONFIRMED | BY_OWN_PROOF | set(NEEDS_NONE)


def routes() -> dict[str, Operation]:
    """Those that change something, under a sensitive permission of any kind of caller."""
    return {
        f"{one.method} {one.path}": one
        for one in OPERATIONS
        if one.method != "GET"
        and {c for codes in one.permissions.values() for c in codes} & SENSITIVE
    }


def only_reads(view: Callable[..., Any]) -> bool:
    """Whether it refuses to be posted to, before it asks anything."""
    try:
        return bool(view(RequestFactory().post("/")).status_code == 405)
    except Exception:  # it went on, to what isn't here: a database, a platform, an argument
        return False


def changing_pages() -> dict[str, Callable[..., Any]]:
    found = {}
    for address, view in pages():
        own = address.split("/")[0] in OWN_PAGES
        if (own or set(getattr(view, "permissions", ())) & SENSITIVE) and not only_reads(view):
            found[address] = view
    return found


def test_each_is_listed_once_and_is_still_there() -> None:
    there = {*routes(), *changing_pages()}
    assert len(there) > 100
    assert sorted(there - LISTED) == [], "confirm it, or say in NEEDS_NONE why it needs none"
    assert sorted(LISTED - there) == []
    assert set() == CONFIRMED & BY_OWN_PROOF
    assert (CONFIRMED | BY_OWN_PROOF) & set(NEEDS_NONE) == set()
    assert all(NEEDS_NONE.values())


@pytest.mark.parametrize("name", sorted(routes()))
def test_a_route_asks_as_it_is_listed(name: str) -> None:
    operation = routes()[name]
    asks = "check_confirmed" in words_of(operation.handler)
    assert asks == (name in CONFIRMED)
    assert (ConfirmationNeeded in operation.errors) == asks, "the reference says what it answers"
    if name in BY_OWN_PROOF:
        assert {WrongCode, WrongCredentials} & set(operation.errors)


@pytest.mark.parametrize("name", sorted(CONFIRMED | BY_OWN_PROOF))
def test_a_page_asks_as_it_is_listed(name: str) -> None:
    view = changing_pages().get(name)
    if view is None:
        return  # a route
    words = words_of(view)
    if name in CONFIRMED:
        assert "confirmed" in words
    else:
        assert {"password=", "code=", "current=", "cleaned_data"} & words


def test_no_page_that_needs_none_asks() -> None:
    silent = changing_pages()
    wrong = [
        name for name in NEEDS_NONE if name in silent and "confirmed" in words_of(silent[name])
    ]
    assert wrong == []


def test_what_asks_nothing_would_be_found() -> None:
    from platforms.api.people import create_person

    assert "check_confirmed" not in words_of(create_person)
