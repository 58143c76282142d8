"""Who calls: the secret key in a Bearer or Basic header."""

import base64
import binascii
import re
from datetime import date

from django.http import HttpRequest

from sandbox import accounts, conf
from sandbox.models import Account

from .errors import GatewayError

_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})(\.[a-z][a-z0-9_]*)?")


def _refused(message: str, status: int = 401, code: str | None = None) -> GatewayError:
    return GatewayError(message, status=status, code=code)


def secret_key(request: HttpRequest) -> str:
    """The key in the request. Raises 401 when there is none."""
    scheme, _, rest = request.headers.get("Authorization", "").strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer" and rest:
        return rest
    if scheme.lower() == "basic" and rest:
        try:
            name, _, _password = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise _refused("The Basic authorization header can't be decoded.") from error
        if name:
            return name
    raise _refused(
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
    )


def account_of(request: HttpRequest) -> Account:
    """The calling account. Raises 401 or 403."""
    key = secret_key(request)
    if key.startswith(("sk_live_", "rk_live_", "pk_live_")):
        raise _refused("This is a sandbox: it refuses live keys. Revoke this key if it is real.")
    if key.startswith("pk_"):
        raise _refused(
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            403,
            "secret_key_required",
        )
    account = accounts.find(key) if key.startswith(accounts.PREFIX) else None
    if account is None:
        raise _refused(f"Invalid API Key provided: {accounts.hint(key)}")
    other = request.headers.get("Stripe-Account") or request.headers.get("Stripe-Context")
    if other and other != account.id:
        connected = Account.objects.select_related("platform").filter(pk=other, platform=account)
        found = connected.exclude(data__has_key="deleted").first()
        if found:
            return found
        raise _refused(
            f"The provided key '{accounts.hint(key)}' does not have access to account "
            f"'{other[:60]}' (or that account does not exist).",
            403,
            "account_invalid",
        )
    return account


def version_of(request: HttpRequest) -> str:
    """The protocol version asked for; any well-formed one is accepted and echoed."""
    version = request.headers.get("Stripe-Version", "").strip()
    if not version:
        return conf.API_VERSION
    if not good_version(version):
        raise GatewayError(
            f"Invalid Stripe API version: {version[:40]}. Use YYYY-MM-DD, or YYYY-MM-DD.name."
        )
    return version


def good_version(version: str) -> bool:
    """Whether ``2026-10-28.endive`` or ``2026-10-28`` has the right form."""
    match = _VERSION.fullmatch(version)
    if not match:
        return False
    try:
        date.fromisoformat(match[1])
    except ValueError:
        return False
    return True
