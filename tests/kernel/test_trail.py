"""Looking for changes in the audit trail: by whom, of what, when; and how far is looked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kernel import audit, clock, logs
from kernel.actors import SYSTEM, Actor, acting
from kernel.audit import AuditTarget, Sought, entries, selectors
from kernel.audit.selectors import look
from kernel.ids import public_id, uuid7
from kernel.pagination import InvalidCursor
from kernel.records.audit import AuditRecord
from kernel.tenancy import Tenant

THING = AuditTarget("testing.thing", UUID(int=7))
OF_NOBODY = Actor("guest", label="guest")


def note(action: str = "testing.thing.changed", *, by: Actor = SYSTEM, **more: Any) -> UUID:
    """Writes a row; its id."""
    with acting(by):
        audit.record(action, target=more.pop("target", THING), **more)
    return AuditRecord.objects.order_by("-id").values_list("id", flat=True)[0]


def ids(**sought: Any) -> list[UUID]:
    return [entry.id for entry in entries(Sought(**sought)).items]


def test_each_filter_narrows(tenant: Tenant) -> None:
    person, merchant = uuid7(), uuid7()
    staff = Actor("merchant", id=person, person_id=person, merchant_id=merchant)
    first = note()
    second = note("testing.other.changed", by=staff)
    third = note("testing.thing.changed", by=OF_NOBODY, target=AuditTarget("x.merchant", merchant))
    fourth = note("tests.thing.changed", target=AuditTarget("x.y", None))
    assert ids() == [fourth, third, second, first]
    assert ids(action="testing.thing.changed") == [third, first]
    assert ids(area="testing") == [third, second, first]
    assert ids(area="test") == [], "an area is the whole first part"
    assert ids(area="testing%") == []
    assert ids(target=THING.id) == [second, first]
    assert ids(target=THING.id, action="testing.other.changed") == [second]
    assert ids(actor_kind="guest") == [third]
    assert ids(person_id=person) == [second]
    assert ids(merchant_id=merchant) == [third, second], "by its staff, and to itself"


def test_from_and_until_go_by_when_a_row_was_made(tenant: Tenant) -> None:
    early, then = note(), clock.system()
    with clock.frozen(then + timedelta(hours=1)):
        late = note()
    assert ids(since=then + timedelta(minutes=1)) == [late]
    assert ids(until=then + timedelta(minutes=1)) == [early]
    assert ids(since=then - timedelta(days=9000), until=then + timedelta(days=9000)) == [
        late,
        early,
    ]
    assert ids(since=then + timedelta(days=1), until=then - timedelta(days=1)) == []


def test_all_of_one_request_in_its_order(tenant: Tenant) -> None:
    before = note()
    name = public_id("req", uuid7())
    token = logs.set_request_id(name)
    try:
        first, second = note(), note("testing.other.changed")
    finally:
        logs.reset_request_id(token)
    after = note()
    assert ids(request_id=name) == [first, second]
    assert ids(request_id="of another system") == []
    assert {before, after} & set(ids(request_id=name)) == set()


def test_what_no_index_finds_is_looked_for_a_stretch_a_page(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "LOOKED_AT", 3)
    rare = note("testing.rare.changed")
    rest = [note() for _ in range(7)]
    sought = Sought(action="testing.rare.changed")
    pages, cursor = [], None
    while True:
        looked = look(sought, cursor=cursor)
        pages.append(([entry.id for entry in looked.page.items], looked.to is not None))
        cursor = looked.page.next_cursor
        assert looked.page.has_more == (cursor is not None)
        if cursor is None:
            break
    assert pages == [([], True), ([], True), ([rare], False)]
    whole = look(Sought(action="testing.thing.changed"), limit=2).page
    assert [entry.id for entry in whole.items] == rest[:4:-1], "a full page ends as ever"
    assert look(Sought(target=THING.id)).to is None, "the index finds it"
    assert look().to is None
    with pytest.raises(InvalidCursor):
        look(sought, cursor="WyJ4Il0")
    request = public_id("req", uuid7())
    later = [note() for _ in range(4)]
    ahead = look(Sought(request_id=request))
    assert (ahead.page.items, ahead.page.has_more) == ([], True)
    following = look(Sought(request_id=request), cursor=ahead.page.next_cursor)
    assert (following.page.items, following.page.has_more) == ([], False)
    assert len(later) == 4
