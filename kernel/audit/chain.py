"""The hash chain over a platform's audit rows."""

from kernel.hash_chain import ChainReport, HashChain
from kernel.jobs.registry import JobContext, periodic

CHAIN = HashChain(
    rows="kernel_auditrecord",
    links="kernel_auditchain",
    record="record",
    columns=(
        "id", "txid", "actor_kind", "actor_id", "actor_person_id", "actor_label", "merchant_id",
        "action", "target_type", "target_id", "before::text", "after::text", "business_at",
        "created_at", "request_id",
    ),
)  # fmt: skip


def extend_chain() -> int:
    """Chain the platform's settled rows; how many were added. Safe to run side by side."""
    return CHAIN.extend()


def verify_chain() -> ChainReport:
    """Recompute every link; names the first row that was changed, taken away or slipped in."""
    return CHAIN.verify()


def chain_head() -> tuple[int, str]:
    """How many links there are, and the last one's hash."""
    return CHAIN.head()


def chain_hash(seq: int) -> str | None:
    """The hash of a link, None where there is none."""
    return CHAIN.hash_at(seq)


@periodic("kernel.audit_chain", seconds=60)
def extend_chain_job(job: JobContext) -> dict[str, int]:
    """Chain what has settled since the last minute."""
    return {"added": extend_chain()}
