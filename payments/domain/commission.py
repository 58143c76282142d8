"""How much of a commission goes back with a refund."""

from decimal import ROUND_HALF_UP, Decimal


def commission_back(
    *, amount: int, commission: int, refunded: int, returned: int, refund: int, rule: str
) -> int:
    """In minor units. ``refunded`` and ``returned`` are what refunds before this one took of
    ``amount`` and ``commission``.

    "proportional": after every refund, what has gone back in all is the commission's share of
    what was refunded in all, rounded half up; so a share refunded in however many parts gives
    back exactly its commission, and never more than the refund itself. "full": all that is left
    of the commission, as far as the refund reaches. "none": nothing.
    """
    if rule == "none":
        return 0
    if rule == "full":
        return max(0, min(refund, commission - returned))
    due = Decimal(commission) * (refunded + refund) / Decimal(amount)
    wanted = int(due.to_integral_value(ROUND_HALF_UP)) - returned
    return max(0, min(wanted, refund, commission - returned))
