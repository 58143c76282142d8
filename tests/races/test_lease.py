"""A checkout's process is killed in the middle of the request: the buyer's retry goes on."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from journeys.engine import DEFINITIONS
from kernel import clock
from marketplace.models import Order
from payments.models import PaymentIntent
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect, make_world
from tests.races.crowd import balanced, come

pytestmark = [pytest.mark.kill, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
POINTS = [
    point
    for point in DEFINITIONS["checkout"].failpoints()
    if ".undo." not in point and ".turn." not in point
]


@pytest.fixture
def gateway(platform: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """The sandbox's address, and what to say there."""
    with serving() as url:
        key = make_account()
        connect(url, key)
        yield url, {"Authorization": f"Bearer {key}"}


def killed(point: str, **request: Any) -> None:
    """Send the request from a process that is killed at ``point``."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.races.visit", json.dumps(request)],
        env=dict(os.environ, DJANGO_SETTINGS_MODULE="config.settings", QC_FAILPOINT=point),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, f"{point} wasn't reached: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("point", POINTS)
def test_retry_after_the_lease_goes_on(point: str, gateway: Any, platform: Any) -> None:
    """Refused as in flight while the dead one's lease runs; then the same orders, one charge."""
    url, headers = gateway
    world = make_world(2)
    buyer = come(platform.code, *[(shop.variant_id, 2) for shop in world.shops])
    key = uuid4().hex
    killed(
        point,
        path=f"/p/{platform.code}/api/v1/checkouts",
        body={
            "cart_id": buyer.cart,
            "payment_method": "pm_card_visa",
            "expected_total": buyer.total,
        },
        headers={"Cart-Token": buyer.token, "Idempotency-Key": key},
    )
    begun = list(PaymentIntent.objects.values_list("id", flat=True))
    waits = buyer.check_out(key=key, method="pm_card_visa")
    assert (waits.status_code, waits.json()["code"]) == (409, "idempotency_in_flight")
    assert 1 <= int(waits.headers["Retry-After"]) <= 60
    with clock.frozen(clock.system() + timedelta(seconds=61)):
        answer = buyer.check_out(key=key, method="pm_card_visa")
        assert (answer.status_code, answer.json()["state"]) == (201, "done"), answer.content
        again = buyer.check_out(key=key, method="pm_card_visa")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == answer.content
    assert set(Order.objects.values_list("state", flat=True)) == {"paid"}
    assert Order.objects.count() == len(answer.json()["orders"]) == 2
    intents = list(PaymentIntent.objects.values_list("id", flat=True))
    assert len(intents) == 1
    assert begun in ([], intents), "it goes on with the payment that was begun"
    charges = requests.get(f"{url}/v1/charges?limit=100", headers=headers, timeout=10).json()
    assert [charge["amount_captured"] for charge in charges["data"]] == [buyer.total]
    balanced()
