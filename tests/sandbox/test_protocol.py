"""The gateway's table of operations is what the specification says."""

from typing import Any

import pytest

from sandbox.protocol import kinds, write
from sandbox.transport.operations import OPERATIONS
from sandbox.transport.params import Choice

from . import shapes

# Addresses that official clients use, or old ones, which the published specification leaves out.
UNPUBLISHED = {
    "charges.refunds.create",
    "charges.refunds.retrieve",
    "customers.payment_methods.retrieve",
    "events.retry",
    "files.contents",
    "payment_pages.confirm",
    "payment_pages.retrieve",
}


@pytest.mark.slow
def test_table_is_up_to_date() -> None:
    from sandbox.gateway import registered  # noqa: F401

    assert kinds.TABLE.read_text() == write.text(shapes.spec())


def test_every_operation_is_published_or_known_not_to_be() -> None:
    from sandbox.gateway import registered  # noqa: F401

    without = {
        name for name, row in OPERATIONS.items() if not kinds.published(row.method, row.path)
    }
    assert without <= UNPUBLISHED


def test_own_types_only_narrow_what_is_published() -> None:
    """A name in an operation's own table that the specification lacks would never be sent."""
    from sandbox.gateway import registered  # noqa: F401

    extra: dict[str, Any] = {}
    for name, row in OPERATIONS.items():
        if kinds.published(row.method, row.path):
            known = kinds.kinds(row.method, row.path)
            own = {one for one, kind in row.table.items() if kind is not None}
            odd = own - set(known) - {"expand"}
            if odd:
                extra[name] = sorted(odd)
    assert extra == {}


def test_values_that_are_only_described() -> None:
    assert kinds.values("payout.status") == ("canceled", "failed", "in_transit", "paid", "pending")
    assert "product_not_received" in kinds.values("dispute.reason")
    assert set(kinds.values("refund.status")) >= {"pending", "succeeded", "failed", "canceled"}
    assert kinds.values("balance_transaction.status") == ("available", "pending")
    status = kinds.kinds("GET", "/v1/payouts")["status"]
    assert isinstance(status, Choice)
    assert status.values == kinds.values("payout.status")
