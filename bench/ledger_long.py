"""A long run of the ledger: ``python -m bench.ledger_long [TRANSFERS]`` (1,000,000).

Starts the product on an empty folder, posts the mix of ``bench/ledger.py`` in batches, then checks
that sums are zero and that every counter equals what its transfers give; chains all of it.
"""

import json
import sys
import tempfile
from pathlib import Path

from bench.stack import Stack


def main() -> int:
    transfers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="qc-bench-") as folder:
        place = Path(folder)
        place.chmod(0o711)
        stack = Stack(place, workers=1, threads=2)
        try:
            stack.start()
            stack.python("bench.seed", f"http://127.0.0.1:{stack.gateway_port}", stack.url)
            found = stack.python("bench.ledger", "--long", str(transfers), "8", "1000", "2")
        finally:
            stack.stop()
    print(json.dumps(found, indent=1))
    return 0 if found["balanced"] and found["chain_ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
