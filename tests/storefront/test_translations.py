"""Nothing on a page is left in English for a Chinese reader."""

import ast
import re
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from django.template import Engine
from django.template.base import Lexer, TokenType
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation

import storefront

ROOT = Path(storefront.__file__).parent
CALLS = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ngettext"}
SAME = {"API"}  # the same word in both languages


def _first(text: Any) -> str:
    """The singular of a text with plural forms, else the text."""
    return str(text if isinstance(text, str) else text[0])


def _entries() -> list[Any]:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        return [entry for entry in read_po(file, locale="zh_Hans") if entry.id]


def _catalogue() -> dict[str, str]:
    return {
        _first(entry.id): _first(entry.string) for entry in _entries() if "fuzzy" not in entry.flags
    }


def _of_templates() -> dict[str, str]:
    found: dict[str, str] = {}
    engine = Engine.get_default()
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        template = engine.from_string(text)
        nodes: Any = template.nodelist
        for node in nodes.get_nodes_by_type(TranslateNode):
            literal = node.filter_expression.var.literal
            if isinstance(literal, str):
                found[str(literal).replace("%", "%%")] = path.name  # as Django looks it up
        for block in nodes.get_nodes_by_type(BlockTranslateNode):
            for tokens in (block.singular,):
                text_, _names = block.render_token_list(tokens)
                found[text_] = path.name
        for token in Lexer(text).tokenize():
            if token.token_type in (TokenType.BLOCK, TokenType.VAR):
                for quoted in re.findall(r'_\("([^"]+)"\)', token.contents):
                    found[quoted] = path.name
    return found


def _of_code() -> dict[str, str]:
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            text = node.args[-1 if node.func.id.startswith("p") else 0]
            constant = isinstance(text, ast.Constant) and isinstance(text.value, str)
            if node.func.id in CALLS and constant:
                found[text.value] = path.name  # type: ignore[attr-defined]
    return found


def test_every_text_is_translated() -> None:
    used = _of_templates() | _of_code()
    assert len(used) > 400
    catalogue = _catalogue()
    missing = {
        text: where
        for text, where in used.items()
        if not catalogue.get(text) or (catalogue[text] == text and text not in SAME)
    }
    assert missing == {}


def test_nothing_is_translated_that_no_page_uses() -> None:
    used = set(_of_templates() | _of_code())
    assert set(_catalogue()) - used == set()


def test_other_catalogues_say_the_same() -> None:
    """An earlier app's translation of the same English wins; a word with another meaning here
    gets a context."""
    wrong = {}
    with translation.override("zh-hans"):
        for entry in _entries():
            if not isinstance(entry.id, str):
                shown = translation.ngettext(entry.id[0], entry.id[1], 2)
            elif entry.context:
                shown = translation.pgettext(entry.context, entry.id)
            else:
                shown = translation.gettext(entry.id)
            if shown != _first(entry.string):
                wrong[_first(entry.id)] = (entry.string, shown)
    assert wrong == {}


def test_placeholders_survive() -> None:
    wrong = [
        text
        for text, translated in _catalogue().items()
        if not set(re.findall(r"%\(\w+\)s", translated))
        <= set(re.findall(r"%\(\w+\)s", text)) | {"%(counter)s"}
    ]
    assert wrong == []


def test_templates_hold_no_bare_words() -> None:
    """Words outside of tags are translated; what remains are signs, brand and unit words."""
    allowed = {
        "CSV", "XLSX", "JSON", "PDF", "API", "CRL", "SHA-256", "English", "English中文 ·  ·",
        "Quancheng", "qk_test_city_0000",
    }  # fmt: skip
    wrong = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = re.sub(r"<(style|script)\b.*?</\1>", "", path.read_text(), flags=re.S)
        text = re.sub(r"\{%\s*blocktranslate.*?endblocktranslate\s*%\}", "", text, flags=re.S)
        attributes = r"\{% block (main_class|body_attributes) %\}.*?\{% endblock %\}"
        text = re.sub(attributes, "", text)
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
        text = re.sub(r"<[^>]*>", "\n", text)
        words = {w.strip() for w in text.split("\n") if re.search(r"[A-Za-z]{3}", w)}
        if left := {w for w in words if w not in allowed}:
            wrong[path.name] = left
    assert wrong == {}
