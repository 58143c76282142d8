"""Pictures in a store that speaks S3: a real server of the protocol, over HTTP."""

import hashlib
import runpy
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client

from catalog import checks, facade
from catalog.errors import MediaStoreAway
from catalog.gateways import files, store
from catalog.models import Media
from catalog.services import media, moving
from config import health, operations
from config.backup import dump
from kernel import clock, jobs, tenancy, transactions
from kernel.queues import Verdict
from storefront.pages import policy
from tests.factories.catalog import make_product, picture_bytes
from tests.factories.platforms import api_client, make_key, make_merchant, make_platform

pytest.importorskip("minio", reason="requirements/dev.txt isn't installed as it is")
pytest.importorskip("moto", reason="requirements/dev.txt isn't installed as it is")
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """``MEDIA_ROOT`` of a deployment that has no store yet."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def bucket(server: str, folder: Path, settings: Any) -> Any:
    """The store is on, with a bucket of this test's own and a prefix; the library's own client."""
    name = f"pictures-{uuid4().hex[:12]}"
    settings.MEDIA_S3_ENDPOINT, settings.MEDIA_S3_REGION = server, "us-east-1"
    settings.MEDIA_S3_KEY_ID, settings.MEDIA_S3_SECRET = "testing", "testing"
    use(settings, name)
    store._away_until = 0.0
    client = store._client(store.PATIENT)
    client.make_bucket(name)
    return client


def use(settings: Any, name: str, prefix: str = "shop/one") -> None:
    settings.MEDIA_STORAGE = f"s3://{name}/{prefix}"
    settings.MEDIA_BUCKET, settings.MEDIA_PREFIX = name, prefix


def objects(bucket: Any, settings: Any) -> dict[str, Any]:
    found = bucket.list_objects(settings.MEDIA_BUCKET, recursive=True)
    return {one.object_name: one for one in found}


def away(settings: Any) -> None:
    """Nobody listens there any longer."""
    settings.MEDIA_S3_ENDPOINT = "http://127.0.0.1:9"


def local(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_an_upload_lies_in_the_store_and_not_here(
    platform: Any, bucket: Any, folder: Path, settings: Any
) -> None:
    product = make_product()
    image = facade.add_picture(product_id=product.id, data=picture_bytes(900, 600)).image
    start = f"shop/one/{platform.id.hex}/{image.digest[:2]}/{image.digest}"
    names = [f"{start}-{width}.webp" for width in (320, 800, 900)]
    assert sorted(objects(bucket, settings)) == names
    assert local(folder) == []
    kept = bucket.stat_object(settings.MEDIA_BUCKET, names[0])
    assert kept.metadata["Content-Type"] == "image/webp"
    assert kept.metadata["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_site_fetches_what_has_no_address_of_its_own(
    platform: Any, bucket: Any, folder: Path
) -> None:
    image = facade.add_picture(product_id=make_product().id, data=picture_bytes(900, 600)).image
    answer = Client().get(f"/p/{platform.code}{image.path(640)}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer.content[:4] == b"RIFF"
    assert "immutable" in answer["Cache-Control"]
    unknown = f"/p/{platform.code}/media/{'0' * 64}-320.webp"
    assert Client().get(unknown).status_code == 404
    with tenancy.scope(make_platform()) as other:
        assert Client().get(f"/p/{other.code}{image.path(640)}").status_code == 404


def test_a_public_address_stands_everywhere_and_the_policy_lets_it(
    platform: Any, bucket: Any, settings: Any
) -> None:
    settings.MEDIA_PUBLIC_URL = "https://cdn.example/shop"
    image = facade.store_media(data=picture_bytes(900, 600), merchant_id=make_merchant().id).image
    start = f"https://cdn.example/shop/{platform.id.hex}/{image.digest[:2]}/{image.digest}"
    assert image.url(640) == f"{start}-800.webp"
    assert image.srcset.startswith(f"{start}-320.webp 320w, {start}-800.webp 800w")
    assert "img-src 'self' data: blob: https://cdn.example;" in policy()
    assert "default-src 'self';" in policy()
    # An address that was handed out before goes on to answer.
    assert Client().get(f"/p/{platform.code}{image.path(640)}").status_code == 200
    settings.MEDIA_PUBLIC_URL = ""
    assert "img-src 'self' data: blob:;" in policy()
    assert image.url(640) == f"/media/{image.digest}-800.webp"


def test_while_the_store_is_away_nothing_is_kept_and_the_site_says_so(
    platform: Any, bucket: Any, settings: Any
) -> None:
    image = facade.add_picture(product_id=make_product().id, data=picture_bytes(seed=1)).image
    merchant, good = make_merchant().id, settings.MEDIA_S3_ENDPOINT
    away(settings)
    with pytest.raises(MediaStoreAway) as refused:
        facade.store_media(data=picture_bytes(seed=2), merchant_id=merchant)
    assert refused.value.status == 503
    assert Media.objects.count() == 1
    answer = Client().get(f"/p/{platform.code}{image.path(320)}")
    assert (answer.status_code, answer["Cache-Control"]) == (503, "no-store")
    assert answer["Retry-After"]
    settings.MEDIA_S3_ENDPOINT = good
    # For a few seconds nobody's page waits for it again.
    with pytest.raises(MediaStoreAway):
        files.read(image.digest, 320)
    store._away_until = 0.0
    assert files.read(image.digest, 320)
    facade.store_media(data=picture_bytes(seed=2), merchant_id=merchant)
    assert Media.objects.count() == 2


def test_the_api_tells_to_come_back_and_then_gives_whole_addresses(
    platform: Any, bucket: Any, settings: Any
) -> None:
    seller, good = api_client(make_key(merchant_id=make_merchant().id)), settings.MEDIA_S3_ENDPOINT
    sent = partial(
        seller.client.generic, "POST", f"/p/{seller.code}/api/v1/media", picture_bytes(),
        content_type="image/jpeg", headers={"Authorization": f"Bearer {seller.raw_key}"},
    )  # fmt: skip
    away(settings)
    refused = sent()
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert refused.json()["code"] == "catalog.media_store_away"
    assert refused.json()["remedy"]
    settings.MEDIA_S3_ENDPOINT = good
    settings.MEDIA_PUBLIC_URL = "https://cdn.example"
    made = sent()
    assert made.status_code == 201
    address = made.json()["image"]["sizes"][0]["url"]
    assert address.startswith(f"https://cdn.example/{platform.id.hex}/")
    assert f"shop/one{address.removeprefix('https://cdn.example')}" in objects(bucket, settings)


def test_no_transaction_waits_for_the_store(platform: Any, bucket: Any) -> None:
    merchant = make_merchant().id
    with pytest.raises(RuntimeError, match="inside a transaction"), transactions.atomic():
        facade.store_media(data=picture_bytes(), merchant_id=merchant)


def test_unused_pictures_leave_the_store_by_a_job_that_is_tried_again(
    platform: Any, bucket: Any, settings: Any
) -> None:
    merchant, good = make_merchant().id, settings.MEDIA_S3_ENDPOINT
    info = facade.store_media(data=picture_bytes(300, 200), merchant_id=merchant)
    with clock.frozen(clock.system() + timedelta(days=2)):
        assert media.sweep_unused() == 1
    assert len(objects(bucket, settings)) == 1
    away(settings)
    with pytest.raises(MediaStoreAway):
        media.remove_files(info.image.digest, [300])
    settings.MEDIA_S3_ENDPOINT = good
    with clock.frozen(clock.system() + timedelta(days=2)):
        jobs.drain()
    assert objects(bucket, settings) == {}


def test_what_was_uploaded_again_meanwhile_stays(platform: Any, bucket: Any, settings: Any) -> None:
    merchant, data = make_merchant().id, picture_bytes(300, 200)
    info = facade.store_media(data=data, merchant_id=merchant)
    with clock.frozen(clock.system() + timedelta(days=2)):
        media.sweep_unused()
    facade.store_media(data=data, merchant_id=merchant)
    assert media.remove_files(info.image.digest, [300]) is False
    assert len(objects(bucket, settings)) == 1


def test_move_goes_on_where_it_ended_and_checks_what_arrived(
    platform: Any, bucket: Any, folder: Path, settings: Any
) -> None:
    merchant, there = make_merchant().id, settings.MEDIA_STORAGE
    settings.MEDIA_STORAGE = ""
    images = [
        facade.store_media(data=picture_bytes(900, 600, seed=n), merchant_id=merchant).image
        for n in range(3)
    ]
    settings.MEDIA_STORAGE = there
    # One is there already, and one by its name only.
    count = moving.Count()
    moving.move_out(count, images[0].digest, (320,))
    store.write(files.name_of(images[1].digest, 320), b"something else")
    assert run("move", "--remove").startswith("8 copies copied")
    assert local(folder) == []
    assert len(objects(bucket, settings)) == 9
    assert "0 copies copied" in run("move")
    assert "9 in place" in run("verify", "--deep")
    answer = Client().get(f"/p/{platform.code}{images[1].path(320)}")
    assert answer.content[:4] == b"RIFF"
    assert "9 copies copied" in run("move", "--to", "folder")
    assert len(local(folder)) == 9
    settings.MEDIA_STORAGE = ""
    assert "9 in place" in run("verify")


def test_verify_names_what_is_missing_or_changed(platform: Any, bucket: Any, settings: Any) -> None:
    image = facade.store_media(data=picture_bytes(900, 600), merchant_id=make_merchant().id).image
    store.remove(files.name_of(image.digest, 800))
    errors = StringIO()
    with pytest.raises(CommandError, match="1 copies"):
        call_command("media", "verify", stdout=StringIO(), stderr=errors)
    assert f"{image.digest}-800.webp" in errors.getvalue()


def test_sweep_takes_what_lies_there_for_a_day_without_a_row(
    platform: Any, bucket: Any, settings: Any
) -> None:
    facade.store_media(data=picture_bytes(300, 200), merchant_id=make_merchant().id)
    store.write(files.name_of("ab" * 32, 320), b"RIFF")
    assert run("sweep").startswith("0 copies")
    with clock.frozen(datetime.now(UTC) + timedelta(days=2)):
        assert run("sweep").startswith("1 copies")
    assert len(objects(bucket, settings)) == 1


def test_check_says_what_is_wrong(platform: Any, bucket: Any, settings: Any) -> None:
    assert "written, read and removed" in run("check")
    assert objects(bucket, settings) == {}
    assert health._media() == {"ok": True}
    assert [one.verdict for one in operations._pictures()] == [Verdict.FINE]
    use(settings, "nobody-has-this-bucket")
    with pytest.raises(CommandError, match="no bucket nobody-has-this-bucket"):
        run("check")
    said: list[str] = []
    dump.tell_of_store(said.append)
    assert "s3://nobody-has-this-bucket/shop/one aren't in this backup" in said[0]
    away(settings)
    assert health._media()["ok"] is False
    assert [one.verdict for one in operations._pictures()] == [Verdict.ACT]
    found = [one.id for one in run_checks(include_deployment_checks=True)]
    assert "catalog.E001" in found


def test_the_package_is_asked_for_at_start(settings: Any, monkeypatch: Any) -> None:
    ready = apps.get_app_config("catalog").ready
    settings.MEDIA_STORAGE = "s3://pictures"
    ready()
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="requirements/s3"):
        ready()
    settings.MEDIA_STORAGE = ""
    ready()


@pytest.mark.parametrize(
    ("addressing", "endpoint", "address"),
    [
        ("path", "https://s3.example", "https://s3.example/pictures/a"),
        ("virtual", "https://cos.ap-guangzhou.example", "https://pictures.cos.ap-guangzhou.example/a"),
        ("", "https://oss-cn-hangzhou.aliyuncs.com", "https://pictures.oss-cn-hangzhou.aliyuncs.com/a"),
    ],
)  # fmt: skip
def test_the_bucket_stands_in_the_host_or_in_the_path(
    addressing: str, endpoint: str, address: str
) -> None:
    client = store._connect(store.HASTY, endpoint, "us-east-1", "id", "secret", addressing, "")
    assert client.presigned_get_object("pictures", "a").partition("?")[0] == address


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"MEDIA_STORAGE": "https://pictures"}, "MEDIA_STORAGE"),
        ({"MEDIA_STORAGE": "s3://Pictures/../x"}, "MEDIA_STORAGE"),
        ({"MEDIA_S3_SECRET": ""}, "MEDIA_S3_SECRET"),
        ({"MEDIA_S3_ENDPOINT": "https://s3.example/pictures"}, "MEDIA_S3_ENDPOINT"),
        ({"MEDIA_S3_ADDRESSING": "host"}, "MEDIA_S3_ADDRESSING"),
        ({"MEDIA_PUBLIC_URL": "https://cdn.example; script-src *"}, "MEDIA_PUBLIC_URL"),
        ({"MEDIA_STORAGE": "", "MEDIA_PUBLIC_URL": "https://cdn.example"}, "MEDIA_PUBLIC_URL"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(
    monkeypatch: Any, wrong: dict[str, str], named: str
) -> None:
    right = {
        "MEDIA_STORAGE": "s3://pictures/shop/one",
        "MEDIA_S3_KEY_ID": "id",
        "MEDIA_S3_SECRET": "secret",
        "MEDIA_PUBLIC_URL": "https://cdn.example/shop/",
    }
    for name, value in right.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "config.settings.media")
    found = runpy.run_module("config.settings.media")
    assert (found["MEDIA_BUCKET"], found["MEDIA_PREFIX"]) == ("pictures", "shop/one")
    assert found["MEDIA_PUBLIC_URL"] == "https://cdn.example/shop"
    assert found["MEDIA_S3_ENDPOINT"] == "https://s3.us-east-1.amazonaws.com"
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=named):
        runpy.run_module("config.settings.media")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_upload_waits_for_who_takes_the_same_files_away(
    platform: Any, bucket: Any, settings: Any, monkeypatch: Any
) -> None:
    """Else the row would stay, and its files would go after it looked for them."""
    data, merchant = picture_bytes(300, 200), make_merchant().id
    digest, done = hashlib.sha256(data).hexdigest(), []
    store.write(files.name_of(digest, 300), b"RIFF")
    began, go = threading.Event(), threading.Event()
    remove, write = store.remove, store.write

    def slowly(name: str) -> None:
        began.set()
        assert go.wait(60)
        remove(name)
        done.append("removed")

    def told(name: str, data: bytes) -> None:
        write(name, data)
        done.append("written")

    def here(call: Callable[[], Any]) -> None:
        try:
            with tenancy.scope(platform):
                call()
        finally:
            connections.close_all()

    monkeypatch.setattr(store, "remove", slowly)
    monkeypatch.setattr(store, "write", told)
    sweeper = threading.Thread(target=here, args=(partial(media.remove_files, digest, [300]),))
    sweeper.start()
    assert began.wait(60)
    upload = partial(facade.store_media, data=data, merchant_id=merchant)
    uploader = threading.Thread(target=here, args=(upload,))
    uploader.start()
    while not waiting() and uploader.is_alive():
        time.sleep(0.01)
    go.set()
    for thread in (sweeper, uploader):
        thread.join(60)
    assert done == ["removed", "written"]
    assert len(objects(bucket, settings)) == Media.objects.count() == 1
    with transactions.cursor() as sql:
        sql.execute(f"{LOCKS} TRUE")
        assert sql.fetchone() == (0,)


# The tests beside this one have databases of their own on the same server.
LOCKS = """
SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE locktype = 'advisory' AND datname = current_database() AND
"""


def waiting() -> bool:
    """Whether somebody waits for an advisory lock."""
    with transactions.cursor() as sql:
        sql.execute(f"{LOCKS} NOT granted")
        return bool(sql.fetchone()[0])


def run(*args: str) -> str:
    out = StringIO()
    call_command("media", *args, stdout=out)
    return out.getvalue().strip()
