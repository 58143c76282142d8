"""Keys of this platform: making them, and using them without opening them each time."""

import threading
from collections import OrderedDict
from hashlib import sha256
from uuid import UUID

from django.utils.translation import gettext as _

from certification.keystore import KeyRef, store, store_for
from certification.models import StoredKey
from certification.pki.algorithms import Algorithm, Signer
from kernel import clock, tenancy
from kernel.errors import NotFound
from kernel.ids import uuid7

_KEPT = 64
_opened: OrderedDict[bytes, Signer] = OrderedDict()
_lock = threading.Lock()


def make_key(algorithm: Algorithm, *, purpose: str) -> StoredKey:
    """A new key in the store of its kind, as a row. Raises KeyStoreProblem, Sm2Unavailable."""
    key_store = store_for(algorithm)
    ref = key_store.generate(id=uuid7(), platform_id=tenancy.current_id(), algorithm=algorithm)
    return StoredKey.objects.create(
        id=ref.id, algorithm=algorithm.value, store=key_store.name, spki=ref.spki,
        handle_sealed=ref.handle, wrapped_by=ref.wrapped_by, purpose=purpose,
        created_at=clock.system(),
    )  # fmt: skip


def ref_of(row: StoredKey) -> KeyRef:
    """The key as its store knows it."""
    return KeyRef(
        row.id, row.platform_id, Algorithm(row.algorithm), bytes(row.spki),
        bytes(row.handle_sealed), row.wrapped_by,
    )  # fmt: skip


def signer(row: StoredKey) -> Signer:
    """The use of a key. Opened keys are kept in memory, a bounded number, by what is stored: a
    key that was destroyed or wrapped anew is looked at again."""
    if row.destroyed_at is not None:
        raise NotFound(_("The key %(key)s has been destroyed.") % {"key": row.id})
    handle = bytes(row.handle_sealed)
    name = sha256(row.platform_id.bytes + row.id.bytes + handle).digest()
    with _lock:
        found = _opened.get(name)
        if found is not None:
            _opened.move_to_end(name)
            return found
    found = store(row.store).signer(ref_of(row))
    with _lock:
        _opened[name] = found
        while len(_opened) > _KEPT:
            _opened.popitem(last=False)
    return found


def signer_of(key_id: UUID) -> Signer:
    """The use of a key by its id. Raises NotFound."""
    row = StoredKey.objects.filter(id=key_id).first()
    if row is None:
        raise NotFound
    return signer(row)


def destroy(row: StoredKey) -> None:
    """Make a key unusable for good; the caller holds its row's lock and audits."""
    if row.destroyed_at is None:
        store(row.store).destroy(ref_of(row))
        row.handle_sealed, row.destroyed_at = b"", clock.system()
        row.save(update_fields=["handle_sealed", "destroyed_at"])
