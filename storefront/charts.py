"""Charts drawn as SVG on the server; the numbers stand in a table beneath."""

from typing import Any

from kernel.money import Money
from storefront import formats

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 12, 24


def drawing(
    title: str, points: list[tuple[str, int]], *, currency: str = "", kind: str = "bar"
) -> dict[str, Any]:
    """Everything the chart's template needs; ``kind`` is ``bar`` or ``line``."""
    top = _round_up(max((value for _label, value in points), default=0))
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = inner_width / max(len(points), 1)
    marks = []
    for place, (label, value) in enumerate(points):
        height = inner_height * value / top
        marks.append(
            {
                "label": label,
                "text": _text(value, currency),
                "x": round(LEFT + step * place + step * 0.19, 1),
                "middle": round(LEFT + step * (place + 0.5), 1),
                "y": round(TOP + inner_height - height, 1),
                "width": round(step * 0.62, 1),
                "height": round(height, 1),
                "show": len(points) <= 10 or place % (len(points) // 6 or 1) == 0,
            }
        )
    path = " ".join(f"{'L' if i else 'M'}{m['middle']} {m['y']}" for i, m in enumerate(marks))
    base = TOP + inner_height
    area = f"{path} L{marks[-1]['middle']} {base} L{marks[0]['middle']} {base} Z" if marks else ""
    grid = [
        {
            "y": round(TOP + inner_height * (1 - part / 4), 1),
            "text": _short(top * part // 4, currency),
        }
        for part in range(5)
    ]
    return {
        "title": title, "marks": marks, "grid": grid, "path": path, "area": area, "kind": kind,
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "base": base,
    }  # fmt: skip


def _round_up(value: int) -> int:
    """The next of 4, 8, 20, 40, 80, 200 …, so that a quarter of it is whole."""
    size = 1
    while True:
        for factor in (4, 8, 20):
            if factor * size >= value:
                return factor * size
        size *= 10


def _text(value: int, currency: str) -> str:
    return formats.money(Money(value, currency)) if currency else formats.number(value)


def _short(value: int, currency: str) -> str:
    if not currency:
        return formats.number(value)
    major = Money(value, currency).major
    return formats.number(major.quantize(1) if major >= 10 else major.normalize())
