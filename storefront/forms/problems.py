"""What a service finds wrong, beside the fields of a form."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from kernel.errors import DomainError, FieldProblem, Invalid
from storefront.pages import words_of


def checked(form: forms.Form) -> dict[str, Any]:
    """What a form brought to an address that shows none. Raises Invalid, by field."""
    if not form.is_valid():
        raise Invalid(
            problems=[
                FieldProblem("" if name == NON_FIELD_ERRORS else name, str(told))
                for name, all_told in form.errors.items()
                for told in all_told[:1]
            ]
        )
    return form.cleaned_data


def beside(
    form: forms.Form, error: DomainError, *, prefixes: Sequence[str] = (), lines: str = ""
) -> None:
    """Put each problem beside the field that it names once ``prefixes`` are taken off, one after
    the other; of the field ``lines``, which holds one thing a line, with its line. What names no
    field of the form is told on top."""
    placed = False
    for problem in error.problems:
        path = problem.field
        for prefix in prefixes:
            path = path.removeprefix(prefix)
        name, _dot, rest = path.partition(".")
        if name not in form.fields:
            continue
        given = form.cleaned_data[lines] if name == lines else ()
        places = [int(part) for part in rest.split(".") if part.isdigit()]
        which = f"{given[places[0]]}: " if places and places[0] < len(given) else ""
        form.add_error(name, f"{which}{problem.problem}")
        placed = True
    if not placed:
        form.add_error(None, words_of(error))
