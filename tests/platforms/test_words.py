"""Every text of this context is there in Chinese."""

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

import platforms

ROOT = Path(platforms.__file__).parent
MARKERS = {"_", "gettext", "gettext_lazy"}
BLOCK = re.compile(r"{% blocktranslate %}(.*?){% endblocktranslate %}", re.S)
VARIABLE = re.compile(r"{{ (\w+) }}")


def texts() -> set[str]:
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in MARKERS
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    for path in (ROOT / "templates").rglob("*.*"):
        for block in BLOCK.findall(path.read_text()):
            found.add(VARIABLE.sub(r"%(\1)s", block))
    return found


def test_every_text_has_a_translation() -> None:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open(encoding="utf-8") as file:
        catalogue = read_po(file)
    translated = {str(message.id): str(message.string) for message in catalogue if message.id}
    wanted = texts()
    assert len(wanted) > 90
    assert sorted(text for text in wanted if not translated.get(text)) == []
    for text, chinese in translated.items():
        assert set(re.findall(r"%\(\w+\)s|{\w+}", text)) == set(
            re.findall(r"%\(\w+\)s|{\w+}", chinese)
        ), text
