"""What the code writes into the audit trail: every action it names, read out of the source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

from kernel.states import StatefulModel

ROOT = Path(__file__).parents[2]
CONTEXTS = (
    "catalog", "certification", "inventory", "journeys", "kernel", "logistics", "marketplace",
    "payments", "platforms", "search", "storefront",
)  # fmt: skip
ACTION = re.compile(rf"(?:{'|'.join(CONTEXTS)})\.[a-z_]+\.[a-z_]+")
# Texts of the same shape that are something else: points where tests stop a process.
POINTS = {"hit"}
HANDLERS = {"journeys.letter", "journeys.timeline", "search.management"}
NONE = {
    "certification.contract.sign", "journeys.contract.template", "journeys.letter.message",
    "journeys.letter.goods_came", "journeys.letter.promise_moved",
}  # fmt: skip
# What an action calls a thing whose model has another name.
MODELS = {
    "certification.bulk": "certification.bulksigning",
    "certification.check": "certification.identitycheck",
    "journeys.application": "journeys.merchantapplication",
    "journeys.import": "journeys.productimport",
    "journeys.price_import": "journeys.productimport",
    "payments.intent": "payments.paymentintent",
}
# The part that is put in, where it isn't any state that can be moved to.
PARTS = {
    "certification.seal": {"suspended", "resumed", "revoked"},
    "marketplace.order": {"partly_shipped", "shipping_ended", "shipping"},
    "payments.payout": {"in_transit", "paid", "failed"},
}
MORE = {
    "journeys.application": {"answered", "anew"},
    "journeys.import": {"mapped"},
    "journeys.price_import": {"mapped"},
}


def actions() -> dict[str, str]:
    """Every action with the file that names it; what is put together is put together from all
    states of the thing's machine."""
    found: dict[str, str] = {}
    for context in CONTEXTS:
        for path in sorted((ROOT / context).rglob("*.py")):
            if "migrations" in path.parts or "words" in path.parts:
                continue
            tree = ast.parse(path.read_text())
            for action in _named(tree):
                found.setdefault(action, str(path.relative_to(ROOT)))
    return found


def _named(tree: ast.AST) -> Iterator[str]:
    points = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node) in POINTS
        for argument in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_two_parts(node)
        if id(node) in points:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if ACTION.fullmatch(node.value) and node.value not in NONE and not _module(node.value):
                yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from _put_together(node)


def _of_two_parts(node: ast.Call) -> Iterator[str]:
    for word in node.keywords:
        if word.arg == "action" and isinstance(word.value, ast.Constant):
            text = str(word.value.value)
            if text.partition(".")[0] in CONTEXTS and text.count(".") == 1:
                yield text


def _put_together(node: ast.JoinedStr) -> Iterator[str]:
    first = node.values[0] if node.values else None
    if len(node.values) != 2 or not isinstance(first, ast.Constant):
        return
    thing, dot, more = str(first.value).rpartition(".")
    if not dot or more:
        return
    if not ACTION.fullmatch(f"{thing}.x"):
        return
    if thing in HANDLERS:
        return
    for part in PARTS.get(thing) or _states(thing) | MORE.get(thing, set()):
        yield f"{thing}.{part}"


def _states(thing: str) -> set[str]:
    label = MODELS.get(thing, thing.replace("_", ""))
    for model in apps.get_models():
        if model._meta.label_lower == label and issubclass(model, StatefulModel):
            return {str(to) for following in model.TRANSITIONS.moves.values() for to in following}
    raise AssertionError(f"{thing}: name its model in MODELS, or what is put in, in PARTS")


def _module(name: str) -> bool:
    """Whether the text names a module or package of the product."""
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
