"""What goes wrong with contracts, on the pages and by the API: out of turn, too late, at once, and
files that can't be a contract. Each answer names what is wrong and what to do."""

import html
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from pyhanko.pdf_utils.reader import PdfFileReader

from certification import facade as certification
from certification.contracts.authority import Algorithm
from certification.services.enrol import enrol as enrol_certificate
from certification.signing import Appearance, Level, Placement
from certification.signing.pades import sign_pdf
from kernel import clock, tenancy
from kernel.ids import parse_public_id
from platforms import facade as platforms
from tests.certification.pki import Authority
from tests.factories.certification_town import VALUES
from tests.factories.pdfs import bomb, encrypted
from tests.factories.platforms import (
    api_client,
    enrol,
    make_key,
    make_merchant,
    make_person,
    make_platform,
)
from tests.factories.storefront import PASSWORD, Browser, sign_in
from tests.storefront.test_contracts import Side, opened, state_of, typed


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:1500]
    return html.unescape(answer.content.decode())


def form_of(page: str, factor: Any) -> dict[str, str]:
    """The signing form as a person fills it in."""
    digest = re.search(r'name="sha256" value="([0-9a-f]{64})"', page)
    certificate = re.search(r'<option value="([0-9a-f-]{36})"', page)
    assert digest
    assert certificate
    return {"sha256": digest[1], "certificate": certificate[1], "seal": "", "code": factor.code()}


def api_of(side: Side) -> Any:
    return api_client(make_key(merchant_id=side.merchant.id, person_id=side.person.id))


