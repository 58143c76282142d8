"""The kernel's own tables, one module a concern."""

from kernel.records import (  # noqa: F401
    audit,
    idempotency,
    jobs,
    mail,
    outbox,
    personal,
    ratelimit,
    webhooks,
)
