"""The judge of the European Commission (EU DSS), sixteen years later: after every certificate's end
only the demo's corn contract whose proof was renewed holds. Offline, with one trust anchor given by
hand."""

import os
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from certification import facade
from certification.services import evidence, signing_identity
from kernel import clock, tenancy
from kernel.tenancy import Tenant
from tests.certification.test_evidence import script, unpacked
from tests.factories.corn_deal import contract_id, make_corn_deal

pytestmark = [pytest.mark.stack, pytest.mark.slow]
HERE = Path(__file__).parent / "dss"


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that judges: libraries by Maven, one class compiled."""
    for tool in ("mvn", "javac", "faketime"):
        if shutil.which(tool) is None:
            pytest.fail(f"{tool} is missing; .ci/run installs it")
    folder = tmp_path_factory.mktemp("dss")
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    fetched = subprocess.run(
        ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"],
        cwd=folder, check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if "Could not transfer" in fetched.stdout or "UnknownHost" in fetched.stdout:
        pytest.skip(f"EU DSS can't be fetched from here: {fetched.stdout[:300]}")
    assert fetched.returncode == 0, fetched.stdout + fetched.stderr
    source = str(folder / "src/main/java/Judge.java")
    subprocess.run(
        ["javac", "-cp", f"{folder}/lib/*", "-d", str(folder / "out"), source],
        check=True, timeout=120,
    )  # fmt: skip
    return ["java", "-cp", f"{folder}/lib/*:{folder}/out", "Judge"]


def verdicts(judge: list[str], at: datetime, *files: Path) -> dict[str, set[str]]:
    """Each file's indications, by DSS at that time."""
    done = subprocess.run(
        ["faketime", f"{at:%Y-%m-%d %H:%M:%S}", *judge, *map(str, files)],
        check=True, capture_output=True, text=True, timeout=400, env={**os.environ, "TZ": "UTC"},
    )  # fmt: skip
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert lines[0][1].startswith(f"{at:%Y-%m-%d}"), "the judge doesn't live at that time"
    found: dict[str, set[str]] = {}
    for line in lines[1:]:
        if len(line) == 5:
            found.setdefault(line[0], set()).add(f"{line[3]} {line[4]}")
    return found


def test_after_every_certificates_end(judge: list[str], platform: Tenant, tmp_path: Path) -> None:
    progress = make_corn_deal(platform.code, tmp_path)
    document_id = contract_id(progress, "contract")
    first = Path(progress["evidence:contract"]).read_bytes()
    for years in (4.75, 9.5, 14.2):
        with tenancy.scope(replace(platform, clock_offset=timedelta(days=365 * years))):
            evidence.renew(document_id=document_id)
    newest = facade.package(document_id=document_id)[1]
    old, new = tmp_path / "old.pdf", tmp_path / "new.pdf"
    old_folder, new_folder = unpacked(first, tmp_path / "old"), unpacked(newest, tmp_path / "new")
    shutil.copy(old_folder / "contract.pdf", old)
    shutil.copy(new_folder / "contract.pdf", new)
    root = tmp_path / "root.crt"
    root.write_bytes(signing_identity.roots()[0])
    spoilt = bytearray(new.read_bytes())
    spoilt[1000] ^= 1
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(spoilt)

    soon = clock.business() + timedelta(days=1)
    assert verdicts(judge, soon, root, old) == {"old.pdf": {"TOTAL_PASSED null"}}
    late = clock.business() + timedelta(days=365 * 16)
    found = verdicts(judge, late, root, old, new, changed)
    assert found["new.pdf"] == {"TOTAL_PASSED null"}
    assert found["old.pdf"] == {"INDETERMINATE OUT_OF_BOUNDS_NO_POE"}
    assert not any("PASSED" in said for said in found.get("changed.pdf", set()))

    assert script(new_folder, late).returncode == 0
    assert script(old_folder, late).returncode == 1
