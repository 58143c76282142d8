"""The kernel's own jobs, imported so that they register themselves."""

from kernel import (
    mail,  # noqa: F401
    rotation,
    sealed_text,
)
from kernel.audit import chain  # noqa: F401
from kernel.jobs import JobContext, job, periodic


@job("kernel.rotate_keys")
def rotate_keys(job: JobContext) -> dict[str, int]:
    """Wrap the platform's keys and secrets under the master key in use."""
    return rotation.rotate(job.progress)


@periodic("kernel.seal_texts", seconds=86_400)
def seal_texts(job: JobContext) -> dict[str, int]:
    """Seal free texts that an older release left in clear."""
    return sealed_text.seal_plain()
