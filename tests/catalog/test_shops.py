"""Shops: how they present themselves, their own categories, and what stands in them."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import facade
from catalog.events import ShopCategoryChanged, ShopChanged
from catalog.models import Media
from catalog.services.media import sweep_unused
from kernel import clock
from kernel.audit import entries_for
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id, uuid7
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from tests.catalog.test_races import at_once, kinds
from tests.factories.catalog import make_product, picture_bytes
from tests.factories.platforms import api_client, make_key, make_merchant

NAMES = {"zh-Hans": "茶", "en": "Tea"}


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def shelf(merchant_id: UUID, name: str = "茶", parent: UUID | None = None) -> UUID:
    return facade.create_shop_category(
        merchant_id=merchant_id, names={"zh-Hans": name}, parent_id=parent
    ).id


def cards(merchant_id: UUID, shelf_id: UUID) -> list[UUID]:
    found = facade.product_cards(merchant=merchant_id, shelf=shelf_id)
    return [card.id for card in found.items]


def order(merchant_id: UUID) -> list[UUID]:
    return [one.id for one in facade.shop_categories(merchant_id)]


def test_profile_over_http(platform: Tenant) -> None:
    merchant, other = make_merchant(), make_merchant()
    own = api_client(make_key(merchant_id=merchant.id))
    empty = own.get("/shop")
    assert empty.json()["updated_at"] is None
    banner = facade.store_media(data=picture_bytes(2000, 500), merchant_id=merchant.id)
    theirs = facade.store_media(data=picture_bytes(400, 400, seed=2), merchant_id=other.id)
    body = {
        "abouts": NAMES, "notices": {"en": "Open from nine"},
        "banner": public_id("med", banner.id), "banner_alts": {"en": "A garden"},
    }  # fmt: skip
    written = own.patch("/shop", body, headers={"If-Match": empty["ETag"]})
    assert written.status_code == 200, written.content
    assert [size["width"] for size in written.json()["banner"]["sizes"]] == [320, 800, 1600]
    late = own.patch("/shop", {"abouts": {}}, headers={"If-Match": empty["ETag"]})
    assert late.status_code == 412
    stolen = own.patch("/shop", {"logo": public_id("med", theirs.id)})
    assert (stolen.status_code, stolen.json()["code"]) == (422, "catalog.media_unknown")
    wrong = own.patch("/shop", {"notices": {"fr": "x", "en": "y" * 301}}).json()
    assert {one["field"] for one in wrong["errors"]} == {"notices.fr", "notices.en"}
    everybody = api_client().get(f"/shops/{merchant.public_id}").json()
    assert everybody["banner_alts"] == {"en": "A garden"}
    assert everybody["notices"] == {"en": "Open from nine"}
    waiting = make_merchant(approved=False)
    assert api_client().get(f"/shops/{waiting.public_id}").status_code == 404
    assert own.patch("/shop", {"banner": None}).json()["banner"] is None


def test_a_change_is_told_once_and_nothing_when_nothing_changes(platform: Tenant) -> None:
    merchant = make_merchant()
    for _ in range(2):
        facade.change_shop(merchant_id=merchant.id, changes={"abouts": NAMES})
    assert OutboxEvent.objects.filter(type=ShopChanged.NAME).count() == 1
    assert facade.shop(merchant.id).version == 1


def test_pictures_of_a_shop_are_kept_and_go_when_taken_off(platform: Tenant) -> None:
    merchant = make_merchant()
    stored = facade.store_media(data=picture_bytes(), merchant_id=merchant.id)
    facade.change_shop(
        merchant_id=merchant.id, changes={"banner_id": stored.id, "logo_id": stored.id}
    )
    with clock.frozen(clock.system() + timedelta(days=2)):
        assert sweep_unused() == 0
        facade.change_shop(merchant_id=merchant.id, changes={"banner_id": None})
        assert sweep_unused() == 0
        facade.change_shop(merchant_id=merchant.id, changes={"logo_id": None})
        assert sweep_unused() == 0  # its day as an unused upload begins now
    with clock.frozen(clock.system() + timedelta(days=4)):
        assert sweep_unused() == 1


def test_categories_and_what_stands_in_them(platform: Tenant) -> None:
    merchant, other = make_merchant(), make_merchant()
    tea, green = make_product(merchant_id=merchant.id), make_product(merchant_id=merchant.id)
    theirs = make_product(merchant_id=other.id)
    own = api_client(make_key(merchant_id=merchant.id))
    top = own.post("/shop/categories", {"names": NAMES})
    assert top.status_code == 201, top.content
    below = own.post("/shop/categories", {"names": NAMES, "parent": top.json()["id"]}).json()
    deep = own.post("/shop/categories", {"names": NAMES, "parent": below["id"]})
    assert (deep.status_code, deep.json()["errors"][0]["field"]) == (422, "parent")
    nameless = own.post("/shop/categories", {"names": {"en": "Tea"}})
    assert nameless.json()["errors"][0]["field"] == "names.zh-Hans"

    path = f"/shop/categories/{top.json()['id']}/products"
    placed = {"products": [public_id("prd", tea.id)]}
    assert own.put(path, placed).json() == own.get(path).json() == placed
    foreign = own.put(path, {"products": [public_id("prd", theirs.id)]})
    assert (foreign.status_code, foreign.json()["code"]) == (422, "catalog.shop_products_unknown")
    where = f"/products/{public_id('prd', green.id)}/shop-categories"
    assert own.put(where, {"shop_categories": [below["id"]]}).status_code == 200
    strange = api_client(make_key(merchant_id=other.id))
    assert strange.get(path).status_code == strange.put(path, placed).status_code == 404

    shown = api_client().get(f"/shops/{merchant.public_id}").json()["categories"]
    assert [(one["products"], len(one["children"])) for one in shown] == [(1, 1)]
    top_id = facade.shop_categories(merchant.id)[0].id
    assert cards(merchant.id, top_id) == [green.id, tea.id]  # with what is below it
    below_id = facade.shop_categories(merchant.id)[0].children[0].id
    assert cards(merchant.id, below_id) == [green.id]
    assert set(dict(facade.shop_shelves([green.id])[green.id])) == {top_id, below_id}

    busy = own.delete(f"/shop/categories/{top.json()['id']}")
    assert (busy.status_code, busy.json()["code"]) == (409, "catalog.shop_category_in_use")
    assert own.delete(f"/shop/categories/{below['id']}").status_code == 204
    assert own.get(where).json() == {"shop_categories": []}
    assert facade.product(green.id).state == "published"
    told = OutboxEvent.objects.filter(type=ShopCategoryChanged.NAME)
    assert told.filter(payload__removed=True).count() == 1
    assert {e.action for e in entries_for([below_id], limit=9).items} == {
        "catalog.shop_category.created", "catalog.shop_category.removed",
    }  # fmt: skip


def test_a_category_with_others_below_stays_at_the_top(platform: Tenant) -> None:
    merchant = make_merchant().id
    tea, rice = shelf(merchant), shelf(merchant)
    shelf(merchant, parent=tea)
    for parent in (tea, rice):
        with pytest.raises(Invalid):
            facade.change_shop_category(
                category_id=tea, merchant_id=merchant, changes={"parent_id": parent}
            )
    facade.change_shop_category(category_id=rice, merchant_id=merchant, changes={"parent_id": tea})
    [top] = facade.shop_categories(merchant)
    assert [one.id for one in top.children][-1] == rice
    with pytest.raises(facade.ShopCategoryUnknown):
        facade.change_shop_category(
            category_id=rice, merchant_id=merchant, changes={"parent_id": uuid7()}
        )
    with pytest.raises(NotFound):
        facade.move_shop_category(category_id=rice, merchant_id=make_merchant().id, by=1)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([-1, 1])), max_size=12))
def test_moving_keeps_all_in_one_order(platform: Tenant, moves: list[tuple[int, int]]) -> None:
    merchant = make_merchant().id
    ids = [shelf(merchant, str(n)) for n in range(4)]
    model = list(ids)
    for place, by in moves:
        facade.move_shop_category(category_id=ids[place], merchant_id=merchant, by=by)
        here = model.index(ids[place])
        there = min(max(here + by, 0), 3)
        model.insert(there, model.pop(here))
        assert order(merchant) == model
    for wrong in (model[:3], [*model[:3], model[0]], [*model, uuid7()]):
        with pytest.raises(Invalid):
            facade.order_shop_categories(merchant_id=merchant, category_ids=wrong)


def test_there_are_not_too_many(platform: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    from catalog.services import shop_categories as services

    monkeypatch.setattr(services, "CATEGORIES_MOST", 2)
    monkeypatch.setattr(services, "PRODUCTS_MOST", 1)
    monkeypatch.setattr(services, "PLACES_MOST", 1)
    merchant = make_merchant().id
    first, second = shelf(merchant), shelf(merchant)
    with pytest.raises(facade.TooManyShopCategories):
        shelf(merchant)
    products = [make_product(merchant_id=merchant).id for _ in range(2)]
    with pytest.raises(Invalid):
        facade.put_shop_category_products(
            category_id=first, merchant_id=merchant, product_ids=products
        )
    with pytest.raises(Invalid):
        facade.put_product_shop_categories(
            product_id=products[0], merchant_id=merchant, category_ids=[first, second]
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_many_at_once(platform: Tenant) -> None:
    """One profile however many write the first, no two categories at one place, no product lost."""
    merchant = make_merchant().id
    writers = [
        partial(facade.change_shop, merchant_id=merchant, changes={"abouts": {"en": str(n)}})
        for n in range(4)
    ]
    assert kinds(at_once(writers, platform)) == {"ShopInfo": 4}
    assert facade.shop(merchant).version == 4
    makers = [partial(shelf, merchant, str(n)) for n in range(5)]
    assert kinds(at_once(makers, platform)) == {"UUID": 5}
    assert [one.position for one in facade.shop_categories(merchant)] == [0, 1, 2, 3, 4]
    first = order(merchant)[0]
    products = [make_product(merchant_id=merchant).id for _ in range(4)]
    adders = [
        partial(
            facade.change_shop_category_products, category_id=first, merchant_id=merchant,
            add=[one], remove=[],
        )
        for one in products
    ]  # fmt: skip
    at_once(adders, platform)
    assert set(facade.shop_category_products(first)) == set(products)
    removing = partial(facade.remove_shop_category, category_id=first, merchant_id=merchant)
    placing = [
        partial(
            facade.put_product_shop_categories, product_id=one, merchant_id=merchant,
            category_ids=[first],
        )
        for one in products
    ]  # fmt: skip
    found = kinds(at_once([removing, *placing], platform))
    assert set(found) <= {"NoneType", "tuple", "ShopCategoryUnknown"}
    assert facade.shop_categories_of(products) == {}
    assert Media.objects.count() == 0
