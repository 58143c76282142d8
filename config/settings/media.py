"""Where the copies of pictures lie: a folder of this machine, or a store that speaks S3."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env

from .base import DATA_DIR

MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# s3://bucket or s3://bucket/prefix; empty: MEDIA_ROOT.
MEDIA_STORAGE = env.text("MEDIA_STORAGE")
MEDIA_S3_REGION = env.text("MEDIA_S3_REGION", "us-east-1")
MEDIA_S3_ENDPOINT = env.text(
    "MEDIA_S3_ENDPOINT", f"https://s3.{MEDIA_S3_REGION}.amazonaws.com"
).rstrip("/")
MEDIA_S3_KEY_ID = env.text("MEDIA_S3_KEY_ID")
MEDIA_S3_SECRET = env.text("MEDIA_S3_SECRET")
# path: https://endpoint/bucket/name; virtual: https://bucket.endpoint/name; empty: as the store of
# that name wants it.
MEDIA_S3_ADDRESSING = env.text("MEDIA_S3_ADDRESSING")
MEDIA_S3_CA_CERTS = env.text("MEDIA_S3_CA_CERTS")
# Where readers fetch what lies below bucket and prefix; empty: from this site, which fetches it.
MEDIA_PUBLIC_URL = env.text("MEDIA_PUBLIC_URL").rstrip("/")

_STORAGE = re.compile(
    r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9_.-]*[A-Za-z0-9_-])*)/?"
)
# What could end a header or begin a second source of the pages' policy isn't an address of ours.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9/_.~-]*)?")


def _bucket_and_prefix() -> tuple[str, str]:
    found = _STORAGE.fullmatch(MEDIA_STORAGE)
    if not found:
        raise ImproperlyConfigured("MEDIA_STORAGE: use s3://bucket or s3://bucket/prefix.")
    if not (MEDIA_S3_KEY_ID and MEDIA_S3_SECRET):
        raise ImproperlyConfigured(
            "MEDIA_STORAGE is set: MEDIA_S3_KEY_ID and MEDIA_S3_SECRET must be too."
        )
    parts = urlsplit(MEDIA_S3_ENDPOINT)
    if not _ADDRESS.fullmatch(MEDIA_S3_ENDPOINT) or parts.path:
        raise ImproperlyConfigured(
            "MEDIA_S3_ENDPOINT: use https://host or http://host:port, without the bucket."
        )
    if MEDIA_S3_ADDRESSING not in {"", "path", "virtual"}:
        raise ImproperlyConfigured("MEDIA_S3_ADDRESSING: use path or virtual, or leave it empty.")
    return found[1], found[2].strip("/")


MEDIA_BUCKET, MEDIA_PREFIX = _bucket_and_prefix() if MEDIA_STORAGE else ("", "")
if MEDIA_PUBLIC_URL and not (MEDIA_STORAGE and _ADDRESS.fullmatch(MEDIA_PUBLIC_URL)):
    raise ImproperlyConfigured(
        "MEDIA_PUBLIC_URL: use https://host or https://host/path, together with MEDIA_STORAGE."
    )
