"""The kernel's own tables, one module a concern."""

from kernel.records import idempotency  # noqa: F401
