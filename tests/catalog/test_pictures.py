"""Pictures: real files in, WebP copies without metadata out; what isn't a picture is refused."""

import io
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from catalog import facade
from catalog.errors import PictureTooLarge, PictureUnreadable
from catalog.gateways import files, pictures
from catalog.models import Media
from catalog.services.media import sweep_unused
from kernel import clock, tenancy
from kernel.errors import Invalid, NotFound
from tests.factories.catalog import make_product, picture_bytes
from tests.factories.platforms import make_merchant, make_platform

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def stored_files() -> list[Path]:
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_formats_become_webp_in_known_sizes(kind: str) -> None:
    found = pictures.render(picture_bytes(2000, 1000, kind=kind))
    assert found.sizes == [[320, 160], [800, 400], [1600, 800]]
    for width, height, data in found.copies:
        copy = Image.open(io.BytesIO(data))
        assert (copy.format, copy.size) == ("WEBP", (width, height))


def test_small_pictures_are_not_enlarged() -> None:
    assert pictures.render(picture_bytes(100, 50)).sizes == [[100, 50]]
    assert pictures.render(picture_bytes(500, 50)).sizes == [[320, 32], [500, 50]]


def test_exif_turns_the_picture_and_goes() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010F] = "Camera of Wang Fang"
    found = pictures.render(picture_bytes(400, 200, exif=exif))
    assert (found.width, found.height) == (200, 400)
    for _width, _height, data in found.copies:
        assert b"Wang" not in data
        assert not Image.open(io.BytesIO(data)).getexif()


def test_transparency_stays() -> None:
    data = io.BytesIO()
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(data, "PNG")
    copy = Image.open(io.BytesIO(pictures.render(data.getvalue()).copies[0][2]))
    assert copy.mode == "RGBA"
    assert copy.getpixel((1, 1))[3] == 0  # type: ignore[index]


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width + 1) * 10)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("width", "height"), [(50_000, 50_000), (10_000, 10_000), (30_000, 1), (7000, 7000)]
)
def test_bombs_are_refused_before_they_are_unpacked(width: int, height: int) -> None:
    with pytest.raises(PictureTooLarge):
        pictures.render(bomb(width, height))


