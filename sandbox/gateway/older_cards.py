"""Cards as older clients know them: made from a token, with an id that begins with ``card_``."""

from typing import Any

from sandbox import idents
from sandbox.models import PaymentMethod
from sandbox.transport.call import Call

from . import payment_methods


def from_token(call: Call, token: str, param: str) -> PaymentMethod:
    """A card as older clients know it: its id begins with ``card_``."""
    card, month, year, cvc = payment_methods.read_token(call, token, param)
    return PaymentMethod.objects.create(
        id=idents.new("card"),
        account=call.account,
        created=call.now,
        magic=card.slug,
        exp_month=month,
        exp_year=year,
        cvc_given=cvc,
    )


def card_object(row: PaymentMethod, ident: str) -> dict[str, Any]:
    """The card as older clients know it."""
    facts, found = payment_methods.card_facts(row), payment_methods.checks(row)
    names = {"visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "jcb": "JCB"}
    names |= {"discover": "Discover", "diners": "Diners Club", "unionpay": "UnionPay"}
    return {
        "id": ident,
        "object": "card",
        **dict.fromkeys(
            f"address_{name}"
            for name in ("city", "country", "line1", "line1_check", "line2", "state", "zip")
        ),
        "address_zip_check": found["address_postal_code_check"],
        "brand": names[facts["brand"]],
        "country": facts["country"],
        "customer": row.customer_id,
        "cvc_check": found["cvc_check"],
        "dynamic_last4": None,
        "exp_month": row.exp_month,
        "exp_year": row.exp_year,
        "fingerprint": facts["fingerprint"],
        "funding": facts["funding"],
        "last4": facts["last4"],
        "metadata": row.metadata,
        "name": None,
        "tokenization_method": None,
    }
