"""The audit trail's hash chain, such that a shell can recompute it.

``hash(n) = sha256(hash(n-1) + "\\n" + line n)``, in hexadecimal, beginning with 64 zeros.
"""

import hashlib
from collections.abc import Iterable

GENESIS = "0" * 64


def head_of(lines: Iterable[str]) -> str:
    """The last hash over these lines (without their line feeds)."""
    head = GENESIS
    for line in lines:
        head = hashlib.sha256(f"{head}\n{line}".encode()).hexdigest()
    return head
