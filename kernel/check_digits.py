"""Check digits of Chinese identity numbers and of trade items: pure arithmetic."""

from datetime import date

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
# The first two digits of GB/T 2260: provinces, and 81 to 83 for residence permits of Hong Kong,
# Macao and Taiwan residents; 91 for foreigners' permanent residence cards of the new form.
_PROVINCES = frozenset(
    text
    for row in (
        ("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
        ("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64"),
        ("65", "71", "81", "82", "83", "91"),
    )
    for text in row
)
_CREDIT_PROVINCES = _PROVINCES | {"10"}  # 10: registered with the State Administration itself
OLDEST = 130  # years; an older birth date is refused


def credit_check(body: str) -> str:
    """The check sign of the first 17 signs of a unified social credit code (统一社会信用代码,
    GB 32100-2015). Raises ValueError for a sign outside its alphabet."""
    total = sum(
        CREDIT_ALPHABET.index(sign) * weight
        for sign, weight in zip(body, _CREDIT_WEIGHTS, strict=True)
    )
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def organisation_check(body: str) -> str:
    """The check sign of the first 8 signs of an organisation code (组织机构代码, GB 11714)."""
    total = sum(
        int(sign, 36) * weight for sign, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def resident_check(body: str) -> str:
    """The check sign of the first 17 digits of a resident identity number (公民身份号码,
    GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def credit_code_problem(code: str) -> str:
    """What is wrong with a unified social credit code, as one of ``length``, ``form``, ``region``,
    ``organisation``, ``check``; empty when it is right."""
    if len(code) != 18:
        return "length"
    if any(sign not in CREDIT_ALPHABET for sign in code) or not code[2:8].isdigit():
        return "form"
    if code[0] not in "123456789ANY":
        return "form"
    if code[2:4] not in _CREDIT_PROVINCES:
        return "region"
    if credit_check(code[:17]) != code[17]:
        return "check"
    return ""


def resident_number_problem(number: str, *, today: date) -> str:
    """What is wrong with a resident identity number: ``length``, ``form``, ``region``, ``birth``,
    ``check``; empty when it is right. Numbers of 15 digits have no check and aren't taken."""
    if len(number) != 18:
        return "length"
    if not (number.isascii() and number[:17].isdigit() and (number[17].isdigit() or
            number[17] == "X")):  # fmt: skip
        return "form"
    if number[:2] not in _PROVINCES:
        return "region"
    born = birth_date(number)
    if born is None or born > today or today.year - born.year > OLDEST:
        return "birth"
    if resident_check(number[:17]) != number[17]:
        return "check"
    return ""


def birth_date(number: str) -> date | None:
    """The birth date in a resident identity number; None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


GTIN_LENGTHS = (8, 12, 13, 14)


def gtin_problem(code: str) -> str:
    """What is wrong with a GTIN (商品条码, GB 12904, GS1 General Specifications 7.9): ``check``, or
    empty. Codes of other signs or lengths are a shop's own and aren't judged."""
    if len(code) not in GTIN_LENGTHS or not (code.isascii() and code.isdigit()):
        return ""
    weighed = zip(reversed(code[:-1]), (3, 1) * 7, strict=False)
    total = sum(int(digit) * weight for digit, weight in weighed)
    return "" if (10 - total % 10) % 10 == int(code[-1]) else "check"
