"""What anyone fetches over HTTP, judged by OpenSSL."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from certification.services import revoke
from kernel.ids import public_id
from tests.certification.judges import openssl, write, write_pem
from tests.certification.test_authority import authority_id, make_certificate

pytestmark = pytest.mark.django_db


def test_addresses_in_a_certificate_answer(platform: Any, tmp_path: Path) -> None:
    found = make_certificate()
    leaf, issuing = write_pem(tmp_path / "leaf", found.der), tmp_path / "issuing"
    text = openssl("x509", "-in", leaf, "-noout", "-text")[1]
    named = public_id("cau", authority_id(found))
    base = f"/p/{platform.code}/api/v1"
    for path in (f"/authorities/{named}/crl", f"/authorities/{named}/certificate", "/ocsp"):
        assert f"{base}{path}\n" in text
    client = Client()
    above = client.get(f"{base}/authorities/{named}/certificate")
    assert above["Content-Type"] == "application/pkix-cert"
    assert above.content == found.chain[0]
    write_pem(issuing, above.content)
    crl = client.get(f"{base}/authorities/{named}/crl")
    assert crl["Content-Type"] == "application/pkix-crl"
    assert "max-age" in crl["Cache-Control"]
    file = write(tmp_path / "crl", crl.content)
    assert openssl("crl", "-inform", "DER", "-in", file, "-noout", "-CAfile", issuing)[0] == 0


def test_status_over_post_and_get(platform: Any, tmp_path: Path) -> None:
    found = make_certificate()
    leaf, above = write_pem(tmp_path / "leaf", found.der), write_pem(tmp_path / "a", found.chain[0])
    root, base, client = write_pem(tmp_path / "r", found.chain[1]), f"/p/{platform.code}", Client()
    asked = ["ocsp", "-issuer", above, "-cert", leaf, "-no_nonce", "-CAfile", root]
    openssl(*asked, "-reqout", tmp_path / "request")
    request = (tmp_path / "request").read_bytes()
    kind = "application/ocsp-request"
    posted = client.post(f"{base}/api/v1/ocsp", request, content_type=kind)
    assert posted["Content-Type"] == "application/ocsp-response"
    assert posted["Cache-Control"] == "no-store"
    assert "good" in openssl(*asked, "-respin", write(tmp_path / "p", posted.content))[1]
    revoke.revoke(certificate_id=found.id, reason="superseded")
    path = base64.b64encode(request).decode()
    got = client.get(f"{base}/api/v1/ocsp/{path.replace('+', '%2B')}")
    assert "superseded" in openssl(*asked, "-respin", write(tmp_path / "g", got.content))[1]
    assert "max-age" in got["Cache-Control"]
    for junk in (b"", b"junk", bytes(20_000)):
        answer = client.post(f"{base}/api/v1/ocsp", junk, content_type=kind)
        assert answer.status_code == 200
        text = openssl("ocsp", "-respin", write(tmp_path / "j", answer.content), "-resp_text")[1]
        assert "malformedrequest" in text.lower()


def test_timestamp_over_http(platform: Any, tmp_path: Path) -> None:
    data = write(tmp_path / "data", b"something")
    openssl("ts", "-query", "-data", data, "-sm3", "-cert", "-out", tmp_path / "q")
    reply = Client().post(
        f"/p/{platform.code}/api/v1/timestamps", (tmp_path / "q").read_bytes(),
        content_type="application/timestamp-query",
    )  # fmt: skip
    assert reply["Content-Type"] == "application/timestamp-reply"
    listed = Client().get(f"/p/{platform.code}/api/v1/authorities").json()["data"]
    root = next(one for one in listed if one["role"] == "root")
    pem = write(tmp_path / "root", root["certificate_pem"].encode())
    judge = ["ts", "-verify", "-CAfile", pem, "-queryfile", tmp_path / "q", "-in"]
    assert openssl(*judge, write(tmp_path / "reply", reply.content))[0] == 0
    huge = Client().post(
        f"/p/{platform.code}/api/v1/timestamps", bytes(20_000),
        content_type="application/timestamp-query",
    )  # fmt: skip
    text = openssl("ts", "-reply", "-in", write(tmp_path / "h", huge.content), "-text")[1]
    assert "too long" in text
