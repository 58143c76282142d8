"""Contracts on pages: drafted, answered, signed with a code; what others see; what is refused."""

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from certification import facade as certification
from certification.contracts.authority import Algorithm
from certification.services.agreements.proof import evidence_source
from certification.services.enrol import enrol as enrol_certificate
from kernel import mail, tenancy
from kernel.ids import parse_public_id
from tests.factories.certification_town import VALUES
from tests.factories.identity import company, verified_merchant
from tests.factories.platforms import (
    Factor,
    enrol,
    make_merchant,
    make_person,
    make_platform,
)
from tests.factories.storefront import PASSWORD, Browser, sign_in

pytestmark = pytest.mark.usefixtures("platform")


class Side:
    """A merchant's owner before a browser, with a second factor."""

    def __init__(self, name: str, language: str = "en") -> None:
        self.merchant = make_merchant(name=name)
        self.person = make_person(
            role="merchant_owner", merchant_id=self.merchant.id, password=PASSWORD,
            language=language,
        )  # fmt: skip
        self.browser = sign_in(self.person, language)
        self.factor: Factor | None = None

    def certify(self, name: str) -> None:
        self.factor = enrol(self.person.id)
        enrol_certificate(
            key=uuid4(), profile="organization", algorithm=Algorithm.P256,
            merchant_id=self.merchant.id,
            subject={"common_name": name, "organization_name": name},
        )  # fmt: skip

    def see(self, path: str, **data: Any) -> Any:
        return self.browser.see(path, **data)

    def text(self, path: str, **data: Any) -> str:
        answer = self.browser.see(path, **data)
        assert answer.status_code == 200, answer.content.decode()[:1500]
        return html.unescape(answer.content.decode())

    def act(self, contract: str, **data: Any) -> Any:
        where = f"/contracts/{contract}/"
        return self.browser.send(f"{where}act/", page=where, **data)


def typed(values: dict[str, Any]) -> dict[str, str]:
    """Values as the form sends them."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict) and "currency" in value:
            found[f"v-{name}"] = f"{value['amount'] / 100:,.2f}"
        elif isinstance(value, dict):
            found[f"v-{name}"], found[f"v-{name}-unit"] = value["value"], value["unit"]
        else:
            found[f"v-{name}"] = str(value)
    return found


def drafted(seller: Side, buyer: Side, **values: Any) -> str:
    """A draft by the API's service; its public id."""
    certification.load_contract_templates()
    info = certification.draft_contract(
        key=uuid4(), drafter="seller", merchant_id=seller.merchant.id,
        template_id=certification.current_template(code="corn_sale").id, values=values or VALUES,
        parties=[certification.PartyInput("seller", seller.merchant.id),
                 certification.PartyInput("buyer", buyer.merchant.id)],
    )  # fmt: skip
    return info.public_id


def state_of(contract: str) -> str:
    return certification.contract_state(contract_id=parse_public_id("ctr", contract)).state


def opened(seller: Side, buyer: Side, **how: Any) -> str:
    """Open for signing, without the pages."""
    contract = drafted(seller, buyer)
    id_: UUID = parse_public_id("ctr", contract)
    certification.propose_contract(contract_id=id_, role="seller")
    certification.agree_contract(contract_id=id_, role="buyer", round=1)
    certification.open_signing(contract_id=id_, role="seller", **how)
    return contract


def test_the_other_company_is_found_by_code_or_a_part_of_its_name() -> None:
    seller, number = Side("丰泽粮贸"), company().number
    one, other = make_merchant(name="金牧饲料"), make_merchant(name="金牧种业")
    verified_merchant(other.id)
    certification.load_contract_templates()
    sent = {"template": certification.current_template(code="corn_sale").public_id,
            "role": "seller", "language": "zh-Hans", "order": "sequential"}  # fmt: skip
    unsure = html.unescape(
        seller.browser.send("/contracts/new/", **sent, company_buyer="金牧").content.decode()
    )
    fitting = unsure.partition("Several companies fit:")[2][:200]
    assert "金牧饲料" in fitting
    assert "金牧种业" in fitting
    for typed_in, found in ((number.lower(), other), ("牧饲", one)):
        answer = seller.browser.send("/contracts/new/", **sent, company_buyer=typed_in)
        drafted = answer.request["PATH_INFO"].split("/contracts/")[1].split("/")[0]
        info = certification.contract_state(contract_id=parse_public_id("ctr", drafted))
        assert found.id in {party.merchant_id for party in info.parties}


