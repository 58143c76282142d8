"""The demo's corn contract by the API, its evidence judged by openssl and pdfsig alone."""

import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

from kernel.tenancy import Tenant
from tests.factories.corn_deal import make_corn_deal


def test_two_companies_sell_corn(platform: Tenant, tmp_path: Path) -> None:
    progress = make_corn_deal(platform.code, tmp_path)
    for name, amounts in (("contract", ("462,000.00", "200")), ("amendment", ())):
        folder = tmp_path / name
        with zipfile.ZipFile(BytesIO(Path(progress[f"evidence:{name}"]).read_bytes())) as archive:
            archive.extractall(folder)
        holds_by_tools_alone(folder)
        text = said("pdftotext", str(folder / "contract.pdf"), "-")
        assert all(one in text for one in ("公主岭玉米合作社", "长春金牧饲料有限公司", *amounts))


def holds_by_tools_alone(folder: Path) -> None:
    """Nothing of ours judges: the script calls openssl, and a signature spoilt is refused."""
    done = subprocess.run(
        ["sh", str(folder / "verify.sh")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "everything holds" in done.stdout) == (0, True), done.stdout
    assert said("pdfsig", "-nocert", str(folder / "contract.pdf")).count("Signature is Valid") == 2
    root, *_rest = sorted((folder / "certificates").glob("*root*"))
    for path in sorted((folder / "signatures").glob("*.p7s")):
        cut = ["openssl", "cms", "-verify", "-inform", "DER", "-in", str(path), "-noverify"]
        content = subprocess.run([*cut, "-content", str(folder / "verify.sh"), "-binary"],
                                 capture_output=True, check=False)  # fmt: skip
        assert content.returncode != 0  # signed is the contract, not just anything
    assert "CERTIFICATE" in root.read_text()
    spoilt = bytearray((folder / "contract.pdf").read_bytes())
    spoilt[len(spoilt) // 10] ^= 1
    (folder / "spoilt.pdf").write_bytes(spoilt)
    verdicts = said("pdfsig", "-nocert", str(folder / "spoilt.pdf"))
    assert verdicts.count("Signature is Valid") < 2


def said(*command: str) -> str:
    """What a tool of poppler's says."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
