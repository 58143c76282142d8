"""Sections of the platform blueprint (平台蓝图): contexts declare them, platforms store values.

A context writes, in its ``blueprint.py``::

    class PaymentsSection(Section):
        settlement_days: int = Field(7, ge=0, le=90)

    register_section("payments", PaymentsSection)

Every field has a default, so a blueprint names only what differs.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from kernel.api.schema_words import problem_of, remedy_of
from kernel.errors import FieldProblem
from platforms.errors import InvalidBlueprint


class Section(BaseModel):
    """Base of a section's schema; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_sections: dict[str, type[BaseModel]] = {}
_blueprints: dict[str, dict[str, Any]] = {}
Check = Callable[[Mapping[str, Any]], list[FieldProblem]]
_checks: dict[str, Check] = {}


def register_section(
    name: str,
    schema: type[BaseModel] | None = None,
    *,
    defaults: Mapping[str, Any] | None = None,
    check: Check | None = None,
) -> None:
    """Declare a section by a schema whose fields have defaults, or by defaults alone (their
    types then hold). ``check`` looks at valid values in the platform's scope, when they are
    changed. Raises ValueError on a field without a default or a name declared twice."""
    if schema is None:
        fields: dict[str, Any] = {
            key: (type(value) if value is not None else Any, copy.deepcopy(value))
            for key, value in (defaults or {}).items()
        }
        schema = create_model(f"{name.title()}Section", __base__=Section, **fields)
    elif defaults:
        raise ValueError(f"Section {name}: give a schema or defaults, not both.")
    present = _sections.get(name)
    if present is not None and (present.__module__, present.__qualname__) != (
        schema.__module__,
        schema.__qualname__,
    ):
        raise ValueError(f"Section {name} is declared twice.")
    schema()  # every field needs a default
    _sections[name] = schema
    if check is not None:
        _checks[name] = check


def register_blueprint(name: str, blueprint: Mapping[str, Any]) -> None:
    """Keep a preset under ``name``; it is checked when a platform is opened with it."""
    _blueprints[name] = copy.deepcopy(dict(blueprint))


def sections() -> dict[str, type[BaseModel]]:
    """The declared sections."""
    return dict(_sections)


def blueprint_by_name(name: str) -> dict[str, Any]:
    """A copy of the preset. Raises InvalidBlueprint when there is none by that name."""
    if name not in _blueprints:
        raise InvalidBlueprint(
            _("There is no blueprint by this name; there are: %(names)s.")
            % {"names": ", ".join(sorted(_blueprints))},
            field="blueprint",
        )
    return copy.deepcopy(_blueprints[name])


def checked(values: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """``values`` (section → settings) as stored: validated, only what was given.

    Raises InvalidBlueprint naming every wrong field at once.
    """
    problems: list[FieldProblem] = []
    stored: dict[str, dict[str, Any]] = {}
    for name, given in values.items():
        schema = _sections.get(name)
        if schema is None:
            known = ", ".join(sorted(_sections))
            problems.append(FieldProblem(name, _("There is no such section."), known))
            continue
        try:
            valid = schema.model_validate(given)
        except ValidationError as error:
            problems += [
                FieldProblem(
                    ".".join([name, *map(str, item["loc"])]), problem_of(item), remedy_of(item)
                )
                for item in error.errors()
            ]
            continue
        stored[name] = valid.model_dump(mode="json", include=set(given))
    if problems:
        raise InvalidBlueprint(problems=problems)
    return stored


def check_here(stored: Mapping[str, Mapping[str, Any]]) -> None:
    """What the contexts find wrong with new values on the platform in scope, beyond their types.

    Raises InvalidBlueprint naming every wrong field at once.
    """
    full = complete(stored)
    problems = [
        problem for name in stored if name in _checks for problem in _checks[name](full[name])
    ]
    if problems:
        raise InvalidBlueprint(problems=problems)


def complete(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every declared section with stored values over its defaults (plain JSON values).

    What a section no longer declares is left out, so that a platform outlives its fields.
    """
    found = {}
    for name, schema in _sections.items():
        given = stored.get(name, {})
        known = {key: value for key, value in given.items() if key in schema.model_fields}
        found[name] = schema.model_validate(known).model_dump(mode="json")
    return found
