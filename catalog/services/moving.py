"""Pictures between ``MEDIA_ROOT`` and the store of the deployment, and whether all are there."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from catalog import locks
from catalog.errors import MediaStoreAway
from catalog.gateways import files, store
from catalog.models import Media
from kernel import clock, tenancy

BATCH = 200
ORPHAN_AFTER = timedelta(days=1)


@dataclass
class Count:
    """What happened to the copies of pictures so far. ``bytes``: of those copied."""

    copied: int = 0
    present: int = 0
    bytes: int = 0
    removed: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        return self.copied + self.present + len(self.failed)


def pictures() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Digest and widths of every picture of the platform in scope; those of two merchants twice."""
    last = None
    while True:
        rows = Media.objects.order_by("id")
        if last is not None:
            rows = rows.filter(id__gt=last)
        found = list(rows.values_list("id", "digest", "sizes")[:BATCH])
        for _id, digest, sizes in found:
            yield digest, tuple(int(width) for width, _height in sizes)
        if len(found) < BATCH:
            return
        last = found[-1][0]


def move_out(count: Count, digest: str, widths: tuple[int, ...], *, remove: bool = False) -> None:
    """Put a picture's files into the store; what is there as it should be stays. ``remove``: the
    file here goes once the store was seen to have it whole. Raises MediaStoreAway."""
    with locks.content_held(digest):
        if not Media.objects.filter(digest=digest).exists():
            return  # swept meanwhile
        for width in widths:
            _out(count, digest, width, remove=remove)


def move_back(count: Count, digest: str, widths: tuple[int, ...]) -> None:
    """Put a picture's copies from the store into ``MEDIA_ROOT``. Raises MediaStoreAway."""
    with locks.content_held(digest):
        for width in widths:
            name = files.name_of(digest, width)
            if files.place(digest, width).exists():
                count.present += 1
                continue
            known, data = store.stat(name), store.read(name)
            if known is None or data is None or not _same(known, data):
                count.failed.append(name)
                continue
            files.write_here(digest, width, data)
            count.copied += 1
            count.bytes += len(data)


def verify(count: Count, digest: str, widths: tuple[int, ...], *, deep: bool = False) -> None:
    """Look whether a picture's copies are there; ``deep``: read them, and compare their sums."""
    for width in widths:
        name = files.name_of(digest, width)
        if not files.outside():
            good = files.place(digest, width).exists()
        elif known := store.stat(name):
            good = not deep or _same(known, store.read(name) or b"")
        else:
            good = False
        if good:
            count.present += 1
        else:
            count.failed.append(name)


def sweep_orphans(count: Count) -> None:
    """Take away what lies in the store of the platform in scope for a day without a row: an upload
    that was cut off after its files, or a database that was restored. Raises MediaStoreAway."""
    old = clock.system() - ORPHAN_AFTER
    for name, written in store.names(tenancy.current_id().hex):
        found = files.by_name(name.rpartition("/")[2])
        if found is None or written > old:
            continue
        with locks.content_held(found[0]):
            if Media.objects.filter(digest=found[0]).exists():
                count.present += 1
            else:
                store.remove(name)
                count.removed += 1


def probe() -> None:
    """Write, look at, read and remove one small object, as pictures are. Raises MediaStoreAway."""
    data, name = b"Quancheng", "probe"
    store.write(name, data)
    known, back = store.stat(name), store.read(name)
    store.remove(name)
    if known is None or back is None or not _same(known, back):
        raise MediaStoreAway


def _out(count: Count, digest: str, width: int, *, remove: bool) -> None:
    name, here = files.name_of(digest, width), files.place(digest, width)
    known = store.stat(name)
    try:
        data = here.read_bytes()
    except FileNotFoundError:
        if known is None:
            count.failed.append(name)
        else:
            count.present += 1
        return
    if known is not None and _same(known, data):
        count.present += 1
    else:
        store.write(name, data)
        written = store.stat(name)
        if written is None or not _same(written, data):
            count.failed.append(name)
            return
        count.copied += 1
        count.bytes += len(data)
    if remove:
        here.unlink(missing_ok=True)
        count.removed += 1


def _same(known: store.Stored, data: bytes) -> bool:
    """Whether the object is these bytes: by size, and by the sum it was written with."""
    sums = ("", hashlib.sha256(data).hexdigest())
    return known.size == len(data) and known.sha256 in sums