def test_too_many_bytes() -> None:
    with pytest.raises(PictureTooLarge) as refused:
        pictures.render(b"\0" * (pictures.BYTES_MAX + 1))
    assert refused.value.params["limit"] == pictures.BYTES_MAX


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'></svg>",
        b"%PDF-1.7 not a picture",
        picture_bytes(400, 300)[:2000],
        picture_bytes(400, 300, kind="PNG")[:-40],
        picture_bytes(40, 30, kind="BMP"),
    ],
    ids=["empty", "svg", "pdf", "cut jpeg", "cut png", "bmp"],
)
def test_what_is_no_whole_picture_is_refused(platform: Any, data: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        facade.store_media(data=data, filename="x.jpg", merchant_id=make_merchant().id)
    assert stored_files() == []
    assert not Media.objects.exists()


def test_the_same_bytes_are_kept_once(platform: Any) -> None:
    merchant, other = make_merchant().id, make_merchant().id
    data = picture_bytes(900, 600)
    first = facade.store_media(data=data, filename="a\n.jpg", merchant_id=merchant)
    assert facade.store_media(data=data, merchant_id=merchant).id == first.id
    theirs = facade.store_media(data=data, merchant_id=other)
    assert theirs.id != first.id
    assert first.filename == "a.jpg"
    assert [path.name for path in stored_files()] == sorted(
        f"{first.image.digest}-{width}.webp" for width in (320, 800, 900)
    )


def test_pictures_of_a_product(platform: Any) -> None:
    product = make_product(variants=2)
    first = facade.add_picture(product_id=product.id, data=picture_bytes(seed=1))
    second = facade.add_picture(
        product_id=product.id, data=picture_bytes(seed=2), alts={"en": "Second"}
    )
    again = facade.attach_picture(product_id=product.id, media_id=second.image.media_id)
    assert again.id == second.id
    info = facade.variants([product.variants[0].id])[product.variants[0].id]
    assert info.image is not None
    assert info.image.digest == first.image.digest
    facade.order_pictures(product_id=product.id, picture_ids=[second.id, first.id])
    assert [p.id for p in facade.product(product.id).pictures] == [second.id, first.id]
    with pytest.raises(Invalid):
        facade.order_pictures(product_id=product.id, picture_ids=[second.id, second.id])
    facade.remove_picture(product_id=product.id, picture_id=second.id)
    assert [p.id for p in facade.product(product.id).pictures] == [first.id]
    assert facade.product(product.id).version > product.version


def test_a_variants_own_picture_comes_first(platform: Any) -> None:
    product = make_product(variants=2)
    facade.add_picture(product_id=product.id, data=picture_bytes(seed=1))
    media = facade.store_media(data=picture_bytes(seed=2), merchant_id=product.merchant_id)
    variant = product.variants[1].id
    facade.attach_picture(product_id=product.id, media_id=media.id, variant_id=variant)
    found = facade.variants([variant])[variant]
    assert found.image is not None
    assert found.image.digest == media.image.digest
    with pytest.raises(Invalid):
        facade.attach_picture(
            product_id=product.id,
            media_id=media.id,
            variant_id=make_product().variants[0].id,
        )


def test_other_merchants_uploads_are_absent(platform: Any) -> None:
    product = make_product()
    theirs = facade.store_media(data=picture_bytes(), merchant_id=make_merchant().id)
    with pytest.raises(facade.MediaUnknown):
        facade.attach_picture(product_id=product.id, media_id=theirs.id)
    with pytest.raises(NotFound):
        facade.add_picture(
            product_id=product.id, data=picture_bytes(), merchant_id=theirs.merchant_id
        )


def test_at_most_twenty(platform: Any) -> None:
    product = make_product()
    for seed in range(20):
        facade.add_picture(product_id=product.id, data=picture_bytes(8, 8, seed=seed))
    with pytest.raises(facade.TooManyPictures):
        facade.add_picture(product_id=product.id, data=picture_bytes(8, 8, seed=99))


def test_unused_uploads_go_after_a_day_and_used_ones_stay(platform: Any) -> None:
    product = make_product()
    used = facade.add_picture(product_id=product.id, data=picture_bytes(300, 200, seed=1))
    facade.store_media(data=picture_bytes(300, 200, seed=2), merchant_id=product.merchant_id)
    assert sweep_unused() == 0
    with clock.frozen(clock.system() + timedelta(days=2)):
        assert sweep_unused() == 1
        assert sweep_unused() == 0
    assert [path.name for path in stored_files()] == [f"{used.image.digest}-300.webp"]


def test_files_stay_while_another_merchant_uses_them(platform: Any) -> None:
    product, data = make_product(), picture_bytes(300, 200)
    facade.add_picture(product_id=product.id, data=data)
    facade.store_media(data=data, merchant_id=make_merchant().id)
    with clock.frozen(clock.system() + timedelta(days=2)):
        assert sweep_unused() == 1
    assert len(stored_files()) == 1


def test_pictures_are_served_with_long_cache_headers(platform: Any) -> None:
    picture = facade.add_picture(product_id=make_product().id, data=picture_bytes(900, 600))
    client, start = Client(), f"/p/{platform.code}"
    answer = client.get(start + picture.image.path(640))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert "immutable" in answer["Cache-Control"]
    assert Image.open(io.BytesIO(answer.content)).size == (800, 533)
    again = client.get(start + picture.image.path(640), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    for name in ("x.webp", "0" * 64 + "-320.webp", "..%2f..%2fetc%2fpasswd"):
        assert client.get(f"{start}/media/{name}").status_code == 404
    with tenancy.scope(make_platform()) as other:
        assert client.get(f"/p/{other.code}{picture.image.path(640)}").status_code == 404


def test_names_lead_nowhere_else(platform: Any) -> None:
    assert files.by_name("../" * 3 + "etc/passwd") is None
    assert files.by_name("a" * 64 + "-320.webp/../x") is None


def test_paths_choose_the_smallest_copy_that_is_wide_enough(platform: Any) -> None:
    found = facade.store_media(data=picture_bytes(900, 600), merchant_id=make_merchant().id)
    assert [found.image.path(w).split("-")[1] for w in (1, 320, 321, 801, 5000)] == [
        "320.webp", "320.webp", "800.webp", "900.webp", "900.webp",
    ]  # fmt: skip
    assert found.image.srcset.count("w, ") == 2
