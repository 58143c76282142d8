"""Magic buyers' titles: what the issuer of e-fapiao says. Anything else is issued at once."""

ISSUED, LATER, DOWN, SLOW, ONCE = "issued", "later", "down", "slow", "once"

TITLES: dict[str, str] = {
    "SANDBOX REFUSED": "buyer_unknown",
    "SANDBOX BLOCKED": "seller_blocked",
    "SANDBOX QUOTA": ONCE,
    "SANDBOX LATER": LATER,
    "SANDBOX DOWN": DOWN,
    "SANDBOX SLOW": SLOW,
}
MESSAGES = {
    "buyer_unknown": "The buyer's tax number isn't registered under this title.",
    "seller_blocked": "The seller may not issue invoices at present.",
    "quota_exceeded": "The seller's credit limit of this month is used up.",
    "amounts_differ": "The lines don't come to the sums, or net and tax not to gross.",
    "original_unknown": "There is no such invoice that a red one could take back.",
    "original_exceeded": "More would be taken back than the original is worth.",
}


def course(title: str) -> str:
    """``issued``; a code of ``MESSAGES``; ``later`` (pending now, issued some seconds on), ``once``
    (quota_exceeded the first time a document is sent, issued the next), ``down``, ``slow`` (the
    answer comes after the caller's patience)."""
    return TITLES.get(title.strip().upper(), ISSUED)


def published() -> dict[str, object]:
    """The public tables."""
    return {
        "titles": [{"title": title, "outcome": outcome} for title, outcome in TITLES.items()],
        "codes": [{"code": code, "message": text} for code, text in MESSAGES.items()],
    }
