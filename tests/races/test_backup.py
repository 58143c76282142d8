"""A running system backed up and restored into an empty one, where the trade goes on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management.base import CommandError

from config.backup import figures, manifest
from config.backup.manifest import Dump, Manifest
from config.backup.restore import _require_keys
from kernel import seal
from tests.races.served import Buyers, Served, served_machine, unfinished
from tests.runner.machine import ROOT, wait


@pytest.fixture
def machine() -> Iterator[Served]:
    with served_machine() as found:
        yield found


def manage(machine: Served, *words: str, fails: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=machine.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stderr if fails else done.stdout


@pytest.mark.timeout(1500)  # many starts, on a busy machine
@pytest.mark.slow
@pytest.mark.kill
def test_restored_elsewhere_the_trade_goes_on(machine: Served) -> None:
    machine.up()
    addresses = [f"http://127.0.0.1:{port}" for port in (machine.port, machine.gateway_port)]
    market = machine.run("open", *addresses)
    buyers = Buyers(machine, market)
    buyers.come()

    def sold(at_least: int) -> Callable[[], bool]:
        return lambda: len(buyers.done) >= at_least or bool(buyers.failures)

    wait(sold(3), seconds=200)
    place = machine.data.parent / "backups"
    manage(machine, "backup", "--to", str(place))  # while they go on buying
    bought_before = len(buyers.done)
    buyers.go()
    machine.stop()
    [backup] = place.glob("quancheng-*Z")
    assert "isn't empty" in manage(machine, "restore", str(backup), fails=True)

    with TemporaryDirectory(prefix="qc-restored-") as folder:
        Path(folder).chmod(0o711)
        other = Served(Path(folder))
        # The platform knows the gateway by its address of then.
        other.gateway_port = machine.gateway_port
        told = manage(other, "restore", str(backup))
        assert "ledgers balance" in told
        other.start()
        try:
            other.up()
            wait(lambda: not unfinished(other, market), seconds=240)
            before = other.run("audit", market["code"])
            later = Buyers(other, market)
            later.come()
            wait(lambda: len(later.done) >= 2 or bool(later.failures), seconds=200)
            later.go()
            after = other.run("audit", market["code"])
        finally:
            other.stop()
    assert before["balanced"]
    assert len(before["paid_orders"]) >= bought_before
    assert after["balanced"], after["problems"]
    assert len(after["paid_orders"]) == len(before["paid_orders"]) + 2 * len(later.done)
    assert after["chains"] == {"audit": True, "ledger": True}
    assert after["unchained"] == 0, "rows written after the restore are chained too"


def whole(folder: Path) -> Manifest:
    (folder / "owner.dump").write_bytes(b"rows")
    made = Manifest(
        format=manifest.FORMAT,
        made_at="2026-11-28T08:00:00+00:00",
        master_keys=[seal.current_id()],
        server_version=180000,
        roles={"app": "quancheng_app"},
        dumps=[Dump("owner", "owner.dump", {"rows": {"ledger_account": 3}})],
        files={"owner.dump": manifest.digest(folder / "owner.dump")},
    )
    made.write(folder)
    return made


def test_a_whole_backup_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = whole(tmp_path)
    assert manifest.read(tmp_path) == made


def changed(folder: Path) -> None:
    (folder / "owner.dump").write_bytes(b"rowz")


def lost(folder: Path) -> None:
    (folder / "owner.dump").unlink()


def newer(folder: Path) -> None:
    data = json.loads((folder / manifest.NAME).read_text())
    (folder / manifest.NAME).write_text(json.dumps(data | {"format": manifest.FORMAT + 1}))


def torn(folder: Path) -> None:
    text = (folder / manifest.NAME).read_text()
    (folder / manifest.NAME).write_text(text[: len(text) // 2])


def absent(folder: Path) -> None:
    (folder / manifest.NAME).unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (changed, "SHA-256 differs"),
        (lost, "is missing"),
        (newer, "this release reads"),
        (torn, "can't be read"),
        (absent, "isn't a backup"),
    ],
)
def test_a_spoilt_backup_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    whole(tmp_path)
    spoil(tmp_path)
    with pytest.raises(CommandError, match=said):
        manifest.read(tmp_path)


def test_without_the_key_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = whole(tmp_path)
    secrets = {"secrets/personal_data_key": os.environ["PERSONAL_DATA_KEY"].encode()}
    _require_keys(made, {}, None)  # the environment's key fits
    other = replace(made, master_keys=["00000000"])
    with pytest.raises(CommandError, match="sealed under the key 00000000"):
        _require_keys(other, secrets, None)
    monkeypatch.delenv("PERSONAL_DATA_KEY")
    _require_keys(made, secrets, tmp_path)
    with pytest.raises(CommandError, match="nowhere hasn't"):
        _require_keys(made, {}, None)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("rows", {"a": 1}, {"a": 2}),
        ("ledger_heads", {"p": [1, "aa"]}, {"p": [1, "ab"]}),
        ("ledger", {"p CNY": [5, 5, 0, 0]}, {}),
    ],
)
def test_every_difference_is_named(
    kind: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert figures.differences({kind: before}, {kind: before}) == []
    [line] = figures.differences({kind: before}, {kind: after})
    assert kind in line


def test_an_unbalanced_ledger_is_named() -> None:
    assert figures.unbalanced({"ledger": {"p CNY": [5, 5, 1, 1], "q CNY": [5, 4, 0, 0]}}) == [
        "q CNY"
    ]
