"""The kernel's own jobs, imported so that they register themselves."""

from kernel import (
    mail,  # noqa: F401
    rotation,
)
from kernel.audit import chain  # noqa: F401
from kernel.jobs import JobContext, job


@job("kernel.rotate_keys")
def rotate_keys(job: JobContext) -> dict[str, int]:
    """Wrap the platform's keys and secrets under the master key in use."""
    return rotation.rotate(job.progress)
