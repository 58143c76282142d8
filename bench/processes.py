"""CPU and memory of a process and all its children, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Seconds of CPU so far and MiB of PSS now, by kind of process."""

    cpu: dict[str, float]
    pss: dict[str, float]


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            found.setdefault(parent, []).append(int(entry.name))
    return found


def tree(root: int) -> list[int]:
    """The process and all below it."""
    children, found, queue = _children(), [], [root]
    while queue:
        here = queue.pop()
        found.append(here)
        queue += children.get(here, [])
    return found


def kind(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return "gone"
    for word, name in (
        ("postgres", "postgres"),
        ("sandbox", "sandbox"),
        ("worker", "worker"),
        ("granian", "web"),
        ("serve", "supervisor"),
    ):
        if word in command:
            return name
    return "other"


def usage(root: int) -> Usage:
    cpu: dict[str, float] = {}
    pss: dict[str, float] = {}
    for pid in tree(root):
        name = kind(pid)
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        cpu[name] = cpu.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / TICK
        size = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
        pss[name] = pss.get(name, 0.0) + size / 1024
    return Usage(cpu, pss)
