"""Magic names, numbers and accounts: what the identity provider finds. Anything else matches."""

OUTCOMES = ("match", "mismatch", "no_record", "photo_mismatch", "expired")
DOWN, SLOW, LATER = "down", "slow", "later"

NAMES: dict[str, str] = {
    "SANDBOX MISMATCH": "mismatch",
    "SANDBOX NO RECORD": "no_record",
    "SANDBOX PHOTO MISMATCH": "photo_mismatch",
    "SANDBOX EXPIRED": "expired",
    "SANDBOX DOWN": DOWN,
    "SANDBOX SLOW": SLOW,
    "SANDBOX LATER": LATER,
}
# Well-formed numbers with right check signs; nobody's own.
NUMBERS: dict[str, str] = {
    "110101197001010016": "mismatch",
    "110101197001010024": "no_record",
    "110101197001010032": "photo_mismatch",
    "110101197001010040": "expired",
    "110101197001010059": DOWN,
    "110101197001010067": SLOW,
    "110101197001010075": LATER,
    "91110000MA00000152": "mismatch",
    "91110000MA0000023W": "no_record",
    "91110000MA0000031P": "expired",
    "91110000MA000004XF": DOWN,
    "91110000MA0000058F": LATER,
}
ACCOUNTS: dict[str, str] = {
    "6222000000000002": "failed",
    "6222000000000005": "failed",
}


def course(*, name: str, number: str) -> str:
    """An outcome, or ``down``, ``slow`` (the answer comes after the caller's patience), ``later``
    (pending now, a match by callback)."""
    return NAMES.get(name.strip().upper()) or NUMBERS.get(number.strip().upper()) or "match"


def small_amount(account: str) -> int:
    """The amount in fen, 1 to 99, that is sent to an account: the same each time, so that a test
    can know it: the account's digits summed, modulo 99, plus 1."""
    return sum(int(sign) for sign in account if sign.isdigit()) % 99 + 1


def published() -> dict[str, object]:
    """The public tables."""
    return {
        "names": [{"name": name, "outcome": outcome} for name, outcome in NAMES.items()],
        "numbers": [{"number": number, "outcome": outcome} for number, outcome in NUMBERS.items()],
        "accounts": [{"account": one, "outcome": outcome} for one, outcome in ACCOUNTS.items()],
        "small_amount": "sum of the account's digits modulo 99, plus 1, in fen",
    }
