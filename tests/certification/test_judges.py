"""One table: each outside judge and our public verification, over {good, changed byte, wrong chain,
revoked, expired}. The judge refuses what is bad, and the API and the page give the true reason in
words; the page in Chinese too, once for each reason.

Everything is signed once. A case that revokes does so a day before the signature, in a savepoint
that is rolled back; "expired" is eleven years later, when even the timestamps' authority has ended.
"""

import hashlib
import html
import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import pem
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from certification import facade
from certification.contracts.authority import Algorithm
from certification.models import Authority, Certificate
from certification.pki import statuses as ocsp
from certification.services import revoke, statuses
from certification.services.sign_document import sign_document
from certification.signing.reading import embedded, signed_bytes
from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.tenancy import Tenant
from kernel.transactions import atomic
from tests.certification.judges import DISTID, changed, openssl, write, write_pem
from tests.certification.test_seals import make_seal
from tests.certification.test_sign_document import certificate, contract, order
from tests.factories.platforms import make_platform

__all__ = ["contract"]
DAY = timedelta(days=1)
HEAD = b'{"day": "2026-05-01"}'
EXPIRED = 11 * 365 * DAY


@dataclass
class Desk:
    """What was signed, as files for the judges; ``kind`` and ``at`` of the case on it now."""

    folder: Path
    mine: Tenant
    stranger: Tenant
    signed_at: datetime
    p256: facade.CertificateInfo
    sm2: facade.CertificateInfo
    uploads: dict[str, bytes]
    kind: str = "good"
    asked: int = 0

    @property
    def at(self) -> datetime:
        return self.signed_at + (EXPIRED if self.kind == "expired" else DAY)

    @property
    def when(self) -> list[str]:
        return ["-attime", str(int(self.at.timestamp()))]

    def file(self, name: str) -> Path:
        """The file, in the "changed" case with one bit changed."""
        data = (self.folder / name).read_bytes()
        if self.kind != "changed":
            return self.folder / name
        if data.startswith(b"-----BEGIN"):
            return write_pem(self.folder / "bad", changed(pem.unarmor(data)[2]))
        return write(self.folder / "bad", changed(data))

    def trusted(self, name: str) -> Path:
        """An issuer's certificate; another platform's in the "wrong chain" case."""
        return self.folder / (f"stranger-{name}" if self.kind == "wrong_chain" else name)

    def with_lists(self) -> Path:
        """The root (or a stranger's) and what the authorities list as revoked, in one file."""
        made = self.trusted("root").read_bytes()
        for row in Authority.objects.filter(algorithm="p256"):
            found = statuses.revocation_list(authority_id=row.id)
            made += pem.armor("X509 CRL", found.der)
        return write(self.folder / "root-and-lists", made)


@pytest.fixture
def desk(platform: Tenant, contract: bytes, tmp_path: Path) -> Desk:
    signed_at = clock.system().replace(microsecond=0) + 2 * DAY
    p256, sm2, seal = certificate(), certificate(Algorithm.SM2), make_seal()
    key, document_id = uuid7(), uuid7()
    with clock.frozen(signed_at):
        made = sign_document(
            order(contract, key=key, document_id=document_id, certificate_id=p256,
                  sm2_certificate_id=sm2, seal_id=seal.id, signer_name="Alpha Grain")
        )  # fmt: skip
        party = facade.PartyEvidence("Alpha Grain", "seller", key, {"factor": "totp"})
        facade.make_package(
            facade.EvidenceSource(document_id, "Corn", "HT-1", made.document, (party,), ())
        )
        package = facade.package(document_id=document_id)[1]
        token = facade.timestamp_digest(digest=hashlib.sha256(HEAD).digest()).token
        stamped = facade.stamped_file(HEAD, token)
    found = zipfile.ZipFile(BytesIO(package))
    one = embedded(made.document)[0]
    files = {"p7s": one.contents, "covered": signed_bytes(made.document, one), "token": token,
             "head": HEAD, "contract.pdf": made.document,
             "sm2-signature": found.read("signatures/sm2-1.sig")}  # fmt: skip
    for name, data in files.items():
        write(tmp_path / name, data)
    mine = [facade.certificate(certificate_id=which) for which in (p256, sm2)]
    stranger = make_platform()
    with tenancy.scope(stranger):
        theirs = [facade.certificate(certificate_id=certificate(a)) for a in Algorithm]
    for prefix, pair in (("", mine), ("stranger-", theirs)):
        for info in pair:
            name = prefix + ("sm2-" if info.algorithm is Algorithm.SM2 else "")
            for part, der in zip(("leaf", "issuing", "root"), (info.der, *info.chain), strict=True):
                write_pem(tmp_path / f"{name}{part}", der)
    uploads = {"pdf": made.document, "package": package, "stamped": stamped,
               "list": found.read("revocation/1.crl")}  # fmt: skip
    return Desk(tmp_path, platform, stranger, signed_at, mine[0], mine[1], uploads)


