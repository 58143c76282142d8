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


@pytest.fixture
def two_ways(platform: Any) -> None:
    """A platform that takes cards and codes."""
    from payments import facade
    from tests.factories.payments import make_gateway, rsa_keys

    make_gateway()
    facade.configure_provider(
        name="alipay",
        config={
            "app_id": "2021000000000001", "gateway": "http://alipay.test:9/gateway.do",
            "notify_url": "http://shop.test/hook", "seller_id": "",
            "alipay_public_key": rsa_keys()[1],
        },
        secrets={"private_key": rsa_keys()[0]},
    )  # fmt: skip
