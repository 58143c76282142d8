"""Fetching a picture from an address that a merchant names: public servers only (SSRF).

The connection goes to the very address that was checked, on each redirect again.
"""

import contextlib
import ipaddress
import time
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalog.errors import AddressRefused, FetchFailed, PictureTooLarge
from catalog.gateways.pictures import BYTES_MAX
from kernel import http
from kernel.errors import Unavailable
from kernel.webhooks import guard

REDIRECTS = 3
SECONDS = 30.0
PORTS = (None, 80, 443)
URL_LENGTH = 2000


def check_address(url: str) -> str:
    """The address, if a picture may be fetched from it. Raises AddressRefused."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused(field="url") from error
    if parts.scheme not in ("http", "https") or not host or len(text) > URL_LENGTH:
        raise AddressRefused(field="url")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(_("The address holds a user name or password."), field="url")
    if any(ord(character) < 33 or ord(character) == 127 for character in text):
        raise AddressRefused(_("The address holds blanks or control characters."), field="url")
    if not _private_allowed():
        _check_public(host, port)
    return text


def fetch(url: str) -> tuple[bytes, str]:
    """The bytes there and the last part of the path as file name. Outside of any transaction.

    Raises AddressRefused, PictureTooLarge, FetchFailed, and Unavailable for what may pass.
    """
    session = http.client("catalog.pictures")
    if not isinstance(session.adapters.get("https://"), guard.PinnedAdapter):
        session.mount("https://", guard.PinnedAdapter(max_retries=0))
        session.mount("http://", guard.PinnedAdapter(max_retries=0))
    here, until = check_address(url), time.monotonic() + SECONDS
    for _step in range(REDIRECTS + 1):
        session.cookies.clear()
        try:
            with session.get(
                here, stream=True, allow_redirects=False, headers={"Accept": "image/*"}
            ) as answer:
                if answer.is_redirect:
                    here = check_address(urljoin(here, answer.headers["Location"]))
                    continue
                if answer.status_code >= 500:
                    raise Unavailable(
                        _("The server answered %(status)s.") % {"status": answer.status_code}
                    )
                if answer.status_code != 200:
                    raise FetchFailed(field="url", answered=answer.status_code)
                return _read(answer, until), urlsplit(here).path.rpartition("/")[2][:200]
        except guard.AddressRefused as error:
            raise AddressRefused(str(error), field="url") from error
        except (requests.RequestException, OSError) as error:
            # May pass: the job tries again.
            raise Unavailable(f"{type(error).__name__}: {urlsplit(here).hostname}") from error
    raise FetchFailed(_("The address redirects too often."), field="url")


def _read(answer: requests.Response, until: float) -> bytes:
    found = bytearray()
    for part in answer.iter_content(64 * 1024):
        found += part
        if len(found) > BYTES_MAX:
            raise PictureTooLarge(field="url", limit=BYTES_MAX)
        if time.monotonic() > until:
            raise FetchFailed(_("The server is too slow."), field="url")
    return bytes(found)


def _check_public(host: str, port: int | None) -> None:
    inside = host == "localhost" or host.endswith((".localhost", ".internal", ".local"))
    with contextlib.suppress(ValueError):  # a name: what it leads to is checked when connecting
        inside = inside or not guard.public(ipaddress.ip_address(host))
    if inside or port not in PORTS:
        raise AddressRefused(field="url", host=host)


def _private_allowed() -> bool:
    return bool(getattr(settings, "WEBHOOK_ALLOW_PRIVATE", False))