# The judges: whether each accepts, and what it says -------------------------------------------


def by_verify(desk: Desk) -> tuple[bool, str]:
    code, said = openssl(
        "verify", "-CAfile", desk.with_lists(), "-untrusted", desk.folder / "issuing",
        "-crl_check_all", *desk.when, desk.file("leaf"),
    )  # fmt: skip
    return code == 0, said


def by_crl(desk: Desk) -> tuple[bool, str]:
    """The list is its issuer's (crl returns 0 even where it isn't), in time, and doesn't name the
    certificate."""
    row = Authority.objects.get(algorithm="p256", role="issuing")
    with clock.frozen(desk.signed_at + DAY):
        der = statuses.revocation_list(authority_id=row.id).der
    if desk.kind == "changed":
        der = changed(der)
    made = write(desk.folder / "list", pem.armor("X509 CRL", der))
    _code, said = openssl("crl", "-in", made, "-noout", "-CAfile", desk.trusted("issuing"))
    at = desk.signed_at + (9 * DAY if desk.kind == "expired" else DAY)
    code, more = openssl(
        "verify", "-CAfile", desk.folder / "root", "-untrusted", desk.folder / "issuing",
        "-crl_check", "-CRLfile", made, "-attime", str(int(at.timestamp())), desk.folder / "leaf",
    )  # fmt: skip
    return "verify OK" in said and code == 0, said + more


def by_ocsp(desk: Desk) -> tuple[bool, str]:
    question = ocsp.question_for(desk.p256.der, desk.p256.chain[0])
    with clock.frozen(desk.signed_at + DAY):
        write(desk.folder / "answer", statuses.answer(question))
    said = under(
        desk.at + timedelta(minutes=1), "openssl", "ocsp", "-respin", desk.file("answer"),
        "-issuer", desk.folder / "issuing", "-cert", desk.folder / "leaf", "-CAfile",
        desk.trusted("root"), "-verify_other", desk.folder / "issuing", "-no_nonce",
    )  # fmt: skip
    good = "Response verify OK" in said and ": good" in said
    return good and "WARNING" not in said, said


def by_ts(desk: Desk) -> tuple[bool, str]:
    code, said = openssl(
        "ts", "-verify", "-token_in", "-in", desk.file("token"), "-data", desk.folder / "head",
        "-CAfile", desk.with_lists(), "-untrusted", desk.folder / "issuing", "-crl_check_all",
        *desk.when,
    )  # fmt: skip
    return code == 0, said


def by_cms(desk: Desk) -> tuple[bool, str]:
    code, said = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-in", desk.folder / "p7s", "-content",
        desk.file("covered"), "-CAfile", desk.with_lists(), "-certfile", desk.folder / "issuing",
        "-purpose", "any", "-crl_check_all", *desk.when, "-out", os.devnull,
    )  # fmt: skip
    return code == 0, said


