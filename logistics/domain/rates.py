"""What a parcel costs: a first weight, then steps, by zone."""

from dataclasses import dataclass, field

from logistics.contracts import Load

DIVISOR_LEAST, DIVISOR_MOST = 1000, 100_000  # cm³ per kg; carriers have 3,000 to 12,000
SIDE_MOST = 30_000  # mm
CHARGED_MOST = 1_000_000_000  # grams: a thousand tonnes


@dataclass(frozen=True)
class RateRule:
    """One zone's tariff. Weights in grams, prices in minor units of the platform's currency.

    ``volume_divisor`` (轻抛比, 体积重系数): so many cubic centimetres count as a kilogram; None:
    weight alone. ``max_side_mm``: the longest side that a piece may have, of those whose size is
    known. ``free_from``: goods worth at least this much ship for nothing. ``place``, by language:
    where and when goods are fetched.
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
    volume_divisor: int | None = None
    max_side_mm: int | None = None

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

    def charged(self, load: Load) -> int:
        """The weight that is paid for (计费重量), in grams: that of the parcel, or what its volume
        counts as if that is more. Goods without a size count by their weight in both, so that
        measuring one good says nothing of the others."""
        if not self.volume_divisor:
            return load.weight_grams
        # mm³ : (cm³ per kg) = g, since 1000 mm³ are a cm³ and 1000 g a kilogram.
        as_volume = -(-load.volume_mm3 // self.volume_divisor)
        return max(load.weight_grams, as_volume + load.unsized_grams)

    def small_enough(self, load: Load) -> bool:
        """Whether no piece is longer than the rule takes, nor its volume beyond all counting."""
        fits = self.max_side_mm is None or load.longest_mm <= self.max_side_mm
        return fits and self.charged(load) <= max(CHARGED_MOST, load.weight_grams)

    def price(self, grams: int, goods_value: int, charged: int | None = None) -> int | None:
        """Minor units for a parcel, or None when it is too heavy: what it weighs decides that,
        also where more is ``charged``."""
        if grams > self.max_grams:
            return None
        if self.free_from is not None and goods_value >= self.free_from:
            return 0
        beyond = max(0, (grams if charged is None else charged) - self.first_grams)
        steps = -(-beyond // self.step_grams)
        return self.first_price + steps * self.step_price
