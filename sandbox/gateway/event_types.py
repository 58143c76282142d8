"""Names of events an endpoint may ask for: those of the sandbox, and the protocol's others."""

import re

EMITTED = frozenset(
    {
        "charge.captured",
        "charge.expired",
        "charge.failed",
        "charge.refund.updated",
        "charge.refunded",
        "charge.succeeded",
        "charge.updated",
        "customer.created",
        "customer.deleted",
        "customer.updated",
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "payment_method.attached",
        "payment_method.detached",
        "payment_method.updated",
        "refund.created",
        "refund.failed",
        "refund.updated",
    }
)
# Families known to the protocol but silent here: a client may ask for them all the same.
_FAMILIES = {
    "charge": "dispute.(closed|created|funds_reinstated|funds_withdrawn|updated)|pending",
    "payment_intent": "partially_funded|processing",
    "payment_method": "automatically_updated",
    "customer": "(discount|source|subscription|tax_id).[a-z_]+",
    "payout": "canceled|created|failed|paid|reconciliation_completed|updated",
    "transfer": "created|reversed|updated",
    "topup": "canceled|created|failed|reversed|succeeded",
    "setup_intent": "canceled|created|requires_action|setup_failed|succeeded",
    "application_fee": "created|refund.updated|refunded",
    "balance": "available",
    "account": "application.(authorized|deauthorized)|external_account.[a-z]+|updated",
    "capability": "updated",
    "checkout": "session.(async_payment_failed|async_payment_succeeded|completed|expired)",
    "test_helpers": "test_clock.[a-z_]+",
    "review": "closed|opened",
    "radar": "early_fraud_warning.(created|updated)",
    "mandate": "updated",
    "product": "created|deleted|updated",
    "price": "created|deleted|updated",
    "invoice": "[a-z_]+",
    "payment_link": "created|updated",
    "person": "created|deleted|updated",
    "file": "created",
}


def known(name: str) -> bool:
    """Whether an endpoint may ask for this type."""
    if name == "*" or name in EMITTED:
        return True
    family, _, rest = name.partition(".")
    return family in _FAMILIES and bool(re.fullmatch(_FAMILIES[family], rest))
