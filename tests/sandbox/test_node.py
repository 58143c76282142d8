"""The official Node client's script, run against the sandbox."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.delivery.worker import Worker

HERE = Path(__file__).parent / "node"


def installed(cache: Path) -> Path:
    """The client of the lock file, installed once a version."""
    mark = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache / mark
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
        (folder / "done").touch()
    return folder


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")),
    reason="node and npm are not installed (Debian: nodejs, npm); .ci/run installs them",
)
def test_official_node_client(sandbox: str, key: str, pytestconfig: pytest.Config) -> None:
    assert pytestconfig.cache is not None
    folder = installed(pytestconfig.cache.mkdir("node"))
    shutil.copy(HERE / "smoke.mjs", folder)
    address = urlsplit(sandbox)
    worker = Worker().start()
    try:
        done = subprocess.run(
            ["node", "smoke.mjs", str(address.hostname), str(address.port), key],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=240,
        )
    finally:
        worker.stop()
    assert done.returncode == 0, done.stderr[-3000:]
    for part in ("customers", "cards", "capture", "payout", "dispute", "checkout", "webhooks"):
        assert part in done.stdout