def test_from_template_to_evidence() -> None:
    seller, buyer = Side("丰泽粮贸"), Side("金牧饲料", "zh-hans")
    seller.certify("丰泽粮贸")
    buyer.certify("金牧饲料")
    certification.load_contract_templates()
    template = certification.current_template(code="corn_sale").public_id
    assert "Contract for the Sale of Corn" in seller.text("/contracts/new/")
    form = seller.text("/contracts/new/", template=template)
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key
    sent = {"template": template, "key": key[1], "role": "seller", "language": "zh-Hans",
            "order": "sequential"}  # fmt: skip
    refused = seller.browser.send("/contracts/new/", **sent, company_buyer="Nobody")
    assert refused.status_code == 422
    assert "No company on this platform has this name" in refused.content.decode()
    answer = seller.browser.send("/contracts/new/", **sent, company_buyer="金牧饲料")
    contract = answer.request["PATH_INFO"].split("/contracts/")[1].split("/")[0]
    # The same form again is the same draft.
    again = seller.browser.send("/contracts/new/", **sent, company_buyer="金牧饲料")
    assert contract in again.request["PATH_INFO"]
    edit = f"/contracts/{contract}/edit/"
    fields = typed(VALUES)
    answer = seller.browser.send(edit, do="send", **{**fields, "v-origin": "", "v-total": "a lot"})
    text = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert 'href="#id_v-total"' in text
    assert 'value="a lot"' in text
    answer = seller.browser.send(edit, do="send", **{**fields, "v-origin": ""})
    assert answer.status_code == 422
    assert 'href="#id_v-origin"' in answer.content.decode()
    assert "This field is missing" in html.unescape(answer.content.decode())
    # Nobody but its drafter sees the draft.
    assert buyer.see(f"/contracts/{contract}/").status_code == 404
    assert contract not in buyer.text("/contracts/")
    answer = seller.browser.send(edit, do="send", message="首次报价", **fields)
    assert state_of(contract) == "negotiating"
    assert "Waiting for 商户 金牧饲料" in html.unescape(answer.content.decode())

    letter = mail.letters(limit=1).items[0]
    link = re.search(r"http\S+(/p/\S+/contracts/\S+)", letter.body)
    assert link
    page = buyer.text(link[1])
    assert "首次报价" in page
    assert "轮到您" in page
    cheaper = {**fields, "v-total": "460,000.00"}
    buyer.browser.send(edit, do="send", round="1", **cheaper)
    page = seller.text(f"/contracts/{contract}/")
    assert "¥462,000.00" in page
    assert "¥460,000.00" in page
    assert "changed since you read it" in html.unescape(
        seller.act(contract, do="agree", round="1").content.decode()
    )
    seller.act(contract, do="agree", round="2")
    seller.act(contract, do="open")
    assert state_of(contract) == "signing"
    # One after another: the buyer's turn comes later, and both pages and service say so.
    page = buyer.text(f"/contracts/{contract}/sign/")
    assert "丰泽粮贸" in page
    assert 'name="code"' not in page
    page = seller.text(f"/contracts/{contract}/sign/")
    digest = re.search(r'name="sha256" value="([0-9a-f]{64})"', page)
    certificate = re.search(r'<option value="([0-9a-f-]{36})"', page)
    assert digest
    assert certificate
    signing = {"sha256": digest[1], "certificate": certificate[1], "seal": ""}
    where = f"/contracts/{contract}/sign/"
    wrong = seller.browser.send(where, **signing, code="000000")
    assert wrong.status_code >= 400
    assert 'aria-invalid="true"' in wrong.content.decode()
    assert seller.factor
    done = seller.browser.send(where, **signing, code=seller.factor.code())
    assert "Now it waits for 商户 金牧饲料" in html.unescape(done.content.decode())
    again = seller.browser.send(where, **signing, code="123456")
    assert again.status_code == 409
    assert "already signed" in html.unescape(again.content.decode())
    page = buyer.text(where)
    certificate = re.search(r'<option value="([0-9a-f-]{36})"', page)
    assert certificate
    assert buyer.factor
    buyer.browser.send(
        where, sha256=digest[1], certificate=certificate[1], seal="", code=buyer.factor.code()
    )
    assert state_of(contract) == "effective"
    certification.make_package(evidence_source(contract_id=parse_public_id("ctr", contract)))
    page = seller.text(f"/contracts/{contract}/")
    assert "In force" in page
    verify = re.search(r'href="http://[^"]*(/p/[^"]*/verify/[^"]+/)"', page)
    assert verify
    assert "The document is genuine" in seller.text(verify[1]) or "verdict" in seller.text(
        verify[1]
    )
    package = buyer.see(f"/contracts/{contract}/evidence/")
    assert package.content[:2] == b"PK"
    picture = seller.see(f"/contracts/{contract}/pages/1/")
    assert picture.content.startswith(b"\x89PNG")
    assert seller.see(f"/contracts/{contract}/pages/99/").status_code == 404
    assert seller.see(f"/contracts/{contract}/document/").content.startswith(b"%PDF")
    # An amendment by what differs; then nothing to amend is said so.
    answer = seller.browser.send(
        f"/contracts/{contract}/amend/", key=str(uuid4()), text="", **cheaper
    )
    assert answer.status_code == 422
    answer = seller.browser.send(
        f"/contracts/{contract}/amend/", key=str(uuid4()), text="",
        **{**cheaper, "v-warehouse": "长春二号粮库"},
    )  # fmt: skip
    assert "长春二号粮库" not in buyer.text("/contracts/")
    assert "The amendment is drafted" in html.unescape(answer.content.decode())
    answer = seller.browser.send(
        f"/contracts/{contract}/end/", key=str(uuid4()), end_day="2027-01-31", reason="Harvest"
    )
    assert "open already" in html.unescape(answer.content.decode())


