"""Personal data (个人信息) at rest: one data key for each subject, destroyed to erase.

A value is sealed with AES-256-GCM under its subject's data key; the key is wrapped by a key
derived from ``PERSONAL_DATA_KEY``. Erasing a subject removes the data key, and with it the
meaning of every copy: in audit rows, events, backups of other tables. Data keys are kept in
memory only inside ``keyring()``, which a request or job opens, so an erasure elsewhere holds
from the next request on.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext_lazy as _

from kernel import clock, tenancy
from kernel import seal as sealing
from kernel.errors import Conflict
from kernel.ids import uuid7
from kernel.records.personal import PersonalKey
from kernel.transactions import cursor

PREFIX = "p1."
_NONCE = 12
_Keys = dict[tuple[UUID, UUID], bytes | None]
_keys: ContextVar[_Keys | None] = ContextVar("personal_keys", default=None)


class SubjectErased(Conflict):
    code = "subject_erased"
    title = _("This person's data has been erased")
    remedy = _("Nothing more can be kept about this person; begin with a new one.")


@contextmanager
def keyring() -> Iterator[None]:
    """Keep opened data keys until the end of the block: one request, one job."""
    token = _keys.set({})
    try:
        yield
    finally:
        _keys.reset(token)


def seal(subject: UUID, value: str) -> str:
    """Ciphertext of ``value`` under the subject's key, which is made at first use.

    Runs in the caller's transaction. Raises SubjectErased.
    """
    key = _key(subject) or _make(subject)
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, value.encode(), _bound(subject))
    return PREFIX + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def open_(subject: UUID, text: str) -> str | None:
    """The plain value; None after erasure, or when the text isn't this subject's ciphertext."""
    key = _key(subject) if text.startswith(PREFIX) else None
    if key is None:
        return None
    body = text[len(PREFIX) :]
    try:
        sealed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(subject)).decode()
    except (InvalidTag, ValueError, binascii.Error):
        return None


def prefetch(subjects: Iterable[UUID]) -> None:
    """Read many subjects' keys with one query, for the lists that follow; needs ``keyring()``."""
    kept = _keys.get()
    if kept is None:
        return
    platform = tenancy.current_id()
    wanted = [s for s in set(subjects) if (platform, s) not in kept]
    if not wanted:
        return
    kept.update({(platform, subject): None for subject in wanted})
    rows = PersonalKey.objects.filter(subject_id__in=wanted, erased_at=None)
    for subject, wrapped in rows.values_list("subject_id", "wrapped"):
        kept[platform, subject] = _unwrap(subject, bytes(wrapped))


def erase(subject: UUID) -> bool:
    """Destroy the subject's key for good; True if there was one. Audit it in the caller.

    A subject without a key gets an erased one, so that nothing can be sealed for it later.
    """
    now = clock.system()
    with cursor() as sql:
        sql.execute(
            "INSERT INTO kernel_personalkey "
            "(platform_id, id, subject_id, wrapped, created_at, erased_at) "
            "VALUES (%s, %s, %s, ''::bytea, %s, %s) "
            "ON CONFLICT (platform_id, subject_id) DO UPDATE "
            "SET wrapped = ''::bytea, erased_at = coalesce(kernel_personalkey.erased_at, %s) "
            "RETURNING created_at < %s OR xmax <> 0",
            [tenancy.current_id(), uuid7(), subject, now, now, now, now],
        )
        row = sql.fetchone()
    kept = _keys.get()
    if kept is not None:
        kept.pop((tenancy.current_id(), subject), None)
    return bool(row and row[0])


def erased(subject: UUID) -> bool:
    """Whether the subject's data has been erased."""
    return PersonalKey.objects.filter(subject_id=subject, erased_at__isnull=False).exists()


def blind_index(value: str, *, purpose: str) -> str:
    """A keyed hash (hex, 64) to find a sealed value by equality, such as an e-mail address.

    Bound to the platform and the purpose; the caller normalises the value first.
    """
    key = sealing.derived_key(f"blind-index:{purpose}", tenancy.current_id().bytes)
    return hmac.new(key, value.encode(), "sha256").hexdigest()


def mask(value: str) -> str:
    """Enough to recognise, too little to know: 张**, 138****5678, l***@example.com."""
    if "@" in value:
        name, _at, domain = value.partition("@")
        return f"{name[:1] if len(name) > 1 else ''}***@{domain}"
    if len(value) >= 7:
        return f"{value[:3]}{'*' * (len(value) - 7) or '*'}{value[-4:]}"
    return value[:1] + "*" * (len(value) - 1) if len(value) > 1 else "*" * len(value)


def _key(subject: UUID) -> bytes | None:
    platform, kept = tenancy.current_id(), _keys.get()
    if kept is not None and (platform, subject) in kept:
        return kept[platform, subject]
    wrapped = (
        PersonalKey.objects.filter(subject_id=subject, erased_at=None)
        .values_list("wrapped", flat=True)
        .first()
    )
    key = _unwrap(subject, bytes(wrapped)) if wrapped else None
    if kept is not None and key is not None:
        kept[platform, subject] = key
    return key


def _make(subject: UUID) -> bytes:
    """The subject's new key; another transaction's, if that was first."""
    key = os.urandom(32)
    with cursor() as sql:
        sql.execute(
            "INSERT INTO kernel_personalkey (platform_id, id, subject_id, wrapped, created_at) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (platform_id, subject_id) DO UPDATE "
            "SET subject_id = excluded.subject_id RETURNING wrapped, erased_at",
            [tenancy.current_id(), uuid7(), subject, _wrap(subject, key), clock.system()],
        )
        wrapped, erased_at = sql.fetchone()
    if erased_at is not None:
        raise SubjectErased(f"The data of {subject} was erased.")
    found = _unwrap(subject, bytes(wrapped))
    kept = _keys.get()
    if kept is not None:
        kept[tenancy.current_id(), subject] = found
    return found


def _bound(subject: UUID) -> bytes:
    return tenancy.current_id().bytes + subject.bytes


def _wrap(subject: UUID, key: bytes) -> bytes:
    return sealing.seal_bytes(sealing.derived_key("personal-wrap", _bound(subject)), key)


def _unwrap(subject: UUID, wrapped: bytes) -> bytes:
    key = sealing.open_bytes(sealing.derived_key("personal-wrap", _bound(subject)), wrapped)
    if key is None:
        raise RuntimeError("PERSONAL_DATA_KEY isn't the key that sealed the data in this database.")
    return key
