"""Personal data (个人信息) at rest: one data key for each subject, destroyed to erase.

A value is sealed with AES-256-GCM under its subject's data key; the key is wrapped by a key
derived from ``PERSONAL_DATA_KEY``, so a new master key means wrapping data keys anew
(``kernel.rotation``) and no value is touched. Erasing a subject removes the data key, and with it
the meaning of every copy: in audit rows, events, backups of other tables. Data keys are kept in
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
from typing import Any
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext_lazy as _

from kernel import clock, tenancy
from kernel import seal as sealing
from kernel.errors import Conflict
from kernel.ids import uuid7
from kernel.questions import Question
from kernel.records.personal import PersonalKey
from kernel.transactions import cursor

PREFIX = "p1."
WRAP_PURPOSE = "personal-wrap"
_NONCE = 12
_INDEX_KEYS = UUID("6f1c2f0a-8a55-4d0e-9d0b-0f4b8a0d5a11")  # names the indexes' keys
_INDEX_KEYS_KEPT = 10_000
_EXPECTED_MOST = 1000
_index_keys: dict[tuple[UUID, UUID, str], bytes] = {}
_Keys = dict[tuple[UUID, UUID], bytes | None]
_STORED = (
    "SELECT wrapped FROM kernel_personalkey "
    "WHERE platform_id = %s AND subject_id = %s AND erased_at IS NULL"
)
_READ = """
SELECT wrapped, erased_at FROM kernel_personalkey WHERE platform_id = %s AND subject_id = %s
"""
_KEEP = f"""
WITH made AS (
  INSERT INTO kernel_personalkey (platform_id, id, subject_id, wrapped, created_at)
  VALUES (%s, %s, %s, %s, %s) ON CONFLICT (platform_id, subject_id) DO NOTHING
  RETURNING wrapped, erased_at
)
SELECT wrapped, erased_at FROM made UNION ALL {_READ} LIMIT 1
"""  # noqa: S608
_keys: ContextVar[_Keys | None] = ContextVar("personal_keys", default=None)
_expected: ContextVar[set[UUID] | None] = ContextVar("personal_expected", default=None)


class SubjectErased(Conflict):
    code = "subject_erased"
    title = _("This person's data has been erased")
    remedy = _("Nothing more can be kept about this person; begin with a new one.")


@contextmanager
def keyring() -> Iterator[None]:
    """Keep opened data keys until the end of the block: one request, one job."""
    token, expected = _keys.set({}), _expected.set(set())
    try:
        yield
    finally:
        _keys.reset(token)
        _expected.reset(expected)


def seal(subject: UUID, value: str) -> str:
    """Ciphertext of ``value`` under the subject's key, which is made at first use.

    Runs in the caller's transaction. Raises SubjectErased.
    """
    key = _own_key(subject)
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, value.encode(), _bound(subject))
    return PREFIX + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def seal_data(subject: UUID, data: bytes) -> bytes:
    """As ``seal`` for bytes, such as a document that names the subject."""
    nonce = os.urandom(_NONCE)
    key = _own_key(subject)
    return nonce + AESGCM(key).encrypt(nonce, data, _bound(subject))


def open_data(subject: UUID, sealed: bytes) -> bytes | None:
    """The plain bytes; None after erasure, or when they aren't this subject's ciphertext."""
    key = _key(subject)
    if key is None:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(subject))
    except (InvalidTag, ValueError):
        return None


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


def key_question(subject: UUID | None) -> Question[None]:
    """Have the subject's key, which will be needed, read along with other things; needs
    ``keyring()``."""
    kept, platform = _keys.get(), tenancy.current_id()
    if kept is None or subject is None or (platform, subject) in kept:
        return Question("", None, lambda rows: None)

    def keep(rows: list[Any]) -> None:
        kept[platform, subject] = _unwrap(subject, bytes(rows[0][0])) if rows else None

    return Question(_STORED, [platform, subject], keep)


def expect(subject: UUID) -> None:
    """Something of the subject was read and may have to be opened: have ``prefetch_expected`` read
    its key, with those of the rows read beside it."""
    expected = _expected.get()
    if expected is not None and len(expected) < _EXPECTED_MOST:
        expected.add(subject)


def prefetch_expected() -> None:
    """Read the keys of everybody expected, with one query."""
    expected = _expected.get()
    if expected:
        subjects = set(expected)
        expected.clear()
        prefetch(subjects)


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
    return hmac.new(_index_key(purpose), value.encode(), "sha256").hexdigest()


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
    key = _stored(subject)
    if kept is not None and key is not None:
        kept[platform, subject] = key
    return key


def _stored(subject: UUID) -> bytes | None:
    with cursor() as sql:
        sql.execute(_STORED, [tenancy.current_id(), subject])
        row = sql.fetchone()
    return _unwrap(subject, bytes(row[0])) if row else None


def _own_key(subject: UUID) -> bytes:
    """The subject's key, new if it has none; another transaction's, if that was first."""
    platform, kept = tenancy.current_id(), _keys.get()
    found = kept.get((platform, subject)) if kept is not None else None
    if found is None:
        found = _keep(subject, os.urandom(32))
        if kept is not None:
            kept[platform, subject] = found
    return found


def _keep(subject: UUID, key: bytes) -> bytes:
    """The subject's key: the one it has, or else this one."""
    platform = tenancy.current_id()
    made: list[Any] = [platform, uuid7(), subject, _wrap(subject, key), clock.system()]
    with cursor() as sql:
        sql.execute(_KEEP, (*made, platform, subject))
        row = sql.fetchone()
        if row is None:  # one that was committed since this statement began
            sql.execute(_READ, [platform, subject])
            row = sql.fetchone()
        wrapped, erased_at = row
    if erased_at is not None:
        raise SubjectErased(_("The data of %(subject)s was erased.") % {"subject": subject})
    return _unwrap(subject, bytes(wrapped))


def _index_key(purpose: str) -> bytes:
    """The platform's key for indexes of this purpose: kept wrapped as data keys are, so that it
    outlives the master key it was first derived from."""
    subject = uuid5(_INDEX_KEYS, purpose)
    name = (tenancy.current_id(), subject, sealing.current_id())
    found = _index_keys.get(name)
    if found is None:
        oldest = list(sealing.masters().values())[-1]
        salt = tenancy.current_id().bytes
        first = sealing.derived_key(f"blind-index:{purpose}", salt, master=oldest)
        found = _stored(subject) or _keep(subject, first)
        if len(_index_keys) > _INDEX_KEYS_KEPT:
            _index_keys.clear()
        _index_keys[name] = found
    return found


def _bound(subject: UUID) -> bytes:
    return tenancy.current_id().bytes + subject.bytes


def _wrap(subject: UUID, key: bytes) -> bytes:
    return sealing.wrap(key, purpose=WRAP_PURPOSE, bound=_bound(subject))


def _unwrap(subject: UUID, wrapped: bytes) -> bytes:
    key = sealing.unwrap(wrapped, purpose=WRAP_PURPOSE, bound=_bound(subject))
    if key is None:
        raise RuntimeError(
            "Neither PERSONAL_DATA_KEY nor PERSONAL_DATA_KEY_PREVIOUS is the key that sealed the "
            "data in this database."
        )
    return key