def test_filters_counts_and_export() -> None:
    seller, buyer = Side("丰泽粮贸"), Side("金牧饲料")
    draft = drafted(seller, buyer)
    waits = opened(seller, buyer, order="sequential")
    page = seller.text("/contracts/", box="to_do")
    assert draft in page
    assert waits in page
    page = buyer.text("/contracts/", box="to_do")
    assert waits not in page
    assert waits in buyer.text("/contracts/", box="waiting")
    number = certification.contract_state(contract_id=parse_public_id("ctr", waits)).number
    assert waits in buyer.text("/contracts/", q=number[-6:].lower())
    assert waits not in buyer.text("/contracts/", q="nothing like it")
    lines = b"".join(seller.see("/contracts/", format="csv").streaming_content).decode()
    assert number in lines
    assert lines.count("\n") >= 3


def test_others_and_other_platforms_see_nothing() -> None:
    seller, buyer, stranger = Side("丰泽粮贸"), Side("金牧饲料"), Side("旁人")
    contract = opened(seller, buyer)
    paths = ("", "edit/", "sign/", "amend/", "end/", "document/", "pages/1/", "evidence/")
    for path in paths:
        assert stranger.see(f"/contracts/{contract}/{path}").status_code == 404, path
        assert "sign-in" in Browser().see(f"/contracts/{contract}/{path}").request["PATH_INFO"]
    stranger.act(contract, do="reject", reason="mine now")
    assert state_of(contract) == "signing"
    assert contract not in stranger.text("/contracts/")
    with tenancy.scope(make_platform()):
        other = Side("丰泽粮贸")
        for path in paths:
            assert other.see(f"/contracts/{contract}/{path}").status_code == 404, path
    operator = sign_in(make_person(role="operator", password=PASSWORD))
    assert operator.see(f"/contracts/{contract}/").status_code == 403


def test_an_invited_person_reads_it_in_the_account() -> None:
    seller = Side("丰泽粮贸")
    certification.load_contract_templates()
    info = certification.draft_contract(
        key=uuid4(), drafter="seller", merchant_id=seller.merchant.id, values=VALUES,
        template_id=certification.current_template(code="corn_sale").id,
        parties=[certification.PartyInput("seller", seller.merchant.id),
                 certification.PartyInput("buyer", name="李秀英", email="li@buyers.example")],
    )  # fmt: skip
    seller.browser.send(f"/contracts/{info.public_id}/edit/", do="send", **typed(VALUES))
    letter = next(one for one in mail.letters(limit=5).items if "invitations" in one.body)
    link = re.search(r"http\S+(/p/\S+/contracts/invitations/\S+)", letter.body)
    assert link
    wrong = sign_in(make_person(password=PASSWORD, email="other@buyers.example", language="en"))
    assert "another address" in html.unescape(wrong.see(link[1]).content.decode())
    assert wrong.send(link[1]).status_code == 403
    buyer = sign_in(make_person(password=PASSWORD, email="li@buyers.example", language="en"))
    page = html.unescape(buyer.see(link[1]).content.decode())
    assert "Take part and read it" in page
    answer = html.unescape(buyer.send(link[1]).content.decode())
    assert "It's your turn" in answer
    assert info.public_id in buyer.see("/contracts/").content.decode()
    assert buyer.see(link[1]).status_code == 404  # it works once
