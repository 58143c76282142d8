"""A contract signed by two parties: packaged, verified by tools alone, renewed, asked about."""

import html
import os
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from certification import facade
from certification.contracts.authority import Algorithm
from certification.models import EvidencePackage
from certification.services import evidence, revoke
from certification.services.sign_document import sign_document
from certification.signing import Placement
from certification.verification import Problem, Verdict
from kernel import clock, tenancy
from kernel.ids import public_id, uuid7
from kernel.tenancy import Tenant
from tests.certification.test_seals import make_seal
from tests.certification.test_sign_document import certificate, contract, order
from tests.factories.pdfs import bomb, encrypted
from tests.factories.platforms import api_client, make_key

__all__ = ["contract"]
TOOLS = {**os.environ, "LC_ALL": "C.UTF-8"}


@pytest.fixture
def signed(platform: Tenant, contract: bytes) -> facade.EvidenceSource:
    """Signed by two parties, each with P-256 and SM2."""
    document_id, document, parties = uuid7(), contract, []
    for sequence, name in enumerate(("Alpha Grain", "Beta Feed")):
        made = sign_document(
            order(
                document,
                document_id=document_id,
                sequence=sequence,
                certificate_id=certificate(name=name),
                sm2_certificate_id=certificate(Algorithm.SM2, name),
                seal_id=make_seal().id if sequence == 0 else None,
                signer_name=name,
                place=Placement(name[:5], -1, 60 + 220 * sequence, 60, 180, 60),
                reason="Contract HT-1",
                key=(key := uuid7()),
            )
        )
        document = made.document
        parties.append(facade.PartyEvidence(name, "seller", key, {"factor": "totp"}))
    history = (
        facade.AuditRow(clock.business(), "contract.drafted", "Alpha Grain", {"版本": "1"}),
        facade.AuditRow(clock.business(), "contract.signed", "Beta Feed"),
    )
    return facade.EvidenceSource(
        document_id, "Corn sales contract 玉米购销合同", "HT-1", document, tuple(parties), history
    )


def unpacked(content: bytes, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    zipfile.ZipFile(BytesIO(content)).extractall(folder)
    return folder


def script(folder: Path, at: object) -> subprocess.CompletedProcess[str]:
    """verify.sh under a given date, with nothing of the product."""
    command = ["faketime", f"{at:%Y-%m-%d %H:%M:%S}", "sh", str(folder / "verify.sh")]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120,
        env={**TOOLS, "TZ": "UTC"},
    )  # fmt: skip


def test_packaged_verified_spoilt(signed: facade.EvidenceSource, tmp_path: Path) -> None:
    info = facade.make_package(signed)
    assert facade.make_package(signed) == info
    _info, content = facade.package(document_id=signed.document_id)
    folder = unpacked(content, tmp_path / "package")
    done = script(folder, clock.business() + timedelta(minutes=1))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok  ") == 19
    assert "SM2 signature 2" in done.stdout
    pdfsig = ["pdfsig", str(folder / "contract.pdf")]
    said = subprocess.run(pdfsig, check=False, capture_output=True, text=True, env=TOOLS).stdout
    assert said.count("Signature is Valid") == 2

    report = facade.verify_document(content)
    assert report.verdict == Verdict.VALID, report
    assert [(s.kind, s.signer, s.level) for s in report.signatures] == [
        ("pdf", "Alpha Grain", "B-LTA"), ("pdf", "Beta Feed", "B-LTA"),
        ("sm2", "Alpha Grain", "SM2"), ("sm2", "Beta Feed", "SM2"),
        ("seal", report.signatures[-1].signer, "SES"),
    ]  # fmt: skip
    assert facade.verify_document(signed.document).verdict == Verdict.VALID

    spoil = {
        "contract.pdf": Problem.CHANGED,
        "audit/trail.jsonl": Problem.AUDIT_BROKEN,
        "signatures/sm2-1.sig": Problem.DETACHED_BROKEN,
        "manifest.json": Problem.TIME_NOT_PROVEN,
        "consents/1-seller.json": Problem.FILE_CHANGED,
        "seals/1.ses": Problem.SEAL_BROKEN,
    }
    for name, problem in spoil.items():
        folder = unpacked(content, tmp_path / "spoilt")
        data = bytearray((folder / name).read_bytes())
        place = data.index(b"HT-1") if name == "manifest.json" else len(data) // 2
        data[place] ^= 1
        (folder / name).write_bytes(data)
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder))
        report = facade.verify_document(packed.getvalue())
        found = {f.problem for f in report.findings}
        found |= {f.problem for s in report.signatures for f in s.findings}
        assert (report.verdict != Verdict.VALID, problem in found) == (True, True), (name, found)
        assert script(folder, clock.business() + timedelta(minutes=1)).returncode == 1


