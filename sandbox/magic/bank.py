"""Magic bank accounts: what comes of a transfer to them. Any other well-formed one is paid."""

PAID = "paid"
PENDING_PAID = "pending_then_paid"
PENDING_FAILED = "pending_then_failed"

ACCOUNTS: dict[str, tuple[str, str | None]] = {
    "6222000000000000": (PAID, None),
    "6222000000000001": ("failed", "insufficient_funds"),
    "6222000000000002": ("failed", "invalid_account"),
    "6222000000000003": (PENDING_PAID, None),
    "6222000000000004": (PENDING_FAILED, "account_closed"),
    "6222000000000005": ("failed", "name_mismatch"),
}
MESSAGES = {
    "insufficient_funds": "The paying account has not enough money.",
    "invalid_account": "There is no such account at the receiving bank.",
    "account_closed": "The receiving account was closed; the money came back.",
    "name_mismatch": "The name doesn't belong to the receiving account.",
}


def outcome(number: str) -> tuple[str, str | None]:
    """(outcome, failure code) of a transfer to this account number."""
    return ACCOUNTS.get(number, (PAID, None))


def published() -> list[dict[str, str | None]]:
    """The rows of the public table."""
    return [
        {"account": number, "outcome": outcome, "failure_code": code}
        for number, (outcome, code) in ACCOUNTS.items()
    ]
