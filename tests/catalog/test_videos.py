"""Videos: what a file is by its bytes, how it is kept, sent in parts, and taken away again."""

import io
import json
import struct
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from catalog import facade
from catalog.gateways import video_files, videos
from catalog.models import VideoFile
from catalog.services.media import sweep_unused
from config.backup.dump import finished
from kernel import clock, tenancy
from kernel.audit import latest_for
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id
from platforms import facade as platforms
from tests.factories.catalog import make_product
from tests.factories.platforms import api_client, make_key, make_merchant, make_platform
from tests.factories.videos import box, element, mp4_bytes, webm_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def stored_files() -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def look(data: bytes) -> videos.Footage:
    return videos.inspect(io.BytesIO(data), len(data))


def store(data: bytes, **fields: Any) -> facade.VideoFileInfo:
    return facade.store_video(
        pieces=[data[at : at + 100] for at in range(0, len(data), 100)],
        merchant_id=fields.pop("merchant_id", None) or make_merchant().id,
        **fields,
    )


def set_catalog(**values: int) -> None:
    present = platforms.get_platform().settings["catalog"]
    platforms.change_settings(settings={"catalog": {**present, **values}})


@pytest.mark.parametrize("brand", ["isom", "mp42", "avc1", "M4V "])
def test_an_mp4_says_how_long_and_how_large_it_is(brand: str) -> None:
    found = look(mp4_bytes(brand=brand, seconds=21))
    assert (found.kind.value, found.milliseconds) == ("mp4", 21_000)
    assert (found.width, found.height) == (640, 360)
    lying = look(mp4_bytes(lies=True))
    assert (lying.width, lying.height) == (360, 640)
    assert look(mp4_bytes(sound="")).width == 640


@pytest.mark.parametrize("coding", ["V_VP8", "V_VP9", "V_AV1"])
def test_a_webm_says_so_too(coding: str) -> None:
    found = look(webm_bytes(coding=coding, seconds=3.5, width=320, height=200))
    assert (found.kind.value, found.milliseconds) == ("webm", 3500)
    assert (found.width, found.height) == (320, 200)
    assert look(webm_bytes(unknown=True)).width == 640, "as browsers record it"


def test_lengths_of_eight_bytes_are_read_too() -> None:
    data = mp4_bytes(length=0)[:-8]
    noise = b"x" * 50
    assert look(data + struct.pack(">I4sQ", 1, b"mdat", 16 + 50) + noise).width == 640
    assert look(data + struct.pack(">I4s", 0, b"mdat") + noise).width == 640


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "neither"),
        (b"<html><script>alert(1)</script>", "neither"),
        (b"\x00\x00\x00\x20ftyp", "whole"),
        (mp4_bytes()[:-1], "whole"),
        (mp4_bytes()[:200], "whole"),
        (box("ftyp", b"isom", bytes(4)) + b"<script>alert(1)</script>", "whole"),
        (box("ftyp", b"isom", bytes(4)) + box("mdat"), "whole"),
        (mp4_bytes(brand="qt  "), "qt"),
        (mp4_bytes(brand="heic"), "heic"),
        (mp4_bytes(pictures="hvc1"), "hvc1"),
        (mp4_bytes(pictures="encv"), "encv"),
        (mp4_bytes(sound="ac-3"), "ac-3"),
        (box("ftyp", b"isom", bytes(4)) + box("moov") + box("mdat"), "move"),
        (mp4_bytes() + box("free") * 5000, "parts"),
        (webm_bytes(kind="matroska"), "matroska"),
        (webm_bytes(coding="V_MPEG4/ISO/AVC"), "V_MPEG4"),
        (webm_bytes(coding="A_OPUS"), "move"),
        (webm_bytes()[:-1], "whole"),
        (webm_bytes()[:60], "whole"),
        (element(0x1A45DFA3, element(0x4282, b"webm")) + b"\0\0<html>", "whole"),
    ],
)  # fmt: skip
def test_what_is_no_whole_video_is_refused(platform: Any, data: bytes, why: str) -> None:
    with translation.override("en"), pytest.raises(facade.VideoUnreadable) as refused:
        store(data)
    assert why in str(refused.value.detail)
    assert refused.value.field == "file"
    assert stored_files() == []
    assert not VideoFile.objects.exists()


