"""A contract in the browser: drafted, answered on a phone, signed by both with codes, its evidence
downloaded; what axe says of the pages of certification."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from certification import facade as certification
from certification.contracts.authority import Algorithm
from certification.models import Contract
from certification.services import seals
from certification.services.agreements.proof import evidence_source
from certification.services.enrol import enrol as enrol_certificate
from kernel import tenancy
from tests.browser.conftest import Visitor
from tests.browser.test_guest_buys import DESKTOP, PHONE
from tests.factories.certification_town import VALUES
from tests.factories.platforms import Factor, enrol, make_merchant, make_person, make_platform
from tests.factories.storefront import PASSWORD
from tests.storefront.test_contracts import typed

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Party:
    """A merchant with certificates, and its owner with a second factor."""

    def __init__(self, name: str, language: str) -> None:
        self.merchant = make_merchant(name=name)
        self.person = make_person(
            role="merchant_owner", merchant_id=self.merchant.id, password=PASSWORD,
            language=language,
        )  # fmt: skip
        self.factor: Factor = enrol(self.person.id)
        self.certificates = {
            kind: enrol_certificate(
                key=uuid4(), profile="organization", algorithm=kind,
                merchant_id=self.merchant.id,
                subject={"common_name": name, "organization_name": name},
            )
            for kind in (Algorithm.P256, Algorithm.SM2)
        }  # fmt: skip


@pytest.fixture
def town(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    tenant = make_platform()
    with tenancy.scope(tenant):
        certification.load_contract_templates()
        seller, buyer = Party("丰泽粮贸", "en"), Party("金牧饲料", "zh-hans")
        seal = seals.apply(
            key=uuid4(), merchant_id=seller.merchant.id, kind="contract", name="丰泽粮贸有限公司",
            certificate_id=seller.certificates[Algorithm.SM2].id,
        )  # fmt: skip
        seals.make(seal_id=seal.id)
        yield {"tenant": tenant, "seller": seller, "buyer": buyer, "seal": seal.public_id}


def enter(visitor: Visitor, party: Party) -> None:
    visitor.goto("/sign-in/")
    visitor.page.fill("#id_email", party.person.email)
    visitor.page.fill("#id_password", PASSWORD)
    visitor.page.locator("main button[type=submit]").click()
    # Each code works once: those of the app are left for signing.
    visitor.page.fill("#id_code", party.factor.recovery_codes[0])
    visitor.page.locator("main button[type=submit]").click()
    visitor.page.wait_for_selector(".desk")


def judged(visitor: Visitor) -> None:
    """Axe's own judgement of the page, with our policy set aside for its script."""
    found = find_spec("axe_playwright_python")
    assert found
    assert found.origin
    axe = (Path(found.origin).parent / "axe.min.js").read_text()
    visitor.page.evaluate(axe)
    wrong = visitor.page.evaluate("async () => (await axe.run()).violations")
    visitor.complaints += [f"axe: {one['id']}: {one['nodes'][0]['html'][:160]}" for one in wrong]


def signs(visitor: Visitor, party: Party, contract: str) -> None:
    visitor.goto(f"/contracts/{contract}/sign/")
    visitor.shot("sign")
    judged(visitor)
    visitor.page.fill("#id_code", party.factor.code())
    visitor.page.locator("main form button.primary[type=submit]").first.click()
    visitor.page.wait_for_selector(".timeline")


def test_drafted_answered_signed_and_proven(
    town: dict[str, Any], live_server: Any, chromium: Any
) -> None:
    base = f"{live_server.url}/p/{town['tenant'].code}"
    seller = Visitor(chromium, base, "contract-seller", **DESKTOP)
    seller.page.set_default_timeout(60_000)
    enter(seller, town["seller"])
    seller.goto("/contracts/new/")
    seller.shot("choose")
    seller.page.get_by_text("Contract for the Sale of Corn").click()
    seller.page.fill("#id_company_buyer", "金牧饲料")
    seller.shot("parties")
    judged(seller)
    seller.page.locator("main form button.primary[type=submit]").click()
    seller.page.wait_for_selector("#id_v-origin")
    for name, value in typed(VALUES).items():
        control = seller.page.locator(f"[name='{name}']")
        if control.evaluate("el => el.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    seller.page.fill("#id_v-origin", "")
    seller.page.get_by_role("button", name="Send to the other side").click()
    seller.page.wait_for_selector(".summary-of-errors")
    seller.shot("missing")
    judged(seller)
    seller.page.fill("#id_v-origin", "吉林省公主岭市")
    seller.page.get_by_role("button", name="Send to the other side").click()
    seller.page.wait_for_selector(".timeline")
    contract = seller.page.url.rstrip("/").rsplit("/", 1)[-1]

    buyer = Visitor(chromium, base, "contract-buyer", **PHONE)
    buyer.page.set_default_timeout(60_000)
    enter(buyer, town["buyer"])
    buyer.goto("/merchant/")
    buyer.shot("today")
    buyer.goto("/contracts/?box=to_do")
    buyer.shot("inbox")
    judged(buyer)
    buyer.goto(f"/contracts/{contract}/")
    wide = buyer.page.locator(".sheet").first.evaluate(
        "async (el) => { el.loading = 'eager'; await el.decode(); return el.naturalWidth; }"
    )
    assert wide > 300
    buyer.shot("read")
    judged(buyer)
    buyer.page.locator("button[value=agree]").click()
    buyer.page.locator("button[value=open]").click()
    buyer.page.wait_for_selector("a[href$='/sign/']")
    signs(buyer, town["buyer"], contract)
    signs(seller, town["seller"], contract)
    with tenancy.scope(town["tenant"]):
        row = Contract.objects.get()
        assert row.state == "effective"
        certification.make_package(evidence_source(contract_id=row.id))
    seller.goto(f"/contracts/{contract}/")
    seller.shot("in-force")
    judged(seller)
    with seller.page.expect_download() as download:
        seller.page.locator("a[href$='/evidence/']").click()
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"
    for what, path in {
        "identity": "/merchant/identity/",
        "certificates": "/certificates/",
        "certificate": f"/certificates/{town['seller'].certificates[Algorithm.P256].public_id}/",
        "apply": "/certificates/new/",
        "seals": "/merchant/seals/",
        "seal": f"/merchant/seals/{town['seal']}/",
        "bulk": "/merchant/bulk/",
        "amend": f"/contracts/{contract}/amend/",
        "end": f"/contracts/{contract}/end/",
    }.items():
        for visitor in (
            (seller, buyer) if what in ("identity", "certificates", "bulk") else (seller,)
        ):
            visitor.goto(path)
            visitor.shot(what)
            judged(visitor)
    # The browser itself tells of the form that was refused on purpose.
    seller.complaints = [one for one in seller.complaints if "status of 422" not in one]
    seller.close()
    buyer.close()
