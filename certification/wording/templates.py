"""Contract templates as data (合同模板): checked when saved, put together with values when printed.

A definition has ``title``, ``roles`` (the parties), ``fields`` and ``body``, a list of blocks:
``heading`` (numbered 第一条), ``clause`` (numbered 1.1), ``plain``, ``table`` (a table field).
Blocks may hold ``when`` (a condition on values) and, clauses, ``each`` (once a line of a table).
``{{name}}``, ``{{name.capitals}}`` and ``{{party.role}}`` stand for values. Nothing is ever run:
what comes out is strings that the typesetting prints as they are.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from certification.wording.fields import FIELDS_MAX, LANGUAGES, TYPES, in_language, shown
from kernel.errors import FieldProblem

BLOCKS = ("heading", "clause", "plain", "table")
BLOCKS_MAX, TEXT_MAX, ROLES_MAX = 300, 6_000, 6
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_HOLDER = re.compile(r"\{\{\s*([a-z0-9_.]+)\s*\}\}", re.ASCII)
_CHINESE = "零一二三四五六七八九"
Definition = Mapping[str, Any]


def check(definition: Any) -> list[FieldProblem]:
    """What is wrong with a definition; empty when it can be published."""
    found: list[FieldProblem] = []

    def wrong(where: str, problem: str, remedy: str = "") -> None:
        if len(found) < 50:
            found.append(FieldProblem(f"definition.{where}", problem, remedy))

    if not isinstance(definition, Mapping):
        return [FieldProblem("definition", _("An object is needed."))]
    for name in set(definition) - {"title", "roles", "fields", "body", "note"}:
        wrong(str(name)[:40], _("A definition has title, roles, fields, body and note only."))
    _texts(definition.get("title"), "title", wrong, most=120)
    roles = _roles(definition.get("roles"), wrong)
    fields = _fields(definition.get("fields"), "fields", wrong)
    _body(definition.get("body"), roles, fields, wrong)
    return found


def _texts(value: Any, where: str, wrong: Any, *, most: int, needed: bool = True) -> None:
    if not isinstance(value, Mapping) or set(value) - set(LANGUAGES):
        if needed or value is not None:
            wrong(where, _("Texts by language are needed: zh-Hans, en."))
        return
    texts = [text for text in value.values() if text]
    if not texts and needed:
        wrong(where, _("A text in at least one language is needed."))
    if not all(isinstance(text, str) and len(text) <= most for text in texts):
        wrong(where, _("At most %(most)s characters.") % {"most": most})


def _roles(value: Any, wrong: Any) -> list[str]:
    if not isinstance(value, list) or not 2 <= len(value) <= ROLES_MAX:
        wrong("roles", _("Two to six parties are needed."))
        return []
    names = []
    for place, role in enumerate(value):
        name = role.get("role") if isinstance(role, Mapping) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in names:
            wrong(f"roles.{place}.role", _("A name of its own: a-z, 0-9 and _."))
            continue
        names.append(name)
        _texts(role.get("label"), f"roles.{place}.label", wrong, most=40)
    return names


def _fields(value: Any, where: str, wrong: Any, *, inner: bool = False) -> dict[str, Any]:
    if not isinstance(value, list) or len(value) > FIELDS_MAX or (inner and not value):
        wrong(where, _("A list of at most %(most)s fields is needed.") % {"most": FIELDS_MAX})
        return {}
    known: dict[str, Any] = {}
    for place, field in enumerate(value):
        here = f"{where}.{place}"
        if not isinstance(field, Mapping):
            wrong(here, _("An object is needed."))
            continue
        name, kind = field.get("name"), field.get("type")
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in (*known, "party"):
            wrong(f"{here}.name", _("A name of its own: a-z, 0-9 and _."))
            continue
        if kind not in TYPES or (inner and kind == "table"):
            wrong(f"{here}.type", _("Choose one of: %(offered)s.") % {"offered": ", ".join(TYPES)})
            continue
        _texts(field.get("label"), f"{here}.label", wrong, most=60)
        _texts(field.get("help"), f"{here}.help", wrong, most=300, needed=False)
        known[name] = _limits(field, here, wrong)
    return known


def _limits(field: Mapping[str, Any], here: str, wrong: Any) -> Mapping[str, Any]:
    if field["type"] == "choice":
        choices = field.get("choices")
        if not isinstance(choices, list) or not 1 <= len(choices) <= 50 or not all(
            isinstance(one, Mapping) and isinstance(one.get("value"), str) for one in choices
        ):  # fmt: skip
            wrong(f"{here}.choices", _("1 to 50 choices with value and label are needed."))
        else:
            for place, one in enumerate(choices):
                _texts(one.get("label"), f"{here}.choices.{place}.label", wrong, most=160)
    if field["type"] == "table":
        _fields(field.get("columns"), f"{here}.columns", wrong, inner=True)
    for limit in ("min", "max", "max_length", "max_rows"):
        if limit in field and not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", str(field[limit])):
            wrong(f"{here}.{limit}", _("A number is needed."))
    for limit in ("max_length", "max_rows"):
        if limit in field and not str(field[limit]).isdigit():
            wrong(f"{here}.{limit}", _("A whole number is needed."))
    return field


def _body(value: Any, roles: Sequence[str], fields: Mapping[str, Any], wrong: Any) -> None:
    if not isinstance(value, list) or not 1 <= len(value) <= BLOCKS_MAX:
        wrong("body", _("1 to %(most)s blocks are needed.") % {"most": BLOCKS_MAX})
        return
    for place, block in enumerate(value):
        here = f"body.{place}"
        kind = block.get("kind") if isinstance(block, Mapping) else None
        if kind not in BLOCKS:
            wrong(f"{here}.kind", _("Choose one of: %(offered)s.")
                  % {"offered": ", ".join(BLOCKS)})  # fmt: skip
            continue
        _condition(block.get("when"), fields, f"{here}.when", wrong)
        tables = {name: field for name, field in fields.items() if field["type"] == "table"}
        for key in ("field", "each"):
            named = (key == "field" and kind == "table") or key in block
            if named and block.get(key) not in tables:
                wrong(f"{here}.{key}", _("A table field of this template is needed."))
        if kind != "table":
            _texts(block.get("text"), f"{here}.text", wrong, most=TEXT_MAX)
            row = tables.get(block.get("each", ""), {}).get("columns", [])
            names = {*fields, *(f["name"] for f in row if isinstance(f, Mapping) and "name" in f)}
            _holders(block.get("text"), names, roles, f"{here}.text", wrong)


def _holders(texts: Any, names: set[str], roles: Sequence[str], where: str, wrong: Any) -> None:
    if not isinstance(texts, Mapping):
        return
    for text in texts.values():
        for holder in _HOLDER.findall(str(text)):
            head, _dot, tail = holder.partition(".")
            known = tail in roles if head == "party" else head in names and tail in ("", "capitals")
            if not known:
                wrong(where, _("{{%(name)s}} names no field or party.") % {"name": holder},
                      _("Add the field, or correct its name."))  # fmt: skip


def _condition(
    value: Any, fields: Mapping[str, Any], where: str, wrong: Any, deep: int = 0
) -> None:
    if value is None:
        return
    if not isinstance(value, Mapping) or deep > 4:
        wrong(where, _("A condition is {field, is} or not, all, any of conditions."))
        return
    if "not" in value:
        _condition(value["not"], fields, where, wrong, deep + 1)
    elif "all" in value or "any" in value:
        for one in value.get("all") or value.get("any") or []:
            _condition(one, fields, where, wrong, deep + 1)
    elif value.get("field") not in fields:
        wrong(where, _("A condition names a field of this template."))


def holds(condition: Mapping[str, Any] | None, values: Mapping[str, Any]) -> bool:
    """Whether a condition holds. ``{"field": "deposit"}``: given; with ``is``: equals."""
    if not condition:
        return True
    if "not" in condition:
        return not holds(condition["not"], values)
    if "all" in condition:
        return all(holds(one, values) for one in condition["all"])
    if "any" in condition:
        return any(holds(one, values) for one in condition["any"])
    value = values.get(condition.get("field", ""))
    return value == condition["is"] if "is" in condition else value not in (None, "", [])


def assemble(definition: Definition, values: Mapping[str, Any], *, language: str,
             names: Mapping[str, str]) -> list[dict[str, Any]]:  # fmt: skip
    """The printed blocks in one language; ``names`` are the parties' names by role."""
    printer = _Printer(definition, values, language, names)
    return list(printer.blocks())