def by_pdfsig(desk: Desk) -> tuple[bool, str]:
    """With a store of its own that trusts the root only and has the issuing authority's list;
    OCSP would be asked over the network."""
    pdf, store = write(desk.folder / "judged.pdf", sent(desk, "pdf")), desk.folder / desk.kind
    store.mkdir()
    row = Authority.objects.get(algorithm="p256", role="issuing")
    found = write(desk.folder / "crl", statuses.revocation_list(authority_id=row.id).der)
    above = desk.folder / "issuing"
    for step in (
        ["certutil", "-N", "--empty-password"],
        ["certutil", "-A", "-n", "root", "-t", "C,C,C", "-a", "-i", desk.trusted("root")],
        ["certutil", "-A", "-n", "issuing", "-t", ",,", "-a", "-i", above],
        ["crlutil", "-I", "-i", found],
    ):
        said = under(desk.at, *step, "-d", f"sql:{store}")
        assert desk.kind != "good" or not said, said
    said = under(desk.at, "pdfsig", "-no-ocsp", "-nssdir", store, pdf)
    good = "Signature is Valid" in said and "Certificate is Trusted" in said
    return good and "Digest Mismatch" not in said, said


def by_sm2_certificate(desk: Desk) -> tuple[bool, str]:
    """One step at a time: openssl takes the id for the first certificate only, and none for lists,
    which are judged by their signature and what they name."""
    said = ""
    for leaf, issuer in (("sm2-leaf", "sm2-issuing"), ("sm2-issuing", "sm2-root")):
        code, text = openssl(
            "verify", "-partial_chain", "-vfyopt", DISTID, *desk.when,
            "-trusted", desk.trusted(issuer), desk.file(leaf),
        )  # fmt: skip
        said += text
        if code:
            return False, said
    row = Authority.objects.get(algorithm="sm2", role="issuing")
    found = asn1_crl.CertificateList.load(statuses.revocation_list(authority_id=row.id).der)
    body = found["tbs_cert_list"]
    good = by_sm3(desk, "sm2-issuing", found["signature"].native, body.dump())
    listed = [one["user_certificate"].native for one in body["revoked_certificates"] or ()]
    on_list = int(desk.sm2.serial, 16) in listed
    return good and not on_list, said + ("listed" if on_list else "")


def by_sm2_signature(desk: Desk) -> tuple[bool, str]:
    signature = (desk.folder / "sm2-signature").read_bytes()
    covered = (desk.folder / "contract.pdf").read_bytes()
    whose = "stranger-sm2-leaf" if desk.kind == "wrong_chain" else "sm2-leaf"
    covered = changed(covered) if desk.kind == "changed" else covered
    if not by_sm3(desk, whose, signature, covered):
        return False, "Verification failure"
    return by_sm2_certificate(desk)  # which alone tells of an end


def by_sm3(desk: Desk, whose: str, signature: bytes, body: bytes) -> bool:
    key = desk.folder / "key"
    assert openssl("x509", "-in", desk.folder / whose, "-pubkey", "-noout", "-out", key)[0] == 0
    code, _said = openssl(
        "dgst", "-sm3", "-verify", key, "-sigopt", DISTID, "-signature",
        write(desk.folder / "signature", signature), write(desk.folder / "body", body),
    )  # fmt: skip
    return code == 0


