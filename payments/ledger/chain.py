"""The hash chain over a platform's transfers."""

from kernel.hash_chain import ChainReport, HashChain

CHAIN = HashChain(
    rows="ledger_transfer",
    links="ledger_link",
    record="transfer",
    columns=(
        "id", "txid", "debit_id", "credit_id", "amount", "currency", "code", "flags", "pending_id",
        "expires_at", "journal", "merchant_id", "reference", "document", "business_at",
        "created_at",
    ),
)  # fmt: skip


def extend_ledger_chain() -> int:
    """Chain the platform's settled transfers; how many were added. Safe to run side by side."""
    return CHAIN.extend()


def verify_ledger_chain() -> ChainReport:
    """Recompute every link; names the first transfer that was changed, removed or slipped in."""
    return CHAIN.verify()


def ledger_chain_head() -> tuple[int, str]:
    """How many links there are, and the last one's hash."""
    return CHAIN.head()


def ledger_chain_hash(seq: int) -> str | None:
    """The hash of a link, None where there is none."""
    return CHAIN.hash_at(seq)
