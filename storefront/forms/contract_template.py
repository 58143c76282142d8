"""The template editor's form: a definition as rows, and back (docs/contracts.md, Templates).

What has no input of its own (limits, choices, columns, conditions) stands as JSON beside its row,
so that nothing of a definition is lost by editing it here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kernel.errors import FieldProblem

Row = dict[str, Any]
ROWS_MAX = 300
LISTS = ("roles", "fields", "body")
EMPTY: dict[str, Row] = {
    "roles": {"role": "", "zh": "", "en": ""},
    "fields": {"name": "", "type": "text", "zh": "", "en": "", "required": False, "more": ""},
    "body": {"kind": "clause", "zh": "", "en": "", "more": ""},
}
TOLD = {  # what of a part has an input; everything else is JSON
    "roles": ("role", "label"),
    "fields": ("name", "type", "label", "required"),
    "body": ("kind", "text"),
}


@dataclass
class Editor:
    """A definition as the page shows it."""

    title: dict[str, str]
    rows: dict[str, list[Row]]
    problems: list[FieldProblem] = field(default_factory=list)
    focus: str = ""  # the row last worked on, where the keyboard goes on

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> "Editor":
        """From what is stored, however incomplete."""
        found = cls(_pair(definition.get("title")), {name: [] for name in LISTS})
        for name in LISTS:
            for part in definition.get(name) or []:
                if isinstance(part, Mapping):
                    found.rows[name].append(_row(name, part))
        return found

    @classmethod
    def posted(cls, data: Mapping[str, str]) -> "Editor":
        """From the form; rows without anything in them are dropped."""
        found = cls(
            {"zh": data.get("title-zh", "").strip(), "en": data.get("title-en", "").strip()},
            {name: [] for name in LISTS},
        )
        for name in LISTS:
            for place in range(ROWS_MAX):
                if f"{name}-{place}-here" not in data:
                    break
                row = {
                    key: (f"{name}-{place}-{key}" in data) if isinstance(empty, bool)
                    else data.get(f"{name}-{place}-{key}", "").replace("\r\n", "\n").strip()
                    for key, empty in EMPTY[name].items()
                }  # fmt: skip
                if any(row[key] for key in row if key not in ("type", "kind")):
                    found.rows[name].append(row)
        return found

    def definition(self) -> dict[str, Any]:
        """As it is stored; notes what can't be read in ``problems``."""
        made: dict[str, Any] = {"title": _texts(self.title)}
        for name in LISTS:
            made[name] = [self._part(name, place, row) for place, row in enumerate(self.rows[name])]
        return made

    def change(self, order: str) -> None:
        """``add:fields``, ``up:body:3``, ``drop:roles:1``."""
        what, _colon, rest = order.partition(":")
        name, _colon, place = rest.partition(":")
        rows = self.rows.get(name)
        if rows is None:
            return
        if what == "add" and len(rows) < ROWS_MAX:
            rows.append(dict(EMPTY[name]))
            self.focus = f"{name}-{len(rows) - 1}"
        at = int(place) if place.isdigit() else -1
        if what == "drop" and 0 <= at < len(rows):
            del rows[at]
            self.focus = f"{name}-{min(at, len(rows) - 1)}" if rows else name
        if what == "up" and 0 < at < len(rows):
            rows[at - 1], rows[at] = rows[at], rows[at - 1]
            self.focus = f"{name}-{at - 1}"

    def shown(self) -> dict[str, list[dict[str, Any]]]:
        """Rows with their place and what is wrong with each."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name in LISTS:
            found[name] = [
                {"place": place, "row": row, "wrong": self._wrong(f"definition.{name}.{place}"),
                 "focus": self.focus == f"{name}-{place}"}
                for place, row in enumerate(self.rows[name])
            ]  # fmt: skip
        return found

    def listed(self) -> list[dict[str, str]]:
        """Every problem with the anchor of its row."""
        found = []
        for problem in self.problems:
            parts = problem.field.split(".")
            at = f"{parts[1]}-{parts[2]}" if len(parts) > 2 else (parts[1:] or ["title"])[0]
            found.append({"anchor": at, "field": ".".join(parts[1:]), "problem": problem.problem,
                          "remedy": problem.remedy})  # fmt: skip
        return found

    def _wrong(self, where: str) -> list[FieldProblem]:
        return [p for p in self.problems if p.field == where or p.field.startswith(f"{where}.")]

    def _part(self, name: str, place: int, row: Row) -> dict[str, Any]:
        part = self._more(name, place, row.get("more", ""))
        if name == "roles":
            return {"role": row["role"], "label": _texts(row), **part}
        if name == "fields":
            return {"name": row["name"], "type": row["type"], "label": _texts(row),
                    "required": row["required"], **part}  # fmt: skip
        texts = _texts(row)
        return {"kind": row["kind"], **({"text": texts} if texts else {}), **part}

    def _more(self, name: str, place: int, text: str) -> dict[str, Any]:
        if not text:
            return {}
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self.problems.append(
                FieldProblem(
                    f"definition.{name}.{place}.more",
                    _("This isn't a JSON object."),
                    _('Write it like {"min": "0", "max": "10"}, or leave it empty.'),
                )
            )
            return {}
        return {key: value for key, value in found.items() if key not in TOLD[name]}


def _row(name: str, part: Mapping[str, Any]) -> Row:
    rest = {key: value for key, value in part.items() if key not in TOLD[name]}
    row = {key: part.get(key, empty) for key, empty in EMPTY[name].items() if key in TOLD[name]}
    row |= _pair(part.get("text" if name == "body" else "label"))
    if name != "roles":
        row["more"] = json.dumps(rest, ensure_ascii=False, indent=1) if rest else ""
    return {**EMPTY[name], **row}


def _pair(texts: Any) -> dict[str, str]:
    found = texts if isinstance(texts, Mapping) else {}
    return {"zh": str(found.get("zh-Hans", "")), "en": str(found.get("en", ""))}


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    found = {"zh-Hans": row["zh"], "en": row["en"]}
    return {language: text for language, text in found.items() if text}
