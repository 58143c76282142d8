"""Locks of this context, taken in this order: category tree, brand, attribute, a shop, external id,
product, the first page, a picture's content."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError

from catalog.models import Attribute, Brand, Category, Product
from kernel import tenancy, transactions
from kernel.errors import NotFound


def tree() -> None:
    """The platform's category tree, until the transaction ends: moves must not make loops."""
    _advisory(f"catalog.tree:{tenancy.current_id()}")


def content(digest: str) -> None:
    """The stored files of one picture or video, until the transaction ends."""
    _advisory(f"catalog.media:{tenancy.current_id()}:{digest}")


@contextmanager
def content_held(digest: str) -> Iterator[None]:
    """As ``content``, over calls to the store of pictures, which no transaction may wait for; in
    a transaction of the caller's, until that ends."""
    if transactions.in_transaction():
        content(digest)
        yield
        return
    name = f"catalog.media:{tenancy.current_id()}:{digest}"
    _session("pg_advisory_lock", name)
    try:
        yield
    finally:
        try:
            _session("pg_advisory_unlock", name)
        except DatabaseError:
            transactions.connection().close()  # whoever has no session has no lock
            raise


def external(merchant_id: UUID, external_id: str) -> None:
    """A merchant's own id, until the transaction ends: two upserts of it make one product."""
    _advisory(f"catalog.external:{tenancy.current_id()}:{merchant_id}:{external_id}")


def shop(merchant_id: UUID) -> None:
    """A merchant's shop: its profile, its categories and what stands in them, until the
    transaction ends."""
    _advisory(f"catalog.shop:{tenancy.current_id()}:{merchant_id}")


def home() -> None:
    """The blocks of the platform's first page, until the transaction ends."""
    _advisory(f"catalog.home:{tenancy.current_id()}")


def category(category_id: UUID) -> Category:
    """The category, locked; the tree's lock is held. Raises NotFound."""
    found = Category.objects.select_for_update().filter(id=category_id).first()
    if found is None:
        raise NotFound
    return found


def brand(brand_id: UUID) -> Brand:
    """The brand, locked. Raises NotFound."""
    found = Brand.objects.select_for_update().filter(id=brand_id).first()
    if found is None:
        raise NotFound
    return found


def attribute(attribute_id: UUID) -> Attribute:
    """The attribute, locked. Raises NotFound."""
    found = Attribute.objects.select_for_update().filter(id=attribute_id).first()
    if found is None:
        raise NotFound
    return found


def product(product_id: UUID, merchant_id: UUID | None = None) -> Product:
    """The product, locked. Raises NotFound, also when it isn't ``merchant_id``'s."""
    rows = Product.objects.select_for_update().filter(id=product_id)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def _advisory(name: str) -> None:
    _session("pg_advisory_xact_lock", name)


def _session(function: str, name: str) -> None:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with transactions.cursor() as sql:
        sql.execute(f"SELECT {function}(%s)", [number])
