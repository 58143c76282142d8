"""What a parcel costs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from logistics import facade
from logistics.domain.rates import RateRule
from logistics.models import Rate
from tests.factories.platforms import make_merchant

RULE: dict[str, Any] = {
    "code": "standard",
    "name": {"en": "Standard"},
    "regions": ["22"],
    "first_grams": 1000,
    "first_price": 600,
    "step_grams": 500,
    "step_price": 150,
    "max_grams": 20_000,
    "days_min": 1,
    "days_max": 3,
    "free_from": 20_000,
}


def rule(**changes: Any) -> RateRule:
    values = {**RULE, "carrier": "sandbox", "regions": frozenset(RULE["regions"])} | changes
    return RateRule(**values)


@pytest.mark.parametrize(
    ("grams", "value", "price"),
    [(1, 0, 600), (1000, 0, 600), (1001, 0, 750), (1500, 0, 750), (1501, 0, 900),
     (20_000, 0, 6300), (20_001, 0, None), (1501, 20_000, 0), (20_001, 20_000, None)],
)  # fmt: skip
def test_steps(grams: int, value: int, price: int | None) -> None:
    assert rule().price(grams, value) == price


@given(st.integers(1, 19_999), st.integers(0, 19_999))
def test_heavier_never_costs_less(grams: int, value: int) -> None:
    lighter, heavier = rule().price(grams, value), rule().price(grams + 1, value)
    assert lighter is not None
    assert heavier is not None
    assert heavier >= lighter >= 600


@pytest.mark.django_db
def test_platforms_rates_until_the_merchant_has_its_own(platform: Any) -> None:
    merchant = make_merchant().id
    near = facade.quotes(merchant_id=merchant, region="22", weight_grams=900)[0]
    far = facade.quotes(merchant_id=merchant, region="65", weight_grams=900)[0]
    assert (near.price.amount, far.price.amount) == (600, 1800)
    assert near.price.currency == "CNY"
    facade.set_rates(merchant_id=merchant, rules=[{**RULE, "first_price": 1}])
    assert facade.quotes(merchant_id=merchant, region="22", weight_grams=900)[0].price.amount == 1
    with pytest.raises(facade.NoRate):
        facade.quotes(merchant_id=merchant, region="65", weight_grams=900)
    facade.set_rates(merchant_id=merchant, rules=[])
    assert (
        facade.quotes(merchant_id=merchant, region="65", weight_grams=900)[0].price.amount == 1800
    )


@pytest.mark.django_db
def test_ways_of_one_price_are_offered_in_the_order_they_were_set_in(platform: Any) -> None:
    """The first is taken where the buyer chooses none: the cart's and then the order's."""
    merchant = make_merchant().id
    codes = ["slow", "standard", "early"]  # all free from 20,000 on
    facade.set_rates(merchant_id=merchant, rules=[{**RULE, "code": code} for code in codes])
    rows = list(Rate.objects.filter(merchant_id=merchant).order_by("-id"))
    Rate.objects.filter(merchant_id=merchant).delete()
    Rate.objects.bulk_create(rows)  # the same, but in the table they lie the other way round
    found = facade.quotes(merchant_id=merchant, region="22", weight_grams=9, goods_value=20_000)
    assert [(one.rate_code, one.price.amount) for one in found] == [(code, 0) for code in codes]


@pytest.mark.django_db
def test_every_region_can_be_reached(platform: Any) -> None:
    merchant = make_merchant().id
    for region in facade.REGIONS:
        assert facade.quotes(merchant_id=merchant, region=region, weight_grams=1)


@pytest.mark.django_db
def test_bad_input_names_its_field(platform: Any) -> None:
    merchant = make_merchant().id
    with pytest.raises(facade.UnknownRegion) as unknown:
        facade.quotes(merchant_id=merchant, region="99", weight_grams=1)
    assert unknown.value.problems[0].field == "region"
    with pytest.raises(facade.TooHeavy):
        facade.quotes(merchant_id=merchant, region="22", weight_grams=50_001)
    for change, field in (
        ({"regions": ["00"]}, "rates.0.regions"),
        ({"step_grams": 0}, "rates.0"),
        ({"first_price": -1}, "rates.0"),
        ({"days_min": 9}, "rates.0.days_min"),
    ):
        with pytest.raises(Invalid) as error:
            facade.set_rates(merchant_id=merchant, rules=[{**RULE, **change}])
        assert error.value.problems[0].field == field
    assert facade.rates(merchant_id=merchant) == []
