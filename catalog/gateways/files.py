"""Where the copies of pictures lie: ``<platform>/<aa>/<digest>-<width>.webp`` in ``MEDIA_ROOT``, or
in the store of the deployment (``MEDIA_STORAGE``). What still lies in ``MEDIA_ROOT`` is served from
there until it is moved (``manage.py media move``).
"""

import contextlib
import os
import re
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from catalog.gateways import store
from catalog.gateways.pictures import Rendered
from kernel import tenancy

NAME = re.compile(r"([0-9a-f]{64})-(\d{1,5})\.webp")


def outside() -> bool:
    """Whether copies lie in a store, so that no transaction may wait for them."""
    return bool(settings.MEDIA_STORAGE)


def problem() -> str:
    """What is wrong with the place of the pictures, "" if nothing is. Asks the store."""
    return store.problem() if outside() else ""


def name_of(digest: str, width: int) -> str:
    """The name of one copy, on the platform in scope."""
    return f"{tenancy.current_id().hex}/{digest[:2]}/{digest}-{width}.webp"


def place(digest: str, width: int) -> Path:
    """The file of one copy, on the platform in scope."""
    return Path(settings.MEDIA_ROOT) / name_of(digest, width)


def by_name(name: str) -> tuple[str, int] | None:
    """The digest and the width named in an address, if the name has the right form."""
    match = NAME.fullmatch(name)
    return (match[1], int(match[2])) if match else None


def write(rendered: Rendered) -> None:
    """Put all copies there, each whole or not at all. Raises MediaStoreAway."""
    for width, _height, data in rendered.copies:
        if outside():
            store.write(name_of(rendered.digest, width), data)
        else:
            write_here(rendered.digest, width, data)


def write_here(digest: str, width: int, data: bytes) -> None:
    """Put one copy into ``MEDIA_ROOT``, whole or not at all."""
    target = place(digest, width)
    if target.exists():
        return  # the name is the content
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{uuid4().hex}.part")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def read(digest: str, width: int) -> bytes | None:
    """One copy for who waits for it, None where there is none. Raises MediaStoreAway."""
    try:
        return place(digest, width).read_bytes()
    except FileNotFoundError:
        return store.read(name_of(digest, width), hasty=True) if outside() else None


def remove(digest: str, widths: list[int]) -> None:
    """Take the copies away; one that isn't there is no matter. Raises MediaStoreAway."""
    for width in widths:
        if outside():
            store.remove(name_of(digest, width))
        with contextlib.suppress(FileNotFoundError):
            place(digest, width).unlink()
