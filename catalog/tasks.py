"""Jobs of this context."""

from typing import Any
from uuid import UUID

from catalog.services import media
from kernel.jobs import JobContext, job, periodic


@job("catalog.fetch_picture", attempts=4)
def fetch_picture(
    job: JobContext, *, url: str, merchant_id: str, product_id: str | None = None
) -> dict[str, Any]:
    return media.fetch_media(
        url=url,
        merchant_id=UUID(merchant_id),
        product_id=UUID(product_id) if product_id else None,
    )


@job("catalog.remove_files", attempts=12)
def remove_files(job: JobContext, *, digest: str, widths: list[int]) -> dict[str, Any]:
    return {"removed": media.remove_files(digest, widths)}


@periodic("catalog.sweep_unused_media", seconds=3600)
def sweep_unused_media(job: JobContext) -> dict[str, Any]:
    return {"removed": media.sweep_unused()}