def test_the_readme_works_when_pasted(signed: facade.EvidenceSource, tmp_path: Path) -> None:
    facade.make_package(signed)
    folder = unpacked(facade.package(document_id=signed.document_id)[1], tmp_path / "package")
    blocks = (folder / "README.md").read_text().split("```")[1::2]
    assert len(blocks) == 8
    for block in blocks:
        done = subprocess.run(
            ["sh", "-e", "-c", block.strip()], cwd=folder, check=False, capture_output=True,
            text=True, env=TOOLS,
        )  # fmt: skip
        assert done.returncode == 0, block + done.stdout + done.stderr


def test_renewed_it_outlives_every_certificate(
    signed: facade.EvidenceSource, platform: Tenant, tmp_path: Path
) -> None:
    facade.make_package(signed)
    first = facade.package(document_id=signed.document_id)[1]
    assert evidence.renew_due() == 0
    for years in (4.75, 9.5):  # the jobs run as the platform's clock goes on
        with tenancy.scope(replace(platform, clock_offset=timedelta(days=365 * years))):
            print(
                clock.business(),
                list(EvidencePackage.objects.values_list("renew_at", "keep_until")),
            )
            assert evidence.renew_due() == 1
            assert evidence.renew_due() == 0
    late = replace(platform, clock_offset=timedelta(days=365 * 11))
    with tenancy.scope(late):
        info, content = facade.package(document_id=signed.document_id)
        assert (info.generation, facade.verify_document(content).verdict) == (3, Verdict.VALID)
        assert facade.verify_document(first).verdict == Verdict.UNPROVEN
        now = clock.business()
        assert script(unpacked(content, tmp_path / "new"), now).returncode == 0
        done = script(unpacked(first, tmp_path / "old"), now)
        assert (done.returncode, "certificate has expired" in done.stdout) == (1, True)


def test_a_certificate_revoked_later(signed: facade.EvidenceSource, platform: Tenant) -> None:
    """It was good then: the signature still holds, and the page says how it stands now."""
    from certification.models import Certificate

    row = Certificate.objects.filter(algorithm="p256", merchant_id__isnull=False).first()
    assert row is not None
    later = replace(platform, clock_offset=timedelta(days=2))
    with tenancy.scope(later):
        revoke.revoke(certificate_id=row.id, reason="key_compromise")
        report = facade.verify_document(signed.document)
        assert report.verdict == Verdict.VALID, report
        found = report.signatures[0].certificate
        assert found
        assert (found.status_then, found.status_now) == ("good", "revoked")


