"""Products through the facade: making, changing, states, what is refused."""

from typing import Any
from uuid import uuid4

import pytest

from catalog import facade
from catalog.facade import ProductState, VariantInput
from kernel import audit, outbox, tenancy
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.records.outbox import OutboxEvent
from platforms.facade import MerchantNotApproved, reopen_merchant, suspend_merchant
from tests.factories.catalog import make_category, make_product
from tests.factories.platforms import make_merchant, make_platform

pytestmark = pytest.mark.django_db


def test_a_draft_is_made_with_its_variants(platform: Any) -> None:
    merchant = make_merchant()
    category = make_category()
    made = facade.create_product(
        merchant_id=merchant.id,
        category_id=category.id,
        titles={"zh-hans": "龙井", "en": "Longjing"},
        variants=[
            VariantInput(sku="LJ-1", options={"pack": {"zh-Hans": "一斤", "en": "500 g"}}),
            VariantInput(sku="LJ-2", options={"pack": "1 kg"}, weight_grams=1100, barcode="69"),
        ],
        external_id="erp-1",
        metadata={"erp": "1"},
    )
    assert made.state == ProductState.DRAFT
    assert made.titles == {"zh-Hans": "龙井", "en": "Longjing"}
    assert made.slug.startswith("longjing-")
    assert [axis.code for axis in made.options] == ["pack"]
    assert [(v.sku, v.weight_grams, v.barcode) for v in made.variants] == [
        ("LJ-1", 0, ""),
        ("LJ-2", 1100, "69"),
    ]
    found = facade.variants([v.id for v in made.variants])
    first = found[made.variants[0].id]
    assert first.title["en"] == "Longjing"
    assert first.option_text("zh-hans") == "一斤"
    assert (first.published, first.category_id, first.unit) == (False, category.id, "C62")


def test_two_variants_need_different_options_and_skus(platform: Any) -> None:
    def make(*variants: VariantInput) -> None:
        facade.create_product(
            merchant_id=merchant, titles={"zh-Hans": "茶"}, variants=list(variants)
        )

    merchant = make_merchant().id
    with pytest.raises(facade.SameOptions):
        make(VariantInput("A", {"size": "S"}), VariantInput("B", {"size": "S"}))
    with pytest.raises(Invalid):
        make(VariantInput("A", {"size": "S"}), VariantInput("A", {"size": "M"}))
    with pytest.raises(Invalid):
        make(VariantInput("A", {"size": "S"}), VariantInput("B", {"colour": "red"}))
    with pytest.raises(Invalid):
        make(VariantInput("A", weight_grams=-1))
    make(VariantInput("A"))
    with pytest.raises(facade.SkuTaken):
        make(VariantInput("A"))
    other = make_merchant().id
    made = facade.create_product(
        merchant_id=other, titles={"zh-Hans": "茶"}, variants=[VariantInput("A")]
    )
    assert made.variants[0].sku == "A"


def test_what_is_refused_leaves_nothing_behind(platform: Any) -> None:
    merchant = make_merchant()
    with pytest.raises(Invalid) as refused:
        facade.create_product(merchant_id=merchant.id, titles={"fr": "Thé"})
    assert refused.value.problems[0].field == "titles.fr"
    with pytest.raises(facade.CategoryUnknown):
        facade.create_product(
            merchant_id=merchant.id, titles={"en": "Tea"}, category_id=merchant.id
        )
    with pytest.raises(MerchantNotApproved):
        facade.create_product(merchant_id=make_merchant(approved=False).id, titles={"en": "Tea"})
    assert facade.products_page(merchant_id=merchant.id).items == []


def test_publishing_needs_a_title_in_the_main_language_and_a_variant(platform: Any) -> None:
    made = make_product(titles={"en": "Tea"}, variants=0, published=False)
    with pytest.raises(facade.NotPublishable) as refused:
        facade.publish_product(product_id=made.id)
    assert {p.field for p in refused.value.problems} == {"titles.zh-Hans", "variants"}
    facade.update_product(
        product_id=made.id,
        changes={"titles": {"zh-Hans": "茶"}, "variants": [VariantInput("TEA-1")]},
    )
    assert facade.publish_product(product_id=made.id).state == ProductState.PUBLISHED


def test_states(platform: Any) -> None:
    product = make_product()
    with pytest.raises(InvalidTransition):
        facade.publish_product(product_id=product.id)
    with pytest.raises(InvalidTransition):
        facade.redraft_product(product_id=product.id)
    assert facade.withdraw_product(product_id=product.id).state == ProductState.WITHDRAWN
    with pytest.raises(NotFound):
        facade.product_page(slug_or_id=product.slug)
    assert facade.redraft_product(product_id=product.id).state == ProductState.DRAFT
    again = facade.publish_product(product_id=product.id)
    assert facade.product_page(slug_or_id=again.id).slug == product.slug


