"""Products in batches: what the search index is made from, in few statements."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import facade
from kernel import clock
from kernel.ids import uuid7
from tests.factories.catalog import make_category, make_product
from tests.factories.platforms import make_merchant, make_platform

pytestmark = pytest.mark.django_db


def test_products_come_with_their_variants_in_two_statements(platform: Any) -> None:
    found = [make_product(variants=n, published=n < 3) for n in (1, 2, 3)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        got = facade.products([p.id for p in found] + [uuid7()])
    assert len(queries) == 2
    assert {key: len(info.variants) for key, info in got.items()} == {
        product.id: number for number, product in enumerate(found, start=1)
    }
    variants = [v.id for p in found for v in p.variants]
    assert facade.product_ids_of([*variants, uuid7()]) == {
        v.id: p.id for p in found for v in p.variants
    }
    assert facade.products([]) == facade.product_ids_of([]) == {}


def test_ids_by_branch_and_merchant_page_by_page(platform: Any) -> None:
    top = make_category()
    below = make_category(parent_id=top.id)
    shop = make_merchant()
    ids = [
        make_product(merchant_id=shop.id, category_id=place).id
        for place in (top.id, below.id, below.id, None)
    ]
    make_product(published=False)
    other = make_product()
    assert facade.product_ids() == [*ids, other.id]
    assert facade.product_ids(category=top.id) == ids[:3]
    assert facade.product_ids(category=below.id, after=ids[1]) == [ids[2]]
    assert facade.product_ids(merchant=shop.id, after=ids[0], limit=2) == ids[1:3]
    assert facade.product_count(category=top.id) == 3
    assert facade.product_count(merchant=shop.id) == 4


def test_trails_run_from_the_root(platform: Any) -> None:
    root = make_category()
    middle = make_category(parent_id=root.id)
    leaf = make_category(parent_id=middle.id)
    trails = facade.category_trails([leaf.id, root.id, uuid7()])
    assert [node.id for node in trails[leaf.id]] == [root.id, middle.id, leaf.id]
    assert [node.id for node in trails[root.id]] == [root.id]
    assert len(trails) == 2


def test_what_was_hidden_since(platform: Any) -> None:
    shown, gone = make_product(), make_product()
    make_product(published=False)
    before = clock.system()
    facade.withdraw_product(product_id=gone.id)
    assert facade.hidden_since(before - timedelta(seconds=1)) == [gone.id]
    assert facade.hidden_since(clock.system() + timedelta(seconds=1)) == []
    cards = facade.cards([shown.id, gone.id, uuid7()], language="en")
    assert list(cards) == [shown.id]
    assert cards[shown.id].title.startswith("Tea ")


def test_another_platform_has_none_of_it(platform: Any) -> None:
    from kernel import tenancy

    mine = make_product(category_id=make_category().id)
    assert mine.category_id
    with tenancy.scope(make_platform()):
        assert facade.products([mine.id]) == {}
        assert facade.product_ids_of([mine.variants[0].id]) == {}
        assert facade.cards([mine.id]) == {}
        assert facade.category_trails([mine.category_id]) == {}
        assert facade.product_ids(merchant=mine.merchant_id) == []
