"""Sale prices: begun and ended on time, what they cost before, and who sees it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock
from kernel.ids import public_id
from kernel.tenancy import Tenant
from marketplace import facade
from marketplace.domain.lowest import WINDOW, lowest_price
from marketplace.models import Offer
from tests.factories.marketplace import make_cart, make_goods, set_price
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, owner_of
from tests.factories.storefront import make_goods as make_product
from tests.marketplace.test_api import merchant_client, var

DAY = timedelta(days=1)
START = datetime.fromisoformat("2026-05-01T00:00:00+00:00")


@given(
    st.lists(
        st.tuples(st.integers(-90, 5), st.one_of(st.none(), st.integers(1, 99).map(Decimal))),
        max_size=8,
        unique_by=lambda one: one[0],
    )
)
def test_the_lowest_of_thirty_days(days: list[tuple[int, Decimal | None]]) -> None:
    """As a look at every day says."""
    changes = [(START + number * DAY, price) for number, price in sorted(days)]
    seen = []
    for hour in range(int(WINDOW / timedelta(hours=12))):
        moment = START - WINDOW + timedelta(hours=12 * hour + 1)
        past = [price for valid_from, price in changes if valid_from <= moment]
        if past and past[-1] is not None:
            seen.append(past[-1])
    assert lowest_price(changes, before=START) == min(seen, default=None)


def test_a_sale_begins_and_ends(platform: Tenant) -> None:
    shop = make_merchant()
    with clock.offset(-60 * DAY):
        tea = make_goods("20", merchant_id=shop.id)
    for days, price in ((20, "16"), (10, "19")):
        with clock.offset(-days * DAY):
            set_price(tea, price)
    now = clock.business()
    with pytest.raises(facade.InvalidSale) as caught:
        facade.plan_sale(merchant_id=shop.id, variant_id=tea, unit_price=Decimal(19), ends_at=now)
    assert {one.field for one in caught.value.problems} == {"unit_price", "ends_at"}
    with pytest.raises(facade.OfferNotFound):
        facade.plan_sale(
            merchant_id=make_merchant().id, variant_id=tea, unit_price=Decimal(9), ends_at=now + DAY
        )
    later = facade.plan_sale(
        merchant_id=shop.id, variant_id=tea, unit_price=Decimal(15), starts_at=now + DAY,
        ends_at=now + 2 * DAY,
    )  # fmt: skip
    with pytest.raises(facade.InvalidSale):
        facade.plan_sale(
            merchant_id=shop.id, variant_id=tea, unit_price=Decimal(15), ends_at=now + 3 * DAY
        )
    cart = make_cart((tea, 1))
    assert facade.run_sales() == (0, 0)
    with clock.offset(DAY + timedelta(minutes=1)):
        assert facade.run_sales() == (1, 0)
        found = facade.prices([tea])[tea]
        assert (found.unit_price, found.regular_price) == (Decimal("15.00"), Decimal("19.00"))
        assert found.lowest_before == Decimal("16.00")
        assert found.sale_ends_at == later.ends_at
        [line] = facade.cart_view(cart_id=cart.id).lines
        assert (line.unit_price, line.problems) == (Decimal("15.00"), ("price_changed",))
    with clock.offset(3 * DAY):
        assert facade.run_sales() == (0, 1)
    found = facade.prices([tea])[tea]
    assert (found.unit_price, found.regular_price) == (Decimal("19.00"), None)
    history = facade.price_history(offer_id=found.id).items
    assert [int(one.unit_price or 0) for one in history] == [19, 15, 19, 16, 20]
    # Another price set meanwhile stays.
    facade.plan_sale(merchant_id=shop.id, variant_id=tea, unit_price=Decimal(12), ends_at=now + DAY)
    set_price(tea, "18")
    found = facade.prices([tea])[tea]
    assert (found.unit_price, found.regular_price) == (Decimal("18.00"), None)
    [running] = facade.sales(merchant_id=shop.id, state="running").items
    facade.end_sale(merchant_id=shop.id, sale_id=running.id)
    assert facade.prices([tea])[tea].unit_price == Decimal("18.00")
    assert Offer.objects.get(variant_id=tea).sale_id is None


def test_sales_by_api_and_on_pages(platform: Tenant) -> None:
    shop = make_merchant()
    goods = make_product(shop, price="20.00")
    client, tea = merchant_client(shop.id), goods.variant_id
    until = (clock.business() + DAY).isoformat().replace("+00:00", "Z")
    made = client.post(f"/variants/{var(tea)}/sales", {"unit_price": "15", "ends_at": until})
    assert (made.status_code, made.json()["state"]) == (201, "running"), made.content
    [offer] = client.get("/offers").json()["data"]
    assert (offer["unit_price"], offer["regular_price"]) == ("15.00", "20.00")
    shown = Browser().see(f"/products/{goods.product.slug}/").content.decode()
    assert "Lowest price of the 30 days before" in shown
    anna = owner_of(shop)
    assert goods.product.variants[0].sku in anna.see("/merchant/sales/").content.decode()
    sale = made.json()["id"]
    assert merchant_client().delete(f"/sales/{sale}").status_code == 404
    anna.send(f"/merchant/sales/{sale}/end/", page="/merchant/sales/")
    assert client.get("/sales?state=over").json()["data"][0]["id"] == sale
    sku = goods.product.variants[0].sku
    wrong = anna.send("/merchant/sales/", sku="none", unit_price="15", ends_at="2999-01-01T00:00")
    assert wrong.status_code == 422
    anna.send("/merchant/sales/", sku=sku, unit_price="14", ends_at="2999-01-01T00:00")
    [planned] = facade.sales(merchant_id=shop.id, state="running").items
    assert public_id("sal", planned.id) != sale
