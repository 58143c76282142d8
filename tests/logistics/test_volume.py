"""Light and bulky: what is charged where volume counts (体积重)."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.ids import public_id
from logistics import facade
from logistics.facade import Load
from logistics.models import Rate
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.logistics.test_rates import RULE, rule

PILLOW = Load(900, volume_mm3=500 * 350 * 200, longest_mm=500)
loads = st.builds(
    lambda sized, unsized, volume: Load(
        sized + unsized, volume_mm3=volume, unsized_grams=unsized
    ),
    st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10**9),
)  # fmt: skip
divisors = st.integers(1000, 100_000)


@pytest.mark.parametrize(
    ("load", "divisor", "charged"),
    [
        (PILLOW, 6000, 5834),  # up to the whole gram
        (PILLOW, 5000, 7000),
        (PILLOW, None, 900),
        (PILLOW, 100_000, 900),  # it weighs more than that counts as
        (Load(7000, volume_mm3=35_000_000), 6000, 7000),
        (Load(1900, volume_mm3=35_000_000, unsized_grams=1000), 6000, 6834),
        (Load(1000, unsized_grams=1000), 6000, 1000),
    ],
)
def test_the_greater_is_charged(load: Load, divisor: int | None, charged: int) -> None:
    assert rule(volume_divisor=divisor).charged(load) == charged


@given(loads, divisors)
def test_never_less_than_by_weight_and_nothing_without_a_divisor(load: Load, divisor: int) -> None:
    with_it, without = rule(volume_divisor=divisor), rule()
    assert with_it.charged(load) >= load.weight_grams == without.charged(load)
    assert with_it.charged(Load(load.weight_grams, unsized_grams=load.weight_grams)) == (
        load.weight_grams
    )
    price = with_it.price(load.weight_grams, 0, with_it.charged(load))
    plain = without.price(load.weight_grams, 0)
    assert (price is None) == (plain is None)
    assert price is None or plain is None or price >= plain


@given(loads, divisors, st.integers(0, 10**6))
def test_more_volume_never_costs_less_and_a_greater_divisor_never_more(
    load: Load, divisor: int, more: int
) -> None:
    bigger = Load(load.weight_grams, 0, load.volume_mm3 + more, load.unsized_grams)
    one = rule(volume_divisor=divisor)
    assert one.charged(bigger) >= one.charged(load)
    assert rule(volume_divisor=divisor + 1).charged(load) <= one.charged(load)


@pytest.mark.django_db
def test_quotes_say_what_is_charged(platform: Any) -> None:
    merchant = make_merchant().id
    facade.set_rates(
        merchant_id=merchant,
        rules=[{**RULE, "code": "bulk", "volume_divisor": 6000}, {**RULE, "code": "plain"}],
    )
    plain, bulk = facade.quotes_for(region="22", parcels={merchant: PILLOW})[merchant]
    assert (plain.rate_code, plain.price.amount) == ("plain", 600)
    assert (plain.charged_weight_grams, plain.by_volume) == (900, False)
    assert (bulk.rate_code, bulk.price.amount) == ("bulk", 600 + 10 * 150)
    assert (bulk.charged_weight_grams, bulk.by_volume) == (5834, True)
    # What limits a parcel is what it weighs, and free is free.
    large = Load(20_000, 20_000, volume_mm3=10**9)
    free = facade.quotes_for(region="22", parcels={merchant: large})[merchant]
    assert [one.price.amount for one in free] == [0, 0]


@pytest.mark.django_db
def test_too_long_a_piece_is_refused_where_every_tariff_has_a_longest_side(platform: Any) -> None:
    merchant = make_merchant().id
    short = {**RULE, "code": "short", "max_side_mm": 499}
    facade.set_rates(merchant_id=merchant, rules=[short, {**RULE, "max_side_mm": 500}])
    [found] = facade.quotes_for(region="22", parcels={merchant: PILLOW})[merchant]
    assert found.rate_code == "standard"
    facade.set_rates(merchant_id=merchant, rules=[short])
    with pytest.raises(facade.TooBig) as refused:
        facade.quotes_for(region="22", parcels={merchant: PILLOW})
    assert refused.value.problems[0].field == "longest_side_mm"
    assert facade.quotes(merchant_id=merchant, region="22", weight_grams=900)  # no size is known
    # Beyond all counting: refused, not priced.
    facade.set_rates(merchant_id=merchant, rules=[{**RULE, "volume_divisor": 1000}])
    with pytest.raises(facade.TooBig):
        facade.quotes_for(region="22", parcels={merchant: Load(1, volume_mm3=10**15)})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"volume_divisor": 6}, "rates.0.volume_divisor"),
        ({"volume_divisor": 100_001}, "rates.0.volume_divisor"),
        ({"volume_divisor": -6000}, "rates.0.volume_divisor"),
        ({"volume_divisor": 6000.5}, "rates.0.volume_divisor"),
        ({"volume_divisor": True}, "rates.0.volume_divisor"),
        ({"max_side_mm": 0}, "rates.0.max_side_mm"),
        ({"max_side_mm": 30_001}, "rates.0.max_side_mm"),
    ],
)
@pytest.mark.django_db
def test_wrong_limits_name_their_field(platform: Any, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        facade.set_rates(merchant_id=uuid4(), rules=[{**RULE, **change}])
    assert error.value.problems[0].field == field


@pytest.mark.django_db
def test_by_api(platform: Any) -> None:
    merchant = make_merchant()
    seller, guest = api_client(make_key(merchant_id=merchant.id)), api_client()
    number = public_id("mer", merchant.id)
    wanted = {**RULE, "volume_divisor": 6000, "max_side_mm": 1500}
    put = seller.put("/shipping/rates", {"rates": [wanted]})
    assert (put.status_code, put.json()["data"][0]["volume_divisor"]) == (200, 6000)
    [kept] = seller.get("/shipping/rates").json()["data"]
    assert (kept["volume_divisor"], kept["max_side_mm"]) == (6000, 1500)
    asked = {"merchant_id": number, "region": "22", "weight_grams": 900, "volume_cm3": 35_000}
    [quote] = guest.get("/shipping/quotes", query=asked).json()["data"]
    assert (quote["charged_weight_grams"], quote["by_volume"]) == (5834, True)
    assert quote["price"]["amount"] == 2100
    del asked["volume_cm3"]
    [quote] = guest.get("/shipping/quotes", query=asked).json()["data"]
    assert (quote["charged_weight_grams"], quote["by_volume"]) == (900, False)
    long = guest.get("/shipping/quotes", query={**asked, "longest_side_mm": 1501})
    assert (long.status_code, long.json()["code"]) == (422, "logistics.too_big")
    wrong = seller.put("/shipping/rates", {"rates": [{**wanted, "volume_divisor": 6}]})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "rates.0.volume_divisor"
    none = {**RULE, "volume_divisor": 0}
    assert seller.put("/shipping/rates", {"rates": [none]}).status_code == 200
    # As in rules from before.
    assert "volume_divisor" not in Rate.objects.get(merchant_id=merchant.id).rule
