"""Prices: set, changed, withdrawn, with history and events."""

from decimal import Decimal

import pytest
from django.test.utils import CaptureQueriesContext

from kernel.errors import DomainError, TooLarge
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from kernel.transactions import connection
from marketplace import facade
from marketplace.facade import OfferInfo, PriceInput
from tests.factories.catalog import make_product, make_variant
from tests.factories.marketplace import set_price
from tests.factories.platforms import make_merchant


def prices_told() -> list[str | None]:
    rows = OutboxEvent.objects.filter(type="marketplace.price.changed.v1").order_by("id")
    return [row.payload["unit_price"] for row in rows]


def test_a_price_is_set_changed_and_withdrawn(platform: Tenant) -> None:
    variant = make_variant()
    first = set_price(variant, "19.9")
    assert (str(first.unit_price), first.purchasable, first.version) == ("19.90", True, 1)
    second = set_price(variant, "0.0385")
    assert second.id == first.id
    assert second.version == 2
    again = set_price(variant, "0.038500")
    assert again.version == 2, "the same price is no change"
    gone = facade.withdraw_offer(merchant_id=first.merchant_id, variant_id=variant)
    assert not gone.purchasable
    facade.withdraw_offer(merchant_id=first.merchant_id, variant_id=variant)
    back = set_price(variant, "0.0385")
    assert back.purchasable
    assert facade.prices([variant])[variant] == back
    history = facade.price_history(offer_id=first.id).items
    assert [change.unit_price for change in history] == [
        Decimal("0.0385"),
        None,
        Decimal("0.0385"),
        Decimal("19.90"),
    ]
    assert [None if p is None else Decimal(p) for p in prices_told()] == [
        Decimal("19.9"),
        Decimal("0.0385"),
        None,
        Decimal("0.0385"),
    ]
    actions = AuditRecord.objects.filter(target_id=first.id).values_list("action", flat=True)
    assert sorted(actions) == [
        "marketplace.offer.reopened",
        "marketplace.offer.withdrawn",
        "marketplace.price.set",
        "marketplace.price.set",
        "marketplace.price.set",
    ]


def test_another_merchants_variant_is_unknown(platform: Tenant) -> None:
    variant, other = make_variant(), make_merchant()
    for merchant_id, wanted in ((other.id, variant), (other.id, other.id)):
        with pytest.raises(facade.UnknownVariant):
            facade.set_price(
                merchant_id=merchant_id,
                variant_id=wanted,
                unit_price=Decimal(1),
                currency="CNY",
            )
    set_price(variant)
    with pytest.raises(facade.OfferNotFound):
        facade.withdraw_offer(merchant_id=other.id, variant_id=variant)


def test_rows_of_a_batch_stand_or_fall_alone(platform: Tenant) -> None:
    product = make_product(variants=6)
    mine = [variant.id for variant in product.variants]
    facade.set_price(
        merchant_id=product.merchant_id,
        variant_id=mine[5],
        unit_price=Decimal(9),
        currency="CNY",
        external_id="NINE",
    )
    rows = [
        PriceInput(mine[0], Decimal("1.5"), "CNY", "ONE", {"list": "a"}),
        PriceInput(mine[0], Decimal("2"), "CNY"),
        PriceInput(mine[1], Decimal("0"), "CNY"),
        PriceInput(mine[2], Decimal("1"), "USD"),
        PriceInput(make_variant(), Decimal("1"), "CNY"),
        PriceInput(mine[3], Decimal("1"), "CNY", "ONE"),
        PriceInput(mine[4], Decimal("1"), "CNY", "NINE"),
        PriceInput(mine[5], Decimal("8"), "CNY"),
    ]
    found = facade.set_prices(merchant_id=product.merchant_id, rows=rows)
    assert [getattr(row, "code", "fine") for row in found] == [
        "fine",
        "marketplace.named_twice",
        "marketplace.invalid_price",
        "marketplace.wrong_currency",
        "marketplace.unknown_variant",
        "marketplace.external_id_taken",
        "marketplace.external_id_taken",
        "fine",
    ]
    kept = facade.prices(mine)
    assert {v: str(o.unit_price) for v, o in kept.items()} == {mine[0]: "1.50", mine[5]: "8.00"}
    assert kept[mine[0]].external_id == "ONE"
    assert kept[mine[5]].external_id == "NINE", "what isn't named stays"


def test_a_batch_takes_a_fixed_number_of_statements(platform: Tenant) -> None:
    merchant = make_merchant()
    product = make_product(variants=40, merchant_id=merchant.id)

    def run(price: str, count: int) -> int:
        rows = [PriceInput(v.id, Decimal(price), "CNY") for v in product.variants[:count]]
        with CaptureQueriesContext(connection()) as queries:
            found = facade.set_prices(merchant_id=merchant.id, rows=rows)
        assert all(isinstance(row, OfferInfo) for row in found)
        return len(queries)

    assert run("1", 2) == run("1", 40)  # both insert
    assert run("2", 2) == run("3", 40)
    assert run("4", 40) <= 11
    rows = [PriceInput(product.variants[0].id, Decimal(1), "CNY")] * 501
    with pytest.raises(TooLarge):
        facade.set_prices(merchant_id=merchant.id, rows=rows)


def test_errors_are_domain_errors(platform: Tenant) -> None:
    with pytest.raises(DomainError) as caught:
        set_price(make_variant(), "-3")
    assert caught.value.field == "unit_price"


def test_a_list_follows_changes(platform: Tenant) -> None:
    merchant = make_merchant()
    made = make_product(variants=3, merchant_id=merchant.id)
    for variant in made.variants:
        set_price(variant.id)
    set_price(make_variant())
    changed = set_price(made.variants[0].id, "5")
    page = facade.offers(
        merchant_id=merchant.id,
        updated_since=changed.updated_at,
        order=("updated_at", "id"),
    )
    assert [offer.id for offer in page.items] == [changed.id]
    first = facade.offers(merchant_id=merchant.id, limit=2)
    rest = facade.offers(merchant_id=merchant.id, limit=2, cursor=first.next_cursor)
    assert len(first.items) == 2
    assert len(rest.items) == 1
