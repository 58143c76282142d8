"""The corn market's lots, with what buyers of corn ask for.

Grades by bulk density (容重) follow GB 1353: grade 1 from 720 g/L, 2 from 690, 3 from 660, 4 from
630, 5 from 600. Moisture (水分) in per cent.
"""

from collections.abc import Iterator
from dataclasses import dataclass

NUMERALS = {1: "一", 2: "二", 3: "三", 4: "四", 5: "五"}


@dataclass(frozen=True)
class Lot:
    """A lot of corn: titles, yuan a tonne, and its properties as the platform declares them."""

    zh: str
    en: str
    price: str
    facts: dict[str, str]


def _facts(grade: int, moisture: str, density: int, year: int, origin: str) -> dict[str, str]:
    return {
        "grade": f"{NUMERALS[grade]}等",
        "moisture": moisture,
        "bulk_density": str(density),
        "harvest_year": str(year),
        "origin": origin,
    }


_FIRST = (
    Lot("二等黄玉米 2026", "Yellow corn, grade 2, 2026", "2310.00",
        _facts(2, "14.0", 698, 2026, "公主岭")),
    Lot("一等黄玉米 2026", "Yellow corn, grade 1, 2026", "2365.00",
        _facts(1, "13.8", 731, 2026, "公主岭")),
    Lot("三等黄玉米 2026", "Yellow corn, grade 3, 2026", "2255.00",
        _facts(3, "14.5", 668, 2026, "农安")),
    Lot("糯玉米 2026", "Waxy corn, 2026", "3480.00", _facts(1, "13.5", 725, 2026, "榆树")),
    Lot("饲料玉米 2025", "Feed corn, 2025", "2190.00", _facts(4, "14.0", 641, 2025, "梨树")),
    Lot("玉米粉碎料", "Cracked corn", "2410.00", {"origin": "公主岭"}),
)  # fmt: skip
_PLACES = (
    ("榆树", "Yushu"), ("农安", "Nong'an"), ("梨树", "Lishu"), ("德惠", "Dehui"),
)  # fmt: skip


def lots() -> Iterator[Lot]:
    """Twenty-two lots, always the same."""
    yield from _FIRST
    for number in range(16):
        zh, en = _PLACES[number % 4]
        grade = 1 + number % 3
        year = 2026 - number % 2
        moisture = f"{13 + (number * 7 % 25) / 10:.1f}"
        density = {1: 720, 2: 690, 3: 660}[grade] + number
        yield Lot(
            f"{zh}{NUMERALS[grade]}等黄玉米 {year}",
            f"{en} yellow corn, grade {grade}, {year}",
            f"{2400 - 55 * grade + 3 * number}.00",
            _facts(grade, moisture, density, year, zh),
        )
