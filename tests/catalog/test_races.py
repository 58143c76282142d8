"""Many at once on the catalogue, with real commits."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connections

from catalog import facade
from catalog.facade import VariantInput
from catalog.models import Media, Product
from kernel import tenancy
from tests.factories.catalog import make_category, make_product, picture_bytes
from tests.factories.platforms import api_client, make_key, make_merchant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture(autouse=True)
def media_root(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def at_once(calls: Sequence[Callable[[], Any]], tenant: Any) -> list[Any]:
    """What each call returned or raised, all begun together, each on its own connection."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        try:
            with tenancy.scope(tenant):
                start.wait(20)
                try:
                    results[place] = calls[place]()
                except Exception as error:
                    results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits"
    return results


def kinds(results: list[Any]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def test_one_external_id_makes_one_product(platform: Any) -> None:
    merchant = make_merchant().id
    calls = [
        partial(
            facade.put_product,
            merchant_id=merchant,
            external_id="A-1",
            values={"titles": {"zh-Hans": f"茶 {n}"}, "variants": [VariantInput("S-1")]},
        )
        for n in range(8)
    ]
    results = at_once(calls, platform)
    assert kinds(results) == {"tuple": 8}
    assert sorted(made for _info, made in results) == [False] * 7 + [True]
    assert Product.objects.count() == 1


@pytest.mark.parametrize("same", ["slug", "sku", "external_id", "variants.external_id"])
def test_what_several_take_at_once_one_gets(platform: Any, same: str) -> None:
    """The others hear what was taken, alone and in a batch. A slug is the platform's, the rest are
    the merchant's."""
    one, other = make_merchant().id, make_merchant().id
    calls = []
    for n in range(6):
        variant = {"sku": "S" if same == "sku" else f"S-{n}"}
        if same == "variants.external_id":
            variant["external_id"] = "V"
        body = {"titles": {"zh-Hans": f"茶 {n}"}, "variants": [variant]}
        if same in ("slug", "external_id"):
            body[same] = "tea"
        seller = api_client(make_key(merchant_id=other if same == "slug" and n % 2 else one))
        if n % 3 or same == "external_id":  # a batch would change the product that has it
            calls.append(partial(seller.post, "/products", body))
        else:
            rows = {"products": [{**body, "external_id": f"E-{n}"}]}
            calls.append(partial(seller.post, "/products/batch", rows))
    heard: Counter[tuple[int, str]] = Counter()
    for answer in at_once(calls, platform):
        said = answer.json()
        row = said["data"][0] if "data" in said else {"status": answer.status_code, "error": said}
        made = row["status"] < 300
        heard[0 if made else row["status"], "" if made else row["error"]["errors"][0]["field"]] += 1
    assert heard == {(0, ""): 1, (409, same): 5}
    assert Product.objects.count() == 1


def test_batches_in_opposite_order_do_not_deadlock(platform: Any) -> None:
    seller = make_key(merchant_id=make_merchant().id)
    rows = [
        {
            "external_id": f"E-{n}",
            "titles": {"zh-Hans": f"茶 {n}"},
            "variants": [{"sku": f"S-{n}"}],
        }
        for n in range(10)
    ]
    calls = [
        partial(api_client(seller).post, "/products/batch", {"products": order})
        for order in (rows, rows[::-1], rows, rows[::-1])
    ]
    results = at_once(calls, platform)
    assert [answer.status_code for answer in results] == [200] * 4
    assert [answer.json()["failed"] for answer in results] == [0] * 4
    assert Product.objects.count() == 10


def test_moves_at_once_make_no_loop(platform: Any) -> None:
    a, b = make_category(slug="a"), make_category(slug="b")
    results = at_once(
        [
            partial(facade.update_category, category_id=a.id, changes={"parent_id": b.id}),
            partial(facade.update_category, category_id=b.id, changes={"parent_id": a.id}),
        ],
        platform,
    )
    assert kinds(results) == {"CategoryInfo": 1, "CategoryLoop": 1}
    assert len(facade.category_tree()) == 1


def test_the_last_two_variants_cannot_both_go(platform: Any) -> None:
    product = make_product(variants=2)

    def retire(present: VariantInput | None) -> VariantInput:
        assert present is not None
        return VariantInput(present.sku, present.options, active=False)

    results = at_once(
        [
            partial(facade.change_variant, product_id=product.id, variant_id=v.id, change=retire)
            for v in product.variants
        ],
        platform,
    )
    assert kinds(results) == {"UUID": 1, "LastVariant": 1}


def test_one_picture_uploaded_at_once_is_kept_once(platform: Any) -> None:
    merchant, data = make_merchant().id, picture_bytes()
    calls = [partial(facade.store_media, data=data, merchant_id=merchant) for _ in range(6)]
    results = at_once(calls, platform)
    assert kinds(results) == {"MediaInfo": 6}
    assert len({info.id for info in results}) == 1
    assert Media.objects.count() == 1
