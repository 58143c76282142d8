"""What a service finds wrong, beside the fields of a form."""

from collections.abc import Sequence

from django import forms

from kernel.errors import DomainError
from storefront.pages import words_of


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
