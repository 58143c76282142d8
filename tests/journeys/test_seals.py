"""Daily seals of the chains: made once a day, checked, and what they find."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from certification import facade as certification
from journeys import facade
from journeys.models import ChainSeal
from kernel import audit, clock, tenancy
from payments import facade as payments
from tests.factories.payments import make_paid
from tests.factories.platforms import make_platform


def test_sealed_once_a_day_and_checked(
    transactional_db: None,
    owner_cursor: Any,
    capsys: pytest.CaptureFixture[str],
    settle: Callable[[], None],
) -> None:
    tenant = make_platform()
    with tenancy.scope(tenant):
        make_paid()
        settle()
        sealed = facade.seal_chains()
        assert sealed is not None
        assert (sealed.ledger_seq, sealed.ledger_head) == payments.ledger_chain_head()
        assert sealed.ledger_seq > 0
        assert (sealed.audit_seq, sealed.audit_head) == audit.chain_head()
        assert facade.seal_chains() is None
        make_paid()
        settle()
        with clock.frozen(clock.system() + timedelta(days=1)):
            assert facade.seal_chains() is not None
        report = facade.verify_chains()
        assert (report.problems, report.seals) == ((), 2)
        token = bytes(ChainSeal.objects.earliest("day").token)
        assert certification.timestamp_problems(token, b"something else") != []
    call_command("verify_chains", tenant.code)
    assert "2 seals" in capsys.readouterr().out

    owner_cursor.execute("ALTER TABLE ledger_link DISABLE TRIGGER USER")
    owner_cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
    try:
        # Who owns the tables forges an amount, and the whole chain after it.
        owner_cursor.execute("UPDATE ledger_transfer SET amount = amount + 1")
        owner_cursor.execute("DELETE FROM ledger_link")
    finally:
        owner_cursor.execute("ALTER TABLE ledger_link ENABLE TRIGGER USER")
        owner_cursor.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER USER")
    with tenancy.scope(tenant):
        settle()
        payments.extend_ledger_chain()
        assert payments.verify_ledger_chain().ok
        problems = facade.verify_chains().problems
    assert len(problems) == 2
    assert all("ledger chain has another hash" in problem for problem in problems)
    with pytest.raises(CommandError, match="2 problems"):
        call_command("verify_chains", tenant.code)


def test_openssl_reads_the_stamp(platform: Any, tmp_path: Path) -> None:
    sealed = facade.seal_chains()
    assert sealed is not None
    (tmp_path / "chains.json").write_text(sealed.document)
    (tmp_path / "chains.tst").write_bytes(sealed.token)
    said = subprocess.run(
        ["openssl", "ts", "-reply", "-token_in", "-in", "chains.tst", "-text"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "sha256" in said


def test_a_seal_that_fails_is_an_alarm(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> Any:
        raise RuntimeError("no authority")

    with tenancy.scope(make_platform()):
        with monkeypatch.context() as patched:
            patched.setattr(certification, "timestamp_digest", away)
            with pytest.raises(RuntimeError):
                facade.seal_chains()
        assert [one.kind for one in payments.open_alarms()] == ["seal_missing"]
        assert facade.seal_chains() is not None
        assert payments.open_alarms() == []
