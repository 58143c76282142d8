"""Sealed heads: one file with document and timestamp, judged by openssl and by our own page."""

import hashlib
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import orjson
import pytest

from certification import facade
from kernel.tenancy import Tenant
from tests.certification.judges import openssl
from tests.factories.platforms import api_client, make_platform


@pytest.fixture
def sealed(platform: Tenant) -> bytes:
    """A day's heads as journeys has them stamped."""
    document = orjson.dumps({"day": "2026-05-01", "ledger": {"links": 7, "head": "ab" * 32}})
    stamp = facade.timestamp_digest(digest=hashlib.sha256(document).digest(), purpose="chains")
    return facade.stamped_file(document, stamp.token)


def changed(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for one in before.namelist():
            content = before.read(one)
            after.writestr(one, content.replace(old, new) if one == name else content)
    return made.getvalue()


def test_openssl_and_we_agree(sealed: bytes, platform: Tenant, tmp_path: Path) -> None:
    guest = api_client()
    where = f"/p/{platform.code}/api/v1/verifications"

    def verdict(data: bytes) -> tuple[str, list[str]]:
        told = guest.client.post(where, data, content_type="application/octet-stream").json()
        return told["verdict"], [one["code"] for one in told["problems"]]

    def by_openssl(data: bytes) -> bool:
        zipfile.ZipFile(BytesIO(data)).extractall(tmp_path)
        command = (tmp_path / "README.md").read_text().split("```")[1]
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=False)
        return done.returncode == 0

    assert (verdict(sealed), by_openssl(sealed)) == (("valid", []), True)
    later = changed(sealed, "document.json", b'"links":7', b'"links":8')
    assert (verdict(later)[0], by_openssl(later)) == ("invalid", False)
    assert "changed" in verdict(later)[1]
    report = facade.verify_document(sealed)
    assert (report.kind, report.title, len(report.timestamps)) == ("stamped", "2026-05-01", 1)
    assert verdict(changed(sealed, "document.tst", b"\x30", b"\x31"))[1] == ["not_readable"]
    assert openssl("x509", "-in", tmp_path / "root.pem", "-noout")[0] == 0


def test_another_platforms_timestamp_isnt_trusted(sealed: bytes) -> None:
    from kernel import tenancy

    with tenancy.scope(make_platform()):
        report = facade.verify_document(sealed)
        assert report.verdict != "valid"
        assert {str(one.problem) for one in report.findings} & {"unknown_root", "broken_chain"}
