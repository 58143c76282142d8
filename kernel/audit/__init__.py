"""The audit trail (审计): append-only rows, and a hash chain made over them afterwards."""

from kernel.audit.chain import chain_hash, chain_head, extend_chain, verify_chain
from kernel.audit.record import AuditTarget, Change, record, record_many
from kernel.audit.selectors import AuditEntry, Sought, entries, entries_for, latest_for
from kernel.hash_chain import ChainReport

__all__ = [
    "AuditEntry",
    "AuditTarget",
    "ChainReport",
    "Change",
    "Sought",
    "chain_hash",
    "chain_head",
    "entries",
    "entries_for",
    "extend_chain",
    "latest_for",
    "record",
    "record_many",
    "verify_chain",
]
