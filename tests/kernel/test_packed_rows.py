"""Hundreds of rows by two parameters: what they share once, and each what is its own."""

from typing import Any

import orjson
import pytest

from kernel import tenancy
from kernel.ids import uuid7
from kernel.statements import Rows, packed
from kernel.tenancy import Tenant
from marketplace.models import GROUPS, ORDERS
from platforms.models import Merchant

MERCHANTS = Rows(Merchant)


def merchant(number: int, **values: Any) -> Merchant:
    return MERCHANTS.new(slug=f"m-{number}", names={"zh-Hans": "商户"}, **values)


def stored() -> list[Any]:
    rows = Merchant.objects.filter(slug__startswith="m-").order_by("slug")
    return list(rows.values("names", "metadata", "external_id", "version"))


@pytest.mark.parametrize("count", [1, 3])
def test_rows_come_in_and_are_changed(tenant: Tenant, count: int) -> None:
    rows = [merchant(number) for number in range(count)]
    assert MERCHANTS.insert_all(rows) == count
    same = {"names": {"zh-Hans": "商户"}, "metadata": {}, "external_id": None, "version": 1}
    assert stored() == [same] * count
    for row in rows:
        row.external_id = row.slug.upper()
        row.metadata = {"a": 1}
    MERCHANTS.update_all(rows, "external_id", "metadata")
    changed = same | {"metadata": {"a": 1}, "version": 2}
    assert stored() == [changed | {"external_id": f"M-{number}"} for number in range(count)]


def test_what_only_equals_is_told_as_it_is(tenant: Tenant) -> None:
    kept: list[dict[str, Any]] = [{"a": 1}, {"a": True}, {}]
    MERCHANTS.insert_all(merchant(number, metadata=data) for number, data in enumerate(kept))
    assert [str(row["metadata"]) for row in stored()] == [str(data) for data in kept]


def test_what_is_shared_is_told_once() -> None:
    one = uuid7()
    common, each = packed({"id": [1, 2], "of": [one, one], "data": [{}, {}], "mixed": [{}, []]})
    assert orjson.loads(common) == {"of": str(one), "data": {}}
    assert orjson.loads(each) == [{"id": 1, "mixed": {}}, {"id": 2, "mixed": []}]


def test_a_new_row_holds_its_defaults_and_shares_none(tenant: Tenant) -> None:
    one, two = merchant(1), merchant(2)
    given = uuid7()
    assert one.platform_id == tenancy.current_id()
    assert one.metadata == {}
    assert one.metadata is not two.metadata
    assert len({one.id, two.id, merchant(3, id=given).id}) == 3
    assert merchant(3, id=given).id == given


def test_a_new_row_knows_the_row_that_is_meant_and_no_other_names(tenant: Tenant) -> None:
    group = GROUPS.new(number="G1", region="22")
    order = ORDERS.new(group=group, number="G1-1")
    assert (order.group_id, order.group) == (group.id, group)
    assert order._state.adding
    with pytest.raises(TypeError, match="groop"):
        ORDERS.new(groop=group)


def test_rows_that_are_read_are_like_the_models_own(tenant: Tenant) -> None:
    made = merchant(1)
    MERCHANTS.insert([made])
    found, own = MERCHANTS.one("id = %s", [made.id]), Merchant.objects.get(id=made.id)
    assert found == own
    assert found is not None
    assert {name: getattr(found, name) for name in MERCHANTS.names} == {
        name: getattr(own, name) for name in MERCHANTS.names
    }
    assert (found._state.adding, found._state.db) == (own._state.adding, own._state.db)
