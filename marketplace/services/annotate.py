"""A merchant's own id and data on orders and offers."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from kernel import audit
from kernel.transactions import atomic, table_of
from marketplace import locks
from marketplace.contracts import OrderInfo
from marketplace.errors import ExternalIdTaken, OrderNotFound
from marketplace.models import Order
from marketplace.selectors.orders import visible_order

ALLOWED = frozenset({"external_id", "metadata"})


def annotate_order(
    *,
    order_id: UUID,
    merchant_id: UUID,
    changes: Mapping[str, Any],
    check: Callable[[int], None] | None = None,
) -> OrderInfo:
    """Set ``external_id`` and ``metadata``; ``check`` sees the present row version (If-Match).

    Raises OrderNotFound also for another merchant's order, ExternalIdTaken.
    """
    given = {name: value for name, value in changes.items() if name in ALLOWED}
    try:
        with atomic():
            order = locks.order(order_id)
            if order.merchant_id != merchant_id:
                raise OrderNotFound
            if check is not None:
                check(order.version)
            before = {name: getattr(order, name) for name in given}
            for name, value in given.items():
                setattr(order, name, value if name == "external_id" else dict(value or {}))
            order.save()
            audit.record(
                action="marketplace.order.annotated", target=order, before=before, after=given
            )
    except IntegrityError as error:
        if table_of(error) != Order._meta.db_table:
            raise  # of a write that waited
        raise ExternalIdTaken(field="external_id") from error
    return visible_order(order_id=order_id, merchant_id=merchant_id)
