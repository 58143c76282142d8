"""Tiles of named products: what a page of search results shows."""

from typing import Any

import pytest

from catalog import facade as catalog
from inventory import facade as inventory
from marketplace import facade
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.marketplace import make_goods, set_price

pytestmark = pytest.mark.django_db


def test_tiles_of_named_products(platform: Any) -> None:
    product = make_product(variants=2)
    small, large = (variant.id for variant in product.variants)
    set_price(small, "10")
    set_price(large, "18.50")
    make_stock(3, variant_id=small)
    gone = make_product()
    catalog.withdraw_product(product_id=gone.id)
    found = facade.listings_of(product_ids=[product.id, gone.id], language="en")
    assert list(found) == [product.id]
    tile = found[product.id]
    assert (str(tile.lowest), str(tile.highest), int(tile.available)) == ("10.00", "18.50", 3)
    assert facade.listings_of(product_ids=[]) == {}


def test_warehouses_that_have_something(platform: Any) -> None:
    variant = make_goods(stock=None)
    merchant = catalog.variants([variant])[variant].merchant_id
    full, empty, shut = (make_warehouse(merchant_id=merchant) for _ in range(3))
    make_stock(5, variant_id=variant, warehouse_id=full.id)
    make_stock(0, variant_id=variant, warehouse_id=empty.id)
    make_stock(7, variant_id=variant, warehouse_id=shut.id)
    inventory.update_warehouse(warehouse_id=shut.id, changes={"active": False})
    found = inventory.warehouses_with([variant])
    assert [place.id for place in found[variant]] == [full.id]
    assert inventory.stocked_variants(shut.id) == [variant]
    assert inventory.stocked_variants(shut.id, after=variant) == []
    assert inventory.warehouses_with([]) == {}
