"""What holds, what doesn't, and the true reason: judged here and by openssl and pdfsig."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import typst
from cryptography.hazmat.primitives.serialization import Encoding

from certification.signing import Appearance, Level, Placement
from certification.signing.pades import renew_proof, sign_pdf
from certification.signing.reading import embedded, signed_bytes
from certification.verification import DocumentReport, Evidence, Problem, Verdict
from certification.verification.evidence import Status
from certification.verification.pdf import verify_pdf
from tests.certification.pki import DAY, START, Authority, Entity
from tests.factories.pdfs import bomb, encrypted

YEAR = 365 * DAY


@pytest.fixture(scope="session")
def page() -> bytes:
    made = typst.compile(b"= Contract\n#lorem(40)", format="pdf")
    assert isinstance(made, bytes)
    return made


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@dataclass
class Signed:
    """A document with one signature, and who made it."""

    authority: Authority
    signer: Entity
    document: bytes


@pytest.fixture(scope="session")
def signed(page: bytes) -> Signed:
    authority = Authority("Alpha")
    signer = authority.issue("吉林阿尔法粮食", authority.ca)
    return Signed(authority, signer, sign(authority, signer, page))


def sign(
    authority: Authority, signer: Entity, page: bytes, *, level: Level = Level.LTA, field: str = "A"
) -> bytes:
    look = Appearance(name="吉林阿尔法粮食有限公司", at=authority.at, note="1")
    return sign_pdf(
        page,
        holder=signer.holder(),
        at=authority.at,
        place=Placement(field, -1, 50, 50, 180, 60),
        level=level,
        timestamps=authority.timestamps(),
        revocation=authority,
        look=look,
        reason="Contract",
        location="Changchun",
    )


def judge(document: bytes, authority: Authority, **options: object) -> DocumentReport:
    now = options.pop("now", None) or authority.at
    roots = options.pop("roots", None) or [authority.root.cert]
    return verify_pdf(document, evidence=Evidence(roots, **options), now=now)  # type: ignore[arg-type]


def problems(report: DocumentReport) -> set[Problem]:
    found = list(report.findings)
    found += [f for s in report.signatures for f in s.findings]
    return {f.problem for f in found}


def test_two_parties_one_after_the_other(page: bytes) -> None:
    authority = Authority()
    first, second = (authority.issue(name, authority.ca) for name in ("Alpha", "Beta"))
    document = sign(authority, second, sign(authority, first, page), field="B")
    report = judge(document, authority, now=authority.at + DAY)
    assert report.verdict == Verdict.VALID, report
    assert [(s.signer, s.level, s.unchanged) for s in report.signatures] == [
        ("Alpha", "B-LTA", True),
        ("Beta", "B-LTA", True),
    ]
    assert {s.time for s in report.signatures} == {authority.at}
    for one in report.signatures:
        assert one.certificate
        assert (one.certificate.status_then, one.certificate.status_now) == ("good", "good")
        assert (one.reason, one.location, one.time_claimed_only) == ("Contract", "Changchun", False)


@pytest.mark.parametrize("level", [Level.B, Level.T, Level.LT])
def test_the_lower_levels(page: bytes, authority: Authority, level: Level) -> None:
    signer = authority.issue("Low", authority.ca)
    document = sign(authority, signer, page, level=level)
    report = judge(document, authority, status_now=lambda _c: Status("good"))
    [one] = report.signatures
    assert (report.verdict, one.level) == (Verdict.VALID, level)
    assert one.time_claimed_only is (level == Level.B)


@pytest.mark.parametrize("place", [0.02, 0.3, 0.9])
def test_a_changed_byte(signed: Signed, place: float) -> None:
    """Wherever it is: in the page, in what was signed, in the catalogue."""
    document = bytearray(signed.document)
    start, length, _again, _rest = embedded(signed.document)[0].byte_range
    document[start + int(length * place)] ^= 1
    report = judge(bytes(document), signed.authority)
    assert report.verdict == Verdict.INVALID
    assert Problem.CHANGED in problems(report)


def test_another_revision_over_a_signed_document(signed: Signed) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(signed.document))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 99 99 re f"))
    writer.update_container(page)
    output = BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call]
    report = judge(output.getvalue(), signed.authority)
    assert report.verdict == Verdict.INVALID
    assert Problem.CHANGED_LATER in problems(report)


def test_an_unknown_root_and_a_broken_chain(signed: Signed, page: bytes) -> None:
    stranger = Authority("Stranger")
    report = judge(signed.document, signed.authority, roots=[stranger.root.cert])
    assert (report.verdict, Problem.UNKNOWN_ROOT in problems(report)) == (Verdict.UNPROVEN, True)
    forger = Authority("Alpha")  # the same names, other keys
    forged = forger.issue("吉林阿尔法粮食", forger.ca)
    forged.issuer = signed.authority.ca
    document = sign(signed.authority, forged, page)
    report = judge(document, signed.authority)
    assert (report.verdict, Problem.BROKEN_CHAIN in problems(report)) == (Verdict.INVALID, True)


def test_revoked_before_and_after(page: bytes) -> None:
    authority = Authority()
    signer = authority.issue("Revoked", authority.ca)
    good = sign(authority, signer, page)
    authority.at += DAY
    authority.revoked[signer.cert.serial_number] = authority.at
    bad = sign(authority, signer, page)
    report = judge(bad, authority)
    assert (report.verdict, problems(report)) == (Verdict.INVALID, {Problem.REVOKED})
    report = judge(
        good, authority, now=authority.at + DAY,
        status_now=lambda c: Status("revoked", authority.at) if c == signer.cert else None,
    )  # fmt: skip
    [one] = report.signatures
    assert report.verdict == Verdict.VALID
    assert one.certificate
    assert (one.certificate.status_then, one.certificate.status_now) == ("good", "revoked")
    assert one.certificate.revoked_at == authority.at


def test_expired_and_renewed(page: bytes) -> None:
    """After every certificate's end only the renewed document holds, and only once renewed."""
    authority = Authority()
    signer = authority.issue("Alpha", authority.ca)
    document = sign(authority, signer, page)
    later = authority.at + 4 * YEAR
    authority.at += 2 * YEAR
    authority.renew_tsa()
    renewed = renew_proof(document, revocation=authority, timestamps=authority.timestamps())
    assert renewed.startswith(document)
    assert judge(document, authority, now=START + 2 * YEAR).verdict == Verdict.VALID
    report = judge(document, authority, now=later)
    assert (report.verdict, Problem.EXPIRED in problems(report)) == (Verdict.UNPROVEN, True)
    report = judge(renewed, authority, now=later)
    assert (report.verdict, len(report.timestamps)) == (Verdict.VALID, 2)
    assert judge(renewed, authority, now=later + 3 * YEAR).verdict == Verdict.UNPROVEN


