"""How what is released from escrow is split; pure, whole minor units."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kernel.money import Money


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody else is owed of the merchant's part. ``follows``: it shrinks with refunds."""

    amount: int
    paid: int
    follows: bool

    def due(self, *, whole: int, taken: int) -> int:
        """What is still owed when refunds took ``taken`` of the merchant's ``whole``."""
        wanted = self.amount
        if self.follows and whole:
            exact = Decimal(self.amount) * (whole - taken) / whole
            wanted = int(exact.to_integral_value(ROUND_HALF_UP))
        return max(0, wanted - self.paid)


def split(
    *, release: int, held: int, whole: int, taken: int, claims: Sequence[Claim]
) -> tuple[int, list[int]]:
    """(the merchant's part, each claim's part) of ``release`` out of ``held``.

    Each part is in proportion to what is still owed to its owner, so that over any number of
    releases everybody gets exactly what is owed and never more; the parts sum to ``release``.
    """
    if not 0 <= release <= held:
        raise ValueError(f"{release} of {held}")
    due = [claim.due(whole=whole, taken=taken) for claim in claims]
    merchant = max(0, held - sum(due))
    weights = [merchant, *due]
    if not release or not sum(weights):
        return release, [0] * len(due)
    parts = [part.amount for part in Money(release, "CNY").allocate(weights)]
    return parts[0], parts[1:]


def part_of(*, whole: int, share: Decimal) -> int:
    """``share`` (from 0 to 1) of ``whole``, rounded half up."""
    return int((whole * share).to_integral_value(ROUND_HALF_UP))