@pytest.mark.parametrize("make", [mp4_bytes, webm_bytes])
def test_a_cut_or_changed_file_never_does_worse_than_be_refused(make: Any) -> None:
    whole = make()
    for at in range(0, 700, 3):
        for data in (whole[:at], whole[:at] + b"\xff" + whole[at + 1 :], whole[:at] + whole[4:]):
            try:
                look(data)
            except facade.VideoUnreadable:
                continue


def test_where_it_was_filmed_is_forgotten(platform: Any) -> None:
    place = box("udta", box("\xa9xyz", b"+31.2304+121.4737/"))
    data = mp4_bytes(more=place + box("meta", b"Camera of Wang Fang"))
    info = store(data + box("uuid", b"Wang's studio"))
    kept = video_files.place(info.digest, info.kind).read_bytes()
    assert len(kept) == info.size
    for told in (b"31.2304", b"Wang", b"udta", b"uuid"):
        assert told not in kept
    assert look(kept).width == 640


def test_the_same_bytes_are_kept_once(platform: Any) -> None:
    merchant = make_merchant().id
    first = store(mp4_bytes(), merchant_id=merchant, filename="a\n.mp4")
    assert store(mp4_bytes(), merchant_id=merchant).id == first.id
    assert store(mp4_bytes()).id != first.id, "another merchant's"
    assert first.filename == "a.mp4"
    assert [path.name for path in stored_files()] == [f"{first.digest}.mp4"]


def test_too_many_bytes_stop_the_reading(platform: Any) -> None:
    set_catalog(video_megabytes=1)
    came = 0

    def endless() -> Any:
        nonlocal came
        yield mp4_bytes()
        while True:
            came += 1
            yield bytes(100_000)

    with pytest.raises(facade.VideoTooLarge) as refused:
        facade.store_video(pieces=endless(), merchant_id=make_merchant().id)
    assert refused.value.params["limit"] == 1_000_000
    assert came <= 11
    assert stored_files() == []


def test_videos_of_a_product(platform: Any) -> None:
    product = make_product()
    first = facade.add_video(product_id=product.id, pieces=[mp4_bytes(seed=1)])
    second = facade.add_video(
        product_id=product.id, pieces=[webm_bytes(seed=2)], titles={"en": "Brewing", "zh-hans": ""}
    )
    assert second.titles == {"en": "Brewing"}
    again = facade.attach_video(product_id=product.id, file_id=second.file.id)
    assert again == second
    facade.order_videos(product_id=product.id, video_ids=[second.id, first.id])
    assert [one.id for one in facade.product(product.id).videos] == [second.id, first.id]
    page = facade.product_page(slug_or_id=product.slug)
    assert page.videos == facade.product(product.id).videos
    with pytest.raises(Invalid):
        facade.order_videos(product_id=product.id, video_ids=[second.id, second.id])
    facade.change_video(product_id=product.id, video_id=first.id, titles={"en": "The garden"})
    with pytest.raises(Invalid):
        facade.change_video(product_id=product.id, video_id=first.id, titles={"fr": "Le jardin"})
    facade.remove_video(product_id=product.id, video_id=second.id)
    [left] = facade.product(product.id).videos
    assert (left.id, left.titles) == (first.id, {"en": "The garden"})
    assert facade.product(product.id).version > product.version
    told = [one.after for one in latest_for(product.id, limit=10)]
    assert {"changed": ["videos"], "videos": {"removed": str(second.id)}} in told


def test_a_product_has_only_so_many(platform: Any) -> None:
    product = make_product()
    set_catalog(videos_per_product=1)
    facade.add_video(product_id=product.id, pieces=[mp4_bytes(seed=1)])
    with pytest.raises(facade.TooManyVideos):
        facade.add_video(product_id=product.id, pieces=[mp4_bytes(seed=2)])
    assert len(stored_files()) == 1, "not even taken in"
    other = store(mp4_bytes(seed=3), merchant_id=product.merchant_id)
    with pytest.raises(facade.TooManyVideos):
        facade.attach_video(product_id=product.id, file_id=other.id)


