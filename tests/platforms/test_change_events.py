"""Facts about merchants and platforms that others keep copies of."""

from datetime import timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.records.outbox import OutboxEvent
from platforms import facade
from tests.factories.platforms import make_merchant

pytestmark = pytest.mark.django_db


def told(kind: str) -> list[Any]:
    rows = OutboxEvent.objects.filter(type=kind).order_by("id")
    return list(rows.values_list("payload", flat=True))


def test_a_renamed_merchant_is_told_of_and_nothing_else(platform: Any) -> None:
    shop = make_merchant()
    facade.update_merchant(merchant_id=shop.id, metadata={"erp": "7"})
    assert told("platforms.merchant.changed.v1") == []
    facade.update_merchant(merchant_id=shop.id, names={"zh-Hans": "新名", "en": "New"})
    [event] = told("platforms.merchant.changed.v1")
    assert event["names"] == {"zh-Hans": "新名", "en": "New"}


def test_changed_settings_are_told_of(platform: Any) -> None:
    facade.change_settings(settings={"marketplace": {"commission_rate": "3"}})
    assert [e["sections"] for e in told("platforms.platform.changed.v1")] == [["marketplace"]]


def test_who_was_closed_since(platform: Any) -> None:
    shop, before = make_merchant(), clock.system()
    assert facade.closed_since(before - timedelta(minutes=1)) == []
    facade.suspend_merchant(merchant_id=shop.id, reason="papers")
    assert facade.closed_since(before) == [shop.id]
    assert facade.closed_since(clock.system() + timedelta(seconds=1)) == []
