"""Free texts: ciphertext in the column, plain text for who reads the row."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection

from kernel import audit, outbox, personal, sealed_text
from kernel.audit import AuditTarget, entries_for
from kernel.ids import uuid7
from kernel.outbox.feed import merchant_events
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.records.webhooks import WebhookEndpoint
from kernel.transactions import atomic
from marketplace.events import OrderCancelled

WORDS = "请找南宫问路"


def endpoint(text: str = WORDS) -> WebhookEndpoint:
    row = WebhookEndpoint(
        merchant_id=uuid7(), url="https://example.com/", sealed_secret="-", description=text
    )
    row.save(force_insert=True)
    return row


def column(row: WebhookEndpoint) -> str:
    with connection.cursor() as sql:
        sql.execute("SELECT description FROM kernel_webhookendpoint WHERE id = %s", [row.id])
        found: str = sql.fetchone()[0]
    return found


def test_a_row_keeps_ciphertext_and_gives_the_text(real: object) -> None:
    row = endpoint()
    assert row.description == WORDS
    assert column(row).startswith(f"s1.{row.id.hex}.p1.")
    again = WebhookEndpoint.objects.get(id=row.id)
    assert again.description == WORDS
    kept = column(row)
    again.save()
    assert column(row) == kept  # untouched text isn't sealed anew
    again.description = "other"
    again.save(update_fields=["description"])
    assert WebhookEndpoint.objects.get(id=row.id).description == "other"
    stored = WebhookEndpoint.objects.values_list("description", flat=True).get(id=row.id)
    assert sealed_text.opened(stored) == "other"
    assert WebhookEndpoint.objects.defer("description").get(id=row.id).description == "other"


def test_no_text_needs_no_key(real: object) -> None:
    row = endpoint("")
    assert column(row) == ""
    assert not personal.erase(row.id)


def test_plain_text_cannot_go_round_save(real: object) -> None:
    row = endpoint()
    with pytest.raises(TypeError, match="sealed"):
        WebhookEndpoint.objects.filter(id=row.id).update(description=WORDS)
    with pytest.raises(TypeError, match="sealed"):
        list(WebhookEndpoint.objects.filter(description=WORDS))


def test_erased_means_gone_and_nothing_more_is_kept(real: object) -> None:
    row = endpoint()
    personal.erase(row.id)
    again = WebhookEndpoint.objects.get(id=row.id)
    assert again.description == ""
    again.description = WORDS
    again.save()
    assert column(row) == ""


def test_another_rows_ciphertext_says_nothing(real: object) -> None:
    one, other = endpoint(), endpoint()
    moved = column(one).replace(one.id.hex, other.id.hex)
    assert sealed_text.opened(moved) == ""
    assert sealed_text.opened("s1.no-subject") == "s1.no-subject"


def test_what_an_older_release_left_in_clear_is_sealed(real: object) -> None:
    row, empty = endpoint(), endpoint("")
    with connection.cursor() as sql:
        sql.execute(
            "UPDATE kernel_webhookendpoint SET description = %s WHERE id = %s", [WORDS, row.id]
        )
    old = WebhookEndpoint.objects.get(id=row.id)
    assert old.description == WORDS
    assert sealed_text.seal_plain() == {"kernel.webhookendpoint.description": 1}
    assert column(row).startswith("s1.")
    assert column(empty) == ""
    again = WebhookEndpoint.objects.get(id=row.id)
    assert (again.description, again.version) == (WORDS, old.version)
    assert sealed_text.seal_plain() == {}


def test_keys_of_a_list_come_with_one_query(
    real: object, django_assert_num_queries: object
) -> None:
    rows = [endpoint(f"{WORDS} {n}") for n in range(5)]
    with personal.keyring():
        found = list(WebhookEndpoint.objects.order_by("id"))
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert [row.description for row in found] == [row.description for row in rows]


def test_audit_rows_are_sealed_and_opened_for_readers(real: object) -> None:
    about: UUID = uuid7()
    with atomic():
        audit.record(
            "kernel.thing.changed",
            target=AuditTarget("kernel.thing", about),
            after={"note": WORDS, "count": 1},
            texts={"note", "absent"},
        )
    assert AuditRecord.objects.get(target_id=about).after["note"].startswith("s1.")
    [entry] = entries_for([about]).items
    assert entry.after == {"note": WORDS, "count": 1}
    personal.erase(about)
    [entry] = entries_for([about]).items
    assert entry.after == {"note": "", "count": 1}


def test_events_are_sealed_and_opened_for_who_gets_them(
    real: object, settle: Callable[[], None]
) -> None:
    merchant, order = uuid7(), uuid7()
    event = OrderCancelled(
        order_id=order, group_id=uuid7(), number="1", merchant_id=merchant, reason=WORDS,
        was_paid=True,
    )  # fmt: skip
    with atomic():
        outbox.append(
            event, aggregate=outbox.AggregateRef("marketplace.order", order), merchant_id=merchant
        )
    payload = OutboxEvent.objects.get(aggregate_id=order).payload
    assert payload["reason"].startswith("s1.")
    assert OrderCancelled.from_payload(payload) == event
    settle()  # other transactions of this server hold the feed back
    [shown] = merchant_events(merchant).items
    assert shown.data["reason"] == WORDS
