"""Webhooks: signed for both kinds of library, repeated until heard, never sent inside."""

import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from uuid import UUID

import pytest

from kernel import clock, outbox, tenancy, webhooks
from kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed
from kernel.ids import uuid7
from kernel.outbox import AggregateRef, Event
from kernel.records.audit import AuditRecord
from kernel.records.webhooks import WebhookDelivery, WebhookEndpoint
from kernel.tenancy import Tenant
from kernel.webhooks import ForbiddenAddress
from kernel.webhooks.guard import AddressRefused, public, resolve
from kernel.webhooks.sender import drain
from tests.kernel.events import append


@dataclass(frozen=True)
class Hooked(Event):
    NAME: ClassVar[str] = "testing.thing.hooked.v1"
    number: int


@dataclass(frozen=True)
class Unhooked(Event):
    NAME: ClassVar[str] = "testing.thing.unhooked.v1"
    number: int


@dataclass
class Receiver:
    """A merchant's server."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b"thanks"
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.seen.append((dict(self.headers), body))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.answer)))
            self.end_headers()
            self.wfile.write(found.answer)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook?a=1"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


MERCHANT = uuid7()


def make(receiver: Receiver, **more: Any) -> webhooks.CreatedEndpoint:
    return webhooks.create_endpoint(merchant_id=MERCHANT, url=receiver.url, **more)


def happen(number: int = 1, merchant: UUID | None = MERCHANT) -> None:
    thing = AggregateRef("testing.thing", uuid7())
    append(Hooked(number), aggregate=thing, merchant_id=merchant)
    outbox.drain()


def test_the_body_and_both_signatures(tenant: Tenant, receiver: Receiver) -> None:
    made = make(receiver)
    happen(7)
    assert drain() == 1
    ((headers, body),) = receiver.seen
    shown = json.loads(body)
    assert shown["type"] == "testing.thing.hooked.v1"
    assert shown["data"] == {"number": 7}
    assert shown["id"] == headers["webhook-id"]
    # Standard Webhooks: key is the decoded secret, message "id.timestamp.body".
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    # The other form, judged by a library that its users have.
    import stripe

    stripe.WebhookSignature.verify_header(
        body.decode(), headers["Quancheng-Signature"], made.secret, tolerance=300
    )
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(
            body.decode() + " ", headers["Quancheng-Signature"], made.secret, tolerance=300
        )
    (delivery,) = webhooks.deliveries(made.endpoint.id, merchant_id=MERCHANT).items
    assert (delivery.state, delivery.last_status, delivery.attempts) == ("succeeded", 200, 1)
    (attempt,) = webhooks.attempts(delivery.id, merchant_id=MERCHANT)
    assert (attempt.status, attempt.answer, attempt.error) == (200, "thanks", "")
    assert drain() == 0


def test_only_the_merchants_own_events_of_the_chosen_types(
    tenant: Tenant, receiver: Receiver
) -> None:
    make(receiver, event_types=["testing.thing.hooked.v1"])
    happen(1)
    happen(2, merchant=uuid7())
    happen(3, merchant=None)
    thing = AggregateRef("testing.thing", uuid7())
    append(Unhooked(4), aggregate=thing, merchant_id=MERCHANT)
    outbox.drain()
    drain()
    assert [json.loads(body)["data"]["number"] for _h, body in receiver.seen] == [1]


def test_failures_are_repeated_with_growing_pauses_under_one_id(
    tenant: Tenant, receiver: Receiver
) -> None:
    made = make(receiver)
    receiver.status = 500
    happen()
    now = clock.system()
    with clock.frozen(now):
        assert drain() == 1
        assert drain() == 0
    for after in (6, 400, 3000):
        with clock.frozen(now + timedelta(seconds=after)):
            assert drain() == 1
    receiver.status = 204
    with clock.frozen(now + timedelta(hours=4)):
        assert drain() == 1
    assert len({headers["webhook-id"] for headers, _body in receiver.seen}) == 1
    (delivery,) = webhooks.deliveries(made.endpoint.id, merchant_id=MERCHANT).items
    assert (delivery.state, delivery.attempts) == ("succeeded", 5)
    assert webhooks.endpoint(made.endpoint.id, merchant_id=MERCHANT).failing_since is None


def test_retry_after_is_heeded(tenant: Tenant, receiver: Receiver) -> None:
    make(receiver)
    receiver.status, receiver.headers = 503, {"Retry-After": "7200"}
    happen()
    drain()
    row = WebhookDelivery.objects.get()
    assert row.next_attempt_at > clock.system() + timedelta(hours=1, minutes=59)


def test_gone_switches_the_endpoint_off(tenant: Tenant, receiver: Receiver) -> None:
    made = make(receiver)
    receiver.status = 410
    happen()
    drain()
    shown = webhooks.endpoint(made.endpoint.id, merchant_id=MERCHANT)
    assert (shown.state, shown.disabled_reason) == ("disabled", "it answered 410 Gone")
    assert AuditRecord.objects.filter(action="kernel.webhook.disabled").count() == 1
    happen()
    assert WebhookDelivery.objects.count() == 1  # nothing new for it
    (delivery,) = webhooks.deliveries(made.endpoint.id, merchant_id=MERCHANT).items
    assert delivery.state == "failed"
    with pytest.raises(Conflict):
        webhooks.resend(delivery.id, merchant_id=MERCHANT)
    webhooks.set_enabled(made.endpoint.id, merchant_id=MERCHANT, enabled=True)
    receiver.status = 200
    webhooks.resend(delivery.id, merchant_id=MERCHANT)
    assert drain() == 1
    assert webhooks.deliveries(made.endpoint.id, merchant_id=MERCHANT).items[0].state == "succeeded"


def test_days_of_failure_switch_it_off(tenant: Tenant, receiver: Receiver) -> None:
    made = make(receiver)
    receiver.status = 500
    now = clock.system()
    for day in range(6):
        with clock.frozen(now + timedelta(days=day, minutes=day)):
            happen(day)
            drain()
            state = webhooks.endpoint(made.endpoint.id, merchant_id=MERCHANT).state
            assert state == ("enabled" if day < 5 else "disabled")


def test_after_the_last_attempt_it_is_given_up(tenant: Tenant, receiver: Receiver) -> None:
    make(receiver)
    receiver.status = 500
    happen()
    WebhookDelivery.objects.update(tries=9, attempts=9)
    drain()
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts) == ("failed", 10)


def test_a_switched_off_endpoints_waiting_deliveries_are_given_up(
    tenant: Tenant, receiver: Receiver
) -> None:
    made = make(receiver)
    happen()
    webhooks.set_enabled(made.endpoint.id, merchant_id=MERCHANT, enabled=False)
    drain()
    assert receiver.seen == []
    assert WebhookDelivery.objects.get().state == "failed"


def test_silence_is_recorded(tenant: Tenant, receiver: Receiver) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = webhooks.create_endpoint(merchant_id=MERCHANT, url=f"http://127.0.0.1:{port}/")
    happen()
    drain()
    (delivery,) = webhooks.deliveries(made.endpoint.id, merchant_id=MERCHANT).items
    (attempt,) = webhooks.attempts(delivery.id, merchant_id=MERCHANT)
    assert attempt.status is None
    assert "ConnectionError" in attempt.error
    assert delivery.state == "pending"


def test_a_redirect_is_a_failure_and_a_long_answer_is_cut(
    tenant: Tenant, receiver: Receiver
) -> None:
    made = make(receiver)
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    receiver.answer = b"\x00\x1bx" * 5000
    happen()
    drain()
    assert len(receiver.seen) == 1
    (delivery,) = webhooks.deliveries(made.endpoint.id, merchant_id=MERCHANT).items
    (attempt,) = webhooks.attempts(delivery.id, merchant_id=MERCHANT)
    assert attempt.status == 302
    assert len(attempt.answer) <= 1000
    assert "\x00" not in attempt.answer
    assert delivery.state == "pending"


def test_rotation_signs_with_both_for_a_day(tenant: Tenant, receiver: Receiver) -> None:
    made = make(receiver)
    fresh = webhooks.rotate_secret(made.endpoint.id, merchant_id=MERCHANT)
    assert fresh.secret != made.secret
    happen()
    drain()
    assert len(receiver.seen[0][0]["webhook-signature"].split()) == 2
    with clock.frozen(clock.system() + timedelta(hours=25)):
        happen()
        drain()
    assert len(receiver.seen[1][0]["webhook-signature"].split()) == 1
    row = WebhookEndpoint.objects.get()
    assert made.secret not in row.sealed_secret + row.sealed_old_secret


def test_endpoints_belong_to_their_merchant(tenant: Tenant, receiver: Receiver) -> None:
    made, stranger = make(receiver), uuid7()
    found = made.endpoint.id
    happen()
    (delivery,) = webhooks.deliveries(found, merchant_id=MERCHANT).items
    for call in (
        lambda: webhooks.endpoint(found, merchant_id=stranger),
        lambda: webhooks.update_endpoint(found, merchant_id=stranger, description="x"),
        lambda: webhooks.delete_endpoint(found, merchant_id=stranger),
        lambda: webhooks.rotate_secret(found, merchant_id=stranger),
        lambda: webhooks.deliveries(found, merchant_id=stranger),
        lambda: webhooks.attempts(delivery.id, merchant_id=stranger),
        lambda: webhooks.resend(delivery.id, merchant_id=stranger),
    ):
        with pytest.raises(NotFound):
            call()
    assert webhooks.endpoints(merchant_id=stranger).items == []


def test_changing_and_removing(tenant: Tenant, receiver: Receiver) -> None:
    made = make(receiver, external_id="mine", metadata={"a": "b"})
    found = made.endpoint.id
    changed = webhooks.update_endpoint(
        found,
        merchant_id=MERCHANT,
        event_types=["testing.thing.unhooked.v1"],
        expected_version=made.endpoint.version,
    )
    assert changed.event_types == ["testing.thing.unhooked.v1"]
    with pytest.raises(PreconditionFailed):
        webhooks.update_endpoint(
            found, merchant_id=MERCHANT, description="x", expected_version=made.endpoint.version
        )
    happen()
    webhooks.delete_endpoint(found, merchant_id=MERCHANT)
    assert webhooks.endpoints(merchant_id=MERCHANT).items == []
    assert drain() == 0


def test_limits_and_types(tenant: Tenant, receiver: Receiver) -> None:
    for wrong in ([], ["no.such.event.v1"]):
        with pytest.raises(Invalid) as caught:
            make(receiver, event_types=wrong)
        assert caught.value.problems[0].field == "event_types"
    for _ in range(20):
        make(receiver)
    with pytest.raises(webhooks.TooManyEndpoints):
        make(receiver)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com",
        "https://",
        "https://user:pass@example.com/",
        "https://localhost/",
        "https://shop.localhost/",
        "https://metadata.google.internal/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https://example.com/a b",
        "https://example.com:99999/",
        "https://example.com/" + "a" * 2000,
        "example.com",
        "",
    ],
)
def test_addresses_that_are_refused(tenant: Tenant, url: str) -> None:
    with pytest.raises(ForbiddenAddress) as caught:
        webhooks.create_endpoint(merchant_id=MERCHANT, url=url)
    assert caught.value.problems[0].field == "url"


def test_a_public_address_is_accepted(tenant: Tenant) -> None:
    made = webhooks.create_endpoint(merchant_id=MERCHANT, url="https://example.com:8443/x?y=z")
    assert made.endpoint.url == "https://example.com:8443/x?y=z"


def test_a_name_that_leads_inside_is_refused_when_sending(
    tenant: Tenant, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(receiver)
    happen()
    settings.WEBHOOK_ALLOW_PRIVATE = False
    WebhookEndpoint.objects.update(url=receiver.url.replace("127.0.0.1", "rebound.example"))
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: inside)
    drain()
    assert receiver.seen == []
    (delivery,) = webhooks.deliveries(made.endpoint.id, merchant_id=MERCHANT).items
    (attempt,) = webhooks.attempts(delivery.id, merchant_id=MERCHANT)
    assert "isn't public" in attempt.error


def test_the_connection_goes_to_the_address_that_was_checked(
    tenant: Tenant, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second answer for the same name would lead elsewhere; it is never asked for."""
    real, asked = socket.getaddrinfo, []

    def once(host: Any, *args: Any, **more: Any) -> Any:
        if host == "shop.example":
            asked.append(host)
            return real("127.0.0.1", *args, **more)
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    port = receiver.url.split(":")[2].split("/")[0]
    webhooks.create_endpoint(merchant_id=MERCHANT, url=f"http://shop.example:{port}/hook")
    happen()
    drain()
    assert asked == ["shop.example"]
    assert receiver.seen[0][0]["Host"] == f"shop.example:{port}"


def test_mixed_answers_are_refused(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    entries = [(2, 1, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: entries)
    with pytest.raises(AddressRefused):
        resolve("example.com", 443)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: entries[:1])
    assert resolve("example.com", 443) == "93.184.216.34"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert public(ipaddress.ip_address(address))


def test_another_platforms_events_go_nowhere(
    platforms: Any, tenant: Tenant, receiver: Receiver
) -> None:
    make(receiver)
    with tenancy.scope(platforms.add()):
        happen()
        assert drain() == 0
    assert drain() == 0
    assert receiver.seen == []