def under(at: datetime, *command: object) -> str:
    """The tool's output with the machine's time set for it."""
    done = subprocess.run(
        ["faketime", f"{at:%Y-%m-%d %H:%M:%S}", *map(str, command)], check=False,
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return done.stdout + done.stderr


# The table: judge, what is sent to us, and per bad case the judge's words, our code, our words.
# What a PDF brings along stands under its document timestamp: a changed list is a changed file.

CHANGED = ("changed", "The content was changed after it was signed.")
UNKNOWN = ("unknown_root", "isn't trusted here")
REVOKED = ("revoked", "was revoked on")
ENDED = ("expired", "ended on")
SEAL = "seal_broken"
TABLE: dict[str, tuple[Any, str, dict[str, tuple[str, str, str]]]] = {
    "openssl verify": (by_verify, "pdf-certificate", {
        "changed": ("signature failure", "other_certificate", "names another certificate"),
        "wrong_chain": ("unable to get", *UNKNOWN),
        "revoked": ("certificate revoked", *REVOKED),
        "expired": ("expired", *ENDED)}),
    "openssl crl": (by_crl, "pdf-list", {
        "changed": ("verify failure", *CHANGED),
        "wrong_chain": ("getting CRL issuer", *UNKNOWN),
        "revoked": ("certificate revoked", *REVOKED),
        "expired": ("CRL has expired", *ENDED)}),
    "openssl ocsp": (by_ocsp, "pdf-list", {
        "changed": ("verify", *CHANGED),
        "wrong_chain": ("unable to get", *UNKNOWN),
        "revoked": ("revoked", *REVOKED),
        "expired": ("expired", *ENDED)}),
    "openssl ts": (by_ts, "stamped", {
        "changed": ("", "bad_signature", "wasn't made with the key"),
        "wrong_chain": ("unable to get", *UNKNOWN),
        "revoked": ("certificate revoked", *REVOKED),
        "expired": ("expired", *ENDED)}),
    "openssl cms": (by_cms, "pdf", {
        "changed": ("failure", *CHANGED),
        "wrong_chain": ("self-signed certificate", *UNKNOWN),
        "revoked": ("certificate revoked", *REVOKED),
        "expired": ("expired", *ENDED)}),
    "pdfsig": (by_pdfsig, "pdf", {
        "changed": ("Digest Mismatch", *CHANGED),
        "wrong_chain": ("issuer isn't Trusted", *UNKNOWN),
        "revoked": ("Certificate has been Revoked", *REVOKED),
        "expired": ("Certificate has Expired", *ENDED)}),
    "SM2 certificate": (by_sm2_certificate, "package-certificate", {
        "changed": ("signature failure", "broken_chain", "wasn't issued by"),
        "wrong_chain": ("unable to get", *UNKNOWN),
        "revoked": ("listed", *REVOKED),
        "expired": ("expired", *ENDED)}),
    "SM2 signature": (by_sm2_signature, "package", {
        "changed": ("failure", "detached_broken", "doesn't fit the document"),
        "wrong_chain": ("failure", *UNKNOWN),
        "revoked": ("listed", *REVOKED),
        "expired": ("expired", *ENDED)}),
    "seal": (None, "package-seal", {
        "changed": ("", SEAL, "The seal's timestamp was changed."),
        "wrong_chain": ("", "seal_untrusted", "behind the seal isn't trusted here"),
        "revoked": ("", SEAL, "behind the seal was revoked when it was used"),
        "expired": ("", "time_not_proven", "proves no time")}),
}  # fmt: skip
CHINESE = {
    "changed": "签署后内容被改动。",
    "other_certificate": "签名所指的证书与其所附证书不符。",
    "unknown_root": "的证书来自此处不信任的",
    "revoked": "被吊销。",
    "expired": "到期",
    "bad_signature": "签名不是用其证书对应的私钥生成的。",
    "broken_chain": "的证书并非由",
    "detached_broken": "SM2 签名与文件不符。",
    "seal_broken": "印章签章所附时间戳被改动。",
    "seal_untrusted": "此处不信任签章人的证书。",
    "time_not_proven": "时间戳无效",
}
"""What the page says of each, in Chinese."""


@pytest.mark.slow
def test_every_judge_and_our_own_word(desk: Desk, subtests: pytest.Subtests) -> None:
    to_read = dict(CHINESE)
    for judge, (accepts, upload, cases) in TABLE.items():
        for kind, (judges_words, code, words) in {"good": ("", "", ""), **cases}.items():
            with subtests.test(judge=judge, kind=kind), on(desk, kind):
                if accepts is not None:
                    accepted, said = accepts(desk)
                    assert accepted is (kind == "good"), said
                    assert judges_words in said
                data = sent(desk, upload)
                told = ask(desk, data)
                if kind == "good":
                    assert (told["verdict"], problems(told)) == ("valid", {})
                    continue
                unproven = code in (UNKNOWN[0], ENDED[0], "seal_untrusted", "time_not_proven")
                assert told["verdict"] == ("unproven" if unproven else "invalid"), told
                found = problems(told)
                assert code in found, found
                assert any(words in text for text in found[code]), found[code]
                chinese = to_read.pop(code, "")
                page = read(desk, data, "zh-hans" if chinese else "en")
                assert (chinese or words) in page
    assert to_read == {}


def ask(desk: Desk, data: bytes) -> dict[str, Any]:
    """Our public verification by API."""
    answer = sent_to(desk, "api/v1/verifications", data, content_type="application/octet-stream")
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def read(desk: Desk, data: bytes, language: str) -> str:
    """What the page of public verification shows."""
    upload = {"file": SimpleUploadedFile("contract", data)}
    answer = sent_to(desk, "verify/", upload, language=language)
    assert answer.status_code == 200, answer.content
    return html.unescape(answer.content.decode())


def sent_to(desk: Desk, path: str, data: Any, *, language: str = "en", **more: Any) -> Any:
    """On the stranger's platform in the "wrong chain" case."""
    to = desk.stranger if desk.kind == "wrong_chain" else desk.mine
    desk.asked += 1  # so many a minute and address
    return Client().post(
        f"/p/{to.code}/{path}", data, REMOTE_ADDR=f"192.0.2.{desk.asked}",
        headers={"Accept-Language": language}, **more,
    )  # fmt: skip


def problems(told: dict[str, Any]) -> dict[str, list[str]]:
    """The words by their codes, wherever they stand in the answer."""
    found: dict[str, list[str]] = {}
    for part in (told, *told["signatures"], *told["timestamps"]):
        for one in part["problems"]:
            found.setdefault(one["code"], []).append(one["text"])
    return found


def sent(desk: Desk, upload: str) -> bytes:
    """What is uploaded, with the bit changed that the judge saw changed."""
    name, _, part = upload.partition("-")
    data = desk.uploads[name]
    if desk.kind != "changed":
        return data
    if upload == "pdf":
        return changed(data, 100)
    if name == "pdf":
        found = desk.p256.der.hex().encode() if part == "certificate" else desk.uploads["list"]
        place = data.lower().index(found.lower()) + len(found) - 5
        if part == "certificate":  # written in hexadecimal
            return (
                data[:place]
                + (b"1" if data[place : place + 1] == b"0" else b"0")
                + data[place + 1 :]
            )
        return changed(data, place)
    inside = {
        "stamped": "document.tst",
        "package": "signatures/sm2-1.sig",
        "package-certificate": "certificates/sm2-1.pem",
        "package-seal": "seals/1.ses",
    }
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for one in before.namelist():
            content = before.read(one)
            if one == inside[upload]:
                start = content.find(b"-----BEGIN")
                der = pem.unarmor(content[start:])[2] if start >= 0 else content
                content = changed(der)
                if start >= 0:
                    content = pem.armor("CERTIFICATE", content)
            after.writestr(one, content)
    return made.getvalue()


@contextmanager
def on(desk: Desk, kind: str) -> Iterator[None]:
    """The case's time, and what is revoked in it, undone afterwards."""
    desk.kind = kind
    with suppress(Undo), atomic(), clock.frozen(desk.at):
        if kind == "revoked":
            with clock.frozen(desk.signed_at - DAY):
                for row in Certificate.objects.filter(state="valid"):
                    if row.profile not in ("ocsp", "seal_maker"):
                        revoke.revoke(certificate_id=row.id, reason="key_compromise")
        yield
        raise Undo


class Undo(Exception):
    """Rolls the case's savepoint back."""