class _Printer:
    def __init__(self, definition: Definition, values: Mapping[str, Any], language: str,
                 names: Mapping[str, str]) -> None:  # fmt: skip
        self.definition, self.values, self.language = definition, values, language
        self.names = names
        self.fields = {field["name"]: field for field in definition["fields"]}
        self.roles = {role["role"]: role["label"] for role in definition["roles"]}

    def blocks(self) -> Iterator[dict[str, Any]]:
        article = clause = 0
        for block in self.definition["body"]:
            if not holds(block.get("when"), self.values):
                continue
            kind = block["kind"]
            if kind == "table":
                yield self._table(block["field"])
                continue
            for row in self.values.get(block["each"], []) if "each" in block else [None]:
                number = ""
                if kind == "heading":
                    article, clause = article + 1, 0
                    number = self._article(article)
                elif kind == "clause":
                    clause += 1
                    number = f"{article}.{clause}" if article else f"{clause}."
                text = self._filled(in_language(block["text"], self.language), row, block)
                yield {"kind": kind, "number": number, "text": text}

    def _article(self, number: int) -> str:
        if not self.language.startswith("zh"):
            return f"Article {number}"
        tens, ones = divmod(number, 10)
        text = (_CHINESE[tens] if tens > 1 else "") + ("十" if tens else "")
        return f"第{text}{_CHINESE[ones] if ones or not tens else ''}条"

    def _filled(self, text: str, row: Mapping[str, Any] | None, block: Mapping[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            head, _dot, form = match[1].partition(".")
            if head == "party":
                return self.names.get(form, "")
            if row is not None:
                for column in self.fields[block["each"]]["columns"]:
                    if column["name"] == head:
                        return self._shown(column, row.get(head), form)
            return self._shown(self.fields[head], self.values.get(head), form)

        return _HOLDER.sub(value, text)

    def _shown(self, field: Mapping[str, Any], value: Any, form: str = "") -> str:
        return shown(field, value, self.language, form=form, roles=self.roles)

    def _table(self, name: str) -> dict[str, Any]:
        columns = self.fields[name]["columns"]
        return {
            "kind": "table",
            "head": [in_language(column["label"], self.language) for column in columns],
            "right": [column["type"] in ("number", "money", "quantity") for column in columns],
            "rows": [
                [self._shown(column, row.get(column["name"])) for column in columns]
                for row in self.values.get(name, [])
            ],
        }
