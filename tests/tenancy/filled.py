"""What a person would type into a field that a page leaves empty."""

from typing import Any

from tests.factories.platforms import PASSWORD

BY_NAME = {
    "new": PASSWORD + " too", "name": "王芳", "region": "22", "phone": "13844445678",
    "city": "长春市", "line1": "人民大街 1 号", "postcode": "130000", "currency": "CNY",
    "number": "6222020000000000", "tax_number": "91220101MA0123456U", "percent": "10",
    "credit_code": "91220101MA0123456U",
}  # fmt: skip
BY_KIND = {
    "email": "someone@people.example", "url": "https://shop.example/a", "tel": "13844445678",
    "date": "2027-05-01", "datetime-local": "2027-05-01T08:00", "time": "08:00",
    "month": "2027-05", "password": PASSWORD,
}  # fmt: skip
CODE = "one-time code"


def filled(element: Any, kind: str) -> str:
    """Something plausible, by the field's name, kind and limits."""
    name = element.get("name") or ""
    if element.get("autocomplete") == "one-time-code":
        return CODE
    if kind in BY_KIND:
        return BY_KIND[kind]
    if name in BY_NAME:
        return BY_NAME[name]
    if kind == "number" or element.get("inputmode") in ("numeric", "decimal"):
        return element.get("min") or "1"
    if kind == "file":
        return element.get("accept") or "image/png"
    return "Some words"[: int(element.get("maxlength") or 10)]
