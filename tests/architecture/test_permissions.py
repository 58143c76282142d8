"""Every route and page of a console names what a role on the staff must include (docs/staff.md)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver

import config.api  # noqa: F401 - it loads the routes
from kernel.actors import EVERYONES
from kernel.api import OPERATIONS, Operation
from platforms.permissions import (
    BY_CODE,
    GENERAL_STAFF,
    PERMISSIONS,
    PRESETS,
    complete,
    of_desk,
)
from storefront.urls import urlpatterns
from tests.architecture.sources import ROOT

DESKS = ("merchant", "operator")
# Folders of addresses that belong to a console; contracts are a merchant's or a person's own.
PAGES = {"merchant": "merchant", "operator": "operator", "contracts": "merchant",
         "certificates": "merchant"}  # fmt: skip
STAFFED = [one for one in OPERATIONS if one.audience & set(DESKS)]
NAMES = [f"{one.method} {one.path}" for one in STAFFED]


def wrong_codes(codes: tuple[str, ...], desk: str) -> list[str]:
    known = {one.code for one in of_desk(desk)} | EVERYONES
    return [code for code in codes if code not in known]


@pytest.mark.parametrize("operation", STAFFED, ids=NAMES)
def test_a_route_for_staff_names_its_permission(operation: Operation) -> None:
    for desk in operation.audience & set(DESKS):
        needed = operation.permissions.get(desk, ())
        assert needed, f"names no permission for {desk}"
        assert wrong_codes(needed, desk) == []
        if needed == ("public",):
            assert "guest" in operation.audience, "public is what guests may, too"


def pages(patterns: Any = urlpatterns, before: str = "") -> Iterator[tuple[str, Any]]:
    for one in patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from pages(one.url_patterns, address)
        elif isinstance(one, URLPattern):
            yield address, one.callback


def test_a_page_of_a_console_names_its_permission() -> None:
    found = [(address, view) for address, view in pages() if address.split("/")[0] in PAGES]
    assert len(found) > 200
    silent = [address for address, view in found if not getattr(view, "permissions", ())]
    assert silent == []
    wrong = [
        (address, codes)
        for address, view in found
        if (codes := wrong_codes(view.permissions, PAGES[address.split("/")[0]]))
    ]
    assert wrong == []


def test_a_page_that_names_none_would_be_found() -> None:
    from storefront.pages import operator_desk

    assert not getattr(operator_desk()(lambda request: None), "permissions", ())  # type: ignore[arg-type,return-value]


def test_each_permission_opens_something() -> None:
    used: dict[str, set[str]] = {desk: set() for desk in DESKS}
    for operation in STAFFED:
        for desk, codes in operation.permissions.items():
            used[desk].update(codes)
    for address, view in pages():
        if address.split("/")[0] in PAGES:
            used[PAGES[address.split("/")[0]]].update(view.permissions)
    for one in PERMISSIONS:
        for desk in one.desks:
            assert one.code in used[desk], f"{one.code} opens nothing for {desk}"


def test_the_list_fits_together() -> None:
    assert len(BY_CODE) == len(PERMISSIONS)
    for one in PERMISSIONS:
        for brought in one.includes:
            assert set(one.desks) <= set(BY_CODE[brought].desks)
            # One step is enough: what is brought along brings nothing that isn't said here.
            assert set(BY_CODE[brought].includes) <= set(one.includes)
    for preset in PRESETS:
        assert set(preset.permissions) <= {one.code for one in of_desk(preset.desk)}
        assert complete(preset.permissions)
    assert "staff" not in GENERAL_STAFF
    assert "keys" not in GENERAL_STAFF


def test_the_guide_explains_each_permission() -> None:
    guide = (ROOT / "docs" / "staff.md").read_text(encoding="utf-8")
    missing = [one.code for one in PERMISSIONS if f"`{one.code}`" not in guide]
    assert missing == []
