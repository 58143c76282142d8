"""A passkey from its making to its use, with Chromium's own virtual device."""

import re
from typing import Any

import pytest

from kernel import tenancy
from tests.browser.conftest import Visitor
from tests.browser.test_guest_buys import PHONE, base_of
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]
INSIDE = re.compile(r"^(?!.*/sign-in/)")
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_made_and_signs_in_and_confirms(
    shop: Any, live_server: Any, chromium: Any
) -> None:
    with tenancy.scope(shop["tenant"]):
        person = make_person(password=PASSWORD, language="zh-hans")
    visitor = Visitor(chromium, base_of(live_server, shop), "phone-passkeys", **PHONE)
    page = visitor.page
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable", {"enableUI": False})
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    visitor.goto("/sign-in/")
    page.fill("#id_email", person.email)
    page.fill("#id_password", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(INSIDE)
    visitor.goto("/account/passkeys/new/")
    page.fill("#id_name", "手机")
    page.fill("#id_password", PASSWORD)
    visitor.shot("new")
    page.locator("main form button[type=submit]").click()
    page.locator("[data-passkey-new] button").click()
    page.wait_for_selector(".notice.tone-good code")
    visitor.shot("added")

    page.context.clear_cookies()
    visitor.goto("/sign-in/")
    # Either the browser's own list or the button: the virtual device answers both at once.
    page.wait_for_url(INSIDE)

    visitor.goto("/account/security/")
    page.locator("main a", has_text="手机").click()
    page.get_by_role("button", name="改用通行密钥").wait_for()
    visitor.shot("one")
    page.get_by_role("button", name="改用通行密钥").click()
    page.locator("[role=status]:not([hidden])", has_text="五分钟").wait_for()
    visitor.shot("confirmed")
    page.locator("button.danger").click()
    page.wait_for_url("**/account/security/")
    assert page.get_by_text("手机", exact=True).count() == 0
    visitor.close()
