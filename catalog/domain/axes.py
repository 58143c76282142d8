"""Option axes and values as a list names them: by their titles, not by our codes."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
# What Chinese lists mostly call their options.
COMMON = {
    "颜色": "color",
    "规格": "size",
    "尺码": "size",
    "尺寸": "size",
    "容量": "volume",
    "重量": "weight",
    "净含量": "weight",
    "口味": "flavour",
    "包装": "pack",
    "款式": "style",
    "材质": "material",
}


def named_axes(
    stored: Sequence[Mapping[str, Any]], names: Sequence[str], main: str
) -> list[dict[str, Any]]:
    """The axes by these names, as stored: those that the product has keep code and titles."""
    found: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        folded = name.casefold()
        known = next((dict(axis) for axis in stored if folded in _names(axis)), None)
        taken = {axis["code"] for axis in (*found, *stored)}
        found.append(known or {"code": _code(name, place, taken), "titles": {main: name}})
    return found


def known_values(options: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Any]:
    """(axis, text in any language, folded) -> the value as the product's variants have it."""
    found: dict[tuple[str, str], Any] = {}
    for chosen in options:
        for code, value in chosen.items():
            for text in [value] if isinstance(value, str) else value.values():
                found.setdefault((code, text.casefold()), value)
    return found


def _names(axis: Mapping[str, Any]) -> set[str]:
    return {axis["code"], *(text.casefold() for text in axis.get("titles", {}).values())}


def _code(name: str, place: int, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30].strip("_")
    code = COMMON.get(name) or (words if CODE.fullmatch(words) else f"option{place + 1}")
    number = 2
    while code in taken:
        code, number = f"option{place + number}", number + 1
    return code