def test_signed_with_an_expired_certificate(page: bytes) -> None:
    authority = Authority(at=START + 2 * YEAR)
    report = judge(sign(authority, authority.issue("Late", authority.ca), page), authority)
    assert (report.verdict, Problem.EXPIRED in problems(report)) == (Verdict.UNPROVEN, True)


def test_what_is_no_signed_pdf(page: bytes, authority: Authority) -> None:
    cases = {
        b"": {Problem.EMPTY},
        b"hello": {Problem.NOT_READABLE},
        page: {Problem.NO_SIGNATURE},
        page[: len(page) // 2]: {Problem.NOT_READABLE},
        encrypted(page): {Problem.ENCRYPTED},
        bomb(150_000_000): {Problem.TOO_COMPLEX},
    }
    for document, expected in cases.items():
        assert problems(judge(document, authority)) == expected


# Outside judges ---------------------------------------------------------------------------------


@dataclass
class Files:
    """The signature cut out, for openssl."""

    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, check=False, capture_output=True, text=True, timeout=60,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip

    def cms(self) -> bool:
        """Whether openssl finds the signature good."""
        made = self.run(
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "a.p7s",
            "-content", "a.data", "-CAfile", "root.pem", "-certfile", "chain.pem",
            "-purpose", "any", "-attime", "@AT@".replace("@AT@", self.at), "-out", os.devnull,
        )  # fmt: skip
        return made.returncode == 0

    at: str = ""


@pytest.fixture
def files(tmp_path: Path) -> Callable[[bytes, Authority], Files]:
    def cut(document: bytes, authority: Authority) -> Files:
        one = embedded(document)[0]
        made = Files(tmp_path, str(int(authority.at.timestamp())))
        (tmp_path / "a.pdf").write_bytes(document)
        (tmp_path / "a.p7s").write_bytes(one.contents)
        (tmp_path / "a.data").write_bytes(signed_bytes(document, one))
        (tmp_path / "a.tst").write_bytes(one.token)
        (tmp_path / "a.value").write_bytes(one.value)
        (tmp_path / "root.pem").write_bytes(authority.root.cert.public_bytes(Encoding.PEM))
        (tmp_path / "chain.pem").write_bytes(authority.ca.cert.public_bytes(Encoding.PEM))
        (tmp_path / "tsa.pem").write_bytes(authority.tsa.cert.public_bytes(Encoding.PEM))
        return made

    return cut


def test_openssl_and_pdfsig_agree(
    signed: Signed, page: bytes, files: Callable[[bytes, Authority], Files]
) -> None:
    authority = signed.authority
    out = files(signed.document, authority)
    assert out.cms()
    stamp = ["openssl", "ts", "-verify", "-token_in", "-in", "a.tst", "-CAfile", "root.pem",
             "-untrusted", "chain.pem", "-attime", out.at]  # fmt: skip
    assert out.run(*stamp, "-data", "a.value").returncode == 0
    assert out.run(*stamp, "-data", "a.data").returncode != 0
    said = out.run("pdfsig", "a.pdf").stdout
    assert "Signature is Valid" in said
    assert "ETSI.CAdES.detached" in said

    changed = bytearray(signed.document)
    changed[len(page) // 3] ^= 1
    out = files(bytes(changed), authority)
    assert not out.cms()
    assert "Digest Mismatch" in out.run("pdfsig", "a.pdf").stdout

    other = Authority("Alpha")  # the same names, other keys
    out = files(signed.document, other)
    assert not out.cms()


def test_openssl_judges_the_embedded_revocation_data(
    page: bytes, files: Callable[[bytes, Authority], Files]
) -> None:
    from io import BytesIO

    from pyhanko.pdf_utils.reader import PdfFileReader

    from certification.verification.dss import revocation_data

    authority = Authority()
    for revoked in (False, True):
        signer = authority.issue("Alpha", authority.ca)
        if revoked:
            authority.revoked[signer.cert.serial_number] = authority.at - timedelta(hours=1)
        document = sign(authority, signer, page)
        out = files(document, authority)
        answers, lists = revocation_data(PdfFileReader(BytesIO(document)))
        (out.folder / "a.pem").write_bytes(signer.cert.public_bytes(Encoding.PEM))
        (out.folder / "a.ocsp").write_bytes(answers[0])
        crls = b""
        for place, der in enumerate(lists):
            (out.folder / f"{place}.crl").write_bytes(der)
            made = out.run("openssl", "crl", "-inform", "DER", "-in", f"{place}.crl",
                           "-CAfile", "root.pem" if place else "chain.pem")  # fmt: skip
            crls += made.stdout.encode()
        (out.folder / "crls.pem").write_bytes(crls)
        made = out.run(
            "openssl", "verify", "-CAfile", "root.pem", "-untrusted", "chain.pem",
            "-CRLfile", "crls.pem", "-crl_check_all", "-attime", out.at, "a.pem",
        )  # fmt: skip
        assert (made.returncode == 0) is not revoked, made.stderr
        made = out.run(
            "openssl", "ocsp", "-sha256", "-respin", "a.ocsp", "-issuer", "chain.pem",
            "-cert", "a.pem", "-CAfile", "root.pem", "-verify_other", "chain.pem", "-no_nonce",
            "-attime", out.at,
        )  # fmt: skip
        assert "Response verify OK" in made.stderr, made.stderr
        # The answer is of its time, which openssl's own clock finds long gone: "status times".
        assert ("revoked" if revoked else "good") in made.stdout.replace("a.pem: ", "").split("\n")


def test_the_tools_are_here() -> None:
    """Without them the tests above would prove nothing."""
    for tool in ("openssl", "pdfsig", "certutil", "crlutil", "unzip", "zbarimg", "faketime"):
        assert shutil.which(tool), f"{tool} is missing; .ci/run installs it"
