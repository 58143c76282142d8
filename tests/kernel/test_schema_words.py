"""Schema errors are told in the reader's language."""

import re
from typing import Any

import pytest
from django.utils import translation
from pydantic import TypeAdapter, ValidationError
from pydantic_core._pydantic_core import list_all_errors

from kernel.api.problems import _place
from kernel.api.schema_words import _PROBLEMS, problem_of, remedy_of
from kernel.api.types import Day, Schema, Timestamp

KINDS: dict[str, Any] = {str(one["type"]): one for one in list_all_errors()}


@pytest.mark.parametrize("kind", sorted(_PROBLEMS))
def test_each_kind_exists_and_gives_what_its_words_ask_for(kind: str) -> None:
    asked = set(re.findall(r"%\((\w+)\)", _PROBLEMS[kind]))
    assert asked <= set(KINDS[kind]["example_context"] or {})
    with translation.override("zh-hans"):
        item = {"type": kind, "msg": "unsaid", "ctx": KINDS[kind]["example_context"]}
        assert re.search("[一-鿿]", problem_of(item)), "not translated"


class Shape(Schema):
    name: str
    number: int


def test_a_field_that_lacks_and_one_too_many() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Shape).validate_python({"name": 5, "colour": "red"})
    with translation.override("en"):
        told = {
            str(one["loc"][0]): (problem_of(dict(one)), remedy_of(dict(one)))
            for one in caught.value.errors()
        }
    assert told["number"] == ("This field is missing", "Send this field.")
    assert told["name"][0] == "A text is needed"
    assert told["colour"][1].startswith("Leave it out")
    with translation.override("zh-hans"):
        assert problem_of({"type": "missing"}) == "缺少该字段"


def test_kinds_without_words_and_without_context_keep_what_was_said() -> None:
    assert problem_of({"type": "callable_type", "msg": "Input should be callable"}) == (
        "Input should be callable"
    )
    assert problem_of({"type": "string_too_long", "msg": "Too long"}) == "Too long"


@pytest.mark.parametrize(
    ("location", "field"),
    [
        (("body", "body", "lines", 0, "variant_id"), "lines.0.variant_id"),
        (("body", "data", "definition", "body", 0, "text"), "definition.body.0.text"),
        (("body", "body", "name"), "name"),
        (("body", "body"), "body"),
        (("body",), "body"),
        (("query", "limit"), "limit"),
    ],
)
def test_a_field_is_named_by_its_whole_path(location: tuple[object, ...], field: str) -> None:
    assert _place(location) == field


@pytest.mark.parametrize(
    "number", [-1, 0, 1.5, True, 1_777_000_000, "1777000000", "-5", "1e9", "NaN"]
)
@pytest.mark.parametrize(
    ("kind", "said"),
    [(Timestamp, "需要时间，例如 2026-05-01T08:00:00Z"), (Day, "需要日期，例如 2026-05-01")],
)
def test_a_number_is_no_time(kind: Any, said: str, number: Any) -> None:
    with pytest.raises(ValidationError) as caught, translation.override("zh-hans"):
        TypeAdapter(kind).validate_python(number)
    with translation.override("zh-hans"):
        assert [problem_of(dict(one)) for one in caught.value.errors()] == [said]
    TypeAdapter(kind | None).validate_python(None)
