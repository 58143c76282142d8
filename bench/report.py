"""The table on the terminal and the JSON file."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def show(result: dict[str, Any]) -> None:
    """Print what was found, a line for each scenario and number of clients."""
    machine, held = result["machine"], result["guarantees"]
    print(
        f"\n{machine['cpus']} processors (load {machine['load_before']} before), Python "
        f"{machine['python']}, {machine['web_workers']} × {machine['web_threads']} web threads, "
        f"PostgreSQL {held['server_version']}, {machine['products']} products × 2 variants"
    )
    print(", ".join(f"{name} {value}" for name, value in held.items() if name != "server_version"))
    print("no response cache; gateway in a process of its own; rate limits raised\n")
    print(f"{'':48}{'clients':>8}{'per s':>11}{'p50 ms':>9}{'p99 ms':>9}{'ratio':>9}  CPU ms each")
    for row in result["rows"]:
        _line(row)
    for name, left in result.get("left_by_checkouts", {}).items():
        print(f"\n{name} left: " + ", ".join(f"{n} {kind}" for kind, n in left.items()))
    if "search" in result:
        found = result["search"]
        print(f"\nindexed in {found['index_s']} s; one search finds {found['total']} products and "
              f"counts {found['facets']}")  # fmt: skip
    if "race" in result:
        race = result["race"]
        print(f"\n{race['buyers']} buyers on a stock of {race['stock']}: sold {race['sold']}")
    memory = ", ".join(f"{kind} {mib}" for kind, mib in result["memory_mib"].items())
    print(f"\nPSS in MiB after the load: {memory}")
    print(
        f"First start {result['first_start_s']} s (new database), filling {result['fill_s']} s, "
        f"cold start to the first answer {result['cold_start_s']} s"
    )


def _line(row: dict[str, Any]) -> None:
    ratio = f"{row['ratio']:.3f}" if "ratio" in row else ""
    cpu = " ".join(f"{kind} {ms}" for kind, ms in row.get("cpu_ms", {}).items())
    p50, p99 = row.get("p50_ms", ""), row.get("p99_ms", "")
    print(
        f"{row['name']:48}{row['clients']:>8}{row['per_second']:>11}"
        f"{p50:>9}{p99:>9}{ratio:>9}  {cpu}"
        + (f"  FAILED {row['failed']}: {row['first_failure']}" if row.get("failed") else "")
    )


def write(result: dict[str, Any], folder: Path) -> Path:
    """Keep the result as JSON; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False))
    return path
