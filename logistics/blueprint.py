"""The logistics section of a platform's blueprint: the rates a merchant starts with."""

from typing import Any

from logistics.domain.regions import FAR, NORTHEAST, REGIONS
from platforms.facade import register_section

_REST = sorted(set(REGIONS) - set(NORTHEAST) - set(FAR))


def _rate(regions: list[str], first: int, step: int, days: tuple[int, int]) -> dict[str, Any]:
    return {
        "code": "standard",
        "name": {"zh-Hans": "标准快递", "en": "Standard parcel"},
        "carrier": "sandbox",
        "regions": regions,
        "first_grams": 1000,
        "first_price": first,
        "step_grams": 1000,
        "step_price": step,
        "max_grams": 50_000,
        "days_min": days[0],
        "days_max": days[1],
        "free_from": None,
    }


DEFAULTS: dict[str, Any] = {
    "rates": [
        _rate(list(NORTHEAST), 600, 100, (1, 3)),
        _rate(_REST, 900, 300, (2, 5)),
        _rate(list(FAR), 1800, 1200, (5, 12)),
    ],
}

register_section("logistics", defaults=DEFAULTS)
