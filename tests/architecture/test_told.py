"""Whatever refuses somebody says so in the reader's language: the texts given to errors."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from config.api import api
from journeys.models import Journey
from kernel.api.problems import problem
from kernel.errors import DomainError, InvalidTransition
from marketplace.models import Order
from tests.architecture.sources import CONTEXTS, ROOT, context_of, files, name_of, parsed

WORDS = {"_", "gettext", "gettext_lazy", "lazy"}
# Places whose plain English nobody meets who asks for another language, and why.
INTERNAL = {
    ("kernel/money.py", "A weight is a whole number"): "a programmer's mistake",
    ("kernel/money.py", "A weight can't be"): "a programmer's mistake",
    ("kernel/money.py", "Money is multiplied"): "a programmer's mistake",
    ("kernel/money.py", "An amount can't be split"): "a programmer's mistake",
    ("kernel/money.py", "A rate is a Decimal"): "a programmer's mistake",
    ("kernel/money.py", " is not money."): "a programmer's mistake",
    ("kernel/money.py", " is a Decimal, not"): "a programmer's mistake",
    ("kernel/quantity.py", " is not a Decimal."): "a programmer's mistake",
    ("kernel/quantity.py", "A quantity isn't multiplied"): "a programmer's mistake",
    ("kernel/webhooks/guard.py", " can't be resolved."): "an OSError, kept in the log of calls",
    ("kernel/webhooks/guard.py", " leads to an address"): "an OSError, kept in the log of calls",
    ("search/services/rebuilding.py", " documents still differ"): "a task's note, kept in the log",
}


@cache
def errors() -> frozenset[str]:
    """The names of all classes of refusals."""
    assert api, "every context's errors are loaded"
    found, ahead = set(), [DomainError]
    while ahead:
        kind = ahead.pop()
        if kind.__module__.partition(".")[0] in CONTEXTS:  # tests make some of their own
            found.add(kind.__name__)
        ahead += kind.__subclasses__()
    assert len(found) > 200
    return frozenset(found)


def told(call: ast.Call) -> Iterator[ast.expr]:
    """What the call gives an error, or a problem of a field, to tell."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "FieldProblem":
        yield from call.args[1:3]
        yield from (word.value for word in call.keywords if word.arg in ("problem", "remedy"))
    elif name in errors():
        yield from call.args[:1]
        yield from (word.value for word in call.keywords if word.arg == "detail")


def plain(text: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    """The literal words in a text that no translation is asked for."""
    match text:
        case ast.Constant(value=str(words)):
            yield words
        case ast.JoinedStr(values=parts):
            yield "".join(str(one.value) for one in parts if isinstance(one, ast.Constant))
        case ast.Name(id=name) if name in constants:
            yield constants[name]
        case ast.IfExp(body=one, orelse=other):
            yield from plain(one, constants)
            yield from plain(other, constants)
        case ast.BoolOp(values=several):
            for one in several:
                yield from plain(one, constants)
        case ast.BinOp(left=one, right=other):
            yield from plain(one, constants)
            if isinstance(text.op, ast.Add):
                yield from plain(other, constants)
        case ast.Call(func=ast.Attribute(value=one, attr="format")):
            yield from plain(one, constants)


def is_words(text: str) -> bool:
    """Whether it is language: an example of JSON or a number is the same in each."""
    return any(letter.isalpha() for letter in text) and not text.startswith("{")


def untranslated(path: Path) -> Iterator[tuple[int, str]]:
    tree = parsed(path)
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            for text in told(call):
                for words in plain(text, constants):
                    if is_words(words):
                        yield call.lineno, words


def test_every_refusal_is_told_in_the_readers_language() -> None:
    wrong, met = [], set()
    for path in files():
        if context_of(path) == "sandbox":  # the simulated outside world speaks English
            continue
        for line, words in untranslated(path):
            known = {key for key in INTERNAL if key[0] == name_of(path) and key[1] in words}
            met |= known
            if not known:
                wrong.append(f"{name_of(path)}:{line} {words!r}")
    assert wrong == []
    assert met == set(INTERNAL), "what is gone from the code goes from the list"


@pytest.mark.parametrize("context", [one for one in CONTEXTS if one not in ("config", "sandbox")])
def test_every_text_of_the_code_has_its_chinese(context: str) -> None:
    with (ROOT / context / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        entries = read_po(file)
    chinese = {
        (one.id if isinstance(one.id, str) else one.id[0])
        for one in entries
        if one.id and one.string
    }
    asked = {
        call.args[0].value
        for path in files()
        if context_of(path) == context
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in WORDS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert asked - chinese == set()


def test_a_step_that_isnt_possible_is_told_in_words() -> None:
    with pytest.raises(InvalidTransition) as refused:
        Order.TRANSITIONS.check(Order.State.COMPLETED, Order.State.PAID)
    with translation.override("zh-hans"):
        assert problem(refused.value)["detail"] == "“已完成”状态不能变为“已支付”。"
    with translation.override("en"):  # what a journey notes
        assert problem(refused.value)["detail"] == "Completed can't become Paid."
    with pytest.raises(InvalidTransition) as nameless, translation.override("zh-hans"):
        Journey.TRANSITIONS.check(Journey.State.DONE, Journey.State.RUNNING)
    assert "done" in str(nameless.value), "states without words are told as they are sent"