def test_other_merchants_videos_are_absent(platform: Any) -> None:
    product = make_product()
    theirs = store(mp4_bytes())
    with pytest.raises(facade.VideoUnknown):
        facade.attach_video(product_id=product.id, file_id=theirs.id)
    stranger: Any = {"product_id": product.id, "merchant_id": theirs.merchant_id}
    with pytest.raises(NotFound):
        facade.add_video(pieces=[mp4_bytes()], **stranger)
    mine = facade.add_video(product_id=product.id, pieces=[mp4_bytes()])
    with pytest.raises(NotFound):
        facade.remove_video(video_id=mine.id, **stranger)


def test_unused_videos_go_after_a_day_and_used_ones_stay(platform: Any) -> None:
    product = make_product()
    used = facade.add_video(product_id=product.id, pieces=[mp4_bytes(seed=1)])
    gone = facade.add_video(product_id=product.id, pieces=[mp4_bytes(seed=2)])
    facade.remove_video(product_id=product.id, video_id=gone.id)
    theirs = store(mp4_bytes(seed=1))
    broken = video_files.place(used.file.digest, used.file.kind).parents[1] / "drafts" / "a.part"
    broken.write_bytes(b"half")
    assert sweep_unused() == 0
    assert len(stored_files()) == 3
    with clock.frozen(clock.system() + timedelta(days=2)):
        assert sweep_unused() == 2
        assert sweep_unused() == 0
    assert [path.name for path in stored_files()] == [f"{used.file.digest}.mp4"]
    assert theirs.digest == used.file.digest, "whose file another merchant's product still has"


