"""Videos on the merchant's page of a product, on the shop's, and on the operator's."""

import io
import json
import re
from typing import Any

import pytest

from catalog import facade as catalog
from kernel.ids import public_id
from platforms import facade as platforms
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, make_goods, operator, owner_of
from tests.factories.videos import mp4_bytes, webm_bytes

pytestmark = pytest.mark.usefixtures("platform")


def named(data: bytes, name: str) -> Any:
    file = io.BytesIO(data)
    file.name = name
    return file


def test_a_merchant_adds_names_orders_and_removes_videos() -> None:
    goods = make_goods(picture=True)
    desk, product = owner_of(goods.merchant), goods.product
    page = f"/merchant/products/{public_id('prd', product.id)}/"
    text = desk.see(page).content.decode()
    assert "at most 50 MB" in text
    where = page + "videos/"
    titles = {"title_0": "泡茶", "title_1": "Brewing"}
    desk.send(where, page=page, file=named(mp4_bytes(), "a.mp4"), **titles)
    desk.send(where, page=page, file=named(webm_bytes(), "b.webm"))
    first, second = catalog.product(product.id).videos
    assert (first.file.filename, first.titles) == ("a.mp4", {"zh-Hans": "泡茶", "en": "Brewing"})
    text = desk.see(page).content.decode()
    assert text.count("<video") == 2
    assert f'src="{desk.prefix}{first.file.path}" type="video/mp4"' in text
    assert 'value="Brewing"' in text
    desk.send(where, page=page, do="name", video=str(second.id), title_1="The garden")
    desk.send(where, page=page, do="first", video=str(second.id))
    found = catalog.product(product.id).videos
    assert [(one.id, one.titles) for one in found] == [
        (second.id, {"en": "The garden"}), (first.id, first.titles),
    ]  # fmt: skip
    desk.send(where, page=page, do="remove", video=str(first.id))
    assert [one.id for one in catalog.product(product.id).videos] == [second.id]
    stranger = owner_of(make_merchant())
    stranger.send(where, page="/merchant/products/", do="remove", video=str(second.id))
    stranger.send(where, page="/merchant/products/", file=named(mp4_bytes(), "a.mp4"))
    assert len(catalog.product(product.id).videos) == 1


def test_what_is_wrong_is_said_on_the_page() -> None:
    goods = make_goods()
    desk = owner_of(goods.merchant)
    page = f"/merchant/products/{public_id('prd', goods.product.id)}/"
    answer = desk.send(page + "videos/", page=page, file=named(b"<html>", "a.mp4"))
    text = answer.content.decode()
    assert "Send a whole MP4 file" in text
    assert catalog.product(goods.product.id).videos == ()
    present = platforms.get_platform().settings["catalog"]
    changed = {**present, "videos_per_product": 1, "video_megabytes": 1}
    platforms.change_settings(settings={"catalog": changed})
    large = named(mp4_bytes(length=1_300_000), "a.mp4")
    answer = desk.send(page + "videos/", page=page, file=large)
    assert answer.status_code == 413
    assert "The video is too large" in answer.content.decode()
    for seed in (1, 2):
        file = named(mp4_bytes(seed=seed), "a.mp4")
        answer = desk.send(page + "videos/", page=page, file=file)
    assert "as many videos as it can have" in answer.content.decode()
    assert len(catalog.product(goods.product.id).videos) == 1
    assert 'name="file"' not in desk.see(page).content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_shop_shows_them(language: str) -> None:
    goods = make_goods(picture=True)
    browser = Browser(language)
    where = f"/products/{goods.product.slug}/"
    assert "<video" not in browser.see(where).content.decode()
    titles = {"en": "Brewing <it>", "zh-Hans": "泡茶 <it>"}
    video = catalog.add_video(product_id=goods.product.id, pieces=[mp4_bytes()], titles=titles)
    text = browser.see(where).content.decode()
    [tag] = re.findall(r"<video[^>]*>", text)
    for part in ("controls", 'preload="none"', "playsinline", 'poster="', 'width="640"'):
        assert part in tag, part
    word = "Brewing" if language == "en" else "泡茶"
    assert f"{word} &lt;it&gt;" in text
    [data] = [
        one for block in re.findall(r'ld\+json">(.*?)</script>', text)
        if (one := json.loads(block))["@type"] == "Product"
    ]  # fmt: skip
    [told] = data["subjectOf"]
    assert (told["@type"], told["name"], told["duration"]) == (
        "VideoObject", f"{word} <it>", "PT2S",
    )  # fmt: skip
    assert told["contentUrl"].endswith(video.file.path)
    assert told["thumbnailUrl"][0].startswith("http")
    assert told["uploadDate"] == video.file.created_at.isoformat(timespec="seconds")


def test_without_a_picture_search_engines_are_told_nothing_of_it() -> None:
    goods = make_goods()
    catalog.add_video(product_id=goods.product.id, pieces=[webm_bytes()])
    text = Browser().see(f"/products/{goods.product.slug}/").content.decode()
    assert "<video" in text
    assert "VideoObject" not in text


def test_the_operator_sees_them_in_the_review() -> None:
    goods = make_goods()
    video = catalog.add_video(product_id=goods.product.id, pieces=[webm_bytes()])
    text = operator().see(f"/operator/products/{public_id('prd', goods.product.id)}/")
    assert video.file.path in text.content.decode()
