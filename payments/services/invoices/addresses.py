"""The secret address under which an invoice's buyer gets it, without signing in."""

import hmac
from uuid import UUID

from kernel import tenancy
from kernel.errors import NotFound
from kernel.ids import parse_public_id, public_id
from kernel.seal import derived_key, derived_keys
from platforms import facade as platforms

PURPOSE = "invoice-page"
LENGTH = 26


def token(invoice_id: UUID) -> str:
    """Says which invoice, and proves that we said so."""
    return public_id("siv", invoice_id)[4:] + _proof(derived_key(PURPOSE, _salt(invoice_id)))


def invoice_of(text: str) -> UUID:
    """The invoice of a token. Raises NotFound."""
    if len(text) != 2 * LENGTH or not text.isascii():
        raise NotFound
    invoice_id = parse_public_id("siv", f"siv_{text[:LENGTH]}")
    keys = derived_keys(PURPOSE, _salt(invoice_id))
    if not any(hmac.compare_digest(text[LENGTH:], _proof(key)) for key in keys):
        raise NotFound
    return invoice_id


def address(invoice_id: UUID) -> str:
    """The whole address of the PDF."""
    return platforms.platform_url(f"/invoices/{token(invoice_id)}/")


def _proof(key: bytes) -> str:
    return public_id("see", UUID(bytes=key[:16]))[4:]


def _salt(invoice_id: UUID) -> bytes:
    return tenancy.current_id().bytes + invoice_id.bytes
