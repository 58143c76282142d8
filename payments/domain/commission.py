"""How much of a commission, and of the platform's subsidy, goes back with a refund."""

from decimal import ROUND_HALF_UP, Decimal


def commission_back(
    *,
    amount: int,
    commission: int,
    refunded: int,
    returned: int,
    refund: int,
    rule: str,
    subsidy_back: int = 0,
) -> int:
    """In minor units. ``refunded`` and ``returned`` are what refunds before this one took of
    ``amount`` and ``commission``.

    "proportional": after every refund, what has gone back in all is the commission's share of
    what was refunded in all, rounded half up; so a share refunded in however many parts gives
    back exactly its commission, and never more than the refund itself. "full": all that is left
    of the commission, as far as the refund reaches. "none": nothing. A refund reaches as far as
    what leaves the merchant: what goes to the buyer, and ``subsidy_back`` to the platform.
    """
    most = min(refund + subsidy_back, commission - returned)
    if rule == "none":
        return 0
    if rule == "full":
        return max(0, most)
    due = Decimal(commission) * (refunded + refund) / Decimal(amount)
    wanted = int(due.to_integral_value(ROUND_HALF_UP)) - returned
    return max(0, min(wanted, most))


def subsidy_back(*, amount: int, subsidy: int, refunded: int, returned: int, refund: int) -> int:
    """In minor units, always in proportion: after every refund, what went back in all is the
    subsidy's share of what was refunded in all, half up; so all of it with the last unit."""
    due = Decimal(subsidy) * (refunded + refund) / Decimal(amount)
    wanted = int(due.to_integral_value(ROUND_HALF_UP)) - returned
    return max(0, min(wanted, subsidy - returned))
