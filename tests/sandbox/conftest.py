"""A running sandbox, an account on it, and the official client for it."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe


@pytest.fixture
def sandbox(transactional_db: None) -> Iterator[str]:
    """The sandbox's address."""
    from tests.factories import sandbox as factory

    with factory.serving() as address:
        yield address


@pytest.fixture
def key(transactional_db: None) -> str:
    """A fresh account's secret key."""
    from tests.factories import sandbox as factory

    return factory.make_account()


@pytest.fixture
def gateway(sandbox: str, key: str) -> stripe.StripeClient:
    """The official client, bound to the sandbox; it doesn't retry by itself."""
    return stripe.StripeClient(key, base_addresses={"api": sandbox}, max_network_retries=0)


@pytest.fixture
def receiver(transactional_db: None) -> Iterator[Any]:
    """An address that takes pushes."""
    from tests.factories import sandbox as factory

    with factory.receiving() as found:
        yield found
