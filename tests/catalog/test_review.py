"""The operator's review: off by default; on, nothing is shown before it was looked at."""

from catalog import facade
from journeys import facade as journeys
from kernel import jobs
from kernel.ids import public_id
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from platforms import facade as platforms
from tests.factories.catalog import make_product
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.factories.storefront import operator, owner_of


def want_review() -> None:
    settings = platforms.get_platform().settings
    platforms.change_settings(settings={"catalog": {**settings["catalog"], "review": True}})


def test_draft_review_returned_published_withdrawn_with_words_and_history(
    platform: Tenant,
) -> None:
    merchant = make_merchant()
    own, operators = (
        api_client(make_key(merchant_id=merchant.id)),
        api_client(make_key(kind="operator")),
    )
    at_once = own.post("/products", {"titles": {"zh-Hans": "茶"}, "variants": [{"sku": "A"}],
                                     "publish": True})  # fmt: skip
    assert at_once.json()["state"] == "published"
    want_review()
    made = make_product(merchant_id=merchant.id, published=False)
    path = f"/products/{public_id('prd', made.id)}"
    sent = own.post(f"{path}/publish")
    assert sent.json()["state"] == "in_review", sent.content
    assert own.post(f"{path}/approve").status_code == 403
    assert api_client(None).get(path).status_code == 404
    nothing = operators.post(f"{path}/return", {"reason": " "})
    assert nothing.json()["errors"][0]["field"] == "reason"
    back = operators.post(f"{path}/return", {"reason": "The picture is of another tea"})
    assert back.json()["state"] == "returned"
    assert operators.post(f"{path}/approve").status_code == 409

    shop, desk = owner_of(merchant), operator()
    page = f"/merchant{path}/"
    told = shop.see(page).content.decode()
    assert "The picture is of another tea" in told
    assert "Product: sent back" in told
    handed = shop.send(f"{page}act/", page=page, do="publish")
    assert "Handed in" in handed.content.decode()
    queue = desk.see("/operator/products/").content.decode()
    assert made.titles["en"] in queue
    looked = f"/operator{path}/"
    assert "The picture is of another tea" in desk.see(looked).content.decode()
    stale = desk.send(f"{looked}act/", page=looked, do="approve", version="1")
    assert "changed since" in stale.content.decode()
    version = str(facade.product(made.id).version)
    desk.send(f"{looked}act/", page=looked, do="approve", version=version)
    assert facade.product(made.id).state == "published"
    desk.send(f"{looked}act/", page=looked, do="withdraw", reason="Recalled")
    assert "Recalled" in shop.see(page).content.decode()
    types = OutboxEvent.objects.filter(aggregate_id=made.id).values_list("type", flat=True)
    assert [one.split(".")[2] for one in types.order_by("version")] == [
        "created", "submitted", "returned", "submitted", "published", "withdrawn",
    ]  # fmt: skip


def test_lists_are_reviewed_too(platform: Tenant) -> None:
    want_review()
    merchant = make_merchant()
    data = "SKU,title,state\nA,茶,published\n".encode()
    info = journeys.upload_import(merchant_id=merchant.id, data=data)
    journeys.run_import(import_id=info.id, merchant_id=merchant.id)
    jobs.drain()
    [made] = facade.products_page(merchant_id=merchant.id).items
    assert (str(made.state), made.published_at) == ("in_review", None)
    assert facade.redraft_product(product_id=made.id, merchant_id=merchant.id).state == "draft"