def test_changing_counts_the_version_only_when_something_changes(platform: Any) -> None:
    product = make_product(variants=2)
    same = facade.update_product(product_id=product.id, changes={"titles": product.titles})
    assert same.version == product.version
    kept = product.variants[0]
    changed = facade.update_product(
        product_id=product.id,
        changes={"variants": [VariantInput(kept.sku, kept.options, weight_grams=5)]},
    )
    assert changed.version == product.version + 1
    assert [(v.active, v.weight_grams) for v in changed.variants] == [(True, 5), (False, 1000)]
    with pytest.raises(facade.LastVariant):
        facade.update_product(product_id=product.id, changes={"variants": []})


def test_a_retired_sku_comes_back(platform: Any) -> None:
    product = make_product(variants=2)
    first, second = (VariantInput(v.sku, v.options) for v in product.variants)
    facade.update_product(product_id=product.id, changes={"variants": [first]})
    again = facade.update_product(product_id=product.id, changes={"variants": [second, first]})
    assert [v.id for v in again.variants] == [product.variants[1].id, product.variants[0].id]
    assert all(v.active for v in again.variants)


def test_an_upsert_by_external_id(platform: Any) -> None:
    merchant = make_merchant()
    first, made = facade.put_product(
        merchant_id=merchant.id, external_id="X", values={"titles": {"zh-Hans": "茶"}}
    )
    again, made_again = facade.put_product(
        merchant_id=merchant.id, external_id="X", values={"titles": {"zh-Hans": "绿茶"}}
    )
    assert (made, made_again, again.id) == (True, False, first.id)
    assert again.titles == {"zh-Hans": "绿茶"}
    with pytest.raises(facade.ExternalIdTaken):
        facade.create_product(merchant_id=merchant.id, titles={"zh-Hans": "茶"}, external_id="X")


def test_slugs_are_unique_and_checked(platform: Any) -> None:
    make_product(slug="green-tea")
    with pytest.raises(facade.SlugTaken):
        make_product(slug="green-tea")
    with pytest.raises(Invalid):
        make_product(slug="Green Tea")
    assert make_product(titles={"zh-Hans": "绿茶"}).slug.startswith("p-")


def test_another_merchants_product_is_absent(platform: Any) -> None:
    product, other = make_product(), make_merchant()
    for call in (facade.publish_product, facade.withdraw_product, facade.redraft_product):
        with pytest.raises(NotFound):
            call(product_id=product.id, merchant_id=other.id)
    with pytest.raises(NotFound):
        facade.update_product(
            product_id=product.id, merchant_id=other.id, changes={"slug": "mine-now"}
        )
    with pytest.raises(NotFound):
        facade.change_variant(
            product_id=product.id,
            merchant_id=other.id,
            variant_id=None,
            change=lambda _present: VariantInput("Z", {"size": "XL"}),
        )
    assert facade.product(product.id).version == product.version


def test_another_platforms_product_is_absent(platform: Any) -> None:
    with tenancy.scope(make_platform()):
        theirs = make_product()
    with pytest.raises(NotFound):
        facade.product(theirs.id)
    with pytest.raises(NotFound):
        facade.publish_product(product_id=theirs.id)
    assert facade.variants([theirs.variants[0].id]) == {}
    assert facade.product_cards().items == []


def test_a_suspended_merchants_products_are_hidden_until_it_is_back(platform: Any) -> None:
    product = make_product()
    suspend_merchant(merchant_id=product.merchant_id, reason="papers")
    outbox.drain()
    assert facade.product_cards().items == []
    assert not facade.variants([product.variants[0].id])[product.variants[0].id].published
    with pytest.raises(MerchantNotApproved):
        facade.update_product(product_id=product.id, changes={"slug": "new-slug"})
    reopen_merchant(merchant_id=product.merchant_id)
    outbox.drain()
    assert [card.id for card in facade.product_cards().items] == [product.id]


def test_changes_are_recorded_and_told(platform: Any) -> None:
    product = make_product()
    facade.withdraw_product(product_id=product.id, reason="season over")
    actions = [entry.action for entry in audit.entries_for([product.id]).items]
    assert sorted(actions) == [
        "catalog.product.created",
        "catalog.product.published",
        "catalog.product.withdrawn",
    ]
    told = OutboxEvent.objects.filter(aggregate_id=product.id).order_by("version")
    assert [row.type for row in told] == [
        "catalog.product.created.v1",
        "catalog.product.published.v1",
        "catalog.product.withdrawn.v1",
    ]
    assert {row.merchant_id for row in told} == {product.merchant_id}


def test_whose_variants_are_and_in_which_unit(platform: Any) -> None:
    mine = make_product(unit="KGM")
    theirs = make_product()
    ids = [one.variants[0].id for one in (mine, theirs)]
    assert facade.variant_owners([*ids, uuid4(), ids[0]]) == {
        ids[0]: mine.merchant_id,
        ids[1]: theirs.merchant_id,
    }
    assert facade.variant_units(mine.merchant_id, [*ids, uuid4()]) == {ids[0]: "KGM"}
    assert facade.variant_units(uuid4(), ids) == facade.variant_owners([]) == {}
