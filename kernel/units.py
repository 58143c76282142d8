"""Units of measure (计量单位): codes of UN/ECE Recommendation 20, and of 21 for packages.

``factor`` is exact: how many of the dimension's base unit one of it is. Base units are kilogram,
litre, metre, square metre, second and piece. Only units with the same dimension convert;
packages (box, carton …) have a dimension each, since nobody knows how much is in one.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from kernel.errors import Invalid


class UnknownUnit(Invalid):
    code = "unknown_unit"
    title = _("This isn't a known unit of measure")
    remedy = _("Use a UN/ECE Recommendation 20 code, such as C62 (piece), KGM or TNE.")


class IncompatibleUnits(Invalid):
    code = "incompatible_units"
    title = _("These units measure different things")
    remedy = _("Give the quantity in a unit of the same kind.")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; ``places`` is how many decimals people write of it."""

    code: str
    dimension: str
    factor: Fraction
    places: int
    symbol: str
    names: dict[str, str]


# code, dimension, factor to the base unit, written decimals, symbol, English, Chinese
_ROWS = [
    ("C62", "piece", "1", 0, "", "piece", "件"),
    ("H87", "piece", "1", 0, "pc", "piece", "个"),
    ("EA", "piece", "1", 0, "ea", "each", "个"),
    ("PR", "piece", "2", 0, "pr", "pair", "双"),
    ("DZN", "piece", "12", 0, "dz", "dozen", "打"),
    ("GRO", "piece", "144", 0, "gro", "gross", "罗"),
    ("CEN", "piece", "100", 0, "100", "hundred", "百"),
    ("MIL", "piece", "1000", 0, "1000", "thousand", "千"),
    ("SET", "set", "1", 0, "set", "set", "套"),
    ("NPR", "piece", "2", 0, "pr", "number of pairs", "双"),
    ("MC", "mass", "0.000000001", 3, "µg", "microgram", "微克"),
    ("MGM", "mass", "0.000001", 3, "mg", "milligram", "毫克"),
    ("GRM", "mass", "0.001", 3, "g", "gram", "克"),
    ("KGM", "mass", "1", 3, "kg", "kilogram", "千克"),
    ("TNE", "mass", "1000", 3, "t", "tonne", "吨"),
    ("KTN", "mass", "1000000", 3, "kt", "kilotonne", "千吨"),
    ("DTN", "mass", "100", 3, "dt", "decitonne (quintal)", "公担"),
    ("LBR", "mass", "0.45359237", 3, "lb", "pound", "磅"),
    ("ONZ", "mass", "0.028349523125", 3, "oz", "ounce", "盎司"),
    ("APZ", "mass", "0.0311034768", 3, "oz t", "troy ounce", "金衡盎司"),
    ("STN", "mass", "907.18474", 3, "ton (US)", "short ton", "短吨"),
    ("LTN", "mass", "1016.0469088", 3, "ton (UK)", "long ton", "长吨"),
    ("CTM", "mass", "0.0002", 3, "ct", "metric carat", "克拉"),
    ("MLT", "volume", "0.001", 3, "ml", "millilitre", "毫升"),
    ("CMQ", "volume", "0.001", 3, "cm³", "cubic centimetre", "立方厘米"),
    ("LTR", "volume", "1", 3, "l", "litre", "升"),
    ("DMQ", "volume", "1", 3, "dm³", "cubic decimetre", "立方分米"),
    ("HLT", "volume", "100", 3, "hl", "hectolitre", "百升"),
    ("MTQ", "volume", "1000", 3, "m³", "cubic metre", "立方米"),
    ("GLL", "volume", "3.785411784", 3, "gal (US)", "US gallon", "美制加仑"),
    ("GLI", "volume", "4.54609", 3, "gal (UK)", "imperial gallon", "英制加仑"),
    ("BLL", "volume", "158.987294928", 3, "bbl", "barrel", "桶(石油)"),
    ("BUA", "volume", "35.23907016688", 3, "bu (US)", "US bushel", "美制蒲式耳"),
    ("FTQ", "volume", "28.316846592", 3, "ft³", "cubic foot", "立方英尺"),
    ("MMT", "length", "0.001", 3, "mm", "millimetre", "毫米"),
    ("CMT", "length", "0.01", 2, "cm", "centimetre", "厘米"),
    ("MTR", "length", "1", 2, "m", "metre", "米"),
    ("KMT", "length", "1000", 3, "km", "kilometre", "千米"),
    ("INH", "length", "0.0254", 2, "in", "inch", "英寸"),
    ("FOT", "length", "0.3048", 2, "ft", "foot", "英尺"),
    ("YRD", "length", "0.9144", 2, "yd", "yard", "码"),
    ("SMI", "length", "1609.344", 3, "mi", "mile", "英里"),
    ("CMK", "area", "0.0001", 2, "cm²", "square centimetre", "平方厘米"),
    ("MTK", "area", "1", 2, "m²", "square metre", "平方米"),
    ("FTK", "area", "0.09290304", 2, "ft²", "square foot", "平方英尺"),
    ("HAR", "area", "10000", 3, "ha", "hectare", "公顷"),
    ("ACR", "area", "4046.8564224", 3, "ac", "acre", "英亩"),
    ("KMK", "area", "1000000", 3, "km²", "square kilometre", "平方千米"),
    ("SEC", "time", "1", 0, "s", "second", "秒"),
    ("MIN", "time", "60", 0, "min", "minute", "分钟"),
    ("HUR", "time", "3600", 2, "h", "hour", "小时"),
    ("DAY", "time", "86400", 0, "d", "day", "天"),
    ("WEE", "time", "604800", 0, "wk", "week", "周"),
    ("MON", "month", "1", 0, "mo", "month", "月"),
    ("QAN", "month", "3", 0, "qtr", "quarter", "季度"),
    ("ANN", "month", "12", 0, "yr", "year", "年"),
    ("KWH", "energy", "1", 3, "kWh", "kilowatt hour", "千瓦时"),
    ("MWH", "energy", "1000", 3, "MWh", "megawatt hour", "兆瓦时"),
    ("XBX", "box", "1", 0, "box", "box", "盒"),
    ("XCT", "carton", "1", 0, "ctn", "carton", "箱"),
    ("XBG", "bag", "1", 0, "bag", "bag", "袋"),
    ("XPK", "package", "1", 0, "pkg", "package", "包"),
    ("XBO", "bottle", "1", 0, "btl", "bottle", "瓶"),
    ("XRO", "roll", "1", 0, "roll", "roll", "卷"),
    ("XPX", "pallet", "1", 0, "plt", "pallet", "托盘"),
    ("XCN", "container", "1", 0, "ctr", "container", "集装箱"),
    ("XBJ", "bucket", "1", 0, "bkt", "bucket", "桶"),
    ("ROM", "room", "1", 0, "room", "room", "间"),
    ("IE", "person", "1", 0, "person", "person", "人"),
    ("E48", "service", "1", 0, "", "service unit", "次"),
]

UNITS: dict[str, Unit] = {
    row[0]: Unit(row[0], row[1], Fraction(Decimal(row[2])), row[3], row[4],
                 {"en": row[5], "zh-hans": row[6]})
    for row in _ROWS
}  # fmt: skip


def unit(code: object, *, field: str = "unit") -> Unit:
    """The unit by its code. Raises UnknownUnit."""
    found = UNITS.get(code) if isinstance(code, str) else None
    if found is None:
        told = _("%(code)s is not a unit in use.") % {"code": repr(str(code)[:20])}
        raise UnknownUnit(told, field=field)
    return found
