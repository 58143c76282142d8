"""The sandbox as a process of its own: it serves, dies, comes back and goes on."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from .test_payment_intents import pay
from .test_webhooks import listen, until

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def process(port: int, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The sandbox under granian; its whole process group dies in the end."""
    from django.db import connections

    here = connections["sandbox"].settings_dict
    database = (
        f"postgresql://{here['USER']}:{here['PASSWORD']}@/{here['NAME']}?host={here['HOST']}"
        if str(here["HOST"]).startswith("/")
        else f"postgresql://{here['USER']}:{here['PASSWORD']}@{here['HOST']}:{here['PORT']}"
        f"/{here['NAME']}"
    )
    env = os.environ | {"SANDBOX_DATABASE_URL": database} | more
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-log"]
    command += ["--port", str(port), "--blocking-threads", "4", "sandbox.wsgi:application"]
    child = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
    try:
        until(lambda: _healthy(port), 30)
        yield child
    finally:
        _kill(child)


def _healthy(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=1).ok
    except requests.RequestException:
        return False


def _kill(child: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    child.wait(10)


@pytest.mark.kill
@pytest.mark.slow
def test_killed_and_restarted(key: str, receiver: Any) -> None:
    port = free_port()
    client: Any = stripe.StripeClient(key, base_addresses={"api": f"http://127.0.0.1:{port}"})
    receiver.status = 503
    with process(port) as child:
        listen(client, receiver, "payment_intent.succeeded")
        intent = pay(client)
        until(lambda: len(receiver.got) >= 1)
        _kill(child)
    receiver.status = 200
    before = len(receiver.got)
    with process(port):
        assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
        until(lambda: len(receiver.got) > before, 30)
        until(lambda: client.v1.events.list(params={"delivery_success": True}).data != [], 10)
        time.sleep(0.3)
        assert len(receiver.got) == before + 1


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize(("point", "made"), [("before_commit", 0), ("after_commit", 1)])
def test_killed_inside_a_call(key: str, point: str, made: int) -> None:
    """The client's retry under the same key after a crash has one effect in all."""
    from sandbox.models import Charge

    port = free_port()
    body = {"amount": 5000, "currency": "cny", "payment_method": "pm_card_visa", "confirm": "true"}

    def attempt() -> requests.Response:
        return requests.post(
            f"http://127.0.0.1:{port}/v1/payment_intents",
            data=body,
            auth=(key, ""),
            headers={"Idempotency-Key": "crash"},
            timeout=10,
        )

    with (
        process(port, QC_FAILPOINT=f"sandbox.call.{point}"),
        pytest.raises(requests.ConnectionError),
    ):
        attempt()
    assert Charge.objects.count() == made
    with process(port):
        answer = attempt()
    assert answer.json()["status"] == "succeeded"
    assert ("Idempotent-Replayed" in answer.headers) == bool(made)
    assert Charge.objects.count() == 1


@pytest.mark.slow
def test_process_knows_nothing_of_the_product() -> None:
    code = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'sandbox.settings'\n"
        "import django; django.setup()\n"
        "from django.conf import settings; from django.apps import apps; import sys\n"
        "from django.core.management import call_command\n"
        "import sandbox.urls\n"
        "from sandbox.gateway import registered\n"
        "assert [a.label for a in apps.get_app_configs()] == ['sandbox']\n"
        "assert not settings.DATABASES['default'].get('NAME')\n"
        "contexts = {'platforms', 'payments', 'catalog', 'journeys', 'logistics', 'storefront'}\n"
        "assert not contexts & {name.partition('.')[0] for name in sys.modules}\n"
        "call_command('check')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_the_supervised_one_has_its_own_settings_too(tmp_path: Path) -> None:
    """What serves is forked from a process that has read settings already: they must be these."""
    program = (
        "from django.conf import settings; from config import web\n"
        "web.run = lambda *args, **options: print(\n"
        "    settings.SETTINGS_MODULE, settings.INSTALLED_APPS, settings.SANDBOX_FEE_PERCENT)\n"
        "web.serve_gateway()"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",  # as the supervisor hands it down
        "SANDBOX_FEE_PERCENT": "1.5",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.strip() == "sandbox.settings ['sandbox'] 1.5", done.stderr
