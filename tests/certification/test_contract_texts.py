"""Fields, templates, amounts in capitals, and the page that comes of them."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.services import templates as services
from certification.services.agreements import papers
from certification.wording import fields, templates
from kernel.capitals import capitals
from kernel.typeset import render

DIGITS = dict(zip("零壹贰叁肆伍陆柒捌玖", range(10), strict=True))
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def fen_of(text: str) -> int:
    """Reads capitals by grammar, independently of how they are written."""
    text = text.removeprefix("人民币").removesuffix("整")
    sign = -1 if text.startswith("负") else 1
    yuan, _found, rest = text.removeprefix("负").rpartition("元")
    total = _number(yuan) * 100
    for unit, worth in (("角", 10), ("分", 1)):
        before, found, after = rest.partition(unit)
        if found:
            total += DIGITS[before[-1]] * worth
            rest = after
    return sign * total


def _number(text: str) -> int:
    for unit, worth in (("亿", 10**8), ("万", 10**4)):
        before, found, after = text.rpartition(unit)
        if found:
            return _number(before) * worth + _number(after)
    total = digit = 0
    for sign in text:
        if sign in PLACES:
            total, digit = total + digit * PLACES[sign], 0
        else:
            digit = DIGITS[sign]
    return total + digit


@given(st.integers(-(10**17), 10**17))
def test_capitals_read_back(fen: int) -> None:
    assert fen_of(capitals(fen)) == fen
    assert "零零" not in capitals(fen)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (46_200_000, "人民币肆拾陆万贰仟元整"),
        (140_950, "人民币壹仟肆佰零玖元伍角整"),
        (10_700_053, "人民币壹拾万柒仟元零伍角叁分"),
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32_504, "人民币叁佰贰拾伍元零肆分"),
        (0, "人民币零元整"),
        (5, "人民币伍分"),
        (1_000_000_000_100, "人民币壹佰亿零壹元整"),
    ],
)
def test_capitals_as_the_rule_has_them(fen: int, text: str) -> None:
    """Examples after 支付结算办法, annex 1."""
    assert capitals(fen) == text


@pytest.mark.parametrize("code", [*services.SHIPPED, *services.CHAINED])
def test_shipped_templates_are_sound_in_both_languages(code: str) -> None:
    definition = services.shipped(code)
    assert templates.check(definition) == []
    assert all(set(block["text"]) == {"zh-Hans", "en"}
               for block in definition["body"] if "text" in block)  # fmt: skip
    for language in ("zh-Hans", "en"):
        made = templates.assemble(definition, {}, language=language, names={})
        assert not any("{{" in block.get("text", "") for block in made)


def test_a_bad_definition_is_told_what_is_wrong() -> None:
    definition = services.shipped("service")
    definition["body"].append({"kind": "clause", "text": {"en": "{{nothing}} {{party.nobody}}"}})
    definition["fields"][0]["type"] = "script"
    found = {problem.field for problem in templates.check(definition)}
    assert {"definition.fields.0.type"} < found
    assert f"definition.body.{len(definition['body']) - 1}.text" in found
    assert templates.check([]) != []
    assert templates.check({"title": 1, "roles": {}, "fields": 2, "body": None}) != []


NASTY = '#import "x"; #panic() $x$ *a* _b_ <c> @d `e` \\#f [g] //h {{total}} = ' + "'\""


def page(**values: Any) -> dict[str, Any]:
    return services.preview_paper(
        definition=services.shipped("service"), values=values, language="zh-Hans"
    )


def test_text_is_shown_never_read_as_markup(tmp_path: Path) -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    data = page(service=NASTY, fee={"amount": 123, "currency": "CNY"})
    made = render(papers.TEMPLATE, data, at=at)
    assert papers.typeset(data, at=at, bounded=False).sha256 == made.sha256
    (tmp_path / "a.pdf").write_bytes(made.pdf)
    text = _told("pdftotext", "-raw", str(tmp_path / "a.pdf"), "-").replace("\n", "")
    assert NASTY.replace(" ", "") in text.replace(" ", "")
    assert "第 1 页 共" in text
    fonts = _told("pdffonts", str(tmp_path / "a.pdf")).splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
    assert b"pdfaid" in made.pdf
    assert {place.role for place in made.places} == {"client", "provider"}


def _told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "text"}, "a\nb"), ({"type": "text"}, "x" * 201), ({"type": "text"}, 5),
        ({"type": "text"}, "right\u202eleft"), ({"type": "number", "max": "20"}, "20.1"),
        ({"type": "number"}, 14.5), ({"type": "number"}, "1e5"), ({"type": "number"}, "NaN"),
        ({"type": "money", "currency": "CNY"}, {"amount": 1, "currency": "USD"}),
        ({"type": "money"}, {"amount": 1.5, "currency": "CNY"}), ({"type": "money"}, "5"),
        ({"type": "quantity", "units": ["TNE"]}, {"value": "1", "unit": "LTR"}),
        ({"type": "quantity"}, {"value": "-1", "unit": "TNE"}), ({"type": "date"}, "2026-02-30"),
        ({"type": "choice", "choices": [{"value": "a"}]}, "b"), ({"type": "party"}, "nobody"),
        ({"type": "table", "columns": [], "max_rows": 1}, [{}, {}]), ({"type": "table",
          "columns": [{"name": "n", "type": "number"}]}, [{"n": "x"}]),
    ],
)  # fmt: skip
def test_fields_refuse(field: dict[str, Any], value: Any) -> None:
    named = {"name": "it", "label": {"en": "It"}, **field}
    kept, problems = fields.read([named], {"it": value}, roles=["seller"])
    assert [problem.field.startswith("values.it") for problem in problems] == [True]
    assert kept.get("it") in (None, [{}])
