"""The kernel's own jobs, imported so that they register themselves."""

from kernel.audit import chain  # noqa: F401
