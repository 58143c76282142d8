"""Bank accounts and debit cards that payouts go to."""

import hashlib
from typing import Any

from sandbox.magic import cards, payouts
from sandbox.models import Account, Document
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.operations import operation
from sandbox.transport.params import Choice, Currency, Either, Hash, Kind, Text, wrong

from .. import stored
from ..happen import changed, emit

BANK = Hash(
    fields={
        "object": Choice(values=("bank_account",)),
        "account_holder_name": Text(),
        "account_holder_type": Choice(clear=True, values=("company", "individual")),
        "account_number": Text(required=True, clear=False, limit=40),
        "account_type": Choice(values=("checking", "futsu", "savings", "toza")),
        "country": Text(required=True, clear=False, limit=2),
        "currency": Currency(),
        "routing_number": Text(limit=40),
        "metadata": Hash(),
    }
)
GIVEN: dict[str, Kind] = {
    "external_account": Either(kinds=(Text(clear=False), BANK)),
    "bank_account": Either(kinds=(Text(clear=False), BANK)),
}


def render(row: Document) -> dict[str, Any]:
    """The bank account or card object."""
    data = row.data
    if data.get("object") == "card":
        return {
            "id": row.pk,
            "object": "card",
            "account": row.parent,
            "available_payout_methods": ["standard", "instant"],
            "brand": data["brand"],
            "country": data["country"],
            "currency": data["currency"],
            "default_for_currency": data.get("default", False),
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": data["fingerprint"],
            "funding": "debit",
            "last4": data["last4"],
            "metadata": row.metadata,
            "name": None,
            "status": "new",
        }
    return {
        "id": row.pk,
        "object": "bank_account",
        "account": row.parent,
        "account_holder_name": data.get("account_holder_name"),
        "account_holder_type": data.get("account_holder_type"),
        "account_type": data.get("account_type"),
        "available_payout_methods": ["standard", "instant"],
        "bank_name": "SANDBOX BANK",
        "country": data["country"],
        "currency": data["currency"],
        "default_for_currency": data.get("default", False),
        "fingerprint": data["fingerprint"],
        "last4": data["last4"],
        "metadata": row.metadata,
        "routing_number": data.get("routing_number"),
        "status": "errored" if data.get("errored") else "new",
    }


def facts(call: Call, given: dict[str, Any], param: str) -> dict[str, Any]:
    """What is kept of a bank account: the last four figures and what comes of payouts to it."""
    number = given["account_number"].replace(" ", "")
    if not (4 <= len(number) <= 34 and number.isascii() and number.isalnum()):
        raise wrong(
            "The account number must have 4 to 34 letters and digits.",
            f"{param}[account_number]",
            "account_number_invalid",
        )
    kept = {
        name: given.get(name)
        for name in ("account_holder_name", "account_holder_type", "account_type", "routing_number")
    }
    return kept | {
        "object": "bank_account",
        "country": given["country"].upper(),
        "currency": given.get("currency") or call.account.default_currency,
        "last4": number[-4:],
        "fingerprint": hashlib.sha256(number.encode()).hexdigest()[:16],
        "failure": payouts.failure(number),
    }


def _resolve(call: Call, given: Any) -> dict[str, Any]:
    """The bank account or card behind a token or a hash."""
    if isinstance(given, dict):
        return facts(call, given, "external_account")
    card = cards.by_token(given)
    if card:
        return {
            "object": "card",
            "brand": {"visa": "Visa", "mastercard": "MasterCard"}.get(card.brand, "Unknown"),
            "country": card.country,
            "currency": call.account.default_currency,
            "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
            "last4": card.last4,
        }
    owners = [call.account.pk, call.account.platform_id]
    row = Document.objects.filter(account__in=owners, kind="token", pk=given).first()
    if row is None or "bank_account" not in row.data or row.status != "active":
        raise missing("token", given, param="external_account")
    row.status = "used"
    row.save(update_fields=["status"])
    return dict(row.data["bank_account"])


def add(call: Call, owner: Account) -> Document:
    """Add one; the first of its currency becomes the default. ``call`` acts for the owner."""
    given = call.get("external_account") or call.get("bank_account")
    if not given:
        raise wrong(
            "Missing required param: external_account.", "external_account", "parameter_missing"
        )
    data = _resolve(call, given)
    others = _of(owner.pk).filter(data__currency=data["currency"], data__default=True)
    data["default"] = bool(call.get("default_for_currency")) or not others.exists()
    if data["default"]:
        for other in others:
            other.data["default"] = False
            other.save(update_fields=["data"])
    prefix = "card" if data["object"] == "card" else "ba"
    row = stored.add(call, prefix, "external_account", data, parent=owner.pk)
    emit(call, "account.external_account.created", render(row))
    return row


