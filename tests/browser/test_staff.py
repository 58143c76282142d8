"""The staff's pages on a phone and a desktop, and what a clerk sees."""

from typing import Any

import pytest

from config.demo.staff import CLERK, hire_clerk, make_roles
from kernel import tenancy
from platforms import facade as platforms
from tests.browser.conftest import Visitor
from tests.browser.test_desks_look import enter
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD, ask_passwords_only

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("name", "options"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_staff(
    shop: Any, live_server: Any, chromium: Any, name: str, options: dict[str, Any]
) -> None:
    merchant = shop["merchants"]["grain"]
    language = "en" if name == "desktop" else "zh-hans"
    with tenancy.scope(shop["tenant"]):
        ask_passwords_only()
        hire_clerk(merchant.id, password=PASSWORD, language=language)
        hire_clerk(merchant.id, password=PASSWORD)  # safe to run again
        make_roles(None)
        clerk = platforms.person_by_email(CLERK)
        own = clerk.memberships[0].staff_role_id
        assert own is not None
        role = platforms.staff_role(own, merchant.id)
        owner = make_person(
            role="merchant_owner", merchant_id=merchant.id, password=PASSWORD, language=language
        )
        boss = make_person(role="operator", password=PASSWORD, language=language)
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-staff", **options)
    enter(visitor, owner)
    page = visitor.page
    visitor.goto("/merchant/staff/")
    page.fill("#id_email", "new@people.example")
    page.select_option("#id_role", label=role.name)
    page.fill("#invite-password", PASSWORD)
    page.locator("form", has=page.locator("#id_email")).locator("button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    assert page.get_by_text("new@people.example").count()
    visitor.shot("list")
    page.locator("details.confirm summary").first.click()
    visitor.shot("change")
    visitor.goto("/merchant/staff/roles/new/?from=finance")
    visitor.shot("new")
    visitor.goto(f"/merchant/staff/roles/{role.public_id}/")
    page.locator('input[value="orders"]').uncheck()
    page.fill("#role-password", PASSWORD)
    page.locator("main form button.primary").first.click()
    page.wait_for_url("**/merchant/staff/")
    visitor.close()
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-clerk", **options)
    enter(visitor, clerk)
    visitor.shot("today")
    visitor.goto("/merchant/stock/")
    visitor.goto("/merchant/orders/")
    assert visitor.page.locator(".error-page").count()
    visitor.shot("refused")
    [refused] = visitor.complaints  # the browser tells of the answer 403, which is meant
    assert "403" in refused
    visitor.complaints.clear()
    visitor.close()
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-platform", **options)
    enter(visitor, boss)
    visitor.goto("/operator/staff/")
    visitor.shot("list")
    visitor.goto("/operator/staff/roles/new/")
    visitor.shot("new")
    visitor.close()