def test_asked_over_the_api_and_on_the_page(
    signed: facade.EvidenceSource, platform: Tenant, contract: bytes
) -> None:
    guest = Client(headers={"Host": "localhost"})
    base = f"/p/{platform.code}/api/v1"

    def upload(data: bytes, **headers: Any) -> Any:
        return guest.post(f"{base}/verifications", data, content_type="application/pdf", **headers)

    answer = upload(signed.document)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["verdict"], len(body["signatures"])) == ("valid", 2)
    broken = upload(signed.document[:-200] + bytes(200)).json()
    assert (broken["verdict"], broken["problems"][0]["code"]) == ("invalid", "changed")
    body = upload(contract).json()
    assert [p["code"] for p in body["problems"]] == ["no_signature"]
    assert (upload(b"").status_code, upload(b"").json()["code"]) == (
        422, "certification.upload_empty",
    )  # fmt: skip
    large = upload(b"%PDF", CONTENT_LENGTH=str(200 * 1024 * 1024))
    assert (large.status_code, large.json()["code"]) == (413, "certification.upload_too_large")

    code = facade.verification_code(document_id=signed.document_id)
    assert code == facade.verification_code(document_id=signed.document_id)
    assert guest.get(f"{base}/verifications/{code}").json()["code"] == "certification.no_evidence"
    facade.make_package(signed)
    assert guest.get(f"{base}/verifications/{code}").json()["verdict"] == "valid"
    assert guest.get(f"{base}/verifications/{'x' * 24}").status_code == 404

    page = guest.get(f"/p/{platform.code}/verify/{code}/", headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert page.status_code == 200
    assert ("Everything holds." in text, "Alpha Grain" in text) == (True, True)
    sent = SimpleUploadedFile("contract.pdf", signed.document, "application/pdf")
    page = guest.post(f"/p/{platform.code}/verify/", {"file": sent})
    assert page.status_code == 200
    assert "B-LTA" in page.content.decode()
    assert 'id="verdict" role="status" tabindex="-1" data-focus' in page.content.decode()
    assert guest.post(f"/p/{platform.code}/verify/", {}).status_code == 422


def test_what_cannot_be_verified_is_answered_clearly(platform: Tenant, contract: bytes) -> None:
    """The same by API and on the page, in both languages."""
    flat, packed = BytesIO(), BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("contract.pdf", bytes(101 * 2**20))
    with zipfile.ZipFile(flat, "w") as archive:
        archive.writestr("something.txt", b"else")
    cases: list[tuple[bytes, str, str, str]] = [
        (contract, "no_signature", "There is no signature", "文件中没有签名"),
        (b"hello", "not_readable", "can't be read", "无法"),
        (encrypted(contract), "encrypted", "is encrypted", "加密"),
        (bomb(150_000_000), "too_complex", "unpacks to more", "解压"),
        (packed.getvalue(), "too_complex", "unpacks to more", "解压"),
        (flat.getvalue(), "file_missing", "is missing from the package", "缺少"),
    ]
    guest, base = Client(), f"/p/{platform.code}"
    for place, (data, code, english, chinese) in enumerate(cases):
        sender: dict[str, Any] = {"REMOTE_ADDR": f"192.0.2.{place}"}
        told = guest.post(f"{base}/api/v1/verifications", data, "application/pdf", **sender).json()
        assert (told["verdict"] == "valid", told["problems"][0]["code"]) == (False, code)
        for language, words in (("en", english), ("zh-hans", chinese)):
            file = SimpleUploadedFile("contract.pdf", data)
            page = guest.post(
                f"{base}/verify/", {"file": file}, headers={"Accept-Language": language}, **sender
            )
            assert page.status_code == 200
            assert words in html.unescape(page.content.decode()), (code, language)
    empty = guest.post(f"{base}/verify/", {"file": SimpleUploadedFile("contract.pdf", b"")})
    assert (empty.status_code, "文件为空" in empty.content.decode()) == (422, True)
    huge = guest.generic(
        "POST", f"{base}/verify/", b"", "multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(200 * 2**20), headers={"Accept-Language": "en"},
    )  # fmt: skip
    assert (huge.status_code, "at most 50 MB" in huge.content.decode()) == (413, True)


def test_evidence_is_for_its_parties(signed: facade.EvidenceSource) -> None:
    from certification.models import Certificate

    facade.make_package(signed)
    path = f"/evidence/{public_id('ctr', signed.document_id)}"
    owners = Certificate.objects.filter(merchant_id__isnull=False, algorithm="p256")
    mine: UUID | None = owners.values_list("merchant_id", flat=True).first()
    assert api_client(make_key(kind="operator")).get(path).status_code == 403
    assert api_client(make_key()).get(path).status_code == 404
    assert mine
    assert facade.signed_by(document_id=signed.document_id, merchant_id=mine)
