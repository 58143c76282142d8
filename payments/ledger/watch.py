"""Looking after the ledger: what must always be so is checked again and again."""

from datetime import timedelta

from kernel import clock
from payments.ledger.alarms import end_alarm, raise_alarm
from payments.ledger.balances import trial_balance
from payments.ledger.chain import CHAIN, verify_ledger_chain
from payments.ledger.counters import every_account
from payments.ledger_contracts import AlarmKind

BEHIND = timedelta(minutes=15)


def _tell(kind: AlarmKind, problem: str) -> bool:
    if problem:
        raise_alarm(kind, problem)
    else:
        end_alarm(kind)
    return bool(problem)


def check_sums() -> bool:
    """Whether debits and credits of some currency differ, by the counters; tells the alarm."""
    sums: dict[str, list[int]] = {}
    for account in every_account():
        here = sums.setdefault(account.currency, [0, 0])
        here[0] += account.debits_posted - account.credits_posted
        here[1] += account.debits_pending - account.credits_pending
    wrong = [f"{c}: {posted} posted, {pending} pending" for c, (posted, pending) in sums.items()
             if posted or pending]  # fmt: skip
    return _tell(AlarmKind.SUMS, "; ".join(wrong))


def check_chain() -> bool:
    """Whether transfers have waited too long for their link; tells the alarm."""
    oldest = CHAIN.oldest_unchained()
    late = oldest is not None and clock.system() - oldest > BEHIND
    return _tell(AlarmKind.CHAIN_BEHIND, f"unchained since {oldest:%F %T}" if late else "")


def recount() -> bool:
    """Whether some counter differs from its transfers, or the chain is broken; tells the alarms.
    Reads the whole ledger."""
    trial = trial_balance()
    wrong = _tell(AlarmKind.COUNTERS, "; ".join(trial.problems[:20]))
    report = verify_ledger_chain()
    problem = "" if report.ok else f"{report.record}: {report.reason}"
    return _tell(AlarmKind.CHAIN_BROKEN, problem) or wrong
