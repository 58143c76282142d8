"""Identity, certificates, seals and bulk signing on pages."""

import html
import re
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile

from certification import facade as certification
from certification.contracts.authority import Algorithm
from certification.services import seals as seal_service
from certification.services.enrol import enrol as enrol_certificate
from kernel import tenancy
from tests.factories.certification_town import make_certification_rows
from tests.factories.identity import (
    REVIEWER,
    company,
    credit_code,
    in_review,
    paper,
    resident_number,
    verified_merchant,
)
from tests.factories.platforms import make_merchant, make_person, make_platform
from tests.factories.storefront import PASSWORD, Browser, operator, owner_of, sign_in

pytestmark = pytest.mark.usefixtures("platform")


def said(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_a_merchant_states_its_identity() -> None:
    merchant = make_merchant(name="江茶")
    desk = owner_of(merchant)
    where = "/merchant/identity/"
    assert "Fill it in" in said(desk.see(where))
    fields = {"do": "state", "name": "长春江茶贸易有限公司", "number_kind": "credit_code",
              "number": credit_code()[:-1] + "!", "representative": "王芳"}  # fmt: skip
    answer = desk.send(where, page=where, **fields)
    assert answer.status_code == 422
    assert 'href="#s-number"' in said(answer)
    assert "长春江茶贸易有限公司" in said(answer)  # what was typed stays
    answer = desk.send(where, page=where, **{**fields, "number": credit_code()})
    assert "Now upload the papers" in said(answer)
    answer = desk.send(where, page=where, do="submit")
    assert "Papers are missing" in said(answer)
    empty = SimpleUploadedFile("a.png", b"", "image/png")
    answer = desk.send(where, page=where, do="paper", kind="business_licence", file=empty)
    assert answer.status_code == 422
    file = SimpleUploadedFile("a.png", paper(), "image/png")
    answer = desk.send(where, page=where, do="paper", kind="business_licence", file=file)
    assert "kept, sealed" in said(answer)
    assert "Handed in" in said(desk.send(where, page=where, do="submit"))
    assert "王芳" not in said(desk.see(where))
    # Two hundred megabytes are refused by what is announced.
    big = desk.generic("POST", f"{desk.prefix}{where}", b"", content_type="multipart/form-data; "
                       "boundary=x", CONTENT_LENGTH=str(200 * 2**20))  # fmt: skip
    assert big.status_code == 413
    # Staff sees it, but changes nothing.
    staff = sign_in(make_person(role="merchant_staff", merchant_id=merchant.id, password=PASSWORD))
    assert staff.see(where).status_code == 200
    staff.send(where, do="erase")
    assert certification.identity_of(certification.Subject.merchant(merchant.id))


def test_why_refused_who_looked_and_erasure() -> None:
    merchant = make_merchant()
    desk = owner_of(merchant)
    info = in_review(certification.Subject.merchant(merchant.id), company())
    from kernel.actors import acting

    with acting(REVIEWER):
        certification.claim_review(identity_id=info.id)
        certification.reveal(identity_id=info.id, reason="Comparing with the scan")
        certification.reject_identity(identity_id=info.id, reason="The licence is cut off")
    page = said(desk.see("/merchant/identity/"))
    assert "The licence is cut off" in page
    assert "Correct what the reason names" in page
    assert "Comparing with the scan" in page
    answer = desk.send("/merchant/identity/", page="/merchant/identity/", do="erase")
    assert "Erased" in said(answer)
    assert certification.identity_of(certification.Subject.merchant(merchant.id)) is None
    # A verified one is kept by law, and the page says until when.
    verified_merchant(merchant.id)
    page = said(desk.see("/merchant/identity/"))
    assert "The law has it kept until" in page
    assert "Erase it for good" not in page


def test_a_person_states_the_real_name() -> None:
    person = make_person(password=PASSWORD, language="en")
    browser = sign_in(person)
    where = "/account/identity/"
    fields = {"do": "state", "name": "李秀英", "number_kind": "resident"}
    answer = browser.send(where, page=where, **fields, number="220101198001010011")
    assert answer.status_code == 422
    browser.send(where, page=where, **fields, number=resident_number(2))
    page = said(browser.see(where))
    assert "李秀英" not in page
    assert resident_number(2) not in page
    other = sign_in(make_person(password=PASSWORD, language="en"))
    assert "李" not in said(other.see(where))
    assert "sign-in" in Browser().see(where).request["PATH_INFO"]


def test_certificates_from_application_to_revocation() -> None:
    merchant = make_merchant()
    desk = owner_of(merchant)
    assert "must be verified first" in said(desk.see("/certificates/new/"))
    form: dict[str, Any] = {
        "key": str(uuid4()),
        "profile": "organization",
        "algorithm": "p256",
        "csr": "",
    }
    answer = desk.send("/certificates/new/", **form)
    assert answer.status_code == 422
    verified_merchant(merchant.id)
    answer = desk.send("/certificates/new/", **form)
    assert "The certificate is issued" in said(answer)
    where = answer.request["PATH_INFO"].removeprefix(desk.prefix)
    assert desk.send("/certificates/new/", **form).request["PATH_INFO"].endswith(where)
    loaded = x509.load_pem_x509_certificate(desk.see(f"{where}pem/").content)
    assert loaded == x509.load_der_x509_certificate(desk.see(f"{where}der/").content)
    assert desk.see(f"{where}chain/").content.count(b"BEGIN CERTIFICATE") == 3
    assert desk.see(f"{where}exe/").status_code == 404
    # With the holder's own key.
    key = ec.generate_private_key(ec.SECP256R1())
    csr = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    own: dict[str, Any] = {
        **form,
        "key": str(uuid4()),
        "csr_file": SimpleUploadedFile("a.csr", csr),
    }
    assert "with its holder" in said(desk.send("/certificates/new/", **own))
    broken = desk.send("/certificates/new/", **{**form, "key": str(uuid4()), "csr": "no"})
    assert broken.status_code == 422
    act = f"{where}act/"
    assert "Suspended" in said(desk.send(act, page=where, do="suspend", note="Laptop lost"))
    assert "Laptop lost" in said(desk.see(where))
    desk.send(act, page=where, do="resume")
    new = desk.send(act, page=where, do="renew", key=str(uuid4()))
    assert where not in new.request["PATH_INFO"]
    assert "choice" not in said(desk.send(act, page=where, do="revoke", reason="made_up"))
    desk.send(act, page=where, do="revoke", reason="superseded")
    assert "Replaced by another" in said(desk.see(where))
    assert where in said(desk.see("/certificates/", state="revoked"))
    assert where not in said(desk.see("/certificates/", state="valid"))
    assert where in said(desk.see("/certificates/", q=format(loaded.serial_number, "x")))
    lines = b"".join(desk.see("/certificates/", format="csv").streaming_content)
    assert lines.count(b"\n") >= 4
    # Another merchant, another person of the platform, another platform.
    for other in (owner_of(make_merchant()), sign_in(make_person(password=PASSWORD))):
        for path in ("", "pem/", "chain/"):
            assert other.see(f"{where}{path}").status_code == 404
        assert other.send(act, do="revoke", reason="superseded").status_code in (200, 404)
        assert where not in said(other.see("/certificates/"))
    with tenancy.scope(make_platform()):
        assert owner_of(make_merchant()).see(where).status_code == 404


def test_seals_are_applied_for_lent_and_revoked() -> None:
    merchant = make_merchant(name="江茶")
    desk = owner_of(merchant)
    assert "needs an SM2 certificate" in said(desk.see("/merchant/seals/new/"))
    names = {"common_name": "江茶", "organization_name": "江茶"}
    certificate = enrol_certificate(
        key=uuid4(), profile="organization", algorithm=Algorithm.SM2, subject=names,
        merchant_id=merchant.id,
    )  # fmt: skip
    form = {"key": str(uuid4()), "kind": "contract", "name": "江茶",
            "certificate": certificate.public_id}  # fmt: skip
    picture = SimpleUploadedFile("a.png", b"nothing", "image/png")
    answer = desk.send("/merchant/seals/new/", **form, picture=picture)
    assert answer.status_code == 422
    assert 'href="#id_picture"' in said(answer)
    answer = desk.send("/merchant/seals/new/", **form)
    where = answer.request["PATH_INFO"].removeprefix(desk.prefix)
    assert "An operator looks at the application" in said(answer)
    assert desk.see(f"{where}picture/").content.startswith(b"\x89PNG")
    seal = certification.seals_page(merchant_id=merchant.id).items[0]
    seal_service.make(seal_id=seal.id)
    staff = make_person(
        role="merchant_staff", merchant_id=merchant.id, password=PASSWORD, name="小李"
    )
    act = f"{where}act/"
    late = desk.send(act, page=where, do="lend", person=staff.public_id, until="2001-01-01")
    assert late.status_code == 422
    desk.send(act, page=where, do="lend", person=staff.public_id)
    page = said(desk.see(where))
    assert "小李" in page
    grant = re.search(r'name="grant" value="(sgr_\w+)"', page)
    assert grant
    assert "Taken back" in said(desk.send(act, page=where, do="take_back", grant=grant[1]))
    sign_in(staff).send(act, do="revoke", note="x")
    assert certification.seal(seal_id=seal.id).state == "valid"
    desk.send(act, page=where, do="suspend")
    desk.send(act, page=where, do="resume")
    desk.send(act, page=where, do="revoke", note="Another name")
    assert "Another name" in said(desk.see(where))
    assert where in said(desk.see("/merchant/seals/", state="revoked"))
    assert b"".join(desk.see(f"{where}uses/").streaming_content)
    other = owner_of(make_merchant())
    for path in ("", "picture/", "uses/"):
        assert other.see(f"{where}{path}").status_code == 404


def test_bulk_signing_is_followed() -> None:
    merchant, other = make_merchant(), make_merchant()
    ids = make_certification_rows(merchant_id=merchant.id, other_id=other.id, external="a" * 24)
    desk = owner_of(merchant)
    page = said(desk.see("/merchant/bulk/"))
    assert "Signing needs a second factor" in page
    bulk = certification.bulk_signing(bulk_id=ids["blk"]).public_id
    where = f"/merchant/bulk/{bulk}/"
    assert where in page
    assert "1 of 1 signed" in said(desk.see(where))
    assert desk.see(f"{where}1/").content == b"signed"
    consent = certification.consents_of(merchant_id=merchant.id)[0]
    bad = SimpleUploadedFile("a.csv", b"a,a\n1,2\n", "text/csv")
    answer = desk.send("/merchant/bulk/", do="start", consent=consent.public_id, csv=bad)
    assert answer.status_code == 422
    assert "names the columns, each once" in said(answer)
    short = SimpleUploadedFile("a.csv", "origin,buyer.name\n吉林,金牧\n".encode(), "text/csv")
    answer = desk.send("/merchant/bulk/", do="start", consent=consent.public_id, csv=short)
    assert answer.status_code == 422
    assert "seller.name" in said(answer)
    form = certification.contract_template(template_id=ids["ctt"]).definition
    columns = [*(field["name"] for field in form["fields"]), "seller.name", "buyer.name"]
    row = ",".join("x" for _column in columns)
    good = SimpleUploadedFile("a.csv", f"{','.join(columns)}\n{row}\n".encode(), "text/csv")
    answer = desk.send("/merchant/bulk/", do="start", consent=consent.public_id, csv=good)
    assert "0 of 1 signed" in said(answer)
    assert "hx-trigger" in said(answer)
    new = answer.request["PATH_INFO"]
    assert "Stopped" in said(desk.send(f"{new}cancel/", page="/merchant/bulk/"))
    desk.send("/merchant/bulk/withdraw/", page="/merchant/bulk/", consent=consent.public_id)
    assert certification.consents_of(merchant_id=merchant.id)[0].state == "withdrawn"
    stranger = owner_of(other)
    for path in ("", "1/"):
        assert stranger.see(f"{where}{path}").status_code == 404
    stranger.send(f"{where}cancel/")
    assert certification.bulk_signing(bulk_id=ids["blk"]).state == "queued"
    # What needs the merchant is on its first page.
    today = said(owner_of(merchant).see("/merchant/"))
    assert "State who the company is" in today
    assert operator().see("/contracts/").status_code == 403
