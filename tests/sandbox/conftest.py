"""A running sandbox, an account on it, and the official client for it."""

import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

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


class Checked(stripe.RequestsClient):
    """The official client's transport; every good answer must have the specification's shape."""

    def request(
        self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any
    ) -> Any:
        from sandbox.transport import operations

        from .shapes import problems

        answer = super().request(method, url, headers, post_data, **more)
        body, status = answer[0], answer[1]
        found = operations.find(method.upper(), urlsplit(url).path)
        if status == 200 and found:
            wrong = problems(method.upper(), found[0].path, json.loads(body))
            assert not wrong, (method, url, wrong[:8])
        return answer


@pytest.fixture
def official(sandbox: str, key: str) -> stripe.StripeClient:
    """The official client whose every answer is compared with the specification."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": sandbox, "files": sandbox, "connect": sandbox},
        http_client=Checked(),
        max_network_retries=0,
    )


@pytest.fixture(autouse=True)
def ready_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making RSA keys takes long: the same few are dealt out again and again."""
    from tests.factories.payments import rsa_keys

    turn = itertools.cycle(range(2, 6))
    monkeypatch.setattr("sandbox.scan.keys.new_pair", lambda: rsa_keys(next(turn)))
