"""Forms on pages whose address is a secret: a browser's own checks let them through."""

import re
from typing import Any

import pytest

from kernel import jobs, mail, tenancy
from payments import facade as payments
from platforms import facade as platforms
from tests.browser.conftest import Visitor
from tests.browser.test_guest_buys import DESKTOP, base_of
from tests.factories.payments import make_intent
from tests.factories.platforms import make_person, make_platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_reset_and_hosted_payment(
    transactional_db: None, live_server: Any, chromium: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # see the fixture ``shop``
    shop = {"tenant": make_platform()}
    with tenancy.scope(shop["tenant"]):
        person = make_person(password="before-9f2")
        platforms.request_password_reset(email=person.email)
        jobs.drain()
        token = re.search(r"/reset/([\w-]+)/", mail.letters(limit=1).items[0].body)
        assert token
        info = make_intent(payment_method_types=("offline_test",))
        where = f"/pay/{payments.page_token(info.id)}/"
    visitor = Visitor(chromium, base_of(live_server, shop), "secret", **DESKTOP)
    visitor.goto(token[0])
    for field in visitor.page.locator("main input[type=password]").all():
        field.fill("After-the-reset-77")
    visitor.page.locator("main button[type=submit]").last.click()
    visitor.page.wait_for_url("**/sign-in/")
    visitor.goto(where)
    visitor.page.locator("form.langs button[value=zh-hans]").click()
    visitor.page.wait_for_url(f"**{where}")
    visitor.shot("hosted")
    visitor.page.locator("button[name=do][value=pay]").click()
    visitor.page.get_by_text("已付款，谢谢。").wait_for()
    visitor.close()
    with tenancy.scope(shop["tenant"]):
        assert payments.intent(intent_id=info.id).state == "succeeded"
