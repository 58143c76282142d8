"""Every test ends with a ledger that balances."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.gateways.transport.PAUSE", 0)


@pytest.fixture
def books(platform: Any) -> Iterator[Any]:
    """A platform in scope whose ledger is checked when the test is over."""
    from payments import facade

    yield platform
    trial = facade.trial_balance()
    assert trial.balanced, trial.problems
