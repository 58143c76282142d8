"""What a parcel costs: a first weight, then steps, by zone."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RateRule:
    """One zone's tariff. Weights in grams, prices in minor units of the platform's currency.

    ``free_from``: goods worth at least this much ship for nothing. ``place``, by language: where
    and when goods are fetched.
    """

    code: str
    name: dict[str, str]
    carrier: str
    regions: frozenset[str]
    first_grams: int
    first_price: int
    step_grams: int
    step_price: int
    max_grams: int
    days_min: int
    days_max: int
    free_from: int | None = None
    place: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, str]:
        """What the buyer reads: the name, with the place where goods are fetched."""
        return {
            tag: " · ".join(part for part in (name, self.place.get(tag, "")) if part)
            for tag, name in self.name.items()
        }

    def covers(self, region: str) -> bool:
        """Whether the rule delivers to a region; no regions means everywhere."""
        return not self.regions or region in self.regions

    def price(self, grams: int, goods_value: int) -> int | None:
        """Minor units for a parcel, or None when it is too heavy."""
        if grams > self.max_grams:
            return None
        if self.free_from is not None and goods_value >= self.free_from:
            return 0
        beyond = max(0, grams - self.first_grams)
        steps = -(-beyond // self.step_grams)
        return self.first_price + steps * self.step_price
