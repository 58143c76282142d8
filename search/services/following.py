"""Wide changes: everything below a category, of a merchant, of a brand, with an attribute, in a
warehouse, on the platform.

They run as jobs of the kernel, a slice at a time: the documents of a slice are written down in the
bulk lane in the transaction that queues the next slice, so a crash goes on where it was.
"""

from collections.abc import Callable
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from kernel import jobs
from kernel.jobs import JobContext
from kernel.transactions import atomic
from search.services import changes

JOB = "search.follow"
PAGE = 500
SLICE = 20  # pages a job does before it queues the next
Page = Callable[[UUID, UUID | None], list[UUID]]


def _category(one: UUID, after: UUID | None) -> list[UUID]:
    return catalog.product_ids(category=one, after=after, limit=PAGE)


def _merchant(one: UUID, after: UUID | None) -> list[UUID]:
    return catalog.product_ids(merchant=one, after=after, limit=PAGE)


def _brand(one: UUID, after: UUID | None) -> list[UUID]:
    return catalog.product_ids(brand=one, after=after, limit=PAGE)


def _attribute(one: UUID, after: UUID | None) -> list[UUID]:
    code = catalog.attribute(one).code
    return catalog.product_ids(attribute=code, after=after, limit=PAGE)


def _platform(one: UUID, after: UUID | None) -> list[UUID]:
    return catalog.product_ids(after=after, limit=PAGE)


def _warehouse(one: UUID, after: UUID | None) -> list[UUID]:
    return inventory.stocked_variants(one, after=after, limit=PAGE)


# scope -> (kind of change, its pages)
SCOPES: dict[str, tuple[str, Page]] = {
    "category": ("product", _category),
    "merchant": ("product", _merchant),
    "brand": ("product", _brand),
    "attribute": ("product", _attribute),
    "platform": ("product", _platform),
    "warehouse": ("variant", _warehouse),
}


def follow(scope: str, one: UUID) -> UUID:
    """Queue the job that indexes again all that ``scope`` names; in the caller's transaction."""
    return jobs.enqueue(JOB, {"scope": scope, "id": one}, unique=f"{scope}:{one}")


def run(
    job: JobContext, *, scope: str, one: UUID, after: UUID | None = None, done: int = 0
) -> dict[str, int]:
    """One slice, and the next queued; ``done`` counts from the first slice on."""
    kind, page = SCOPES[scope]
    total = max(done, _total(scope, one))
    for _ in range(SLICE):
        found = page(one, after)
        if not found:
            return {"noted": done}
        changes.note(kind, found)
        done, after = done + len(found), found[-1]
        job.progress(done, max(done, total))
        if len(found) < PAGE:
            return {"noted": done}
    with atomic():
        jobs.enqueue(JOB, {"scope": scope, "id": one, "after": after, "done": done})
    return {"noted": done}


def _total(scope: str, one: UUID) -> int:
    match scope:
        case "category":
            return catalog.product_count(category=one)
        case "merchant":
            return catalog.product_count(merchant=one)
        case "platform":
            return catalog.product_count()
    return 0
