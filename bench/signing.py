"""Signatures a second and core: ``.venv/bin/python -m bench.signing [--quick]``.

Needs no server: keys and certificates are made for the run. Counts processor time of this process,
so that what else runs on the machine matters less; wall time is shown beside it.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime

import typst

from certification.signing import Appearance, Placement
from certification.signing.pades import Signature
from tests.certification.pki import Authority

AT = datetime(2026, 2, 1, tzinfo=UTC)


def page() -> bytes:
    """A contract's page with a few hundred words."""
    made = typst.compile(b"= Contract\n#lorem(300)", format="pdf")
    assert isinstance(made, bytes)
    return made


def rate(work: Callable[[], object], seconds: float) -> tuple[float, float]:
    """How often a second of processor time, and of wall time, the work gets done."""
    work()
    count, cpu, wall = 0, time.process_time(), time.perf_counter()
    while time.process_time() - cpu < seconds:
        work()
        count += 1
    return count / (time.process_time() - cpu), count / (time.perf_counter() - wall)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.signing", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    seconds = 1.0 if parser.parse_args().quick else 5.0
    authority, document = Authority(), page()
    signer = authority.issue("Bench", authority.ca)
    plain = Signature(signer.holder())
    stamped = Signature(signer.holder(), timestamps=authority.timestamps())
    place = Placement("Seller", -1, 50, 50, 180, 60)
    look = Appearance(name="吉林阿尔法粮食有限公司", at=AT, note="consent")
    kinds: dict[str, Callable[[], object]] = {
        "PAdES B-B": lambda: plain.sign(document, at=AT, place=Placement("Seller")),
        "PAdES B-B, visible": lambda: plain.sign(document, at=AT, place=place, look=look),
        "PAdES B-T": lambda: stamped.sign(document, at=AT, place=Placement("Seller")),
    }
    print(f"{'P-256, one core':24} {'per CPU second':>16} {'per second':>12}")
    for name, work in kinds.items():
        cpu, wall = rate(work, seconds)
        print(f"{name:24} {cpu:16.0f} {wall:12.0f}")


if __name__ == "__main__":
    main()
