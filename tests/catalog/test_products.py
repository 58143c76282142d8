"""Products through the facade: making, changing, states, what is refused."""

from typing import Any

import pytest

from catalog import facade
from catalog.facade import OptionAxis, ProductState, VariantInput
from kernel.errors import Invalid, InvalidTransition, NotFound
from platforms.facade import MerchantNotApproved
from tests.factories.catalog import make_category, make_product
from tests.factories.platforms import make_merchant

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
