"""The store that speaks S3 where copies of pictures lie, if the deployment has one.

Everything in it is public: WebP copies without metadata. Whoever writes or sweeps waits longer than
a page that shows a picture: where the store is away, the threads that answer pages mustn't all
wait for it, so after a failure nobody reads for ``SILENCE`` seconds.
"""

import functools
import hashlib
import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from catalog.errors import MediaStoreAway
from kernel import transactions, turns

PATIENT = (3.05, 15.0, 1)  # seconds to connect and to wait for bytes, and tries after the first
HASTY = (2.0, 5.0, 0)
SILENCE = 5.0
FOR_EVER = "public, max-age=31536000, immutable"
SUM = "X-Amz-Meta-Sha256"
ABSENT = {"NoSuchKey", "NoSuchObject", "ResourceNotFound"}
log = logging.getLogger(__name__)
_away_until = 0.0


@dataclass(frozen=True)
class Stored:
    """An object: its size in bytes, and the SHA-256 it was written with, "" if it has none."""

    size: int
    sha256: str


def write(name: str, data: bytes) -> None:
    """Put a copy there, whole or not at all; the same again changes nothing."""
    metadata = {"Cache-Control": FOR_EVER, SUM: hashlib.sha256(data).hexdigest()}
    with _asked("write"):
        _client(PATIENT).put_object(
            settings.MEDIA_BUCKET,
            _key(name),
            io.BytesIO(data),
            len(data),
            content_type="image/webp",
            metadata=metadata,
        )


def read(name: str, *, hasty: bool = False) -> bytes | None:
    """The copy, None where there is none. ``hasty``: for somebody who waits for a page."""
    global _away_until
    if hasty and time.monotonic() < _away_until:
        raise MediaStoreAway(retry_after=int(SILENCE))
    try:
        with _asked("read"):
            answer = _client(HASTY if hasty else PATIENT).get_object(
                settings.MEDIA_BUCKET, _key(name)
            )
            try:
                data: bytes = answer.read()
                return data
            finally:
                answer.close()
                answer.release_conn()
    except _Absent:
        return None
    except MediaStoreAway:
        _away_until = time.monotonic() + SILENCE
        raise


def stat(name: str) -> Stored | None:
    """What is known of a copy, None where there is none."""
    try:
        with _asked("look"):
            found = _client(PATIENT).stat_object(settings.MEDIA_BUCKET, _key(name))
    except _Absent:
        return None
    return Stored(found.size or 0, (found.metadata or {}).get(SUM, ""))


def remove(name: str) -> None:
    """Take a copy away; one that isn't there is no matter."""
    with _asked("remove"):
        _client(PATIENT).remove_object(settings.MEDIA_BUCKET, _key(name))


def names(folder: str) -> Iterator[tuple[str, datetime]]:
    """Every copy below ``folder`` with the time when it was written."""
    start = _key("")
    with _asked("list"):
        for one in _client(PATIENT).list_objects(
            settings.MEDIA_BUCKET, prefix=_key(f"{folder}/"), recursive=True
        ):
            yield one.object_name.removeprefix(start), one.last_modified


def problem() -> str:
    """What is wrong with the store; "" if it answers and the bucket is there."""
    try:
        with _asked("find"):
            there = _client(HASTY).bucket_exists(settings.MEDIA_BUCKET)
    except (MediaStoreAway, _Absent) as error:
        return str(error.__cause__ or error)
    return "" if there else f"there is no bucket {settings.MEDIA_BUCKET}"


class _Absent(Exception):
    """There is no such object."""


@contextmanager
def _asked(what: str) -> Iterator[None]:
    """Around each call: never in a transaction, and with one kind of error. Raises _Absent,
    MediaStoreAway."""
    from minio.error import MinioException, S3Error
    from urllib3.exceptions import HTTPError

    transactions.assert_outside_transaction(f"A call to the store of pictures ({what})")
    turns.held_up()
    try:
        yield
    except (MinioException, HTTPError, OSError) as error:
        if isinstance(error, S3Error) and error.code in ABSENT:
            raise _Absent from error
        log.warning("The store of pictures didn't %s: %s", what, error)
        raise MediaStoreAway(retry_after=60) from error


def _key(name: str) -> str:
    return f"{settings.MEDIA_PREFIX}/{name}" if settings.MEDIA_PREFIX else name


def _client(patience: tuple[float, float, int]) -> Any:
    return _connect(
        patience,
        settings.MEDIA_S3_ENDPOINT,
        settings.MEDIA_S3_REGION,
        settings.MEDIA_S3_KEY_ID,
        settings.MEDIA_S3_SECRET,
        settings.MEDIA_S3_ADDRESSING,
        settings.MEDIA_S3_CA_CERTS,
    )


@functools.lru_cache(maxsize=4)
def _connect(
    patience: tuple[float, float, int],
    endpoint: str,
    region: str,
    key_id: str,
    secret: str,
    addressing: str,
    authority: str,
) -> Any:
    """The library's client, for all threads; it is only loaded where there is such a store."""
    import certifi
    import urllib3
    from minio import Minio

    connect, wait, again = patience
    pool = urllib3.PoolManager(
        maxsize=8,
        timeout=urllib3.Timeout(connect=connect, read=wait),
        retries=urllib3.Retry(
            total=again, redirect=0, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)
        ),
        cert_reqs="CERT_REQUIRED",
        ca_certs=authority or certifi.where(),
    )
    parts = urlsplit(endpoint)
    client: Any = Minio(
        endpoint=parts.netloc,
        access_key=key_id,
        secret_key=secret,
        secure=parts.scheme == "https",
        region=region,
        http_client=pool,
    )
    if addressing == "virtual":
        client.enable_virtual_style_endpoint()
    elif addressing == "path":
        client.disable_virtual_style_endpoint()
    return client
