"""The kernel's own jobs, imported so that they register themselves."""

from kernel import mail  # noqa: F401
from kernel.audit import chain  # noqa: F401
