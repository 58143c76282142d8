"""The parameters of the payment intent operations."""

from sandbox.transport import lists
from sandbox.transport.params import (
    Amount,
    Boolean,
    Choice,
    Currency,
    Either,
    Email,
    Free,
    Hash,
    Kind,
    List,
    Metadata,
    Text,
    Url,
)

from .. import shapes
from ..connect import split
from ..payment_methods import CARD

CAPTURE = Choice(values=("automatic", "automatic_async", "manual"))
FUTURE = Choice(clear=True, values=("off_session", "on_session"))
CARD_OPTIONS = Hash(
    clear=True,
    fields={
        "capture_method": Choice(clear=True, values=("manual",)),
        "cvc_token": Text(),
        "installments": Free(clear=True),
        "moto": Boolean(),
        "network": Text(),
        "request_extended_authorization": Choice(values=("if_available", "never")),
        "request_incremental_authorization": Choice(values=("if_available", "never")),
        "request_multicapture": Choice(values=("if_available", "never")),
        "request_overcapture": Choice(values=("if_available", "never")),
        "request_three_d_secure": Choice(values=("any", "automatic", "challenge")),
        "require_cvc_recollection": Boolean(),
        "setup_future_usage": Choice(clear=True, values=("none", "off_session", "on_session")),
        "statement_descriptor_suffix_kana": Text(limit=22),
        "statement_descriptor_suffix_kanji": Text(limit=17),
    },
)
_DATA = Hash(
    fields={
        "type": Choice(required=True, values=("card",)),
        "card": CARD,
        "billing_details": shapes.BILLING,
        "metadata": Metadata(),
        "allow_redisplay": shapes.REDISPLAY,
        "radar_options": Free(),
    }
)
# Parts of the protocol that this gateway doesn't have: better refused than ignored.
_NOT_HERE: dict[str, None] = dict.fromkeys(
    ("confirmation_token", "customer_account", "hooks", "payment_method_configuration")
)
_ANY: dict[str, Kind] = {
    "amount_details": Free(clear=True),
    "capture_method": CAPTURE,
    "payment_details": Free(clear=True),
    "payment_method": Text(),
    "payment_method_data": _DATA,
    "payment_method_options": Hash(fields={"card": CARD_OPTIONS}),
    "payment_method_types": List(of=Text(clear=False)),
    "receipt_email": Email(),
    "setup_future_usage": FUTURE,
    "shipping": shapes.SHIPPING,
}
_KEPT: dict[str, Kind] = {
    "customer": Text(),
    "description": Text(limit=1000),
    "metadata": Metadata(),
    "excluded_payment_method_types": List(clear=True),
    "statement_descriptor": shapes.DESCRIPTOR,
    "statement_descriptor_suffix": shapes.DESCRIPTOR,
    "transfer_group": Text(),
}
_CONFIRMING: dict[str, Kind] = {
    "error_on_requires_action": Boolean(),
    "mandate": Text(),
    "mandate_data": Free(clear=True),
    "off_session": Either(kinds=(Boolean(), Choice(values=("one_off", "recurring")))),
    "radar_options": Free(),
    "return_url": Url(),
    "use_stripe_sdk": Boolean(),
}
CREATE: dict[str, Kind | None] = (
    _NOT_HERE
    | _ANY
    | _KEPT
    | _CONFIRMING
    | split.TABLE
    | {
        "amount": Amount(required=True),
        "currency": Currency(required=True),
        "automatic_payment_methods": Hash(
            fields={
                "enabled": Boolean(required=True),
                "allow_redirects": Choice(values=("always", "never")),
            }
        ),
        "confirm": Boolean(),
        "confirmation_method": Choice(values=("automatic", "manual")),
    }
)
UPDATE: dict[str, Kind | None] = (
    _NOT_HERE
    | _ANY
    | _KEPT
    | {name: kind for name, kind in split.TABLE.items() if name != "on_behalf_of"}
    | {"amount": Amount(), "currency": Currency()}
)
CONFIRM: dict[str, Kind | None] = (
    _NOT_HERE
    | _ANY
    | _CONFIRMING
    | {
        "amount_to_confirm": Amount(),
        "client_secret": Text(clear=False),
        "excluded_payment_method_types": List(clear=True),
    }
)
CAPTURE_TABLE: dict[str, Kind | None] = {
    "hooks": None,
    "application_fee_amount": split.TABLE["application_fee_amount"],
    "transfer_data": Hash(fields={"amount": Amount(least=0)}),
    "amount_details": Free(clear=True),
    "amount_to_capture": Amount(),
    "final_capture": Boolean(),
    "metadata": Metadata(),
    "payment_details": Free(clear=True),
    "statement_descriptor": shapes.DESCRIPTOR,
    "statement_descriptor_suffix": shapes.DESCRIPTOR,
}
CANCEL: dict[str, Kind] = {
    "cancellation_reason": Choice(
        values=("abandoned", "duplicate", "fraudulent", "requested_by_customer")
    )
}
RETRIEVE: dict[str, Kind] = {"client_secret": Text(clear=False)}
LIST: dict[str, Kind] = lists.PAGE | {
    "created": lists.CREATED,
    "customer": Text(clear=False),
}
STORED = (
    "description",
    "excluded_payment_method_types",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
SMALLEST: dict[str, int] = {
    # the published smallest charges, in minor units; others may be as small as 1
    "usd": 50,
    "aed": 200,
    "aud": 50,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "inr": 50,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
}
