"""Every text that a person may read has its Chinese, in every context."""

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.architecture.sources import ROOT

CONTEXTS = ("journeys", "logistics")
CALLS = {"_", "gettext", "gettext_lazy", "translate"}


def texts(context: str) -> set[str]:
    """The literal messages of a context's Python files."""
    found = set()
    for path in (ROOT / context).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in CALLS
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


@pytest.mark.parametrize("context", CONTEXTS)
def test_chinese_is_complete(context: str) -> None:
    path = Path(ROOT / context / "locale/zh_Hans/LC_MESSAGES/django.po")
    with path.open("rb") as file:
        catalogue = read_po(file)
    known = {message.id for message in catalogue if message.id and message.string}
    wanted = texts(context)
    assert len(wanted) > 5
    assert wanted - known == set()
