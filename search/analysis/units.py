"""Numbers and units as people write them, in one writing.

Metric masses are in kilograms, volumes in litres, lengths in millimetres (1吨 = 1000公斤 = 1000kg);
inches, feet and yards in inches, gallons and quarts in gallons. Others keep their own unit.
"""

import re
from fractions import Fraction

# canonical unit of the quantity, factor to it, canonical word, and the ways of writing it
_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("in", "1", "in", 'in in. inch inches " 英寸 寸 吋'),
    ("in", "12", "ft", "ft ft. foot feet ' 英尺"),
    ("in", "36", "yd", "yd yd. yds yard yards 码"),
    ("mm", "1", "mm", "mm millimeter millimeters millimetre millimetres 毫米"),
    ("mm", "10", "cm", "cm centimeter centimeters centimetre centimetres 厘米 公分"),
    ("mm", "1000", "m", "m meter meters metre metres 米"),
    ("mm", "1000000", "km", "km kilometer kilometers kilometre kilometres 千米 公里"),
    ("kg", "1/1000000", "mg", "mg milligram milligrams 毫克"),
    ("kg", "1/1000", "g", "g gram grams gramme 克"),
    ("kg", "1", "kg", "kg kgs kilo kilos kilogram kilograms 公斤 千克"),
    ("kg", "1/2", "jin", "斤 市斤"),
    ("kg", "1000", "t", "t ton tons tonne tonnes mt 吨 公吨"),
    ("lb", "1", "lb", "lb lb. lbs lbs. pound pounds 磅"),
    ("oz", "1", "oz", "oz oz. ounce ounces 盎司"),
    ("l", "1/1000", "ml", "ml milliliter milliliters millilitre millilitres 毫升"),
    ("l", "1", "l", "l liter liters litre litres 升 公升"),
    ("gal", "1", "gal", "gal gal. gals gallon gallons 加仑"),
    ("gal", "1/4", "qt", "qt qt. quart quarts"),
    ("gal", "1/8", "pt", "pt pt. pint pints"),
    ("sqft", "1", "sqft", "sqft sq.ft. sf square-feet square-foot sq-ft sq-ft. 平方英尺"),
    ("sqm", "1", "sqm", "sqm m2 m² square-meters square-metres 平方米 平米"),
    ("mu", "1", "mu", "亩"),
    ("cuft", "1", "cuft", "cuft cu.ft. cubic-feet cubic-foot cubic-ft cu-ft cu-ft. 立方英尺"),
    ("cuin", "1", "cuin", "cuin cubic-inch cubic-inches cu-in cu-in."),
    ("w", "1", "w", "w watt watts 瓦"),
    ("w", "1000", "kw", "kw kilowatt kilowatts 千瓦"),
    ("v", "1", "v", "v volt volts 伏"),
    ("v", "1000", "kv", "kv 千伏"),
    ("amp", "1", "amp", "amp amps ampere amperes 安培"),
    ("ah", "1", "ah", "ah"),
    ("ah", "1/1000", "mah", "mah 毫安"),
    ("hp", "1", "hp", "hp horsepower 马力"),
    ("psi", "1", "psi", "psi"),
    ("btu", "1", "btu", "btu btus"),
    ("gpm", "1", "gpm", "gpm"),
    ("gpf", "1", "gpf", "gpf"),
    ("cfm", "1", "cfm", "cfm"),
    ("rpm", "1", "rpm", "rpm"),
    ("lumen", "1", "lumen", "lumen lumens 流明"),
    ("hz", "1", "hz", "hz"),
    ("hz", "1000000", "mhz", "mhz"),
    ("hz", "1000000000", "ghz", "ghz"),
    ("mb", "1", "mb", "mb"),
    ("gb", "1", "gb", "gb"),
    ("tb", "1", "tb", "tb"),
    ("deg", "1", "deg", "° deg deg. degree degrees 度"),
    ("gauge", "1", "gauge", "ga ga. gauge"),
    ("pack", "1", "pack", "pk pk. pack packs ct ct. count"),
    ("pc", "1", "pc", "pc pc. pcs piece pieces"),
    ("%", "1", "%", "% percent pct"),
    ("等", "1", "等", "等"),
    ("级", "1", "级", "级"),
    ("号", "1", "号", "号"),
)