@pytest.fixture
def here() -> Iterator[tenancy.Tenant]:
    with tenancy.scope(make_platform()) as tenant:
        yield tenant


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_signers_at_once_and_a_double_click(here: tenancy.Tenant) -> None:
    seller, buyer = Side("丰泽粮贸"), Side("金牧饲料")
    seller.certify("丰泽粮贸")
    buyer.certify("金牧饲料")
    contract = opened(seller, buyer)
    where = f"/contracts/{contract}/sign/"
    form = form_of(seller.text(where), seller.factor)
    assert buyer.factor
    body = {"sha256": form["sha256"], "code": buyer.factor.code()}
    api = api_of(buyer)
    again = Browser("en")  # the same person's second tab
    again.cookies.update(seller.browser.cookies)
    clicked, twice, called = together([
        lambda: seller.browser.send(where, **form),
        lambda: again.send(where, **form),
        lambda: api.post(f"/contracts/{contract}/sign", body),
    ])  # fmt: skip
    assert called.status_code == 200, called.content
    clicks = [clicked, twice]
    assert any(one.status_code == 200 and "Signed." in text(one) for one in clicks)
    for one in clicks:  # the click too many is told so, and does nothing
        assert one.status_code in (200, 403, 409), one.content[:300]
        assert one.status_code == 200 or 'role="alert"' in one.content.decode()
    info = certification.contract_state(contract_id=parse_public_id("ctr", contract))
    assert (info.state, info.signatures) == ("effective", 2)
    document = PdfFileReader(BytesIO(certification.contract_document(contract_id=info.id)))
    assert len(document.embedded_regular_signatures) == 2


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """The answers to requests made at the same moment, each by a thread and connection."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(20)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.usefixtures("platform")
def test_out_of_turn_and_too_late() -> None:
    seller, buyer = Side("丰泽粮贸"), Side("金牧饲料", "zh-hans")
    seller.certify("丰泽粮贸")
    buyer.certify("金牧饲料")
    soon = clock.business() + timedelta(minutes=5)
    contract = opened(seller, buyer, order="sequential", sign_by=soon)
    where = f"/contracts/{contract}/sign/"
    form = form_of(seller.text(where), seller.factor)
    certificate = certification.certificates_page(merchant_id=buyer.merchant.id).items[0].id
    early = {**form, "certificate": str(certificate)}
    # The form isn't offered out of turn; whoever sends it all the same hears why, and what to do.
    said = text(buyer.browser.send(where, **early), 409)
    assert "还没有轮到您" in said
    assert "请等待排在您之前的一方先行操作" in said
    api = api_of(buyer).post(f"/contracts/{contract}/sign",
                             {"sha256": form["sha256"], "code": "123456"})  # fmt: skip
    assert (api.status_code, api.json()["waiting_for"]) == (409, "seller")
    other = text(seller.browser.send(where, **{**form, "sha256": "0" * 64}), 409)
    assert "Open the document again, read it" in other
    with clock.frozen(clock.system() + timedelta(minutes=6)):
        page = text(seller.see(where))
        assert "The time for signing ended on" in page
        assert 'name="code"' not in page
        late = text(seller.browser.send(where, **form), 409)
        assert "The time for signing is over" in late
        assert "Draft the contract anew with a later date" in late
        told = api_of(seller).post(
            f"/contracts/{contract}/sign", {"sha256": form["sha256"], "code": "123456"}
        )
        assert (told.status_code, told.json()["code"]) == (409, "certification.signing_over")
        assert "更晚的日期" in told.json()["remedy"]
    assert state_of(contract) == "signing"


@pytest.mark.usefixtures("platform")
def test_a_person_signs_in_their_own_name() -> None:
    seller = Side("丰泽粮贸")
    seller.certify("丰泽粮贸")
    buyer = make_person(role="buyer", password=PASSWORD, name="李秀英", language="en")
    certification.load_contract_templates()
    info = certification.draft_contract(
        key=uuid4(), drafter="seller", merchant_id=seller.merchant.id, values=VALUES,
        template_id=certification.current_template(code="corn_sale").id,
        parties=[certification.PartyInput("seller", seller.merchant.id),
                 certification.PartyInput("buyer", person_id=buyer.id)],
    )  # fmt: skip
    seller.browser.send(f"/contracts/{info.public_id}/edit/", do="send", **typed(VALUES))
    browser, where = sign_in(buyer, "en"), f"/contracts/{info.public_id}/sign/"
    act = f"/contracts/{info.public_id}/act/"
    browser.send(act, page=f"/contracts/{info.public_id}/", do="agree", round="1")
    browser.send(act, page=f"/contracts/{info.public_id}/", do="open")
    # What is missing to sign is said, one after the other, with the way there.
    assert "Set up a second factor" in text(browser.see(where))
    factor = enrol(buyer.id)
    assert "There is no certificate to sign with" in text(browser.see(where))
    enrol_certificate(key=uuid4(), profile="person", algorithm=Algorithm.P256,
                      person_id=buyer.id, subject={"common_name": "李秀英"})  # fmt: skip
    page = text(browser.see(where))
    assert "Company seal" not in page
    done = text(browser.send(where, **form_of(page, factor)))
    assert "Now it waits for 商户 丰泽粮贸" in done
    seller.browser.send(where, **form_of(seller.text(where), seller.factor))
    after = certification.contract_state(contract_id=info.id)
    assert after.state == "effective"
    consent = after.party("buyer").consent
    assert consent is not None
    assert consent.person_id == buyer.id
    document = PdfFileReader(BytesIO(certification.contract_document(contract_id=info.id)))
    names = [one.signer_cert.subject.native for one in document.embedded_regular_signatures]
    assert names[0]["common_name"] == "李秀英"
    assert "organization_name" not in names[0]


@pytest.mark.usefixtures("platform")
def test_another_role_of_the_same_person_goes_on_in_it() -> None:
    seller, buyer = Side("丰泽粮贸"), Side("金牧饲料")
    contract = opened(seller, buyer)
    other = make_merchant(name="第二家")
    where = f"/contracts/{contract}/"
    stranger = make_person(role="merchant_owner", merchant_id=other.id, password=PASSWORD)
    assert sign_in(stranger).see(where).status_code == 404
    both = make_person(
        role="merchant_owner", merchant_id=other.id, password=PASSWORD, language="en"
    )
    platforms.grant_role(
        person_id=both.id, role=platforms.Role("merchant_owner"), merchant_id=buyer.merchant.id
    )
    held = {one.merchant_id: str(one.id) for one in platforms.person(both.id).memberships}
    browser = sign_in(both, "en")
    browser.send("/role/", membership=held[other.id])
    page = text(browser.see(where), 403)
    assert "Go on as 金牧饲料" in page
    assert held[buyer.merchant.id] in page
    assert "Go on as 第二家" not in page
    after = browser.send(
        "/role/", membership=held[buyer.merchant.id], next=f"{browser.prefix}{where}"
    )
    assert "Read it and sign it until" in text(after)


HUGE = 200 * 2**20
FILES: dict[str, tuple[str, str]] = {
    "empty": ("The file is empty", "文件为空"),
    "not_a_pdf": ("isn't a PDF", "不是 PDF"),
    "damaged": ("damaged", "已损坏"),
    "encrypted": ("save it without a password", "另存为不带密码的文件"),
    "signed": ("send the unsigned text", "请提交未签名的文本"),
    "bomb": ("more memory or time", "内存或时间"),
}


@pytest.fixture
def own(platform: Any) -> tuple[Side, str]:
    """A seller and a draft that waits for a PDF."""
    seller, buyer = Side("丰泽粮贸", "zh-hans"), Side("金牧饲料")
    info = certification.draft_contract(
        key=uuid4(), drafter="first", merchant_id=seller.merchant.id, title="自备合同",
        parties=[certification.PartyInput("first", seller.merchant.id),
                 certification.PartyInput("second", buyer.merchant.id)],
    )  # fmt: skip
    return seller, info.public_id


def put(side: Side, contract: str, data: bytes, length: int = 0) -> Any:
    """The file by the API, in English; ``length`` bytes are announced."""
    key = make_key(merchant_id=side.merchant.id, person_id=side.person.id)
    api = api_client(key)
    more: dict[str, Any] = {"CONTENT_LENGTH": str(length)} if length else {}
    return api.client.generic(
        "PUT", f"/p/{api.code}/api/v1/contracts/{contract}/document", data, "application/pdf",
        headers={"Authorization": f"Bearer {key.raw}", "Idempotency-Key": "put-1",
                 "Accept-Language": "en"}, **more,
    )  # fmt: skip


@pytest.mark.parametrize("what", FILES)
def test_files_that_cannot_be_a_contract(own: tuple[Side, str], what: str) -> None:
    (seller, contract), (english, chinese) = own, FILES[what]
    data = make_file(what)
    file = SimpleUploadedFile("c.pdf", data, "application/pdf")
    page = text(seller.browser.send(f"/contracts/{contract}/edit/", do="keep", document=file), 422)
    assert chinese in page
    assert "10 MB" in page  # the remedy
    answer = put(seller, contract, data)
    assert answer.status_code == 422, answer.content
    told = answer.json()
    assert told["errors"][0]["field"] == "file"
    assert english in told["detail"]
    assert "up to 10 MB and 300 pages, not encrypted, not signed" in told["remedy"]
    assert not certification.contract_state(
        contract_id=parse_public_id("ctr", contract)
    ).agreed_sha256


def test_two_hundred_megabytes_are_refused_before_any_is_read(own: tuple[Side, str]) -> None:
    seller, contract = own
    where = f"{seller.browser.prefix}/contracts/{contract}/edit/"
    big = seller.browser.generic(
        "POST", where, b"", content_type="multipart/form-data; boundary=x",
        headers={"Content-Length": str(HUGE), "Accept-Language": "zh-hans"},
        CONTENT_LENGTH=str(HUGE),
    )  # fmt: skip
    assert "10 MB" in text(big, 413)
    answer = put(seller, contract, b"%PDF-1.7", HUGE)
    assert answer.status_code == 413, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert "larger than 10 MB" in answer.json()["detail"]
    # Nor is what no announcement tells of.
    more = b"%PDF-1.7" + bytes(10 * 2**20)
    assert "larger than 10 MB" in put(seller, contract, more).json()["detail"]
    file = SimpleUploadedFile("c.pdf", more, "application/pdf")
    page = seller.browser.send(f"/contracts/{contract}/edit/", do="keep", document=file)
    assert "过大" in text(page, 413)


def make_file(what: str) -> bytes:
    if what in ("encrypted", "signed"):
        plain = typst.compile(b"= Contract", format="pdf")
        assert isinstance(plain, bytes)
        return encrypted(plain) if what == "encrypted" else signed(plain)
    return {"empty": b"", "not_a_pdf": b"PK\x03\x04", "damaged": b"%PDF-1.7\nnothing"}.get(
        what
    ) or (bomb() if what == "bomb" else b"")


def signed(data: bytes) -> bytes:
    authority = Authority()
    signer = authority.issue("Somebody", authority.ca)
    return sign_pdf(
        data, holder=signer.holder(), at=authority.at, place=Placement("A", -1, 50, 50, 180, 60),
        level=Level.B, timestamps=authority.timestamps(), revocation=authority,
        look=Appearance(name="Somebody", at=authority.at, note="1"), reason="x", location="y",
    )  # fmt: skip
