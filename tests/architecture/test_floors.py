"""Who may import whom, and through which door (docs/architecture.md)."""

import ast

from tests.architecture.sources import CONTEXTS, FLOORS, context_of, files, imports, name_of, parsed

LEVEL = {name: level for level, floor in enumerate(FLOORS) for name in floor}
DOORS = {"facade", "events"}


def test_imports_go_down_and_only_through_doors() -> None:
    wrong = []
    for path in files():
        here = context_of(path)
        for module, name, line in imports(path):
            parts = module.split(".")
            there = parts[0]
            if there not in CONTEXTS or there in (here, "kernel"):
                continue
            if here == "config":
                continue  # the one place that knows every context
            if name_of(path) == "sandbox/settings.py" and there == "config":
                continue  # a process of its own begins with the settings, as the next test says
            if here == "kernel" or LEVEL[there] <= LEVEL[here]:
                wrong.append(f"{name_of(path)}:{line} imports {module}: not below it")
                continue
            door = parts[1] if len(parts) > 1 else name
            if door not in DOORS:
                wrong.append(f"{name_of(path)}:{line} imports {module}.{name}: not by its facade")
    assert wrong == []


def test_sandbox_knows_only_the_kernel() -> None:
    known = {"kernel", "sandbox", "config"}
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in files()
        if context_of(path) == "sandbox"
        for module, _, line in imports(path)
        if module.split(".")[0] in set(CONTEXTS) - known
        or (module.split(".")[0] == "config" and path.name not in ("settings.py", "wsgi.py"))
    ]
    assert wrong == []


def test_no_back_door_by_name() -> None:
    """apps.get_model and string foreign keys into another context: import-linter can't see them."""
    wrong = []
    for path in files():
        here = context_of(path)
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called == "get_model" and here != "kernel":
                wrong.append(f"{name_of(path)}:{node.lineno} get_model")
            if called.endswith(("ForeignKey", "OneToOneField", "ManyToManyField")) and node.args:
                target = node.args[0]
                text = target.value if isinstance(target, ast.Constant) else ""
                if isinstance(text, str) and "." in text and text.split(".")[0] != here:
                    wrong.append(f"{name_of(path)}:{node.lineno} foreign key to {text}")
    assert wrong == []
