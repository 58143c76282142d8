"""Contracts by keyboard alone: found, opened, signed; what was opened gives the focus back."""

from collections.abc import Iterator
from typing import Any

import pytest

from certification import facade as certification
from certification.models import Contract
from kernel import tenancy
from tests.browser.conftest import Visitor
from tests.browser.test_contracts import Party, enter
from tests.browser.test_guest_buys import DESKTOP
from tests.factories.certification_town import VALUES
from tests.factories.platforms import make_platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What has the focus, and whether one sees that it has: an outline around it or around its choice.
FOCUSED = """() => {
  const el = document.activeElement;
  if (!el || el === document.body) return null;
  const box = el.getBoundingClientRect();
  const around = [el, el.closest(".choice, .chip")].filter(Boolean);
  const seen = around.some((one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
      || style.boxShadow !== "none";
  });
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return { id: el.id, text: (el.innerText || el.value || "").trim().slice(0, 60), seen,
           inside, at: el.outerHTML.slice(0, 120) };
}"""


class Keys:
    """A person who has no mouse."""

    def __init__(self, visitor: Visitor) -> None:
        self.page = visitor.page

    def press(self, key: str) -> dict[str, Any]:
        self.page.keyboard.press(key)
        found: dict[str, Any] = self.page.evaluate(FOCUSED) or {}
        return found

    def to(self, *, text: str = "", id: str = "", most: int = 80) -> None:
        """Tab until it has the focus; every stop on the way can be seen."""
        for _ in range(most):
            found = self.press("Tab")
            if found:
                assert found["seen"], f"no visible focus: {found['at']}"
                assert found["inside"], f"focus out of sight: {found['at']}"
            if (id and found.get("id") == id) or (text and found.get("text") == text):
                return
        raise AssertionError(f"never reached {text or id}")

    def go(self) -> None:
        """Enter, which leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@pytest.fixture
def signing(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Any, Party, str]]:
    """A contract that the seller has to sign."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    tenant = make_platform()
    with tenancy.scope(tenant):
        certification.load_contract_templates()
        seller, buyer = Party("丰泽粮贸", "en"), Party("金牧饲料", "en")
        info = certification.draft_contract(
            key=seller.merchant.id, drafter="seller", merchant_id=seller.merchant.id,
            template_id=certification.current_template(code="corn_sale").id, values=VALUES,
            parties=[certification.PartyInput("seller", seller.merchant.id),
                     certification.PartyInput("buyer", buyer.merchant.id)],
        )  # fmt: skip
        certification.propose_contract(contract_id=info.id, role="seller")
        certification.agree_contract(contract_id=info.id, role="buyer", round=1)
        certification.open_signing(contract_id=info.id, role="seller")
        yield tenant, seller, info.title


def test_a_contract_is_signed_with_the_keyboard_alone(
    signing: tuple[Any, Party, str], live_server: Any, chromium: Any
) -> None:
    tenant, seller, title = signing
    visitor = Visitor(chromium, f"{live_server.url}/p/{tenant.code}", "keyboard", **DESKTOP)
    enter(visitor, seller)
    keys = Keys(visitor)
    visitor.goto("/contracts/")
    # The first stop leads past the navigation.
    first = keys.press("Tab")
    assert first["seen"], first
    assert "main" in first["at"], first
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id") == "main"
    keys.to(text=title)
    keys.go()
    # What asks for a confirmation opens with Enter, closes with Escape, and gives the focus back.
    keys.to(text="Reject")
    keys.press("Enter")
    keys.to(id="why-reject")
    visitor.page.keyboard.type("wrong price")
    back = keys.press("Escape")
    assert back["text"] == "Reject", back
    assert not visitor.page.locator("#why-reject").is_visible()
    for _ in range(10):  # backwards works too
        if keys.press("Shift+Tab").get("text") == "Sign":
            break
    keys.go()
    keys.to(id="id_code")
    visitor.page.keyboard.type(seller.factor.code())
    keys.to(text="Sign", most=3)
    keys.go()
    visitor.page.wait_for_selector(".timeline")
    assert "Signed." in visitor.page.locator(".toasts").inner_text()
    with tenancy.scope(tenant):
        parties = certification.contract_state(contract_id=Contract.objects.get().id).parties
    assert [one.signed_at is not None for one in parties] == [True, False]
    visitor.close()


def test_the_other_party_is_chosen_with_the_keyboard(
    signing: tuple[Any, Party, str], live_server: Any, chromium: Any
) -> None:
    tenant, seller, _title = signing
    visitor = Visitor(chromium, f"{live_server.url}/p/{tenant.code}", "keyboard", **DESKTOP)
    enter(visitor, seller)
    keys = Keys(visitor)
    with tenancy.scope(tenant):
        template = certification.current_template(code="corn_sale").public_id
    visitor.goto(f"/contracts/new/?template={template}")
    keys.to(id="id_company_buyer")
    options = visitor.page.locator("#companies_buyer [role=option]")
    visitor.page.keyboard.type("牧饲")
    options.first.wait_for()
    assert "1" in visitor.page.locator("#count_buyer").inner_text()
    keys.press("ArrowDown")
    assert visitor.page.get_attribute("#id_company_buyer", "aria-activedescendant")
    keys.press("Escape")  # what was typed is there again
    assert visitor.page.input_value("#id_company_buyer") == "牧饲"
    visitor.page.keyboard.press("ArrowDown")
    options.first.wait_for()
    keys.press("ArrowDown")
    still = keys.press("Enter")  # chooses, and doesn't send the form
    assert still["id"] == "id_company_buyer"
    assert visitor.page.input_value("#id_company_buyer") == "金牧饲料"
    assert visitor.page.get_attribute("#id_company_buyer", "aria-expanded") == "false"
    # A list that sends itself waits for Enter when it is changed by keys.
    visitor.goto("/contracts/")
    keys.to(id="c-kind")
    visitor.page.keyboard.press("ArrowDown")
    assert "kind=" not in visitor.page.url
    keys.go()
    assert "kind=original" in visitor.page.url
    visitor.close()
