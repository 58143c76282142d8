"""What a function calls, as far as its own module goes."""

import ast
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any


def words_of(function: Callable[..., Any]) -> set[str]:
    """Names called, and keywords given, by the function and those of its own module it calls."""
    function = inspect.unwrap(getattr(function, "func", function))
    module = inspect.getmodule(function)
    assert isinstance(module, ModuleType)
    bodies = {
        node.name: node
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef)
    }
    found: set[str] = set()
    waiting, seen = [function.__name__], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in bodies:
            continue
        seen.add(name)
        for node in ast.walk(bodies[name]):
            if isinstance(node, ast.Name):
                found.add(node.id)
                waiting.append(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(f"{node.arg}=")
    return found
