"""Magic bank numbers of payouts: what comes of a payout to them. Any other one is paid."""

CODES: dict[str, str] = {
    # the protocol's published test numbers
    "000111111113": "account_closed",
    "000111111116": "no_account",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
    "DE62370400440532013001": "account_closed",
    "AT861904300235473202": "account_closed",
    # the sandbox bank's own
    "6222000000000002": "no_account",
    "6222000000000004": "account_closed",
    "6222000000000005": "incorrect_account_holder_name",
}
MESSAGES = {
    "account_closed": "The bank account has been closed.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "incorrect_account_holder_name": "The holder's name doesn't fit the bank account.",
    "insufficient_funds": "The account has insufficient funds to cover the payout.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
    "no_account": "The bank account could not be located.",
}
GOOD = ("000123456789", "DE89370400440532013000", "AT321904300235473204", "6222000000000000")


def failure(number: str) -> str | None:
    """The failure code of a payout to this number."""
    return CODES.get(number)


def published() -> list[dict[str, str | None]]:
    """The rows of the public table."""
    good: list[dict[str, str | None]] = [
        {"account": number, "outcome": "paid", "failure_code": None} for number in GOOD
    ]
    return good + [
        {"account": number, "outcome": "failed", "failure_code": code}
        for number, code in CODES.items()
    ]
