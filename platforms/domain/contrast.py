"""Contrast of a platform's accent colour, by WCAG 2.2 (1.4.3)."""

import re

PAPER = "#ffffff"
MINIMUM = 4.5
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    """Whether ``text`` is a colour as we store it: ``#`` and six lower-case hexadecimal digits."""
    return _COLOUR.fullmatch(text) is not None


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``."""
    weighted = 0.0
    for weight, start in ((0.2126, 1), (0.7152, 3), (0.0722, 5)):
        part = int(colour[start : start + 2], 16) / 255
        weighted += weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return weighted


def contrast(first: str, second: str = PAPER) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(accent: str) -> bool:
    """Whether white text on ``accent``, and ``accent`` on white paper, can be read."""
    return contrast(accent) >= MINIMUM