UNITS: dict[str, tuple[str, Fraction, str]] = {
    way.replace("-", " "): (base, Fraction(factor), word)
    for base, factor, word, ways in _ROWS
    for way in ways.split()
}
UNIT_WORDS = {word for _, _, word in UNITS.values()}


def _pattern(ways: list[str]) -> str:
    parts = [re.escape(way).replace(r"\ ", r"\.?[\s-]*") for way in ways]
    return "|".join(sorted(parts, key=len, reverse=True))


_LATIN = _pattern([way for way in UNITS if way.isascii() and way[0].isalpha()])
_SIGNS = _pattern([way for way in UNITS if way in ('"', "'", "%", "°")])
_CHINESE = _pattern([way for way in UNITS if not way.isascii() and way != "°"])
NUMBER = r"\d+[ -]\d+/\d+|\d+/\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+\.\d+|\.\d+|\d+"
# A unit of Latin letters ends where its letters do; a Chinese one is only looked at.
UNIT = (
    rf"(?:[\s-]*(?P<latin>{_LATIN})(?![a-z0-9])|(?P<sign>{_SIGNS})(?![a-z0-9])"
    rf"|\s*(?=(?P<chinese>{_CHINESE})))"
)
_SPACES = re.compile(r"[\s-]+")


def unit_of(written: str) -> tuple[str, Fraction, str]:
    """(base unit, factor, word) of a unit as it was found."""
    key = _SPACES.sub(" ", written.lower())
    for way in (key, key.rstrip("."), key.replace(".", ""), key.replace(".", " ").strip()):
        if way in UNITS:
            return UNITS[way]
    return UNITS[_SPACES.sub(" ", key.replace(".", " ")).strip()]


def number_of(written: str) -> Fraction:
    """``1-1/2``, ``3/4``, ``1,000``, ``.5`` as a number."""
    text = written.replace(",", "")
    whole, _, part = text.replace("-", " ").partition(" ")
    if part:
        return Fraction(whole) + _fraction(part)
    return _fraction(whole)


def _fraction(text: str) -> Fraction:
    over, _, under = text.partition("/")
    if not under:
        return Fraction(over)
    return Fraction(over) / Fraction(under) if int(under) else Fraction(over)


def written(number: Fraction) -> str:
    """A number in one writing: ``0.75``, ``1.5``, ``1000``; at most six decimals."""
    if number.denominator == 1:
        return str(number.numerator)
    return f"{float(number):.6f}".rstrip("0").rstrip(".")


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = re.compile(
    r"(?<![第\d一二三四五六七八九十百千万])"
    r"([零〇一二两三四五六七八九十百千万]{1,12}(?:点[零〇一二三四五六七八九]+)?)"
    rf"(?={_CHINESE}|[%％])"
)
_PERCENT = re.compile(r"百分之([零〇一二两三四五六七八九十百\d.]+(?:点[零〇一二三四五六七八九]+)?)")


def chinese_numerals(text: str) -> str:
    """Chinese numerals before a unit as digits: 二等 -> 2等, 百分之十四 -> 14%."""
    text = _PERCENT.sub(lambda found: f"{_value(found[1]) or found[1]}%", text)
    return _NUMERAL.sub(lambda found: _value(found[1]) or found[1], text)


def _value(numeral: str) -> str | None:
    """The digits of a numeral; None for a lone 百, 千, 万 (千克 is a unit, not 1000克)."""
    whole, _, decimals = numeral.partition("点")
    if not any(c in _DIGITS or c == "十" for c in whole):
        return None
    if all(c in _DIGITS for c in whole):  # 二〇二五, 二
        digits = "".join(str(_DIGITS[c]) for c in whole)
    else:
        total = section = digit = 0
        for c in whole:
            if c in _DIGITS:
                digit = _DIGITS[c]
            elif c in _TENS:
                section += (digit or 1) * _TENS[c]
                digit = 0
            else:  # 万
                total, section, digit = (total + section + digit) * 10_000, 0, 0
        digits = str(total + section + digit)
    return digits + ("." + "".join(str(_DIGITS[c]) for c in decimals) if decimals else "")
