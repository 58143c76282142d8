"""The first page's blocks: drafts, publishing, order, safe links, times and languages."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catalog import facade
from catalog.facade import BlockContent, BlockKind, ProductSource
from catalog.services.media import sweep_unused
from kernel import clock
from kernel.audit import entries_for
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id, uuid7
from kernel.tenancy import Tenant
from tests.catalog.test_races import at_once, kinds
from tests.factories.catalog import make_category, make_product, picture_bytes
from tests.factories.platforms import api_client, make_key, make_merchant

TEXT = BlockContent(texts={"zh-Hans": "欢迎", "en": "Welcome"})


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def text_block(content: BlockContent = TEXT) -> facade.BlockInfo:
    made = facade.create_block(kind=BlockKind.TEXT, content=content)
    return facade.publish_block(block_id=made.id)


def shown(language: str = "en", **options: Any) -> list[str]:
    return [
        one.content.texts.get("en", "") for one in facade.home_blocks(language=language, **options)
    ]


def test_a_draft_is_seen_in_the_preview_only(platform: Tenant) -> None:
    made = facade.create_block(kind=BlockKind.TEXT, content=TEXT)
    assert (shown(), shown(preview=True)) == ([], ["Welcome"])
    facade.publish_block(block_id=made.id)
    changed = replace(TEXT, texts={"zh-Hans": "你好", "en": "Hello"})
    info = facade.change_block(block_id=made.id, content=changed)
    assert info.changed
    assert (shown(), shown(preview=True)) == (["Welcome"], ["Hello"])
    assert not facade.publish_block(block_id=made.id).changed
    assert shown() == ["Hello"]
    again = facade.publish_block(block_id=made.id)  # a second click changes nothing
    assert again.version == facade.publish_block(block_id=made.id).version
    facade.unpublish_block(block_id=made.id)
    facade.unpublish_block(block_id=made.id)
    assert (shown(), shown(preview=True)) == ([], ["Hello"])
    actions = {one.action for one in entries_for([made.id], limit=50).items}
    assert {"catalog.block.created", "catalog.block.changed", "catalog.block.published",
            "catalog.block.unpublished"} <= actions  # fmt: skip


def test_times_and_languages(platform: Tenant) -> None:
    now = clock.business()
    hour = timedelta(hours=1)
    text_block(replace(TEXT, starts_at=now + hour, ends_at=now + 2 * hour))
    text_block(replace(TEXT, languages=("zh-hans",)))
    assert (len(shown("en")), len(shown("zh-Hans"))) == (0, 1)
    for ahead, there in ((1, 1), (1.9, 1), (2, 0)):
        with clock.frozen(now + ahead * hour):
            assert len(shown("en")) == there


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example",
     "/no-such-page/", "/api/v1/products", "/admin/", "categories/tea/", "/products/\n",
     "/products/ x", "/" + "p" * 400],
)  # fmt: skip
def test_links_lead_to_own_pages_only(platform: Tenant, link: str) -> None:
    if link == "/products/\n":
        assert text_block(replace(TEXT, link=link)).draft.link == "/products/"
        return
    with pytest.raises(Invalid) as refused:
        facade.create_block(kind=BlockKind.TEXT, content=replace(TEXT, link=link))
    assert [one.field for one in refused.value.problems] == ["link"]


def test_own_links_keep_query_and_fragment(platform: Tenant) -> None:
    link = "/search/?q=%E8%8C%B6&sort=price#results"
    assert text_block(replace(TEXT, link=link)).draft.link == link


def test_what_a_kind_needs_before_it_is_shown(platform: Tenant) -> None:
    for kind, content, fields in (
        (BlockKind.BANNER, BlockContent(), {"picture", "alts.zh-Hans"}),
        (BlockKind.TEXT, BlockContent(texts={"en": "x"}), {"texts.zh-Hans"}),
        (BlockKind.PRODUCTS, BlockContent(source=ProductSource.HAND),
         {"titles.zh-Hans", "products"}),
        (BlockKind.PRODUCTS, BlockContent(titles={"zh-Hans": "x"}, source=ProductSource.CATEGORY),
         {"category"}),
        (BlockKind.CATEGORIES, BlockContent(), {"categories"}),
    ):  # fmt: skip
        made = facade.create_block(kind=kind, content=content)
        with pytest.raises(facade.BlockIncomplete) as refused:
            facade.publish_block(block_id=made.id)
        assert {one.field for one in refused.value.problems} == fields
    wrong = BlockContent(
        category_ids=(uuid7(),), product_ids=(uuid7(),), count=99, languages=("fr",),
        starts_at=clock.business(), ends_at=clock.business() - timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(Invalid) as problems:
        facade.create_block(kind=BlockKind.TEXT, content=wrong)
    assert {one.field for one in problems.value.problems} == {
        "categories", "products", "count", "languages", "ends_at",
    }  # fmt: skip


def test_pictures_stay_while_draft_or_page_has_them(platform: Tenant) -> None:
    first, second = (
        facade.store_media(data=picture_bytes(seed=n), merchant_id=None) for n in (1, 2)
    )
    content = BlockContent(alts={"zh-Hans": "图"}, picture_id=first.id)
    made = facade.create_block(kind=BlockKind.BANNER, content=content)
    facade.publish_block(block_id=made.id)
    facade.change_block(block_id=made.id, content=replace(content, picture_id=second.id))
    with clock.frozen(clock.system() + timedelta(days=2)):
        assert sweep_unused() == 0
        [block] = facade.home_blocks(language="en")
        assert block.image is not None
        assert block.image.media_id == first.id
        facade.publish_block(block_id=made.id)
    with clock.frozen(clock.system() + timedelta(days=4)):
        assert sweep_unused() == 1
        facade.remove_block(block_id=made.id)
    with clock.frozen(clock.system() + timedelta(days=6)):
        assert sweep_unused() == 1
    theirs = facade.store_media(data=picture_bytes(), merchant_id=make_merchant().id)
    with pytest.raises(facade.MediaUnknown):
        facade.create_block(kind=BlockKind.BANNER, content=replace(content, picture_id=theirs.id))


def test_over_http(platform: Tenant) -> None:
    boss = api_client(make_key(kind="operator"))
    product, tea = make_product(), make_category(slug="tea")
    body = {
        "kind": "products", "titles": {"zh-Hans": "精选", "en": "Picked"}, "source": "hand",
        "products": [public_id("prd", product.id)], "link": "/categories/tea/",
    }  # fmt: skip
    assert api_client(make_key()).post("/home/blocks", body).status_code == 403
    made = boss.post("/home/blocks", body)
    assert made.status_code == 201, made.content
    path = f"/home/blocks/{made.json()['id']}"
    assert api_client().get("/home").json() == {"data": []}
    assert boss.post(f"{path}/publish").json()["state"] == "published"
    [one] = api_client().get("/home").json()["data"]
    assert one["products"] == body["products"]
    tiles = {"kind": "categories", "categories": [public_id("cat", tea.id)]}
    other = boss.post("/home/blocks", tiles).json()["id"]
    order = boss.put("/home/blocks/order", {"blocks": [other, made.json()["id"]]}).json()
    assert [block["id"] for block in order["data"]] == [other, made.json()["id"]]
    short = boss.put("/home/blocks/order", {"blocks": [other]})
    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "blocks")
    late = boss.put(path, {"titles": body["titles"]}, headers={"If-Match": '"0"'})
    assert late.status_code == 412
    changed = boss.put(path, {"titles": body["titles"], "source": "on_sale"})
    assert changed.json()["changed"] is True
    assert boss.post(f"/home/blocks/{other}/unpublish").json()["state"] == "draft"
    assert boss.delete(path).status_code == 204
    assert boss.get(path).status_code == 404
    unfinished = boss.post("/home/blocks", {"kind": "banner"}).json()["id"]
    refused = boss.post(f"/home/blocks/{unfinished}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.block_incomplete")


def test_moving_and_removing(platform: Tenant) -> None:
    ids = [text_block().id for _ in range(3)]
    assert [one.id for one in facade.move_block(block_id=ids[2], by=-1)] == [
        ids[0], ids[2], ids[1],
    ]  # fmt: skip
    assert facade.move_block(block_id=ids[0], by=-1)[0].id == ids[0]
    facade.remove_block(block_id=ids[0])
    with pytest.raises(NotFound):
        facade.move_block(block_id=ids[0], by=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_many_operators_at_once(platform: Tenant) -> None:
    """No two blocks at one place, none lost, whoever moves and removes at the same time."""
    create = partial(facade.create_block, kind=BlockKind.TEXT, content=TEXT)
    assert kinds(at_once([create] * 5, platform)) == {"BlockInfo": 5}
    ids = [one.id for one in facade.blocks()]
    moves = [partial(facade.move_block, block_id=key, by=by) for key in ids[:3] for by in (1, -1)]
    found = kinds(at_once([*moves, partial(facade.remove_block, block_id=ids[3])], platform))
    assert found == {"tuple": 6, "NoneType": 1}
    left = facade.blocks()
    assert {one.id for one in left} == {*ids[:3], ids[4]}
    assert len({one.position for one in left}) == 4
