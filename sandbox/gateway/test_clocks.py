"""Test clocks: a time of its own for some customers; any beginning, then only forward.

Objects made for such a customer carry the clock's time, and reservations lapse by it.
"""

from typing import Any

from sandbox import idents
from sandbox.models import Customer, PaymentIntent, TestClock
from sandbox.transport import lists
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError, missing
from sandbox.transport.expand import loader
from sandbox.transport.operations import operation
from sandbox.transport.params import Integer, wrong

from .happen import emit
from .intents import expire

DAY = 86400
MOMENT = Integer(required=True, least=0, most=10**11)


def render(row: TestClock) -> dict[str, Any]:
    """The test clock object."""
    details = {"advancing": {"target_frozen_time": row.target_time}} if row.target_time else {}
    return {
        "id": row.pk,
        "object": "test_helpers.test_clock",
        "created": row.created,
        "deletes_after": row.deletes_after,
        "frozen_time": row.frozen_time,
        "livemode": False,
        "name": row.name,
        "status": "advancing" if row.target_time else "ready",
        "status_details": details,
    }


def need(call: Call, ident: str, *, param: str | None = None, lock: bool = False) -> TestClock:
    rows = TestClock.objects.select_for_update() if lock else TestClock.objects.all()
    row = rows.filter(account=call.account, pk=ident).first()
    if row is None:
        raise missing("test clock", ident, param=param)
    return row


def follow(call: Call, customer: Customer | None) -> None:
    """Let the call happen at the time of the customer's clock, if they have one."""
    ident = customer.data.get("test_clock") if customer else None
    row = TestClock.objects.filter(pk=ident).first() if ident else None
    if row:
        call.now = row.frozen_time


@operation("POST", "/v1/test_helpers/test_clocks", "test_clocks.create", {"frozen_time": MOMENT})
def create(call: Call) -> dict[str, Any]:
    row = TestClock.objects.create(
        id=idents.new("clock"),
        account=call.account,
        created=call.now,
        name=call.get("name"),
        frozen_time=call.params["frozen_time"],
        deletes_after=call.now + 30 * DAY,
    )
    emit(call, "test_helpers.test_clock.created", render(row))
    return render(row)


@operation("GET", "/v1/test_helpers/test_clocks/{id}", "test_clocks.retrieve")
def retrieve(call: Call, ident: str) -> dict[str, Any]:
    return render(need(call, ident))


@operation("GET", "/v1/test_helpers/test_clocks", "test_clocks.list")
def list_clocks(call: Call) -> dict[str, Any]:
    return lists.page(
        call,
        TestClock.objects.all(),
        lambda found: [render(row) for row in found],
        url="/v1/test_helpers/test_clocks",
        kind="test clock",
    )


@operation("DELETE", "/v1/test_helpers/test_clocks/{id}", "test_clocks.delete")
def delete(call: Call, ident: str) -> dict[str, Any]:
    """The clock goes, its customers with it."""
    row = need(call, ident, lock=True)
    body = render(row)
    Customer.objects.filter(account=call.account, data__test_clock=ident).update(
        deleted=True, email=None
    )
    row.delete()
    emit(call, "test_helpers.test_clock.deleted", body)
    return {"id": ident, "object": "test_helpers.test_clock", "deleted": True}


@operation(
    "POST",
    "/v1/test_helpers/test_clocks/{id}/advance",
    "test_clocks.advance",
    {"frozen_time": MOMENT},
)
def advance(call: Call, ident: str) -> dict[str, Any]:
    """What the new time brings is done when this returns; the answer still says ``advancing``."""
    row = need(call, ident, lock=True)
    wanted = call.params["frozen_time"]
    if wanted <= row.frozen_time:
        raise wrong(
            f"The test clock is at {row.frozen_time} and can only be advanced forward.",
            "frozen_time",
        )
    if wanted > row.frozen_time + 2 * 366 * DAY:
        raise GatewayError(
            "A test clock can be advanced at most two years at a time.", param="frozen_time"
        )
    row.target_time = wanted
    body = render(row)
    emit(call, "test_helpers.test_clock.advancing", body)
    row.frozen_time, row.target_time = wanted, None
    row.save()
    _lapse(call, row)
    emit(call, "test_helpers.test_clock.ready", render(row))
    return body


def _lapse(call: Call, row: TestClock) -> None:
    """Reservations that are too old at the new time."""
    from sandbox import conf

    border = row.frozen_time - int(conf.get("AUTHORIZATION_DAYS")) * DAY
    waiting = PaymentIntent.objects.filter(
        account=call.account,
        customer__data__test_clock=row.pk,
        status="requires_capture",
        created__lte=border,
    )
    inner = call.acting(call.account)
    inner.now = row.frozen_time
    for intent in waiting.values_list("pk", flat=True):
        expire.expire(inner, intent)


def _load(call: Call, idents: list[str]) -> dict[str, dict[str, Any]]:
    rows = TestClock.objects.filter(account=call.account, pk__in=idents)
    return {row.pk: render(row) for row in rows}


loader("clock", _load)