def got(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_videos_are_sent_whole_or_in_parts(platform: Any) -> None:
    data = mp4_bytes(length=200_000)
    info, client = store(data), Client()
    where = f"/p/{platform.code}{info.path}"
    whole = client.get(where)
    assert (whole.status_code, got(whole)) == (200, data)
    assert whole["Content-Type"] == "video/mp4"
    assert whole["Accept-Ranges"] == "bytes"
    assert "immutable" in whole["Cache-Control"]
    size = len(data)
    for asked, start, end in (
        ("bytes=0-", 0, size), ("bytes=0-1", 0, 2), ("bytes=70000-150000", 70_000, 150_001),
        ("bytes=-10", size - 10, size), (f"bytes=5-{size * 2}", 5, size),
        (f"bytes=-{size * 2}", 0, size),
    ):  # fmt: skip
        part = client.get(where, headers={"Range": asked})
        assert (part.status_code, got(part)) == (206, data[start:end]), asked
        assert part["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert part["Content-Length"] == str(end - start)
    for asked in (f"bytes={size}-", "bytes=-0", f"bytes={size + 5}-{size + 9}"):
        part = client.get(where, headers={"Range": asked})
        assert (part.status_code, part["Content-Range"]) == (416, f"bytes */{size}"), asked
    for asked in ("bytes=0-1,5-6", "bytes=9-2", "bytes=-", "bytes=a-b", "items=0-1"):
        assert got(client.get(where, headers={"Range": asked})) == data, asked
    etag = whole["ETag"]
    same = client.get(where, headers={"Range": "bytes=0-1", "If-Range": etag})
    other = client.get(where, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)
    assert client.get(where, headers={"If-None-Match": etag}).status_code == 304
    head = client.head(where, headers={"Range": "bytes=2-3"})
    assert (head.status_code, head["Content-Length"]) == (206, "2")
    assert head["Content-Type"] == "video/mp4"


def test_a_video_is_never_a_page(platform: Any) -> None:
    info = store(mp4_bytes(more=box("free", b"<html><script>alert(1)</script>")))
    client, start = Client(), f"/p/{platform.code}"
    answer = client.get(start + info.path)
    assert answer["Content-Type"] == "video/mp4"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"<script>" in got(answer)
    for name in (f"{info.digest}.html", f"{info.digest}.webm", f"{info.digest}.mp4.html",
                 "drafts", f"{info.digest}-320.mp4"):  # fmt: skip
        assert client.get(f"{start}/media/{name}").status_code == 404, name
    with tenancy.scope(make_platform()) as other:
        assert client.get(f"/p/{other.code}{info.path}").status_code == 404


@pytest.fixture
def seller(platform: Any) -> Any:
    return api_client(make_key(merchant_id=make_merchant().id))


def send(seller: Any, data: Any, kind: str, **more: Any) -> Any:
    return seller.client.generic(
        "POST", f"/p/{seller.code}/api/v1/media/videos", data, content_type=kind,
        headers={"Authorization": f"Bearer {seller.raw_key}"}, **more,
    )  # fmt: skip


BODY = {
    "titles": {"zh-Hans": "龙井", "en": "Longjing"},
    "options": [{"code": "size", "titles": {"en": "Size"}}],
    "variants": [{"sku": "LJ-1", "options": {"size": "1 kg"}, "weight_grams": 1100}],
}


def test_uploaded_then_attached_by_the_api(seller: Any) -> None:
    product = seller.post("/products", BODY).json()
    sent = send(seller, webm_bytes(), "video/webm")
    assert sent.status_code == 201
    file = sent.json()
    assert (file["type"], file["milliseconds"], file["width"]) == ("video/webm", 2000, 640)
    assert file["url"].startswith(f"http://testserver/p/{seller.code}/media/")
    assert seller.get(f"/media/videos/{file['id']}").json() == file
    path = f"/products/{product['id']}/videos"
    video = seller.post(path, {"file": file["id"], "titles": {"en": "Brewing"}})
    assert (video.status_code, video.json()["file"]) == (201, file)
    one = f"{path}/{video.json()['id']}"
    assert seller.patch(one, {"titles": {"en": "Tea"}}).json()["titles"] == {"en": "Tea"}
    order = seller.put(path, {"videos": [video.json()["id"]]})
    assert [each["id"] for each in order.json()["videos"]] == [video.json()["id"]]
    shown = seller.get(f"/products/{product['id']}").json()["videos"]
    assert [each["titles"] for each in shown] == [{"en": "Tea"}]
    listed = seller.get("/products", query={"expand": "videos"}).json()["data"]
    assert [each["videos"] for each in listed] == [shown]
    assert seller.delete(one).status_code == 204
    assert seller.delete(one).status_code == 404
    stranger = api_client(make_key(merchant_id=make_merchant().id))
    assert stranger.get(f"/media/videos/{file['id']}").status_code == 404
    assert stranger.post(path, {"file": file["id"]}).status_code == 404


def test_multipart_uploads(seller: Any) -> None:
    part = io.BytesIO(mp4_bytes())
    part.name = "brewing.mp4"
    answer = seller.client.post(
        f"/p/{seller.code}/api/v1/media/videos", {"file": part},
        headers={"Authorization": f"Bearer {seller.raw_key}"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["filename"]) == (201, "brewing.mp4")


def test_uploads_that_are_refused_say_what_would_be_right(seller: Any) -> None:
    answer = send(seller, b"<html>", "video/mp4")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "catalog.video_unreadable")
    assert told["errors"][0]["field"] == "file"
    assert "MP4" in json.dumps(told["remedy"])
    assert send(seller, mp4_bytes(), "application/json").status_code == 422
    large = send(seller, mp4_bytes(), "video/mp4", CONTENT_LENGTH="60000000")
    assert (large.status_code, large.json()["code"]) == (413, "catalog.video_too_large")
    assert large.json()["limit"] == 50_000_000
    product = seller.post("/products", BODY).json()
    missing = seller.post(
        f"/products/{product['id']}/videos", {"file": "vdf_01k00000000000000000000000"}
    )
    assert (missing.status_code, missing.json()["code"]) == (422, "catalog.video_unknown")
    guest = api_client()
    assert guest.post("/media/videos", {}).status_code == 401
    assert public_id("vdf", VideoFile().id).startswith("vdf_")


def test_a_backup_leaves_out_what_is_just_coming_in(platform: Any, media_root: Path) -> None:
    info = store(mp4_bytes())
    kept = video_files.place(info.digest, info.kind)
    (kept.parents[1] / "drafts" / "b.part").write_bytes(b"half")
    with tarfile.open(fileobj=io.BytesIO(), mode="w") as archive:
        archive.add(media_root, arcname=".", filter=finished)
        names = archive.getnames()
    assert any(name.endswith(kept.name) for name in names)
    assert not any("drafts" in name for name in names)