def _of(owner: str) -> Any:
    rows = Document.objects.filter(kind="external_account", parent=owner)
    return rows.exclude(status="deleted")


def default(call: Call, currency: str) -> Document:
    """Where a payout in this currency goes; the own account always has one at the sandbox bank."""
    rows = _of(call.account.pk).filter(data__currency=currency)
    found: Document | None = rows.order_by("-data__default", "pk").first()
    if found:
        return found
    if call.account.platform_id:
        raise GatewayError(
            f"Sorry, you don't have any external accounts in that currency ({currency}).",
            param="currency",
        )
    data = {
        "object": "bank_account",
        "country": call.account.country,
        "currency": currency,
        "last4": "0000",
        "fingerprint": call.account.pk[-16:],
        "default": True,
        "own_bank": True,
    }
    return stored.add(call, "ba", "external_account", data, parent=call.account.pk)


def _owner(call: Call, ident: str) -> tuple[Call, Account]:
    from .accounts import need

    owner = need(call, ident)
    inner = call.acting(owner)
    inner.params = call.params
    return inner, owner


@operation(
    "POST", "/v1/accounts/{id}/external_accounts", "accounts.external_accounts.create", GIVEN
)
def create(call: Call, ident: str) -> dict[str, Any]:
    return render(add(*_owner(call, ident)))


@operation("POST", "/v1/accounts/{id}/bank_accounts", "accounts.bank_accounts.create", GIVEN)
def create_bank(call: Call, ident: str) -> dict[str, Any]:
    return render(add(*_owner(call, ident)))


def _need(call: Call, owner: str, ident: str) -> tuple[Call, Document]:
    inner, account = _owner(call, owner)
    return inner, stored.need(inner, "external_account", ident, parent=account.pk)


@operation(
    "GET", "/v1/accounts/{id}/external_accounts/{bank}", "accounts.external_accounts.retrieve"
)
def retrieve(call: Call, owner: str, ident: str) -> dict[str, Any]:
    return render(_need(call, owner, ident)[1])


@operation(
    "POST", "/v1/accounts/{id}/external_accounts/{bank}", "accounts.external_accounts.update"
)
def update(call: Call, owner: str, ident: str) -> dict[str, Any]:
    inner, row = _need(call, owner, ident)
    before = render(row)
    for name in ("account_holder_name", "account_holder_type", "account_type"):
        if call.given(name):
            row.data[name] = call.params[name]
    if call.get("default_for_currency"):
        for other in _of(owner).filter(data__currency=row.data["currency"]).exclude(pk=row.pk):
            other.data["default"] = False
            other.save(update_fields=["data"])
        row.data["default"] = True
    stored.update_metadata(call, row)
    row.save()
    after = render(row)
    emit(inner, "account.external_account.updated", after, changed(before, after))
    return after


@operation(
    "DELETE", "/v1/accounts/{id}/external_accounts/{bank}", "accounts.external_accounts.delete"
)
def delete(call: Call, owner: str, ident: str) -> dict[str, Any]:
    inner, row = _need(call, owner, ident)
    others = _of(owner).filter(data__currency=row.data["currency"]).exclude(pk=row.pk)
    if row.data.get("default") and others.exists():
        raise GatewayError(
            "You cannot delete the default external account for your default currency. Please make "
            "another external account the default using the `default_for_currency` param, and then "
            "delete this one."
        )
    body = render(row)
    row.status = "deleted"
    row.save(update_fields=["status"])
    emit(inner, "account.external_account.deleted", body)
    return {"id": row.pk, "object": body["object"], "deleted": True}


@operation(
    "GET",
    "/v1/accounts/{id}/external_accounts",
    "accounts.external_accounts.list",
    {"object": Choice(values=("bank_account", "card"))},
)
def list_external(call: Call, owner: str) -> dict[str, Any]:
    inner, account = _owner(call, owner)
    filters = {"data__object": call.get("object")} if call.get("object") else {}
    url = f"/v1/accounts/{owner}/external_accounts"
    return stored.page(inner, "external_account", render, url, parent=account.pk, **filters)


stored.expands("ba", render)
