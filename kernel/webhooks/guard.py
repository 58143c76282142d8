"""Where a webhook may go: public addresses over https, and nowhere inside (SSRF).

The name is resolved here and the connection goes to the very address that was checked, so a
name that answers differently the second time gains nothing. ``WEBHOOK_ALLOW_PRIVATE=1`` lifts
both rules, for development and for servers inside one network.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from kernel.errors import Invalid

_LIMIT = 2000


class ForbiddenAddress(Invalid):
    code = "forbidden_webhook_address"
    title = _("Webhooks can't be sent to this address")
    remedy = _("Give an https:// address of a public host, without user name or password.")


class AddressRefused(OSError):
    """At sending time: the name leads inside, or nowhere."""


def check_url(url: str) -> str:
    """The address, if webhooks may be sent there. Raises ForbiddenAddress naming ``url``."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        told = _("%(text)s is not an address.") % {"text": repr(text[:80])}
        raise ForbiddenAddress(told, field="url") from error
    schemes = {"https", "http"} if _private_allowed() else {"https"}
    if parts.scheme not in schemes or not host or len(text) > _LIMIT:
        told = _("%(text)s is not an https:// address.") % {"text": repr(text[:80])}
        raise ForbiddenAddress(told, field="url")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenAddress(_("The address holds a user name or password."), field="url")
    if any(ord(character) < 33 or ord(character) == 127 for character in text):
        raise ForbiddenAddress(_("The address holds blanks or control characters."), field="url")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        literal = None
    inside = host == "localhost" or host.endswith((".localhost", ".internal", ".local"))
    if not _private_allowed() and (inside or (literal is not None and not public(literal))):
        told = _("%(host)s is not a public host.") % {"host": host}
        raise ForbiddenAddress(told, field="url")
    return text


def public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether the address is reachable by everybody: nothing private, local, mapped or reserved."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is not None:
        return public(inner)
    if isinstance(address, ipaddress.IPv6Address) and address in _NAT64:
        return public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return address.is_global and not address.is_multicast and not address.is_reserved


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> str:
    """The address to connect to: every one that the name has must be allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"{host} can't be resolved.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise AddressRefused(f"{host} can't be resolved.")
    if not _private_allowed():
        for address in addresses:
            if not public(ipaddress.ip_address(address.partition("%")[0])):
                raise AddressRefused(f"{host} leads to an address that isn't public.")
    return addresses[0]


class PinnedAdapter(HTTPAdapter):
    """Connects to the checked address; the certificate is still checked for the name."""

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        found: Any = super().build_connection_pool_key_attributes(request, verify, cert)
        host_params, pool_kwargs = found
        name = str(host_params["host"]).strip("[]")
        port = host_params.get("port") or (443 if host_params["scheme"] == "https" else 80)
        host_params["host"] = resolve(name, int(port))
        if host_params["scheme"] == "https":
            pool_kwargs["server_hostname"] = name
            pool_kwargs["assert_hostname"] = name
        return host_params, pool_kwargs

    def add_headers(self, request: PreparedRequest, **kwargs: Any) -> None:
        request.headers.setdefault("Host", urlsplit(request.url or "").netloc)


def _private_allowed() -> bool:
    return bool(getattr(settings, "WEBHOOK_ALLOW_PRIVATE", False))
