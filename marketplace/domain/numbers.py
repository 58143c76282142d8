"""Order numbers that people can read out.

A day and eight characters drawn by chance: no counter, since a counter row would make all
checkouts of a platform wait for each other, and would tell every buyer the platform's turnover.
"""

import secrets
from datetime import date

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: nothing looks like another


def group_number(day: date) -> str:
    """``20261124-4K7Q9M2X``: 40 random bits a day; a unique constraint stands behind."""
    drawn = "".join(secrets.choice(ALPHABET) for _place in range(8))
    return f"{day:%Y%m%d}-{drawn}"


def order_number(group: str, place: int) -> str:
    """The group's number and the order's place in it: ``20261124-4K7Q9M2X-1``."""
    return f"{group}-{place}"
