"""Finding what is stored sealed: keyed hashes of addresses, hashes of tokens.

The key of a hash is derived for its purpose and its platform, so equal addresses on two platforms
have different hashes, and a stolen table can't be searched for known addresses.
"""

import hashlib
import re
import secrets
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from kernel import personal
from kernel.errors import Invalid

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def normal_email(text: str, *, field: str = "email") -> str:
    """The address in the one form we compare. Raises Invalid when it is none."""
    email = unicodedata.normalize("NFC", text.strip()).lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(_("This isn't an e-mail address."), field=field) from error
    if len(email) > 254:
        raise Invalid(_("An address has at most 254 characters."), field=field)
    return email


def email_index(normal: str) -> str:
    """The hash by which a normal address is found."""
    return personal.blind_index(normal, purpose="platforms.email")


def attempt_index(text: str) -> str:
    """The hash under which attempts of an address are counted."""
    return personal.blind_index(text, purpose="platforms.throttle")


def new_token() -> tuple[str, str]:
    """A random token for a cookie or a link, and the hash to store."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    """SHA-256 of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def well_formed(token: str) -> bool:
    """Whether ``token`` could be one of ours."""
    return _TOKEN.fullmatch(token) is not None
