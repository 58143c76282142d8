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


def tree(root: int) -> list[tuple[int, str]]:
    """The process and all below it, each with its kind; a nameless child is of its parent's."""
    children, found, queue = _children(), [], [(root, "supervisor")]
    while queue:
        here, above = queue.pop()
        what = kind(here) or above
        found.append((here, what))
        queue += [(child, what) for child in children.get(here, [])]
    return found


def kind(pid: int) -> str:
    """What the process says it is on its command line; "" when it doesn't say."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
    for word, name in (
        ("postgres", "postgres"),
        ("manage.py gateway", "sandbox"),
        ("quancheng gateway", "sandbox"),
        ("manage.py worker", "worker"),
        ("quancheng worker", "worker"),
        ("manage.py web", "web"),
        ("quancheng web", "web"),
        ("manage.py product", "web"),
        ("quancheng product", "web"),  # what both were forked from
        ("manage.py serve", "supervisor"),
    ):
        if word in command:
            return name
    return ""


def usage(root: int) -> Usage:
    """What the tree below ``root`` has used."""
    cpu: dict[str, float] = {}
    pss: dict[str, float] = {}
    for pid, name in tree(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        cpu[name] = cpu.get(name, 0.0) + (int(fields[11]) + int(fields[12])) / TICK
        size = next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
        pss[name] = pss.get(name, 0.0) + size / 1024
    return Usage(cpu, pss)
