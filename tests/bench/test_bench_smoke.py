"""The bench still runs: every scenario once, against a server that it starts itself."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.report import show, write
from bench.run import Run


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the embedded server's user can reach, which pytest's own isn't."""
    with tempfile.TemporaryDirectory(prefix="qc-bench-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.mark.timeout(1500)  # many starts, on a busy machine
@pytest.mark.slow
def test_every_scenario_still_runs(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(
        folder,
        products=50,
        clients=[2],
        seconds=0.3,
        warm=0,
        workers=1,
        threads=2,
        batch=5,
        transfers=20,
        patience=0,  # the figures are nothing to go by
    )
    result = run.everything()
    show(result)

    assert result["failed"] == [], capsys.readouterr().out
    assert {row["name"] for row in result["rows"] if row.get("done", row["per_second"])} >= {
        "bare route",
        "list of 20",
        "product page (API)",
        "product page (HTML)",
        "guest checkout, offline test payment",
        "guest checkout, sandbox gateway and webhook",
        "single create",
        "ledger single",
        "pgbench order",
    }
    assert result["race"]["sold"] == 100
    assert result["guarantees"]["fsync"] == "on"
    refused = [row["refused_share"] for row in result["rows"] if "refused_share" in row]
    assert all(0 < share < 0.2 for share in refused), refused
    assert write(result, tmp_path).stat().st_size > 1000
