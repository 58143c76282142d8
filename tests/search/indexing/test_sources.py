"""Whatever a document is made from may change alone, and the index follows."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from catalog import facade as catalog
from catalog.facade import ProductChanges, VariantInput
from inventory import facade as inventory
from inventory.facade import WarehouseChanges
from kernel import clock, tenancy
from kernel.ids import public_id, uuid7
from marketplace import facade as marketplace
from platforms import facade as platforms
from search.services.comparing import compare_page
from tests.factories.catalog import make_category, make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.marketplace import set_price
from tests.factories.platforms import make_merchant
from tests.search.indexing.memory import MemoryEngine

pytestmark = pytest.mark.django_db(transaction=True)


class Goods:
    """One product with something from every source, and the changes of each of them."""

    def __init__(self) -> None:
        platforms.change_settings(settings={"search": {"warehouses": True}})
        self.shop = make_merchant(name="Granary").id
        self.root = make_category("Grain", slug="grain").id
        self.category = make_category("Corn", slug="corn", parent_id=self.root).id
        self.other = make_category("Oil", slug="oil").id
        self.brand = catalog.create_brand(code="jilin", names={"zh-Hans": "吉林"}).id
        self.attribute = catalog.create_attribute(
            code="grade",
            kind="choice",
            names={"zh-Hans": "等级"},
            values=[{"code": "two", "names": {"zh-Hans": "二等"}}],
            facet=True,
        ).id
        catalog.put_category_attributes(category_id=self.root, entries=[(self.attribute, False)])
        made = make_product(
            merchant_id=self.shop, category_id=self.category, brand_id=self.brand,
            attributes={"grade": "two"}, variants=2, title="Corn",
        )  # fmt: skip
        self.product, self.made = made.id, made
        self.one, self.two = (variant.id for variant in made.variants)
        set_price(self.one, "25")
        set_price(self.two, "20")
        self.place, self.far = (
            make_warehouse(merchant_id=self.shop, names={"zh-Hans": name}, region="22").id
            for name in ("长春仓", "大连仓")
        )
        make_stock(3, variant_id=self.one, warehouse_id=self.place)
        make_stock(2, variant_id=self.two, warehouse_id=self.far)
        self.shelf = catalog.create_shop_category(
            merchant_id=self.shop, names={"zh-Hans": "新粮"}
        ).id

    def update(self, **changes: Any) -> None:
        catalog.update_product(product_id=self.product, changes=cast("ProductChanges", changes))

    def stock(self, variant: UUID, place: UUID, on_hand: int) -> None:
        make_stock(on_hand, variant_id=variant, warehouse_id=place)

    def warehouse(self, **changes: Any) -> None:
        wanted = cast("WarehouseChanges", changes)
        inventory.update_warehouse(warehouse_id=self.place, changes=wanted)

    def ahead(self, mode: str, **terms: Any) -> None:
        inventory.set_ahead(merchant_id=self.shop, variant_id=self.one, mode=mode, **terms)

    def hold(self, quantity: int) -> None:
        inventory.reserve(
            key=uuid7(),
            lines=[inventory.StockLine(self.one, Decimal(quantity))],
            expires_at=clock.business() + timedelta(hours=1),
        )

    def sale(self) -> None:
        until = clock.business() + timedelta(days=1)
        self.planned = marketplace.plan_sale(
            merchant_id=self.shop, variant_id=self.two, unit_price=Decimal(5), ends_at=until
        )

    def changes(self) -> dict[str, Callable[[], Any]]:
        """Each changes the product's document, the next ones as those before left it."""
        shelf: dict[str, Any] = {"category_id": self.shelf, "merchant_id": self.shop}
        variants = [
            VariantInput(sku=v.sku, options=dict(v.options), barcode=barcode)
            for v, barcode in zip(self.made.variants, ("6901234567892", ""), strict=True)
        ]
        return {
            "title": lambda: self.update(titles={"zh-Hans": "玉米"}),
            "description": lambda: self.update(descriptions={"zh-Hans": "好"}),
            "metadata": lambda: self.update(metadata={"origin": "公主岭"}),
            "barcodes": lambda: self.update(variants=variants),
            "price": lambda: set_price(self.two, "19"),
            "sale": self.sale,
            "end of the sale": lambda: marketplace.end_sale(
                merchant_id=self.shop, sale_id=self.planned.id
            ),
            "offer gone": lambda: marketplace.withdraw_offer(
                merchant_id=self.shop, variant_id=self.two
            ),
            "brand": lambda: catalog.rename_brand(brand_id=self.brand, names={"zh-Hans": "长白"}),
            "attribute": lambda: catalog.update_attribute(
                attribute_id=self.attribute, changes={"names": {"zh-Hans": "质量等级"}}
            ),
            "category": lambda: catalog.update_category(
                category_id=self.category, changes={"names": {"zh-Hans": "苞米"}}
            ),
            "category above": lambda: catalog.update_category(
                category_id=self.root, changes={"slug": "cereal"}
            ),
            "category moved": lambda: catalog.update_category(
                category_id=self.category, changes={"parent_id": self.other}
            ),
            "shelf": lambda: catalog.put_shop_category_products(
                **shelf, product_ids=[self.product]
            ),
            "shelf's name": lambda: catalog.change_shop_category(
                **shelf, changes={"names": {"zh-Hans": "陈粮"}}
            ),
            "shelf taken": lambda: catalog.put_product_shop_categories(
                product_id=self.product, merchant_id=self.shop, category_ids=[]
            ),
            "shelf again": lambda: catalog.change_shop_category_products(
                **shelf, add=[self.product], remove=[]
            ),
            "shelf removed": lambda: catalog.remove_shop_category(**shelf),
            "warehouse's name": lambda: self.warehouse(names={"zh-Hans": "哈尔滨仓"}),
            "warehouse's region": lambda: self.warehouse(region="23"),
            "sold out in one place": lambda: self.stock(self.two, self.far, 0),
            "warehouse shut": lambda: self.warehouse(active=False),
            "warehouse open": lambda: self.warehouse(active=True),
            "last ones held": lambda: self.hold(3),
            "back-order": lambda: self.ahead("backorder", lead_days=7, limit=Decimal(2)),
            "all promised": lambda: self.hold(2),
            "no back-order": lambda: self.stock(self.two, self.place, 1),
            "merchant's name": lambda: platforms.update_merchant(
                merchant_id=self.shop, names={"zh-Hans": "粮仓"}
            ),
            "declaration": lambda: platforms.change_settings(
                settings={"search": {"warehouses": False}}
            ),
            "suspended": lambda: platforms.suspend_merchant(merchant_id=self.shop, reason="papers"),
            "reopened": lambda: platforms.reopen_merchant(merchant_id=self.shop),
            "withdrawn": lambda: catalog.withdraw_product(product_id=self.product),
            "published": lambda: catalog.publish_product(product_id=self.product),
        }


def test_each_source_is_followed(
    town: Any, engine: MemoryEngine, settled: Callable[..., None]
) -> None:
    goods = Goods()
    settled()
    unfollowed, idle = [], []
    for name, change in goods.changes().items():
        before = kept(engine, goods.product)
        change()
        settled()
        if any(
            compare_page(engine, kind=kind, generation=None, after=None, contents=True).problems
            for kind in ("product", "merchant")
        ):
            unfollowed.append(name)
        if kept(engine, goods.product) == before:
            idle.append(name)
    assert unfollowed == []
    assert idle == []  # each of them shows in the document, or it would prove nothing


def kept(engine: MemoryEngine, product: UUID) -> Any:
    found = engine.live("product", tenancy.current_id()).get(public_id("prd", product))
    return found and found.fields
