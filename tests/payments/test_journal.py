"""The exported journal, judged by beancount itself."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from kernel import tenancy
from tests.factories.payments import make_available, make_paid, make_refund
from tests.factories.platforms import make_platform


def judge(path: Path) -> tuple[int, str]:
    """What ``bean-check`` says: its exit code and what it printed."""
    command = [str(Path(sys.executable).with_name("bean-check")), "--no-cache", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr + done.stdout


@pytest.fixture
def exported(transactional_db: None, tmp_path: Path) -> Path:
    tenant = make_platform()
    with tenancy.scope(tenant):
        make_refund(make_available(), 4_000)
        make_paid(reference='ogr_"quoted\\"')
    target = tmp_path / "ledger.beancount"
    call_command("export_ledger", tenant.code, output=str(target))
    return target


def test_bean_check_accepts_it_and_sees_a_changed_amount(exported: Path) -> None:
    assert judge(exported) == (0, "")
    text = exported.read_text(encoding="utf-8")
    assert "Income:Commission:CNY  -5.00 CNY" in text
    assert [path.name for path in exported.parent.iterdir()] == [exported.name]
    # Both sides changed: the transaction still balances, the asserted balances don't.
    exported.write_text(text.replace(" 100.00 CNY", " 100.01 CNY").replace("-100.00", "-100.01"))
    code, said = judge(exported)
    assert code == 1
    assert "Balance failed" in said


def test_an_empty_ledger_is_a_valid_journal(transactional_db: None, tmp_path: Path) -> None:
    target = tmp_path / "empty.beancount"
    call_command("export_ledger", make_platform().code, output=str(target))
    assert judge(target)[0] == 0


def test_an_unknown_platform_is_named(db: Any) -> None:
    with pytest.raises(CommandError, match="'nowhere'"):
        call_command("export_ledger", "nowhere")
