"""The product's own source files, parsed once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = [
    {"config"},
    {"storefront", "sandbox"},
    {"journeys", "search"},
    {"marketplace"},
    {"credit", "customs", "inspection", "forex", "logistics"},
    {"payments", "certification", "inventory"},
    {"catalog"},
    {"platforms"},
    {"kernel"},
]
CONTEXTS = sorted({name for floor in FLOORS for name in floor if (ROOT / name).is_dir()})


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def files(*, migrations: bool = False) -> list[Path]:
    found = []
    for context in CONTEXTS:
        for path in sorted((ROOT / context).rglob("*.py")):
            if migrations or "migrations" not in path.parts:
                found.append(path)
    assert len(found) > 100, "the product's sources weren't found"
    return found


def context_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[tuple[str, str, int]]:
    """(module, name, line) of every import anywhere in the file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.module, alias.name, node.lineno
