"""Tokens: the older way to name a card or bank account once."""

from typing import Any

from sandbox import idents
from sandbox.magic import cards
from sandbox.models import Document
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError
from sandbox.transport.operations import operation
from sandbox.transport.params import Either, Hash, Kind, Text, wrong

from . import older_cards, payment_methods, stored
from .connect import external

_BANK = Hash(fields={**external.BANK.fields})
_CARD = Hash(
    fields={
        **payment_methods.CARD.fields,
        **{
            f"address_{name}": Text()
            for name in ("city", "country", "line1", "line2", "state", "zip")
        },
        "currency": Text(),
        "name": Text(),
    }
)
_OWN: dict[str, Kind | None] = {
    "account": None,
    "cvc_update": None,
    "person": None,
    "pii": None,
    "customer": None,
    "bank_account": _BANK,
    "card": Either(kinds=(Text(clear=False), _CARD)),
}


def render(row: Document) -> dict[str, Any]:
    """The token object."""
    kind = "card" if "card" in row.data else "bank_account"
    return {
        "id": row.pk,
        "object": "token",
        kind: row.data[f"{kind}_shown"],
        "client_ip": None,
        "created": row.created,
        "livemode": False,
        "type": kind,
        "used": row.status != "active",
    }


@operation("POST", "/v1/tokens", "tokens.create", _OWN)
def create(call: Call) -> dict[str, Any]:
    given = call.get("card")
    if given:
        if isinstance(given, str):
            given = {"token": given}
        method = payment_methods.make(call, {"type": "card", "card": given}, "")
        method.delete()
        shown = older_cards.card_object(method, idents.new("card"))
        facts = {
            "slug": method.magic,
            "exp_month": method.exp_month,
            "exp_year": method.exp_year,
            "cvc": method.cvc_given,
        }
        return render(stored.add(call, "tok", "token", {"card": facts, "card_shown": shown}))
    if call.get("bank_account"):
        facts = external.facts(call, call.params["bank_account"], "bank_account")
        ident = idents.new("ba")
        shown = external.render(
            Document(id=ident, account=call.account, created=call.now, parent=None, data=facts)
        )
        shown.pop("account")
        data = {"bank_account": facts, "bank_account_shown": shown}
        return render(stored.add(call, "btok", "token", data))
    raise wrong("You must supply one of: card, bank_account.", "card", "parameter_missing")


@operation("GET", "/v1/tokens/{id}", "tokens.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    magic = cards.by_token(ident) if ident.startswith("tok_") else None
    if magic:
        raise GatewayError("Test tokens can't be retrieved; use them as they are.", status=404)
    return render(stored.need(call, "token", ident))
