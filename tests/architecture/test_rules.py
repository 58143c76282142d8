"""The house rules that a parser can see."""

import ast
import re
from pathlib import Path

from django.apps import apps
from django.db import models

from kernel.models import TenantModel
from kernel.sealed_text import SealedText
from tests.architecture.sources import ROOT, context_of, files, imports, name_of, parsed

DB_NAMES = {"transaction", "connection", "connections", "router"}
CLOCK_FILES = {"kernel/clock.py"}
TIME_CALLS = {
    ("timezone", "now"), ("timezone", "localdate"), ("datetime", "now"), ("datetime", "utcnow"),
    ("date", "today"),
}  # fmt: skip
MAX_LINES = 400
MAX_FUNCTION = 60


def test_django_db_only_in_the_kernel() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}.{name}"
        for path in files()
        if context_of(path) not in ("kernel", "config")
        for module, name, line in imports(path)
        if (module == "django.db" and name in DB_NAMES)
        or module in ("django.db.transaction", "django.db.connection")
    ]
    # The simulated outside world has a database of its own and knows no platforms.
    assert [line for line in wrong if not line.startswith("sandbox/")] == []


def test_only_the_tenancy_module_names_the_session_variable() -> None:
    allowed = {"kernel/tenancy.py", "kernel/tenant_sql.py"}
    wrong = [
        name_of(path)
        for path in files()
        if "quancheng.platform_id" in path.read_text() and name_of(path) not in allowed
    ]
    assert wrong == []


def test_time_comes_from_the_clock() -> None:
    wrong = []
    for path in files(migrations=True):
        if name_of(path) in CLOCK_FILES or context_of(path) in ("sandbox", "config"):
            continue
        if re.search(r"\bbusiness\(\)(\.date\(\)|:%)", path.read_text()):
            wrong.append(f"{name_of(path)}: a day that depends on UTC; clock.today() is the zone's")
        for node in ast.walk(parsed(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and (node.func.value.id, node.func.attr) in TIME_CALLS
            ):
                wrong.append(f"{name_of(path)}:{node.lineno} {node.func.value.id}.{node.func.attr}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                sql = re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE)\b", text)
                if sql and re.search(
                    r"\b(now\(\)|CURRENT_TIMESTAMP|clock_timestamp\(\))", text, re.I
                ):
                    wrong.append(f"{name_of(path)}:{node.lineno} SQL time")
    assert wrong == []


def test_the_viewers_zone_is_for_what_is_shown() -> None:
    """``timezone.localtime`` is in the zone of whoever looks: numbers, deadlines and letters to
    others by it differ from viewer to viewer. ``clock.here`` and ``clock.day_of`` are the house's.
    """
    shown = {"certification/services/problem_texts.py"}
    wrong = [
        name_of(path)
        for path in files()
        if context_of(path) != "storefront"
        and name_of(path) not in shown
        and "timezone.localtime(" in path.read_text()
    ]
    assert wrong == []


def _exported(path: Path) -> int:
    """Lines of ``__all__``: a door names what it imported a second time."""
    return sum(
        (node.end_lineno or node.lineno) - node.lineno
        for node in parsed(path).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    )


def test_files_and_functions_stay_small() -> None:
    wrong = []
    for path in files():
        lines = path.read_text().count("\n") - _exported(path)
        if lines > MAX_LINES:
            wrong.append(f"{name_of(path)} has {lines} lines")
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno
                if length > MAX_FUNCTION:
                    wrong.append(f"{name_of(path)}:{node.lineno} {node.name} has {length} lines")
    assert wrong == []


def test_no_float_for_money() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for path in files()
        if context_of(path) in ("payments", "marketplace") or name_of(path) == "kernel/money.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
    ]
    assert wrong == []


def test_no_signals_for_rules() -> None:
    wrong = [
        f"{name_of(path)}:{line}"
        for path in files()
        if context_of(path) != "kernel"
        for module, name, line in imports(path)
        if module == "django.db.models.signals" or name in ("post_save", "pre_save")
    ]
    assert wrong == []


def test_outside_calls_go_through_the_kernel() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in files()
        if context_of(path) not in ("sandbox", "config") and name_of(path) != "kernel/http.py"
        for module, name, line in imports(path)
        if module in ("urllib.request", "http.client", "httpx")
        or (
            (module == "requests" and name in ("", "get", "post", "Session"))
            and not _only_exceptions(path)
        )
    ]
    assert wrong == []


def _only_exceptions(path: Path) -> bool:
    """``import requests`` for its exceptions and types is fine; calling through it isn't."""
    tree = parsed(path)
    return not any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "requests"
        and node.attr in {"get", "post", "put", "delete", "request", "Session", "session"}
        for node in ast.walk(tree)
    )


def test_no_page_hides_where_it_is_from_itself() -> None:
    """From a page with ``no-referrer`` browsers send ``Origin: null``, and its forms are refused;
    the default, same-origin, tells strangers as little."""
    assert [name_of(path) for path in files() if "no-referrer" in path.read_text()] == []


def test_no_view_hides_what_the_frame_of_every_page_shows() -> None:
    """A view's ``roles`` would stand in the menu instead of the reader's; so with the others."""
    processor = parsed(ROOT / "storefront" / "context.py")
    frame = {
        key.value
        for function in ast.walk(processor)
        if isinstance(function, ast.FunctionDef) and function.name == "page"
        for shown in ast.walk(function)
        if isinstance(shown, ast.Dict)
        for key in shown.keys
        if isinstance(key, ast.Constant)
    }
    assert {"roles", "language", "person"} <= frame
    hidden = [
        (name_of(path), key.lineno, key.value)
        for path in files()
        if context_of(path) == "storefront"
        for node in ast.walk(parsed(path))
        if (shown := _shown_by(node)) is not None
        for key in shown.keys
        if isinstance(key, ast.Constant) and key.value in frame
    ]
    assert hidden == []


def _shown_by(node: ast.AST) -> ast.Dict | None:
    """The names that a view gives to its page: of ``context = {…}`` or ``render(…, …, {…})``."""
    value: ast.AST | None = None
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        value = node.value if isinstance(target, ast.Name) and target.id == "context" else None
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        value = node.args[2] if node.func.id == "render" and len(node.args) > 2 else None
    return value if isinstance(value, ast.Dict) else None


FREE = {"comment", "decision", "description", "message", "note", "problem", "reason", "remark",
        "remittance", "text"}  # fmt: skip
# Codes, and the machine's own words.
NOT_FREE = {
    "certification.Certificate.reason",
    "inventory.Movement.reason",
    "inventory.Restock.reason",
    "payments.BankCredit.reason",
    "payments.Dispute.reason",
    "payments.ProviderHealth.reason",
    "payments.ReconDay.problem",
    "payments.SalesInvoice.reason",
    "search.DocumentVector.text",
}


def test_free_text_is_sealed() -> None:
    """A column that is named like a text somebody writes is one (decision 11), or listed here."""
    plain = {
        f"{model._meta.label}.{field.attname}"
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.concrete_fields
        if field.attname in FREE
        and isinstance(field, (models.CharField, models.TextField))
        and not isinstance(field, SealedText)
    }
    assert plain == NOT_FREE
